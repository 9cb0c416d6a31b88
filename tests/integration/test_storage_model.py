"""The models against Azurite: the same random requests, every answer compared; its clock is moved, never waited for."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_socket import enable_socket

from local.azurite import Azurite, installed
from tests.integration.storage_campaign.azurite_rest import AzuriteAccount
from tests.integration.storage_campaign.run import Ground, Tally, run_campaign
from tests.support.storage_model.clock import START

CLOCK = Path(__file__).with_name("moved_clock.cjs")


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """One Azurite for the file, whose clock stands still until it is moved."""
    enable_socket()
    installed()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NODE_OPTIONS", f"--require {CLOCK}")
        patch.setenv("MOVED_CLOCK_PORT", str(port))
        patch.setenv("MOVED_CLOCK_START", str(round(START.timestamp() * 1_000)))
        with Azurite() as running:
            account = AzuriteAccount(running, port)
            yield Ground(running, account)
            account.close()


def test_the_models_answer_as_azurite_does(ground: Ground) -> None:
    """Status, code, ETags, content, metadata, leases, listings, messages: no difference in 1,200 requests."""
    tally = run_campaign(ground.account, ground.rest, first_seed=1, requests=1_200)
    assert not tally.differences, "\n\n".join(tally.differences)


def test_the_storage_module_does_on_the_models_what_it_does_on_the_sdk(ground: Ground) -> None:
    """What it gives and what it raises: no difference in 400 calls."""
    tally = run_campaign(ground.account, ground.port, first_seed=1, requests=400)
    assert not tally.differences, "\n\n".join(tally.differences)


@pytest.mark.soak
def test_the_models_answer_as_azurite_does_for_long(ground: Ground) -> None:
    """No difference in 12,000 requests and 3,000 calls of the storage module."""
    tallies = {
        "requests": run_campaign(ground.account, ground.rest, first_seed=100_000, requests=12_000),
        "calls of the storage module": run_campaign(
            ground.account, ground.port, first_seed=100_000, requests=3_000
        ),
    }
    for what, tally in tallies.items():
        _print(what, tally)
        assert not tally.differences, "\n\n".join(tally.differences)


def _print(what: str, tally: Tally) -> None:
    print(f"\nstorage model against Azurite: {tally.requests} {what}, {len(tally.differences)} differences")
    for answer, times in sorted(tally.answers.items()):
        print(f"  {answer}: {times}")
