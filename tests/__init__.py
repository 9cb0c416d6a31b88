"""Filed by what they touch: unit (pure), functional (fakes, no sockets), integration (Azurite, real worker library)."""
