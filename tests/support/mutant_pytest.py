"""A plug-in of pytest for `tests.support.mutants`: tests run alike in every run; and what each runs through can be measured.

If `MUTANT_PACKAGE` names a folder, lines of its modules are noted with Python's own monitoring, each once a test, which costs next
to nothing; and the processor time of each test. Both are written to the file that `MUTANT_MEASURED` names.
"""

import json
import os
import sys
import time
from collections.abc import Generator
from pathlib import Path
from types import CodeType
from typing import Any, Final

import hypothesis
import pytest

from tests.support.mutant_caches import Caches

_TOOL: Final = 4
_EVENTS: Final = sys.monitoring.events


def pytest_configure(config: pytest.Config) -> None:
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
    if package := os.environ.get("MUTANT_PACKAGE"):
        config.pluginmanager.register(_Measure(config.rootpath, config.rootpath / package))


class _Measure:
    """Notes the lines and the time of each test that does not fail.

    Args:
        root: the project's folder.
        package: the folder whose lines are meant.
    """

    def __init__(self, root: Path, package: Path) -> None:
        self._root = root
        self._package = f"{package}{os.sep}"
        self._product = f"{root / package.relative_to(root).parts[0]}{os.sep}"
        self._loaded: set[tuple[str, int]] = set()
        self._lines = self._loaded
        self._tests: dict[str, Any] = {}
        self._caches: Caches | None = None
        self._failed: set[str] = set()
        sys.monitoring.use_tool_id(_TOOL, "mutants")
        sys.monitoring.register_callback(_TOOL, _EVENTS.PY_START, self._start)
        sys.monitoring.register_callback(_TOOL, _EVENTS.LINE, self._line)
        sys.monitoring.set_events(_TOOL, _EVENTS.PY_START)

    def pytest_collection_finish(self) -> None:
        """Find the project's caches."""
        self._caches = Caches(self._root)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Measure one test."""
        if self._caches:
            self._caches.forget()
        self._lines = set()
        sys.monitoring.restart_events()
        began = time.process_time()
        try:
            return (yield)
        finally:
            seconds = time.process_time() - began
            self._tests[item.nodeid] = {"seconds": seconds, "lines": self._by_module(self._lines)}
            self._lines = self._loaded

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that fails without any mutant can tell nothing about one."""
        if report.failed:
            self._failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write them all, but those of tests that failed."""
        sys.monitoring.set_events(_TOOL, _EVENTS.NO_EVENTS)
        sys.monitoring.free_tool_id(_TOOL)
        tests = {name: found for name, found in self._tests.items() if name not in self._failed}
        measured = {"loaded": self._by_module(self._loaded), "tests": tests}
        Path(os.environ["MUTANT_MEASURED"]).write_text(json.dumps(measured), "utf-8")

    def _by_module(self, lines: set[tuple[str, int]]) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for file, line in sorted(lines):
            found.setdefault(Path(file).relative_to(self._root).as_posix(), []).append(line)
        return found

    def _start(self, code: CodeType, _: int) -> object:
        if code.co_filename.startswith(self._package):
            sys.monitoring.set_local_events(_TOOL, code, _EVENTS.LINE)
        return sys.monitoring.DISABLE

    def _line(self, code: CodeType, line: int) -> object:
        """What tests work out while they are collected stays theirs: only what modules of the product run counts as loaded."""
        if self._lines is self._loaded and not self._is_loading():
            return None
        self._lines.add((code.co_filename, line))
        return sys.monitoring.DISABLE

    def _is_loading(self) -> bool:
        frame = sys._getframe()
        while outer := frame.f_back:
            frame = outer
            if frame.f_code.co_name == "<module>" and frame.f_code.co_filename.startswith(self._product):
                return True
        return False
