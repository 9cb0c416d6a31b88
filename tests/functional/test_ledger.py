"""The ledger and its lease: who may send, what is frozen, and what happens when it is not as we left it."""

import json
from collections.abc import Callable

import msgspec
import pytest

from shared.delivery import ledger as ledgers
from shared.delivery.ledger import Ledger
from shared.error_codes import Status
from shared.messages import Message
from tests.support.exports import export, record
from tests.support.fake_connector import OK, REFUSED_CONNECTION, reply
from tests.support.world import World

HALF_WAY = [OK, OK, reply(403)]


def _half_sent(records: int = 45) -> tuple[World, Message]:
    """A world in which two of five batches were accepted and the third was refused for want of permission."""
    world = World()
    world.connector.script.extend(HALF_WAY)
    message = world.upload("day.json", export(records))
    world.run()
    assert world.outcome("day.json").status is Status.BLOCKED
    return world, message


def _change(world: World, change: Callable[[Ledger], Ledger]) -> None:
    (path,) = world.state.names()
    world.state.put(path, ledgers.encode(change(ledgers.decode(world.state.data(path)))))


def test_the_ledger_says_sending_before_the_request_leaves() -> None:
    """Write-ahead: whenever a request arrives, the ledger already says so, and only for that batch."""
    world = World()
    seen = []

    def check_ledger(when: str, _what: str) -> None:
        if when == "post":
            seen.append([entry["state"] for entry in world.ledgers()[0]["entries"]])

    world.connector.on_post = check_ledger
    world.upload("day.json", export(25))
    world.run()
    assert seen == [
        ["sending", "planned", "planned"],
        ["accepted", "sending", "planned"],
        ["accepted", "accepted", "sending"],
    ]


def test_an_acceptance_and_the_next_sending_are_one_write() -> None:
    """Three batches cost one write to create the ledger, one to begin, and one a batch."""
    world = World()
    writes: list[str] = []
    world.state.on_change = lambda what, name: writes.append(name) if what == "write" else None
    world.upload("day.json", export(25))
    world.run()
    assert len(writes) == 1 + 1 + 3


def test_a_later_attempt_sends_only_what_was_not_accepted() -> None:
    """After a person corrected the permission, the third to fifth batch go out."""
    world, message = _half_sent()
    world.process(message)
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert [batch[0]["AssetId"] for batch in world.connector.taken] == [
        f"door-{number:06d}" for number in (1, 11, 21, 31, 41)
    ]


def test_no_personal_data_is_in_a_ledger() -> None:
    """Neither the export's content nor the connector's reply is written down there."""
    world, _ = _half_sent()
    text = json.dumps(world.ledgers())
    assert "example.com" not in text
    assert "door-" not in text


def test_the_plan_is_frozen() -> None:
    """Other batch sizes and another limit for invalid records change nothing for an export that has a ledger."""
    world = World()
    world.connector.script.extend([OK, reply(403)])
    message = world.upload("day.json", export(40, bad=tuple(range(1, 20))))
    world.run()
    world.with_settings(BATCH_MAX_RECORDS="3", MAX_INVALID_PERCENT="1")
    world.process(message)
    assert world.outcome("day.json").status is Status.PARTIALLY_SUCCEEDED
    assert [len(batch) for batch in world.connector.taken] == [10, 10, 1]


def test_a_taken_lease_comes_back_in_five_minutes_without_a_request() -> None:
    """Two workers with the same message make one set of requests."""
    world, message = _half_sent()
    (path,) = world.state.names()
    world.state.steal_lease(path)
    outcome = world.process(message)
    assert outcome is not None
    assert (outcome.status, outcome.unfinished_starts) == (Status.IN_PROGRESS, 0)
    assert len(world.connector.requests) == 3
    assert [at - world.clock.monotonic() for at, _ in world.queue.messages] == [300]
    world.run(hours=0.1)
    assert world.outcome("day.json").status is Status.SUCCEEDED


def test_a_dead_owners_lease_ends_within_a_minute() -> None:
    """A killed worker's ledger can be taken over after 60 s, not before."""
    world, message = _half_sent()
    (path,) = world.state.names()
    world.state.acquire(path, "a-dead-worker", 60)
    world.clock.sleep(59)
    world.process(message)
    assert len(world.connector.requests) == 3
    world.clock.sleep(2)
    world.process(message)
    assert world.outcome("day.json").status is Status.SUCCEEDED


def test_the_lease_is_renewed_while_a_long_request_is_on_its_way() -> None:
    """A reply that takes 400 s does not cost the lease."""
    world = World()
    world.connector.on_post = lambda when, _what: world.clock.sleep(400) if when == "post" else None
    world.upload("day.json", export(25))
    world.run()
    outcome = world.outcome("day.json")
    assert (outcome.status, outcome.attempts) == (Status.SUCCEEDED, 1)


def test_a_lost_lease_is_noticed_before_the_next_request() -> None:
    """While one request is on its way somebody else takes the ledger: no further request, nothing written."""
    world = World()

    def lose_it(when: str, _what: str) -> None:
        if when == "posted" and len(world.connector.requests) == 2:
            world.state.steal_lease(world.state.names()[0])
            world.clock.sleep(16)

    world.connector.on_post = lose_it
    message = world.upload("day.json", export(45))
    before = world.state.on_change
    outcome = world.process(message)
    assert outcome is not None
    assert outcome.status is Status.IN_PROGRESS
    assert len(world.connector.requests) == 2
    assert [entry["state"] for entry in world.ledgers()[0]["entries"]][:3] == [
        "accepted",
        "sending",
        "planned",
    ]
    assert world.state.on_change is before
    world.connector.on_post = lambda _when, _what: None
    world.run(hours=1)
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert sum(batch.possible_copies for batch in world.outcome("day.json").batches) == 1


def test_forty_seconds_without_a_renewal_end_the_attempt() -> None:
    """Storage that does not answer renewals makes us stop before Azure lets others in."""
    world = World()

    def lose_storage(when: str, _what: str) -> None:
        if when == "posted":
            world.state.refuses = "storage cannot be reached"
            world.clock.sleep(41)
            world.state.refuses = ""

    world.connector.on_post = lose_storage
    world.process(world.upload("day.json", export(45)))
    assert len(world.connector.requests) == 1
    assert [entry["state"] for entry in world.ledgers()[0]["entries"]][:2] == ["sending", "planned"]


def test_the_lease_is_given_back_whatever_happens() -> None:
    """After an attempt that failed, the next one need not wait for the lease to end."""
    world, _ = _half_sent()
    (path,) = world.state.names()
    world.state.acquire(path, "next", 60)


def test_other_bytes_than_the_ledger_wrote_down_block() -> None:
    """Same rules, another hash: nothing is guessed."""
    world, message = _half_sent()
    _change(
        world,
        lambda ledger: ledger.with_entry(2, msgspec.structs.replace(ledger.entries[2], sha256="0" * 64)),
    )
    world.process(message)
    outcome = world.outcome("day.json")
    assert outcome.error is not None
    assert (outcome.status, outcome.retry, outcome.error.code) == (
        Status.BLOCKED,
        "person",
        "ledger-mismatch",
    )
    assert len(world.connector.requests) == 3


def test_by_other_rules_the_rest_is_cut_anew() -> None:
    """Accepted and sending ranges stay; what was only planned is cut by today's rules and sizes."""
    world, message = _half_sent()
    _change(
        world,
        lambda ledger: msgspec.structs.replace(
            ledger.with_entry(2, msgspec.structs.replace(ledger.entries[2], state="sending")),
            rules="of yesterday",
        ),
    )
    world.with_settings(BATCH_MAX_RECORDS="4")
    world.process(message)
    outcome = world.outcome("day.json")
    assert outcome.status is Status.SUCCEEDED
    assert [(batch.first, batch.last) for batch in outcome.batches] == [
        (1, 10), (11, 20), (21, 30), (31, 34), (35, 38), (39, 42), (43, 45),
    ]  # fmt: skip
    assert [batch.possible_copies for batch in outcome.batches] == [0, 0, 1, 0, 0, 0, 0]
    assert set(world.connector.times_taken()) == {record(number)["AssetId"] for number in range(1, 46)}


@pytest.mark.parametrize(
    ("data", "code", "retry"),
    [
        (b'{"schemaVersion": 2}', "newer-ledger", "auto"),
        (b'{"schemaVersion": 1, "entries": 3}', "ledger-damaged", "person"),
        (b"\x00\x01", "ledger-damaged", "person"),
        (b"", "ledger-damaged", "person"),
    ],
)
def test_a_ledger_that_cannot_be_read_blocks(data: bytes, code: str, retry: str) -> None:
    """A newer version after a rollback, or a damaged one, is left as it is and nothing is sent."""
    world, message = _half_sent()
    (path,) = world.state.names()
    world.state.put(path, data)
    world.process(message)
    outcome = world.outcome("day.json")
    assert outcome.error is not None
    assert (outcome.status, outcome.error.code, outcome.retry) == (Status.BLOCKED, code, retry)
    assert world.state.data(path) == data
    assert len(world.connector.requests) == 3


def test_a_ledger_that_is_gone_blocks() -> None:
    """An outcome that says that something was sent, and no ledger: sending again would double it."""
    world, message = _half_sent()
    world.state.delete(world.state.names()[0])
    world.process(message)
    outcome = world.outcome("day.json")
    assert outcome.error is not None
    assert (outcome.status, outcome.error.code, outcome.retry) == (Status.BLOCKED, "ledger-gone", "person")
    assert len(world.connector.requests) == 3


def test_another_job_is_another_ledger() -> None:
    """The same content is sent to another connector job."""
    world = World()
    message = world.upload("day.json", export(3))
    world.run()
    world.with_settings(CONNECTOR_JOB_ID="44444444-4444-4444-4444-444444444444")
    world.upload("again.json", export(3))
    world.run()
    assert message.name == "day.json"
    assert world.outcome("again.json").status is Status.SUCCEEDED
    assert len(world.connector.requests) == 2


def test_two_names_with_the_same_bytes_are_sent_once() -> None:
    """The second name finds the first one's ledger half done, finishes it, and the first one becomes the duplicate."""
    world, first = _half_sent()
    world.upload("copy.json", export(45))
    world.run()
    assert world.outcome("copy.json").status is Status.SUCCEEDED
    world.process(first)
    outcome = world.outcome("day.json")
    assert outcome.status is Status.DUPLICATE
    assert set(world.connector.times_taken().values()) == {1}


def test_a_blob_overwritten_between_event_and_reading_is_read_as_it_is_now() -> None:
    """The newest version is looked at; its own event then finds nothing to do."""
    world = World()
    old = world.upload("day.json", export(3))
    world.upload("day.json", export(5))
    world.run()
    assert [len(batch) for batch in world.connector.taken] == [5]
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert world.exports.head("day.json").etag != old.etag


@pytest.mark.parametrize("after_chunks", [1, 9])
def test_a_blob_overwritten_while_it_is_read_is_closed_and_the_new_one_sent(after_chunks: int) -> None:
    """In pass 1 or in pass 2: the old version says `export-overwritten`, the new version is sent whole."""
    world = World()
    world.exports.chunk_bytes = 1_000
    left = [after_chunks]

    def overwrite(name: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            world.exports.put(name, export(7, first=100))

    world.exports.on_chunk = overwrite
    message = world.upload("day.json", export(45))
    world.run()
    assert world.outcome("day.json").status is Status.SUCCEEDED
    old = json.loads(world.results.data(f"outcomes/day.json/{message.etag}.json"))
    assert (old["status"], old["error"]["code"], old["retry"]) == ("Blocked", "export-overwritten", "person")
    taken = world.connector.times_taken()
    assert {f"door-{number:06d}" for number in range(100, 107)} <= set(taken)
    assert set(taken.values()) == {1}


def test_an_unreachable_connector_leaves_the_batch_planned() -> None:
    """A request that never left is no possible copy, in this attempt or the next."""
    world = World()
    world.connector.always = REFUSED_CONNECTION
    world.upload("day.json", export(3))
    world.run(hours=1)
    assert [entry["state"] for entry in world.ledgers()[0]["entries"]] == ["planned"]
    world.connector.always = OK
    world.run(hours=2)
    assert world.outcome("day.json").batches[0].possible_copies == 0
