"""The people's commands."""
