"""A plug-in of pytest: writes how long each test took, for `tests.support.mutants`."""

import json
import os
from pathlib import Path

import pytest

_seconds: dict[str, float] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up set-up, call and tear-down."""
    _seconds[report.nodeid] = _seconds.get(report.nodeid, 0.0) + report.duration


def pytest_sessionfinish() -> None:
    """Write them all."""
    Path(os.environ["MUTANT_DURATIONS"]).write_text(json.dumps(_seconds), "utf-8")
