"""Two hosts, one queue, one export: one set of requests, and a dead owner's work goes on when its lease has ended."""

import json
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from local.azure import LocalAzure
from local.connector import hang, slow
from local.host_process import HostProcess
from local.servers import Answer
from shared.delivery.waiting import LEASE_SECONDS
from tests.integration.conftest import StartHost
from tests.integration.outcomes import outcome_of
from tests.support.exports import export
from tests.support.recorder import until

BATCHES = 10
SETTINGS = {"BATCH_MAX_RECORDS": "10"}


@pytest.mark.parametrize("second", ["day.json", "copy.json"], ids=["one message twice", "one content twice"])
def test_two_workers_make_one_set_of_requests(azure: LocalAzure, start_host: StartHost, second: str) -> None:
    """The one that has the lease sends; the other makes no request, and its message is requeued."""
    hosts = [start_host(SETTINGS), start_host(SETTINGS)]
    one_has_ended = threading.Event()
    azure.connector.script.append(lambda *_: None if one_has_ended.wait(60) else Answer(500))
    azure.exports.upload_blob("day.json", export(10 * BATCHES))
    if second != "day.json":
        azure.exports.upload_blob(second, export(10 * BATCHES))
    azure.event_grid.poll()
    if second == "day.json":
        azure.event_grid.announce(second, azure.exports.get_blob_client(second).get_blob_properties().etag)
    with ThreadPoolExecutor() as threads:
        ends = [threads.submit(host.next) for host in hosts]
        wait(ends, return_when=FIRST_COMPLETED)  # the other's first request is not answered before
        one_has_ended.set()
    assert [(end.result()["succeeded"], end.result()["tries"]) for end in ends] == [(True, 1)] * 2
    assert azure.connector.requests == BATCHES
    assert azure.connector.records() == json.loads(export(10 * BATCHES))
    names = {"day.json", second}
    sent, waiting = names & _with_outcome(azure), names - _with_outcome(azure)
    assert [outcome_of(azure, name).status for name in sent] == ["Succeeded"]
    assert len(waiting) == len(names) - 1
    assert azure.queue.get_queue_properties().approximate_message_count
    assert azure.queue.peek_messages() == []
    for name in waiting:
        azure.event_grid.announce(name, azure.exports.get_blob_client(name).get_blob_properties().etag)
        until(lambda name=name: name in _with_outcome(azure))  # type: ignore[misc]  # mypy knows no such default
        until(lambda name=name: outcome_of(azure, name).status == "Duplicate")  # type: ignore[misc]
    assert azure.connector.requests == BATCHES


def _with_outcome(azure: LocalAzure) -> set[str]:
    """The exports that an attempt has begun on."""
    outcomes = [blob.name for blob in azure.results.list_blobs("outcomes/")]
    return {name.removeprefix("outcomes/").rpartition("/")[0] for name in outcomes}


def _owner_killed(azure: LocalAzure, start_host: StartHost) -> float:
    """Kill a worker whose request is on its way; gives the moment, on the monotonic clock."""
    azure.connector.script.extend([None, None, hang(120)])
    azure.exports.upload_blob("day.json", export(10 * BATCHES))
    azure.event_grid.poll()
    owner = start_host(SETTINGS, hidden_seconds=1)
    until(lambda: azure.connector.requests == 3)
    owner.kill()
    return time.monotonic()


def test_while_a_dead_owner_has_the_lease_nobody_sends(azure: LocalAzure, start_host: StartHost) -> None:
    """The message shows again before the lease ends: the next worker makes no request, and the message is requeued."""
    _owner_killed(azure, start_host)
    host = start_host(SETTINGS)
    assert host.next()["succeeded"]
    assert azure.connector.requests == 3
    assert outcome_of(azure, "day.json").status == "InProgress"
    assert azure.queue.get_queue_properties().approximate_message_count


@pytest.mark.soak
def test_a_dead_owner_is_followed_when_its_lease_ends(azure: LocalAzure, start_host: StartHost) -> None:
    """Really waited for, asked every other second; how long it took is printed: the lease's 60 s and a little."""
    died = _owner_killed(azure, start_host)
    host = start_host(SETTINGS)
    etag = azure.exports.get_blob_client("day.json").get_blob_properties().etag
    while azure.connector.requests == 3 and time.monotonic() - died < 2 * LEASE_SECONDS:
        host.next()
        azure.event_grid.announce("day.json", etag)
        time.sleep(2)
    waited = time.monotonic() - died
    until(lambda: outcome_of(azure, "day.json").status == "Succeeded")
    print(f"taken over {waited:.0f} s after the death; the lease has {LEASE_SECONDS} s")
    assert sum(one.possible_copies for one in outcome_of(azure, "day.json").batches) == 1
    assert azure.connector.records() == json.loads(export(10 * BATCHES))


@pytest.mark.soak
def test_a_lease_is_kept_through_a_reply_that_takes_longer_than_it(azure: LocalAzure, tmp_path: Path) -> None:
    """A reply after 75 s: the lease was renewed all the while, the second worker kept out, one request a batch."""
    azure.connector.script.append(slow(75))
    azure.exports.upload_blob("day.json", export(20))
    azure.event_grid.poll()
    with HostProcess(azure.environment | SETTINGS, tmp_path / "one") as one:
        until(lambda: azure.connector.requests == 1)
        with HostProcess(azure.environment | SETTINGS, tmp_path / "two") as two:
            time.sleep(LEASE_SECONDS + 1)
            azure.event_grid.announce(
                "day.json", azure.exports.get_blob_client("day.json").get_blob_properties().etag
            )
            assert two.next()["succeeded"]
        assert azure.connector.requests == 1
        assert one.next(120)["succeeded"]
    outcome = outcome_of(azure, "day.json")
    assert outcome.status == "Succeeded"
    assert azure.connector.requests == 2
    assert [batch.possible_copies for batch in outcome.batches] == [0, 0]
