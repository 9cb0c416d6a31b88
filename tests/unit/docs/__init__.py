"""Documents held against the code."""
