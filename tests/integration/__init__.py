"""Real storage protocol, real https, the real worker library."""
