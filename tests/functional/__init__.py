"""Whole attempts and sweeps on fakes; no sockets, no waiting."""
