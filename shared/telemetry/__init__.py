"""What Gatepost says about its work: one line an export, one line a sweep, and silence in between."""

from shared.telemetry.lines import export_finished, hush, sweep_finished

__all__ = ["export_finished", "hush", "sweep_finished"]
