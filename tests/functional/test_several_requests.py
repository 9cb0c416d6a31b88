"""Several requests of one export on their way at the same time, some of which succeed and some do not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.delivery import write_ahead
from shared.delivery.connector_ports import NoReply, Reply
from shared.delivery.ledger import Entry
from shared.delivery.ports import Condition, Document
from shared.delivery.waiting import LEASE_LOST_SECONDS
from shared.error_codes import FailedCode, Status
from shared.errors import StorageError, TransientError
from tests.support.exports import export, record
from tests.support.fake_connector import BROKEN, OK, Stored, in_order, reply
from tests.support.world import CrashError, World

FOUR = "4"
BATCH = 10


@dataclass
class Groups:
    """Makes requests one after another, and keeps how many were to be on their way at the same time."""

    sizes: list[int] = field(default_factory=list)

    def __call__[T](self, calls: Sequence[Callable[[], T]], meanwhile: Callable[[], None]) -> list[T]:
        """All of them."""
        self.sizes.append(len(calls))
        return in_order(calls, meanwhile)


def _world(*script: Reply | NoReply | Stored, **settings: str) -> tuple[World, Groups]:
    groups = Groups()
    world = World(parallel=groups).with_settings(CONNECTOR_PARALLEL_REQUESTS=FOUR, **settings)
    world.connector.script.extend(script)
    return world, groups


def _entries(world: World) -> list[Entry]:
    (ledger,) = world.ledgers()
    return ledger.entries


def _batches(world: World) -> list[int]:
    """The requests that the connector saw, by number of the batch from 1."""
    return [
        (int(one[0]["AssetId"].removeprefix("door-")) + BATCH - 1) // BATCH
        for one in world.connector.requests
    ]


def _each_once(world: World, records: int) -> bool:
    return world.connector.times_taken() == {record(number)["AssetId"]: 1 for number in range(1, records + 1)}


def test_the_first_request_goes_alone_and_then_as_many_as_may() -> None:
    """A wrong job is found out with one request; the last group is what is left."""
    world, groups = _world()
    world.upload("day.json", export(110))
    world.run()
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert groups.sizes == [1, 4, 4, 2]
    assert _batches(world) == [*range(1, 12)]


@pytest.mark.parametrize("parallel", range(1, 9))
def test_a_group_costs_one_write_of_the_ledger_and_several_share_an_open_file(
    parallel: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From two requests on there is less than one write a batch; a file of batches to come is full."""
    monkeypatch.setattr(write_ahead, "FILE_RECORDS", 100)
    world, groups = _world()
    world.with_settings(CONNECTOR_PARALLEL_REQUESTS=str(parallel))
    writes: list[str] = []
    world.state.on_change = lambda what, name: writes.append(f"{what} {name.partition('/')[0]}")
    world.upload("day.json", export(330))
    world.run()
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert max(groups.sizes) == parallel
    ledger = writes.count("wrote ledger")
    assert ledger == 1 + 1 + len(groups.sizes)  # the plan, the first `sending`, and one a group
    assert (ledger < 33) is (parallel > 1)
    files = [one.file for one in _entries(world)]
    assert files == [files[index - index % 10] for index in range(33)]
    assert writes.count("wrote open") == len(set(files)) == 4


def test_a_file_holds_whole_groups_however_large_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """What leaves together stands in one; there is no room for more."""
    monkeypatch.setattr(write_ahead, "FILE_RECORDS", 1)
    world, groups = _world()
    world.upload("day.json", export(90))
    world.run()
    files = [one.file for one in _entries(world)]
    assert groups.sizes == [1, 4, 4]
    assert [files.index(one) for one in files] == [0, 1, 1, 1, 1, 5, 5, 5, 5]


def test_what_was_answered_is_written_when_the_next_open_file_cannot_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is written while requests are on their way; these are noted before the attempt ends, and nothing is in doubt."""
    monkeypatch.setattr(write_ahead, "FILE_RECORDS", 30)
    world, groups = _world()
    write = world.state.write

    def full(name: str, data: bytes, condition: Condition, **options: Any) -> str:
        if name.startswith("open/") and len(groups.sizes) == 2:
            raise StorageError("storage is full")
        return write(name, data, condition, **options)

    monkeypatch.setattr(world.state, "write", full)
    message = world.upload("day.json", export(90))
    with pytest.raises(StorageError, match="storage is full"):
        world.process(message)
    assert [one.state for one in _entries(world)] == ["accepted"] * 5 + ["planned"] * 4
    monkeypatch.undo()
    world.process(message)
    outcome = world.outcome("day.json")
    assert outcome.status is Status.SUCCEEDED
    assert [batch.possible_copies for batch in outcome.batches] == [0] * 9
    assert _each_once(world, 90)


def test_what_was_answered_is_not_sent_again_when_folding_fails_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was accepted is folded while requests are on their way, one of which must be sent again; the attempt ends before that."""
    monkeypatch.setattr(write_ahead, "FILE_RECORDS", 1)
    monkeypatch.setattr(write_ahead, "FOLD_AFTER_BATCHES", 14)
    world, groups = _world(*[OK] * 18, reply(503))
    read, failed = world.state.read, list[str]()

    def unreadable(name: str) -> Document | None:
        if name.startswith("open/") and not failed:
            failed.append(name)
            raise TransientError(FailedCode.STORAGE_UNAVAILABLE, "Storage cannot be read.")
        return read(name)

    monkeypatch.setattr(world.state, "read", unreadable)
    outcome = world.process(world.upload("day.json", export(250)))
    assert outcome is not None
    assert outcome.status is Status.FAILED
    assert groups.sizes == [1, 4, 4, 4, 4, 4]
    assert [one.state for one in _entries(world)].count("accepted") == 20
    assert not any(one.in_doubt for one in _entries(world))
    world.run(hours=1)
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert _each_once(world, 250)


def test_a_429_of_one_of_four_holds_all_of_them_back() -> None:
    """What the others sent is noted; nothing leaves for as long as the connector asked, and then the one alone."""
    world, groups = _world(OK, OK, reply(429, retry_after="30"), OK, OK)
    left: list[float] = []
    world.connector.on_post = lambda when, _: left.append(world.clock.monotonic()) if when == "post" else None
    world.upload("day.json", export(90))
    world.run()
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert groups.sizes == [1, 4, 1, 4]
    assert _batches(world) == [1, 2, 3, 4, 5, 3, 6, 7, 8, 9]
    assert left == [0.0] * 5 + [30.0] * 5
    assert [one.possible_copies for one in _entries(world)] == [0] * 9
    assert _each_once(world, 90)


def test_the_longest_wait_that_was_asked_for_counts() -> None:
    """Two of four are throttled, each with a time of its own."""
    waits = [reply(429, retry_after="7"), OK, reply(503, retry_after="90"), reply(429, retry_after="20")]
    world, groups = _world(OK, *waits)
    world.upload("day.json", export(50))
    world.run()
    assert groups.sizes == [1, 4, 3]
    assert world.clock.monotonic() == 90
    assert _each_once(world, 50)


def test_a_413_of_one_of_four_is_halved() -> None:
    """The others are noted; the halves go next, in the place of the whole, and what comes later is smaller too."""
    world, groups = _world()
    first = record(1)["AssetId"]
    world.connector.always = lambda records: (
        reply(413) if len(records) > 6 and records[0]["AssetId"] != first else OK
    )
    world.upload("day.json", export(60))
    world.run()
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert [len(one) for one in world.connector.requests] == [10] + [10] * 4 + [5] * 10
    assert groups.sizes == [1, 4, 4, 4, 2]
    assert _each_once(world, 60)
    assert [one.first for one in _entries(world)] == [1, *range(11, 61, 5)]


def test_an_unanswered_one_of_four_is_counted_and_sent_again() -> None:
    """The three others are not."""
    world, groups = _world(OK, OK, Stored(BROKEN), OK, OK)
    world.upload("day.json", export(60))
    world.run()
    outcome = world.outcome("day.json")
    assert outcome.status is Status.SUCCEEDED
    assert groups.sizes == [1, 4, 1, 1]
    assert [batch.possible_copies for batch in outcome.batches] == [0, 0, 1, 0, 0, 0]
    times = world.connector.times_taken()
    assert [times[record(number)["AssetId"]] for number in (20, 21, 30, 31)] == [1, 2, 2, 1]


def test_an_end_of_one_of_four_notes_the_others() -> None:
    """A 403 ends the attempt; what was accepted beside it is accepted, what got no answer is in doubt."""
    world, _ = _world(OK, OK, reply(403), Stored(BROKEN), OK)
    message = world.upload("day.json", export(70))
    world.run()
    assert world.outcome("day.json").status is Status.BLOCKED
    states = [one.state for one in _entries(world)]
    assert states == ["accepted", "accepted", "planned", "sending", "accepted", "planned", "planned"]
    world.announce(world.request("retry", message))
    world.run()
    outcome = world.outcome("day.json")
    assert outcome.status is Status.SUCCEEDED
    assert [batch.possible_copies for batch in outcome.batches] == [0, 0, 0, 1, 0, 0, 0]
    assert sorted(world.connector.times_taken().values()) == [1] * 60 + [2] * 10


def test_a_401_of_two_of_four_costs_one_new_token() -> None:
    """And only these two are sent again."""
    world, groups = _world(OK, reply(401), OK, reply(401), OK)
    world.upload("day.json", export(50))
    world.run()
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert groups.sizes == [1, 4, 2]
    assert world.connector.tokens == ["token-1"] * 5 + ["token-2"] * 2
    assert _each_once(world, 50)


def test_a_token_that_stays_refused_ends_the_attempt() -> None:
    """One new token for all of them, then a person has to help."""
    world, groups = _world(OK, *[reply(401)] * 8)
    world.upload("day.json", export(50))
    world.run()
    outcome = world.outcome("day.json")
    assert outcome.error is not None
    assert outcome.error.code == "token-refused"
    assert groups.sizes == [1, 4, 4]


def test_a_fault_of_all_of_them_ends_as_one() -> None:
    """They are tried again together, within the time for retrying, and never more than four."""
    world, groups = _world(OK)
    world.connector.always = reply(503)
    outcome = world.process(world.upload("day.json", export(90)))
    assert outcome is not None
    assert (outcome.status, outcome.error and outcome.error.code) == (Status.FAILED, "connector-unavailable")
    assert set(groups.sizes[1:]) == {4}
    assert set(_batches(world)[1:]) == {2, 3, 4, 5}
    assert [one.state for one in _entries(world)] == ["accepted"] + ["planned"] * 8


def test_records_are_refused_in_a_group_as_they_are_alone() -> None:
    """Two invalid records of different batches: both become `refused`, all others are sent once."""
    world, _ = _world()
    bad = {record(17)["AssetId"], record(38)["AssetId"]}
    world.connector.always = lambda records: (
        reply(400) if any(one["AssetId"] in bad for one in records) else OK
    )
    world.upload("day.json", export(60))
    world.run()
    outcome = world.outcome("day.json")
    assert outcome.status is Status.PARTIALLY_SUCCEEDED
    assert outcome.records is not None
    assert (outcome.records.sent, outcome.records.refused) == (58, 2)
    assert set(world.connector.times_taken().values()) == {1}
    assert [line["record"] for line in world.rejected("day.json")] == [17, 38]


def test_time_that_is_used_up_leaves_nothing_in_doubt() -> None:
    """What was to go next has not left; it is requeued at once and goes on."""
    world, _ = _world(INVOCATION_SECONDS="60")
    world.connector.on_post = lambda when, _: world.clock.sleep(25) if when == "post" else None
    outcome = world.process(world.upload("day.json", export(90)))
    assert outcome is not None
    assert outcome.status is Status.IN_PROGRESS
    assert [one.state for one in _entries(world)] == ["accepted"] * 5 + ["planned"] * 4
    world.run()
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert _each_once(world, 90)


def test_a_lease_that_is_lost_among_four_lets_no_further_body_begin() -> None:
    """Two bodies had begun: the connector may have taken them. Nothing is written any more; all four are in doubt."""
    world, _ = _world()

    def lose(when: str, _what: str) -> None:
        if when == "posted" and len(world.connector.requests) == 3:
            world.state.steal_lease(world.lease)
            world.clock.sleep(60)

    world.connector.on_post = lose
    world.process(world.upload("day.json", export(60)))
    assert _batches(world) == [1, 2, 3]
    assert [one.state for one in _entries(world)] == ["accepted"] + ["sending"] * 4 + ["planned"]
    ((shows, _),) = [one for one in world.queue.messages if '"after"' in one[1]]
    assert shows - world.clock.monotonic() == LEASE_LOST_SECONDS
    world.connector.on_post = lambda *_: None
    world.run(hours=1)
    outcome = world.outcome("day.json")
    assert outcome.status is Status.SUCCEEDED
    assert [batch.possible_copies for batch in outcome.batches] == [0, 1, 1, 1, 1, 0]
    assert sorted(world.connector.times_taken().values()) == [1] * 40 + [2] * 20


def test_what_a_dead_worker_left_in_doubt_stays_so_until_it_is_sent_again() -> None:
    """Four were on their way when it died; the next attempt ends at the first of them, the one after that counts the rest."""
    world, _ = _world()

    def die(when: str, _what: str) -> None:
        if when == "posted" and len(world.connector.requests) == 5:
            raise CrashError

    world.connector.on_post = die
    message = world.upload("day.json", export(60))
    with pytest.raises(CrashError):
        world.process(message)
    world.connector.on_post = lambda *_: None
    world.connector.script.append(reply(403))
    world.run(hours=1)
    assert world.outcome("day.json").status is Status.BLOCKED
    assert [one.in_doubt for one in _entries(world)] == [False, True, True, True, True, False]
    world.announce(world.request("retry", message))
    world.run()
    outcome = world.outcome("day.json")
    assert outcome.status is Status.SUCCEEDED
    assert [batch.possible_copies for batch in outcome.batches] == [0, 1, 1, 1, 1, 0]
    assert sorted(world.connector.times_taken().values()) == [1] * 20 + [2] * 40


def test_doubt_that_a_dead_worker_left_survives_a_cut() -> None:
    """The first of four is too large now, so that the others are cut before they are sent again: each half is counted."""
    world, _ = _world()

    def die(when: str, _what: str) -> None:
        if when == "posted" and len(world.connector.requests) == 5:
            raise CrashError

    world.connector.on_post = die
    with pytest.raises(CrashError):
        world.process(world.upload("day.json", export(60)))
    world.connector.on_post = lambda *_: None
    world.connector.always = lambda records: reply(413) if len(records) > 6 else OK
    world.run(hours=1)
    outcome = world.outcome("day.json")
    assert outcome.status is Status.SUCCEEDED
    assert [(batch.records, batch.possible_copies) for batch in outcome.batches] == [
        (10, 0),
        *[(5, 1)] * 8,
        *[(5, 0)] * 2,
    ]
    assert sorted(world.connector.times_taken().values()) == [1] * 20 + [2] * 40
