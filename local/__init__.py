"""One machine standing in for Azure: real storage protocol, real https, Microsoft's own worker library."""
