"""Markers come from the folder; sockets are for integration tests only."""

from collections.abc import Generator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from coverage import Coverage
from pytest_socket import disable_socket, enable_socket

import shared

_HERE = Path(__file__).parent
_NOT_OF_THE_APP = {"commands", "docs", "infra"}
"""Folders of tests for something else than `shared/`, which is all that coverage is measured of."""


def pytest_configure(config: pytest.Config) -> None:
    """In a worker, measuring has begun twice before its own begins, once in any process and once by the plugin: each would go on in its pauses."""
    while hasattr(config, "workerinput") and (begun := Coverage.current()):
        begun.stop()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Coverage is told what runs when modules are loaded; while tests are collected it would double their time and see no more."""
    measuring = Coverage.current()
    if measuring is None:
        return (yield)
    for module in walk_packages(shared.__path__, "shared."):
        import_module(module.name)
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark every test with the folder it lies in; long runs are left out unless `-m` names them, and long tests go first."""
    for item in items:
        folders = item.path.relative_to(_HERE).parts[:-1]
        item.add_marker(folders[0])
        if _NOT_OF_THE_APP.intersection(folders):
            item.add_marker("unmeasured")
    if "soak" not in config.option.markexpr:
        long = [item for item in items if item.get_closest_marker("soak")]
        items[:] = [item for item in items if item not in long]
        config.hook.pytest_deselected(items=long)
    if hasattr(config, "workerinput"):  # of several at work: none is left alone with a long one at the end
        items.sort(key=lambda item: item.get_closest_marker("unmeasured") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Coverage rests from the first to the last of several tests that are not measured: to begin again takes time, too."""
    controller = getattr(item.config.pluginmanager.getplugin("_cov"), "cov_controller", None)
    is_measured = item.get_closest_marker("unmeasured") is None
    if controller and controller.started != is_measured:
        controller.resume() if is_measured else controller.pause()
    return (yield)


@pytest.fixture(autouse=True)
def _sockets(request: pytest.FixtureRequest) -> None:
    """Outside `integration`, a test that opens a socket fails."""
    if request.node.get_closest_marker("integration"):
        enable_socket()
    else:
        disable_socket(allow_unix_socket=True)


@pytest.fixture(autouse=True)
def _unmeasured(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Coverage doubles the time of a process: those that a test starts do without, unless it is marked `measured_processes`."""
    if not request.node.get_closest_marker("measured_processes"):
        for name in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
            monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What commands print does not depend on the terminal that tests run in."""
    monkeypatch.setenv("COLUMNS", "200")
