"""The guides, and what keeps their reference pages true."""
