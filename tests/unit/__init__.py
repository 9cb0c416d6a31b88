"""Pure modules, one at a time."""
