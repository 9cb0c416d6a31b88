"""The models against Azurite: the same random requests, every answer compared; its clock is moved, never waited for."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_socket import enable_socket

from local.azurite import Azurite, installed
from tests.integration.storage_campaign.azurite_side import AzuriteAccount
from tests.integration.storage_campaign.run import run_campaign
from tests.support.storage_model.clock import START

CLOCK = Path(__file__).with_name("moved_clock.cjs")


@pytest.fixture(scope="module")
def account() -> Iterator[AzuriteAccount]:
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
            yield account
            account.close()


def test_the_models_answer_as_azurite_does(account: AzuriteAccount) -> None:
    """Status, code, ETags, content, metadata, leases, listings, messages: no difference in 1,500 requests."""
    tally = run_campaign(account, first_seed=1, requests=1_500)
    assert not tally.differences, "\n\n".join(tally.differences)


@pytest.mark.soak
def test_the_models_answer_as_azurite_does_for_long(account: AzuriteAccount) -> None:
    """No difference in 12,000 requests."""
    tally = run_campaign(account, first_seed=100_000, requests=12_000)
    assert not tally.differences, "\n\n".join(tally.differences)
    print(f"storage model against Azurite: {tally.requests} requests, 0 differences")
    for answer, times in sorted(tally.answers.items()):
        print(f"  {answer}: {times}")
