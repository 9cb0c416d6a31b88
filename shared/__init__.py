"""Everything the two functions do; `shared.app` is the door they come in by."""

__version__ = "1.0.0"
