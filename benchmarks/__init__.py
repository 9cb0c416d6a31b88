"""Measurements, side by side in one run: `make bench` for speed and memory, `python -m benchmarks.telemetry` for telemetry."""
