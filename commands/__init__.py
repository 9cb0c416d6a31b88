"""What people type: `gatepost.py` and its commands. Never deployed; knows the product, which does not know it."""
