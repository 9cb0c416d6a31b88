"""A plug-in of pytest for `tests.support.mutants`: how long each test took, and no time spent on a failure's smallest example."""

import functools
import gc
import json
import os
from pathlib import Path
from typing import Any

import hypothesis
import pytest

_seconds: dict[str, float] = {}
_failed: set[str] = set()
_caches: list[Any] = []


def pytest_configure() -> None:
    """Examples are the same in every run; the first one that fails is enough; a slow machine is no failure."""
    hypothesis.settings.register_profile(
        "mutants",
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.load_profile("mutants")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Find the project's caches, if what tests run through is measured."""
    if "MUTANT_DURATIONS" in os.environ:
        caches = (one for one in gc.get_objects() if isinstance(one, functools._lru_cache_wrapper))
        _caches.extend(one for one in caches if _is_ours(one, session.config.rootpath))


def pytest_runtest_setup() -> None:
    """A test runs through what it needs, even if another one has run through it before."""
    for one in _caches:
        one.cache_clear()


def _is_ours(cache: Any, root: Path) -> bool:
    code = getattr(cache.__wrapped__, "__code__", None)
    file = Path(code.co_filename if code else "/")
    return file.is_relative_to(root) and "site-packages" not in file.parts


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up set-up, call and tear-down; a test that fails without any mutant can tell nothing about one."""
    if report.failed:
        _failed.add(report.nodeid)
    _seconds[report.nodeid] = _seconds.get(report.nodeid, 0.0) + report.duration


def pytest_sessionfinish() -> None:
    """Write them all, but those of tests that failed."""
    if target := os.environ.get("MUTANT_DURATIONS"):
        passed = {name: seconds for name, seconds in _seconds.items() if name not in _failed}
        Path(target).write_text(json.dumps(passed), "utf-8")
