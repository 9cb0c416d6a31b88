"""Whole looks and sweeps on fakes; no sockets, no waiting."""
