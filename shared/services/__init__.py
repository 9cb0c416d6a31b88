"""The modules that talk to somebody: storage, Key Vault and Entra ID, the connector. Foreign errors end here."""
