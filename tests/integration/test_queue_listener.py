"""The product under Microsoft's own queue listener: what it does with messages is what Azure does with them."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest

from local.azure import LocalAzure
from local.connector import Fault, hang, slow
from local.host_process import HostProcess
from local.listener import listener_program
from tests.integration.conservation import Figures, tally
from tests.integration.doom import break_leases, kills_worker
from tests.integration.outcomes import outcome_of
from tests.support.exports import export, record
from tests.support.recorder import until

BATCHES: Final = 12
SETTINGS: Final = {"BATCH_MAX_RECORDS": "10"}
HIDDEN_SECONDS: Final = 600

pytestmark = pytest.mark.skipif(
    not listener_program(),
    reason="Microsoft's queue listener is not on this machine (GATEPOST_QUEUE_LISTENER)",
)


def _host(azure: LocalAzure, folder: Path, **times: Any) -> HostProcess:
    return HostProcess(
        azure.environment | SETTINGS, folder / "host.log", listener=listener_program(), **times
    )


def _upload(azure: LocalAzure, name: str = "day.json") -> None:
    azure.exports.upload_blob(name, export(10 * BATCHES))
    azure.event_grid.poll()


def _figures(azure: LocalAzure) -> Figures:
    """What became of the one export: all of it was sent, and every repeat is counted."""
    figures = Figures()
    tally(figures, azure, [record(number) for number in range(1, 10 * BATCHES + 1)], ["day.json"])
    outcome = outcome_of(azure, "day.json")
    assert (outcome.status, outcome.unfinished_starts) == ("Succeeded", 0)
    figures.check()
    return figures


def test_an_upload_goes_through(azure: LocalAzure, tmp_path: Path) -> None:
    """One message, one invocation, the outcome."""
    with _host(azure, tmp_path) as host:
        _upload(azure)
        end = host.next()
    assert (end["succeeded"], end["tries"]) == (True, 1)
    assert _figures(azure).repeats == 0


def test_workers_that_die_in_the_middle_of_an_export_lose_nothing(azure: LocalAzure, tmp_path: Path) -> None:
    """Four die of one export, before a request is taken or after; the listener delivers again, and repeats are counted."""
    hosts: list[HostProcess] = []
    dies, dies_late = (kills_worker(azure, lambda: hosts[0], taken=taken) for taken in (False, True))
    azure.connector.script.extend([dies, None, dies_late, None, None, dies_late, None, dies])
    _upload(azure)
    with _host(azure, tmp_path, pause_seconds=1) as host:
        hosts.append(host)
        ends = [host.next() for _ in range(5)]
    assert [(end["succeeded"], end["tries"]) for end in ends] == [
        (number == 5, number) for number in range(1, 6)
    ]
    figures = _figures(azure)
    assert figures.repeats == 2
    assert [one.content for one in azure.poison.receive_messages()] == []


def test_a_bad_message_ends_in_the_poison_queue(azure: LocalAzure, tmp_path: Path) -> None:
    """Five tries of what is no message of ours; then the listener sets it aside."""
    azure.queue.send_message('{"eventType": "Microsoft.Storage.BlobDeleted"}')
    with _host(azure, tmp_path, pause_seconds=0) as host:
        errors = {host.next()["error"] for _ in range(5)}
        until(lambda: azure.queue.get_queue_properties().approximate_message_count == 0)
    assert errors == {"InvocationError(\"bad-message (export '-', outcome '-')\")"}
    assert [one.content[:11] for one in azure.poison.receive_messages()] == ['{"eventType']
    assert azure.connector.requests == 0


def test_a_stop_lets_a_short_attempt_end(azure: LocalAzure, tmp_path: Path) -> None:
    """SIGTERM during the export: it ends within the ten seconds, and its message is deleted."""
    azure.connector.script.extend([None, slow(0.5)])
    _upload(azure)
    with _host(azure, tmp_path) as host:
        until(lambda: azure.connector.requests >= 2)
        host.terminate()
        assert host.wait(60) == 0
    assert _figures(azure).repeats == 0


def test_a_stop_in_the_middle_of_an_export_loses_nothing(azure: LocalAzure, tmp_path: Path) -> None:
    """Its time is over and the worker is killed: the next delivery goes on where it stood."""
    azure.connector.script.extend([None, None, hang(120)])
    _upload(azure)
    with _host(azure, tmp_path, grace_seconds=0.5) as host:
        until(lambda: azure.connector.requests == 3)
        host.terminate()
        assert host.wait(60) == 0
    break_leases(azure)
    etag = azure.exports.get_blob_client("day.json").get_blob_properties().etag
    azure.event_grid.announce("day.json", etag)  # the message itself shows in ten minutes
    with _host(azure, tmp_path) as host:
        assert host.next()["succeeded"]
    figures = _figures(azure)
    assert figures.repeats == 0
    assert sum(batch.possible_copies for batch in outcome_of(azure, "day.json").batches) == 1


@pytest.mark.soak
def test_a_listener_that_dies_gives_its_message_back_after_ten_minutes(tmp_path: Path) -> None:
    """Three instances are lost at once, at three moments; really waited for, with the lease's own minute."""
    moments: dict[str, list[Fault | None]] = {
        "the first request on its way": [hang(60)],
        "a later request on its way": [None, None, hang(60)],
        "a request taken and no reply yet": [None, None, slow(5)],
    }
    with ExitStack() as stack, ThreadPoolExecutor() as threads:
        azures = [stack.enter_context(LocalAzure()) for _ in moments]
        for azure, script in zip(azures, moments.values(), strict=True):
            azure.connector.script.extend(script)
        folders = [tmp_path / str(number) for number in range(len(azures))]
        waits = threads.map(_listener_dies, azures, folders)
        for moment, azure, waited in zip(moments, azures, waits, strict=True):
            figures = _figures(azure)
            figures.moments[moment] += 1
            print(f"{moment}: delivered again {waited:.0f} s after it was taken; {figures}")
            assert HIDDEN_SECONDS - 5 < waited < HIDDEN_SECONDS + 60


def _listener_dies(azure: LocalAzure, folder: Path) -> float:
    """Lose the instance in the middle of an export, start another; gives the seconds until it was called."""
    folder.mkdir()
    requests = len(azure.connector.script)
    with _host(azure, folder) as lost:
        _upload(azure)
        taken = time.monotonic()
        until(lambda: azure.connector.requests == requests)
        lost.kill()
    with _host(azure, folder) as host:
        end = host.next(2 * HIDDEN_SECONDS)
        assert (end["succeeded"], end["tries"]) == (True, 2)
    return time.monotonic() - taken
