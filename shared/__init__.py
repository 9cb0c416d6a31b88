"""Everything the two functions do; `shared.app` has their entry points."""

__version__ = "2.0.0"
