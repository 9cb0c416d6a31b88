"""The commands below `env`."""
