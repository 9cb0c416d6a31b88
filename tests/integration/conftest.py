"""Azurite, the stand-ins and the functions host for tests.

Every test that asks for them gets its own, and they end with it; but of one Azurite each gets a storage account of its own.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pytest_socket import enable_socket

from local.azure import LocalAzure
from local.azurite import Azurite
from local.host_process import HostProcess
from tests.support.storage_accounts import StorageAccounts

type StartHost = Callable[..., HostProcess]


@pytest.fixture(scope="session")
def storage_accounts() -> Iterator[StorageAccounts]:
    """Each of them is used once."""
    enable_socket()
    with StorageAccounts() as accounts:
        yield accounts


@pytest.fixture(scope="module")
def azurite(storage_accounts: StorageAccounts) -> Azurite:
    """One storage account for all tests of a file."""
    enable_socket()
    return storage_accounts.new()


@pytest.fixture
def azure(storage_accounts: StorageAccounts) -> Iterator[LocalAzure]:
    """One machine standing in for Azure, storage over http."""
    with LocalAzure(azurite=storage_accounts.new()) as running:
        yield running


@pytest.fixture
def start_host(azure: LocalAzure, tmp_path: Path) -> Iterator[StartHost]:
    """Starts functions hosts against `azure`; settings are given as keywords, their log is `host.log`."""
    with ExitStack() as stack:

        def start(settings: dict[str, str] | None = None, **times: Any) -> HostProcess:
            environment = azure.environment | (settings or {})
            return stack.enter_context(HostProcess(environment, tmp_path / "host.log", **times))

        yield start


@pytest.fixture
def host_log(tmp_path: Path) -> Callable[[], str]:
    """What the hosts of this test have logged so far."""
    return lambda: (tmp_path / "host.log").read_text(errors="replace")
