"""Markers come from the folder; sockets are for integration tests only."""

from pathlib import Path

import pytest
from pytest_socket import disable_socket, enable_socket

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test with the folder it lies in."""
    for item in items:
        item.add_marker(item.path.relative_to(_HERE).parts[0])


@pytest.fixture(autouse=True)
def _sockets(request: pytest.FixtureRequest) -> None:
    """Outside `integration`, a test that opens a socket fails."""
    if request.node.get_closest_marker("integration"):
        enable_socket()
    else:
        disable_socket(allow_unix_socket=True)
