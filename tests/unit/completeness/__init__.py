"""What "did yesterday arrive, and is it complete?" means."""
