"""The modules that talk to other systems: storage, Key Vault and Entra ID, the connector. Foreign errors end here."""
