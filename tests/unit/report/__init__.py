"""The report's pure parts."""
