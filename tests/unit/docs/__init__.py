"""The guides, held against the code."""
