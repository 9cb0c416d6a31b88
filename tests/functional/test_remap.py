"""A mapping that has changed is tried on what it had rejected: sent, and nothing else."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import msgspec
import pytest

from shared.blob_names import SWEEP_PATH
from shared.clock import utc_text
from shared.delivery import sweep_remaps
from shared.delivery.observer import NullObserver
from shared.delivery.outcome import ExportVersion, Outcome, Rejections, decode, encode
from shared.delivery.outcome_listing import list_outcomes
from shared.delivery.ports import Condition
from shared.delivery.remap_notes import RemapNote
from shared.delivery.remaps_left import remaps_left
from shared.delivery.source_store import SourceStore
from shared.delivery.sweep_place import decode_place
from shared.delivery.sweep_result import SweepResult
from shared.delivery.waiting import FAILED_DELAYS_SECONDS, LEASE_LOST_SECONDS
from shared.error_codes import FailedCode, Status
from shared.errors import TransientError
from shared.messages import Message, Trigger, read_messages
from tests.support.exports import export
from tests.support.fake_connector import reply
from tests.support.sources import HEADER, PEOPLE, TABLE
from tests.support.world import CrashError, World

NEW = PEOPLE + "4,0014,cy@example.com\n"
NAME = "munich/22.csv"
OTHER_REQUEST = "0b7c2a52-1111-4222-8333-444455556667"
PARTIAL = (1, 4, 2, 4, 1, 2, 5)
"""Of these persons 4 and 5 are unknown at first, and 5 remains so."""


def rows(*people: int, day: int = 22) -> bytes:
    """An export with one row for each person."""
    lines = [f"2026-11-{day} 04:{place:02d}:00,{one},D{place},,Granted\n" for place, one in enumerate(people)]
    return (HEADER + "".join(lines)).encode()


def partly(*people: int, name: str = NAME, world: World | None = None) -> World:
    """A world in which some rows of an export were rejected, since nobody knew their persons."""
    world = world or World()
    world.put_source("munich", TABLE, people=PEOPLE)
    world.upload(name, rows(*(people or PARTIAL)))
    world.run()
    assert world.outcome(name).status is Status.PARTIALLY_SUCCEEDED
    return world


def learn(world: World, people: str = NEW, profile: str = TABLE) -> None:
    """The people file, or the profile, is corrected at noon, which a worker notices."""
    world.put_source("munich", profile, people=people)
    world.source_store = SourceStore(world.sources, world.state, world.clock)


def remap(world: World, name: str = NAME) -> None:
    """What a sweep queues."""
    world.announce(Message(name, world.exports.head(name).etag, "sweep", remap=True))
    world.run()


def counts(outcome: Outcome) -> tuple[int, ...]:
    """Read, sent, rejected, refused, unconfirmed, ignored, repeated."""
    records = outcome.records
    assert records is not None
    assert records.unsent == 0
    return (
        records.read,
        records.sent,
        records.rejected,
        records.refused,
        records.unconfirmed,
        records.ignored,
        records.repeated,
    )


def doors(*numbers: int) -> dict[str, int]:
    """Each of these doors, taken once."""
    return {f"D{number}": 1 for number in numbers}


def test_a_person_who_is_known_by_now_is_sent_and_nothing_else() -> None:
    """The outcome tells the story: how many were rejected, and how many of them were sent since."""
    world = partly()
    before = world.outcome(NAME)
    assert counts(before) == (7, 4, 3, 0, 0, 0, 0)
    learn(world)
    world.clock.sleep(3_600)
    remap(world)
    after = world.outcome(NAME)
    assert (after.status, counts(after)) == (Status.PARTIALLY_SUCCEEDED, (7, 6, 1, 0, 0, 0, 0))
    assert world.connector.times_taken() == doors(0, 1, 2, 3, 4, 5)
    (made,) = after.passes
    assert (made.tried, made.sent, after.finished_at) == (3, 2, before.finished_at)
    assert [one["record"] for one in world.rejected(NAME)] == [7]
    assert [(one.code, one.records) for one in after.rejections.by_reason] == [("person-unknown", 1)]
    assert (after.attempts, after.unknown_keys) == (1, 1)
    assert after.summary.startswith(
        "6 of 7 records sent, 2 of them since the mapping has changed; 1 rejected"
    )
    assert after.events is not None
    assert {day: one.sent for day, one in after.events.by_day.items()} == {"2026-11-22": 6}


def test_the_next_sweep_sends_them_and_reads_no_export_again() -> None:
    """Unknown at half past five, in the people file at noon, sent with the next sweep: out of the rejected file alone."""
    world = partly()
    read = watched(world)
    world.sweep()
    world.run()
    assert (read(), world.outcome(NAME).passes) == ({}, [])
    world.run(hours=6)
    learn(world)
    world.run(hours=17)
    assert world.sweep().remaps_due == 1
    world.run()
    assert counts(world.outcome(NAME)) == (7, 6, 1, 0, 0, 0, 0)
    assert world.connector.times_taken() == doors(0, 1, 2, 3, 4, 5)
    assert {name.partition("/")[0] for name in read()} == {"rejected"}
    assert world.sweep().remaps_due == 0


def watched(world: World) -> Callable[[], dict[str, int]]:
    """Tells how often each export and rejected file was streamed from here on."""
    read: dict[str, int] = {}
    for container in (world.exports, world.results):
        container.chunks = partial(_noting, read, container.chunks)  # type: ignore[method-assign]
    return lambda: dict(read)


def _noting(
    read: dict[str, int], chunks: Callable[[str, str], Iterator[bytes]], name: str, etag: str
) -> Iterator[bytes]:
    read[name] = read.get(name, 0) + 1
    return chunks(name, etag)


def died(crash_at: int, *, reverted: bool = False) -> tuple[World, int]:
    """What is there after the process has died at one moment of a sweep and its pass; and how many moments there were."""
    world = partly().with_settings(BATCH_MAX_RECORDS="1", RETRY_MAX_SECONDS="0")
    learn(world)
    moments = 0

    def hook(_what: str, _name: str) -> None:
        nonlocal moments
        moments += 1
        if moments == crash_at + 1:
            learn(world, PEOPLE if reverted else NEW)
            raise CrashError

    world.clock.sleep(86_400)
    for place in (world.results, world.state, world.queue):
        place.on_change = hook
    world.connector.on_post = hook
    world.announce_sweep()
    world.run(hours=1)
    for place in (world.results, world.state, world.queue):
        place.on_change = lambda _what, _name: None
    world.connector.on_post = lambda _what, _name: None
    world.run_days(2)
    return world, moments


MOMENTS = died(10_000)[1]


@pytest.mark.parametrize("crash_at", range(MOMENTS))
def test_nothing_is_lost_and_every_copy_is_counted_wherever_the_pass_dies(crash_at: int) -> None:
    """At every write of storage, every message and every request."""
    world, _ = died(crash_at)
    outcome = world.outcome(NAME)
    assert counts(outcome) == (7, 6, 1, 0, 0, 0, 0)
    taken = world.connector.times_taken()
    assert {*taken} == {*doors(0, 1, 2, 3, 4, 5)}
    assert sum(taken.values()) - 6 <= sum(one.possible_copies for one in outcome.passes)
    assert [one["record"] for one in world.rejected(NAME)] == [7]
    assert world.poison == []


@pytest.mark.parametrize("crash_at", range(0, MOMENTS, 2))
def test_a_pass_that_has_begun_is_ended_although_the_mapping_is_what_it_was(crash_at: int) -> None:
    """What it had sent by then is sent; the rest is still rejected."""
    world, _ = died(crash_at, reverted=True)
    outcome = world.outcome(NAME)
    taken = {*world.connector.times_taken()}
    in_doubt = world.connector.times_taken().total() > len(taken)
    read, sent, rejected, *_ = counts(outcome)
    assert (read, sent + rejected) == (7, 7)
    assert len(taken) - 1 <= sent <= len(taken)  # one may be in doubt, and is taken for not sent
    if sent < len(taken):
        assert any(entry.in_doubt for ledger in world.ledgers() for entry in ledger.entries)
    assert not in_doubt
    assert len(world.rejected(NAME)) == rejected


@pytest.mark.parametrize("fate", ["deleted", "overwritten"])
def test_the_export_itself_is_not_needed(fate: str) -> None:
    """Whatever became of it since."""
    world = partly()
    path = next(name for name in world.results.names() if name.startswith("outcomes/"))
    etag = world.exports.head(NAME).etag
    world.exports.delete(NAME)
    if fate == "overwritten":
        world.exports.put(NAME, rows(1))
    learn(world)
    world.clock.sleep(3_600)
    assert world.sweep().remaps_due == 1
    world.run()
    after = outcome_at(world, path)
    assert (after.export.etag, counts(after)) == (etag, (7, 6, 1, 0, 0, 0, 0))


def outcome_at(world: World, path: str) -> Outcome:
    """An outcome by its path."""
    return decode(world.results.data(path))


def test_a_pass_that_gains_nothing_only_notes_the_mapping() -> None:
    """No ledger, no file, no new time; the next sweep leaves it alone."""
    world = partly()
    before, names, state = world.outcome(NAME), world.results.names(), set(world.state.names())
    learn(world, PEOPLE + "9,0019,other@example.com\n")
    world.clock.sleep(3_600)
    assert world.sweep().remaps_due == 1
    world.run()
    after = world.outcome(NAME)
    assert after.mapping_tried not in {None, before.mapping_tried}
    assert (after.passes, after.rejections, after.finished_at) == ([], before.rejections, before.finished_at)
    assert {*world.results.names()} - {*names} == {"reports/latest.html"}
    assert {name for name in set(world.state.names()) - state if not name.startswith("sweeps/")} == set()
    assert world.sweep().remaps_due == 0


def test_a_rejected_export_is_attempted_whole() -> None:
    """Of the first one nobody was known; it counts its days from its first end."""
    world = World()
    world.put_source("munich", TABLE, people=PEOPLE)
    world.upload(NAME, rows(4, 4, 5))
    world.run()
    first = world.outcome(NAME)
    assert first.status is Status.REJECTED
    learn(world, PEOPLE + "9,0019,other@example.com\n")
    world.clock.sleep(3_600)
    assert world.sweep().remaps_due == 1
    world.run()
    again = world.outcome(NAME)
    assert (again.status, again.attempts, again.finished_at) == (Status.REJECTED, 2, first.finished_at)
    learn(world)
    assert world.sweep().remaps_due == 1
    world.run()
    after = world.outcome(NAME)
    assert (after.status, counts(after)) == (Status.PARTIALLY_SUCCEEDED, (3, 2, 1, 0, 0, 0, 0))
    assert after.first_finished_at == first.finished_at
    assert after.finished_at == utc_text(world.clock.now()) != first.finished_at
    assert world.connector.times_taken() == doors(0, 1)


def test_a_rejected_export_that_a_person_has_tried_again_ended_then() -> None:
    """Only a pass that a changed mapping asked for leaves the time of the first end."""
    world = World()
    message = world.upload("day.json", b"{")
    world.run()
    first = world.outcome("day.json")
    world.clock.sleep(3_600)
    world.announce(world.request("retry", message))
    world.run()
    again = world.outcome("day.json")
    assert (again.status, again.attempts) == (Status.REJECTED, 2)
    assert again.first_finished_at == first.finished_at
    assert again.finished_at == utc_text(world.clock.now()) != first.finished_at


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("munich/22.csv", rows(1, 2)),
        ("munich/22.json", b'{"events": []}'),
        ("munich/22.json", rows(1, 2)),
        ("munich/22.json", b'[{"Time": "2026-11-22 08:00:00", "Id": 1, "Door": "D0", "Event": "Granted"}]'),
    ],
)
def test_what_was_uploaded_before_its_source_is_read_by_it(name: str, data: bytes) -> None:
    """The first file of a new building arrives before its profile."""
    world = World()
    world.upload(name, data)
    world.run()
    assert world.outcome(name).status is Status.REJECTED
    world.put_source("munich", TABLE, people=PEOPLE)
    world.clock.sleep(3_600)
    assert world.sweep().remaps_due == 1
    world.run()
    after = world.outcome(name)
    assert after.source is not None
    assert after.status is (Status.SUCCEEDED if name.endswith(".csv") else Status.REJECTED)
    assert world.sweep().remaps_due == 0


def test_the_same_bytes_again_try_the_export_that_they_repeat() -> None:
    """Who uploads the file again after the people file was corrected gets what they wanted, today."""
    world = partly()
    learn(world)
    world.upload("munich/again.csv", rows(*PARTIAL))
    world.run()
    assert world.outcome("munich/again.csv").status is Status.DUPLICATE
    assert counts(world.outcome(NAME)) == (7, 6, 1, 0, 0, 0, 0)
    assert world.connector.times_taken() == doors(0, 1, 2, 3, 4, 5)


def test_the_same_bytes_without_a_source_ask_for_nothing_more() -> None:
    """There is no mapping that could have changed."""
    world = World()
    world.upload("day.json", export(3))
    world.run()
    again = world.upload("again.json", export(3))
    world.queue.messages.clear()
    outcome = world.process(again)
    assert outcome is not None
    assert outcome.status is Status.DUPLICATE
    assert world.queue.messages == []


def test_at_most_so_many_a_sweep_the_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest follows with the next one."""
    monkeypatch.setattr(sweep_remaps, "MAX_REMAPS", 2)
    world = World()
    for hour, name in enumerate(("c", "a", "e", "b", "d")):
        world.clock.sleep(3_600)
        partly(*(1, 4, 2, 1 + hour), name=f"munich/{name}.csv", world=world)
    learn(world)
    left = []
    for _ in range(3):
        world.clock.sleep(86_400)
        result = world.sweep()
        left.append((result.remaps_due, result.remaps_left))
        told = remaps_left(world.results)
        assert (told and told.left) == (result.remaps_left or None)
        place = decode_place(world.state.data(SWEEP_PATH))
        assert place is not None
        assert place.remaps == []
        world.run()
        done = [name for name in "caebd" if world.outcome(f"munich/{name}.csv").passes]
        assert done == [*"caebd"[: 2 * len(left)]]
    assert left == [(5, 3), (3, 1), (1, 0)]
    assert "sweeps/remaps.json" not in world.results.names()


def test_what_several_slices_find_is_queued_by_the_last_one() -> None:
    """Each has time for a few names only; at most twice as many are remembered as are queued."""
    world = World()
    for number, name in enumerate("abcd"):
        partly(1, 4, *[2] * number, name=f"munich/{name}.csv", world=world)
    learn(world)
    world.clock.sleep(86_400)
    world.with_settings(INVOCATION_SECONDS="0")
    assert world.sweep().remaps_due == 4
    world.with_settings().run()
    assert [len(world.outcome(f"munich/{name}.csv").passes) for name in "abcd"] == [1] * 4


def test_at_most_twice_as_many_are_remembered_as_are_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of very many that are due, the oldest."""
    monkeypatch.setattr(sweep_remaps, "MAX_REMAPS", 2)
    world = partly()
    learn(world)
    (listed,) = list_outcomes(world.results)
    result = SweepResult()
    search = sweep_remaps.RemapSearch(world.deps, result, world.clock.now(), lambda _folder: False)
    held = []
    for number in range(9, 0, -1):
        search.look_at(replace(listed, name=f"munich/{number}.csv"), is_current=True)
        held.append(len(result.remaps))
    assert held == [1, 2, 3, 2, 3, 2, 3, 2, 3]
    assert sorted(one.name for one in result.remaps)[:2] == ["munich/1.csv", "munich/2.csv"]
    assert result.remaps_due == 9


def test_a_pass_that_has_begun_is_queued_by_each_sweep_until_it_has_ended() -> None:
    """At once, as a pass over the rejected records."""
    world = partly()
    etag = world.exports.head(NAME).etag
    RemapNote(world.state, world.settings.job_id, ExportVersion(name=NAME, etag=etag)).begin()
    assert world.sweep().queued == 1
    assert waiting(world) == [(0, Message(NAME, etag, "sweep", remap=True))]


def test_only_for_some_days_and_not_at_all_where_it_is_off() -> None:
    """`REMAP_DAYS` count from the first end; 0 switches it off, but for a person who asks."""
    world = partly()
    learn(world)
    world.with_settings(REMAP_DAYS="0")
    assert world.sweep().remaps_due == 0
    remap(world)
    assert world.outcome(NAME).passes == []
    world.with_settings(REMAP_DAYS="3").clock.sleep(3 * 86_400 + 60)
    assert world.sweep().remaps_due == 0
    world.announce(world.request("retry", Message(NAME, world.exports.head(NAME).etag), named=False))
    world.run()
    assert (world.outcome(NAME).passes, world.outcome(NAME).requests[0].result) == ([], "refused")


def test_what_the_connector_refused_stays_refused() -> None:
    """It stands in every rejected file to come, in its own words, and is not sent again."""
    world = partly(1, 2, 1, 2, 4, 5)
    world.connector.always = lambda _: reply(200)
    world.upload("munich/refused.csv", rows(1, 2, 1, 2, 4, 5, day=23))
    world.with_settings(BATCH_MAX_RECORDS="1")
    world.connector.script.extend([reply(200), reply(400)])
    world.run()
    before = world.outcome("munich/refused.csv")
    assert counts(before) == (6, 3, 2, 1, 0, 0, 0)
    refused = next(
        one for one in world.rejected("munich/refused.csv") if one["errors"][0]["code"] == "refused"
    )
    taken = world.connector.times_taken()
    learn(world)
    remap(world, "munich/refused.csv")
    after = world.outcome("munich/refused.csv")
    assert counts(after) == (6, 4, 1, 1, 0, 0, 0)
    assert [one["record"] for one in world.rejected("munich/refused.csv")] == [2, 6]
    assert world.rejected("munich/refused.csv")[0] == refused
    assert world.connector.times_taken() - taken == {"D4": 1}
    assert {one.code: one.records for one in after.rejections.by_reason} == {
        "person-unknown": 1,
        "refused": 1,
    }


def test_what_the_connector_refuses_in_a_pass_is_refused() -> None:
    """It leaves `rejected`, and stays in the rejected file under the number that it has in the export."""
    world = partly(1, 2, 4, 4, 1, 2).with_settings(BATCH_MAX_RECORDS="1")
    learn(world)
    world.connector.script.extend([reply(400), reply(200)])
    remap(world)
    after = world.outcome(NAME)
    assert (after.status, counts(after)) == (Status.PARTIALLY_SUCCEEDED, (6, 5, 0, 1, 0, 0, 0))
    (line,) = world.rejected(NAME)
    assert (line["record"], line["errors"][0]["code"], line["content"]["AssetId"]) == (3, "refused", "D2")
    assert all(ledger.completed_by for ledger in world.ledgers())
    learn(world, PEOPLE)
    remap(world)
    assert world.outcome(NAME).passes == after.passes


def test_what_becomes_of_each_row_is_counted() -> None:
    """Ignored, repeated, unconfirmed: each leaves `rejected` for what it is now."""
    world = partly(1, 2, 1, 2, 4, 5, 6, 7, 2)
    world.upload("munich/other.csv", rows(1, 2, 1, 2, 1, 5, day=22))
    world.run()
    known = PEOPLE + "4,0014,ada@example.com\n5,0015,\n6,0016,cy@example.com\n"
    learn(world, known)
    world.connector.script.append(reply(207))
    remap(world)
    after = world.outcome(NAME)
    assert counts(after) == (9, 5, 1, 0, 1, 1, 1)
    assert [(one.code, one.records) for one in after.ignored] == [("person-without-account", 1)]
    assert after.events is not None
    assert after.events.by_day["2026-11-22"].repeated == 1
    assert after.passes[0].sent == 0


def test_all_that_is_sent_makes_it_succeeded() -> None:
    """Nothing is left over, so no rejected file is named."""
    world = partly(1, 2, 4)
    learn(world)
    remap(world)
    after = world.outcome(NAME)
    assert (after.status, after.rejections.blob, after.rejections.by_reason) == (Status.SUCCEEDED, None, [])
    assert after.summary == "3 of 3 records sent, 1 of them since the mapping has changed."
    assert after.warnings == []


def test_a_second_change_tries_what_the_first_one_left() -> None:
    """Each pass has an entry, and reads the file of the one before."""
    world = partly()
    learn(world)
    remap(world)
    learn(world, NEW + "5,0015,di@example.com\n")
    remap(world)
    after = world.outcome(NAME)
    assert (after.status, counts(after)) == (Status.SUCCEEDED, (7, 7, 0, 0, 0, 0, 0))
    assert [(one.tried, one.sent) for one in after.passes] == [(3, 2), (1, 1)]
    assert world.connector.times_taken() == doors(*range(7))


def test_each_pass_writes_a_file_of_its_own() -> None:
    """Numbered from 1, so that a person sees their order; what was there before stays until its time is over."""
    world = partly(1, 2, 1, 2, 4, 5, 6)
    numbers = []
    for number, people in enumerate(("4,0014,cy@example.com\n", "5,0015,di@example.com\n"), 1):
        learn(world, PEOPLE + people * (number == 1) + (NEW.removeprefix(PEOPLE) + people) * (number == 2))
        remap(world)
        numbers.append((world.outcome(NAME).rejections.blob or "").rpartition("~")[2].partition("-")[0])
    assert numbers == ["1", "2"]
    assert len([name for name in world.results.names() if name.startswith("rejected/")]) == 3


def test_of_a_cut_file_the_rest_keeps_its_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it lacks is not tried."""
    monkeypatch.setattr("shared.delivery.rejected_file.MAX_FILE_BYTES", 250)
    world = partly(1, 2, 1, 2, 4, 4, 4)
    assert len(world.rejected(NAME)) == 1
    learn(world)
    remap(world)
    after = world.outcome(NAME)
    assert counts(after) == (7, 5, 2, 0, 0, 0, 0)
    assert {one.code: one.records for one in after.rejections.by_reason} == {"person-unknown": 2}


def test_a_file_that_has_no_room_for_what_is_still_rejected_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """The outcome warns of it, as that of any export."""
    world = partly(1, 2, 1, 2, 4, 5, 5)
    assert world.outcome(NAME).warnings == []
    monkeypatch.setattr("shared.delivery.rejected_file.MAX_FILE_BYTES", 250)
    learn(world)
    remap(world)
    after = world.outcome(NAME)
    assert (counts(after), len(world.rejected(NAME))) == ((7, 5, 2, 0, 0, 0, 0), 1)
    assert [one.code for one in after.warnings] == ["rejected-file-cut"]


def test_a_pass_whose_time_is_over_while_it_reads_is_put_off() -> None:
    """At that very moment; nothing was sent."""
    world = partly().with_settings(INVOCATION_SECONDS="100")
    learn(world)
    chunks, ends = world.results.chunks, world.clock.monotonic() + 100

    def slow(name: str, etag: str) -> Iterator[bytes]:
        world.clock.pass_until(ends)
        return chunks(name, etag)

    world.results.chunks = slow  # type: ignore[method-assign]
    before, written = world.outcome(NAME), world.state.names()
    posted = len(world.connector.requests)
    assert attempted(world) is None
    assert (world.outcome(NAME), len(world.connector.requests)) == (before, posted)
    assert world.state.names() == written
    assert [(seconds, one.tries) for seconds, one in waiting(world)] == [(FAILED_DELAYS_SECONDS[0], 1)]


def test_an_outage_puts_the_pass_off() -> None:
    """The outcome says nothing of it; the pass is made when the connector is there again, and sends each row once."""
    world = partly()
    before = world.outcome(NAME)
    learn(world)
    world.connector.always = reply(503)
    remap(world)
    assert world.outcome(NAME) == before
    ((seconds, put_back),) = waiting(world)
    assert (seconds, put_back.tries, put_back.waits) == (FAILED_DELAYS_SECONDS[0], 1, 0)
    world.connector.always = reply(200)
    world.run(hours=1)
    assert counts(world.outcome(NAME)) == (7, 6, 1, 0, 0, 0, 0)
    assert world.connector.times_taken() == doors(0, 1, 2, 3, 4, 5)


def test_what_a_person_must_fix_is_said_in_the_outcome() -> None:
    """Until the next sweep's pass is made."""
    world = partly()
    learn(world)
    world.connector.script.append(reply(404))
    remap(world)
    stopped = world.outcome(NAME)
    assert [one.code for one in stopped.warnings] == ["remap-stopped"]
    assert (counts(stopped), stopped.status) == ((7, 4, 3, 0, 0, 0, 0), Status.PARTIALLY_SUCCEEDED)
    world.clock.sleep(86_400)
    assert world.sweep().queued == 2
    world.run()
    assert (world.outcome(NAME).warnings, counts(world.outcome(NAME))) == ([], (7, 6, 1, 0, 0, 0, 0))


def test_nothing_is_tried_while_sending_is_off_or_the_source_is_on_trial() -> None:
    """The sweep leaves them alone; who asks is told."""
    world = partly()
    learn(world, profile=TABLE + "[policy]\nsend = false\n")
    assert world.sweep().remaps_due == 0
    learn(world)
    world.with_settings(CONNECTOR_SENDING="off")
    assert world.sweep().remaps_due == 0
    remap(world)
    assert [one.code for one in world.outcome(NAME).warnings] == ["remap-stopped"]
    world.with_settings()
    remap(world)
    assert counts(world.outcome(NAME)) == (7, 6, 1, 0, 0, 0, 0)


@pytest.mark.parametrize("broken", ["profile.toml", "people.csv"])
def test_a_source_that_cannot_be_used_is_not_tried(broken: str) -> None:
    """Neither is one whose profile is gone."""
    world = partly()
    learn(world)
    world.sources.delete(f"munich/{broken}")
    assert world.sweep().remaps_due == 0
    remap(world)
    assert world.outcome(NAME).passes == []


def test_a_rejected_file_that_is_gone_is_not_missed() -> None:
    """After its time there is nothing to try."""
    world = partly()
    world.results.delete(world.outcome(NAME).rejections.blob or "")
    learn(world)
    remap(world)
    after = world.outcome(NAME)
    assert (after.passes, counts(after)) == ([], (7, 4, 3, 0, 0, 0, 0))
    assert world.sweep().remaps_due == 0


def test_the_first_export_after_a_corrected_zone_says_so() -> None:
    """Once, and not while a trial sends nothing; a new person is no such change."""
    world = World()
    zoned = TABLE.replace('zone = "UTC"', 'zone = "Europe/Berlin"')

    def warnings(name: str, profile: str, people: str = PEOPLE) -> list[str]:
        learn(world, people, profile)
        world.upload(f"munich/{name}.csv", rows(1, 2, day=10 + "abcdefg".index(name)))
        world.run()
        return [
            one.code for one in world.outcome(f"munich/{name}.csv").warnings if one.code == "mapping-changed"
        ]

    assert warnings("a", TABLE) == []
    assert warnings("b", TABLE + '[policy]\nno_person = "reject"\n', NEW) == []
    assert warnings("c", zoned + "[policy]\nsend = false\n") == []
    assert warnings("d", zoned) == ["mapping-changed"]
    assert warnings("e", zoned) == []
    world.upload("munich/f.csv", rows(4, 4))  # of which nothing is sent
    assert warnings("g", TABLE) == ["mapping-changed"]


def test_a_pass_that_loses_the_lease_is_made_again() -> None:
    """Nothing is written any more; what was sent is known to the next one."""
    world = partly().with_settings(BATCH_MAX_RECORDS="1")
    learn(world)

    def steal(when: str, _what: str) -> None:
        if when == "posted" and len(world.connector.requests) == 2:
            world.state.steal_lease(world.lease)

    world.connector.on_post = steal
    before = world.outcome(NAME)
    remap(world)
    assert world.outcome(NAME) == before
    world.run(hours=1)
    assert counts(world.outcome(NAME)) == (7, 6, 1, 0, 0, 0, 0)
    taken = world.connector.times_taken()
    assert taken.total() - len(taken) <= world.outcome(NAME).passes[0].possible_copies


@pytest.mark.parametrize("sent_first", [0, 1])
def test_a_pass_whose_time_is_over_goes_on_in_the_next_invocation(sent_first: int) -> None:
    """At once after progress, with the usual waits after none."""
    world = partly().with_settings(BATCH_MAX_RECORDS="1", INVOCATION_SECONDS="100")
    learn(world)
    posted = len(world.connector.requests)
    token = world.tokens.token

    def slow(*, fresh: bool = False) -> str:
        if len(world.connector.requests) == posted + sent_first:
            world.clock.sleep(200)
        return token(fresh=fresh)

    world.tokens.token = slow  # type: ignore[method-assign]
    world.process(Message(NAME, world.exports.head(NAME).etag, "sweep", tries=2, waits=3, remap=True))
    world.tokens.token = token  # type: ignore[method-assign]
    ((seconds, put_back),) = waiting(world)
    assert (seconds, put_back.tries) == ((0, 0) if sent_first else (FAILED_DELAYS_SECONDS[2], 3))
    assert put_back.waits == 0
    world.run(hours=1)
    assert counts(world.outcome(NAME)) == (7, 6, 1, 0, 0, 0, 0)
    assert world.connector.times_taken() == doors(0, 1, 2, 3, 4, 5)


def waiting(world: World) -> list[tuple[float, Message]]:
    """The messages on the queue, and in how many seconds each shows."""
    now = world.clock.monotonic()
    found = [(shows - now, read_messages(text, "badging-exports")[0]) for shows, text in world.queue.messages]
    return [(seconds, one) for seconds, one in found if isinstance(one, Message)]


@dataclass
class Told(NullObserver):
    """Keeps what it is told of passes: the records they gained, and how long they took."""

    passes: list[tuple[int, float]] = field(default_factory=list)

    def remapped(self, before: Outcome, after: Outcome, *, seconds: float) -> None:
        """One more."""
        self.passes.append((counts(before)[2] - counts(after)[2], seconds))


def attempted(world: World, **changes: Any) -> Outcome | None:
    """One attempt at a pass; what it returned, from which a report is asked for."""
    return world.process(
        replace(Message(NAME, world.exports.head(NAME).etag, "sweep", remap=True), **changes)
    )


def test_a_pass_is_told_and_leaves_nothing_behind() -> None:
    """How long it took; its events are in the index, its note is gone, and the ledger was completed once."""
    world = partly(world=World(observer=(told := Told())))
    world.clock.sleep(7)
    learn(world, PEOPLE + "9,0019,other@example.com\n")
    assert attempted(world) is None
    learn(world)
    world.connector.on_post = lambda when, _what: world.clock.sleep(5) if when == "post" else None
    outcome = attempted(world)
    assert outcome == world.outcome(NAME)
    assert told.passes == [(0, 0.0), (2, 5.0)]
    assert [name for name in world.state.names() if name.startswith(("open/", "remaps/"))] == []
    lines = [
        world.state.data(name).count(b"\n") for name in world.state.names() if name.startswith("ledger/")
    ]
    assert lines == [3, 3]


def test_a_pass_that_another_worker_has_made_meanwhile_is_not_made_again() -> None:
    """It waited for the lease while that one had it."""
    world = partly(world=World(observer=(told := Told())))
    learn(world)
    acquire = world.state.acquire

    def waited(name: str, lease_id: str, seconds: int) -> None:
        world.state.acquire = acquire  # type: ignore[method-assign]
        attempted(world)
        acquire(name, lease_id, seconds)

    world.state.acquire = waited  # type: ignore[method-assign]
    assert attempted(world) is None
    assert [gained for gained, _ in told.passes] == [2]


def test_what_another_job_was_sent_is_not_tried_for_this_one() -> None:
    """The job id was changed: a pass would give the new one a few rows of an export that it does not have."""
    world = partly().with_settings(CONNECTOR_JOB_ID="44444444-4444-4444-4444-444444444444")
    learn(world)
    remap(world)
    after = world.outcome(NAME)
    assert (after.passes, counts(after)) == ([], (7, 4, 3, 0, 0, 0, 0))
    assert world.sweep().remaps_due == 0


def test_an_outcome_without_a_rejected_file_only_notes_the_mapping() -> None:
    """It was never written, or a person has taken it out."""
    world = partly()
    path = next(name for name in world.results.names() if name.startswith("outcomes/"))
    before = world.outcome(NAME)
    without = Rejections(by_reason=before.rejections.by_reason)
    world.results.put(path, encode(msgspec.structs.replace(before, rejections=without)))
    learn(world)
    head, asked = world.results.head, list[object]()
    world.results.head = lambda name: (asked.append(name), head(name))[1]  # type: ignore[method-assign, func-returns-value]
    remap(world)
    after = world.outcome(NAME)
    assert (after.passes, after.mapping_tried != before.mapping_tried) == ([], True)
    assert None not in asked


@pytest.mark.parametrize(
    ("trigger", "tries", "put"), [("sweep", 19, True), ("sweep", 20, False), ("command", 20, True)]
)
def test_a_pass_that_a_sweep_has_queued_waits_for_the_next_sweep_in_the_end(
    trigger: Trigger, tries: int, *, put: bool
) -> None:
    """After twenty failures in a row; what a person asked for is tried on."""
    world = partly()
    learn(world)
    world.connector.always = reply(503)
    assert attempted(world, trigger=trigger, tries=tries) is None
    assert [(one.trigger, one.tries) for _, one in waiting(world)] == [(trigger, tries + 1)] * put


def test_a_rejected_file_that_is_replaced_while_it_is_read_is_read_again() -> None:
    """A worker that had lost the lease has written it late; nothing is sent twice."""
    world = partly()
    learn(world)
    blob = world.outcome(NAME).rejections.blob or ""

    def replacing(when: str, _what: str) -> None:
        if when == "posted":
            world.results.put(blob, world.results.data(blob))

    world.connector.on_post = replacing
    before = world.outcome(NAME)
    assert attempted(world) is None
    assert world.outcome(NAME) == before
    world.connector.on_post = lambda _when, _what: None
    assert [(seconds, one.tries) for seconds, one in waiting(world)] == [(FAILED_DELAYS_SECONDS[0], 1)]
    world.run(hours=1)
    assert counts(world.outcome(NAME)) == (7, 6, 1, 0, 0, 0, 0)
    assert world.connector.times_taken() == doors(0, 1, 2, 3, 4, 5)


def test_a_rejected_file_that_storage_breaks_off_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """In five minutes; the outcome says nothing of it."""
    world = partly()
    learn(world)
    before = world.outcome(NAME)

    def broken(_name: str, _etag: str) -> Iterator[bytes]:
        raise TransientError(FailedCode.STORAGE_UNAVAILABLE, "The export could not be read from storage.")

    monkeypatch.setattr(world.results, "chunks", broken)
    assert attempted(world) is None
    assert world.outcome(NAME) == before
    assert [(seconds, one.tries) for seconds, one in waiting(world)] == [(FAILED_DELAYS_SECONDS[0], 1)]
    monkeypatch.undo()
    world.run(hours=1)
    assert counts(world.outcome(NAME)) == (7, 6, 1, 0, 0, 0, 0)


@pytest.mark.parametrize("helps", [True, False])
def test_an_outcome_that_another_worker_has_written_meanwhile_stands(*, helps: bool) -> None:
    """The pass is made again in five minutes; what it sent by then is known to it."""
    world = partly(world=World(observer=(told := Told())))
    learn(world, NEW if helps else PEOPLE + "9,0019,other@example.com\n")
    path = next(name for name in world.results.names() if name.startswith("outcomes/"))
    write = world.results.write

    def overtaken(
        name: str, data: bytes, condition: Condition, *, metadata: Mapping[str, str] | None = None
    ) -> str:
        world.results.write = write  # type: ignore[method-assign]
        world.results.put(path, encode(msgspec.structs.replace(world.outcome(NAME), duration_seconds=7.0)))
        return write(name, data, condition, metadata=metadata)

    world.results.write = overtaken  # type: ignore[method-assign]
    assert attempted(world, tries=4) is None
    assert (world.outcome(NAME).duration_seconds, world.outcome(NAME).passes) == (7.0, [])
    assert [(seconds, one.tries) for seconds, one in waiting(world)] == [(LEASE_LOST_SECONDS, 4)]
    assert told.passes == []
    world.run(hours=1)
    assert counts(world.outcome(NAME)) == ((7, 6, 1, 0, 0, 0, 0) if helps else (7, 4, 3, 0, 0, 0, 0))
    assert max(world.connector.times_taken().values()) == 1


def test_a_write_of_the_outcome_whose_answer_got_lost_was_ours() -> None:
    """Storage says that another was faster; it was the same write, tried again by the library."""
    world = partly(world=World(observer=(told := Told())))
    learn(world)
    write = world.results.write

    def echoing(
        name: str, data: bytes, condition: Condition, *, metadata: Mapping[str, str] | None = None
    ) -> str:
        world.results.write = write  # type: ignore[method-assign]
        write(name, data, condition, metadata=metadata)
        return write(name, data, condition, metadata=metadata)

    world.results.write = echoing  # type: ignore[method-assign]
    outcome = attempted(world)
    assert outcome is not None
    assert counts(outcome) == counts(world.outcome(NAME)) == (7, 6, 1, 0, 0, 0, 0)
    assert (waiting(world), [gained for gained, _ in told.passes]) == ([], [2])


def test_nothing_is_noted_by_a_worker_that_has_lost_the_lease() -> None:
    """It slept while it read the file; another one may have tried a newer mapping since."""
    world = partly()
    learn(world, PEOPLE + "9,0019,other@example.com\n")
    before = world.outcome(NAME)
    chunks = world.results.chunks

    def slept(name: str, etag: str) -> Iterator[bytes]:
        world.state.steal_lease(world.lease)
        world.clock.sleep(61)
        return chunks(name, etag)

    world.results.chunks = slept  # type: ignore[method-assign]
    assert attempted(world, tries=4) is None
    assert world.outcome(NAME) == before
    assert [(seconds, one.tries) for seconds, one in waiting(world)] == [(LEASE_LOST_SECONDS, 4)]


def test_what_a_person_asked_for_is_answered_once() -> None:
    """The message comes again after the mapping has changed once more: it asks for another pass, not anew."""
    world = partly()
    asked = replace(world.request("retry", Message(NAME, world.exports.head(NAME).etag)), remap=True)
    world.process(asked)
    assert [(one.kind, one.result) for one in world.outcome(NAME).requests] == [("retry", "begun")]
    other = world.request("retry", Message(NAME, world.exports.head(NAME).etag), id_=OTHER_REQUEST)
    world.process(replace(other, remap=True))
    learn(world)
    world.process(asked)
    after = world.outcome(NAME)
    assert [one.id for one in after.requests] == [asked.request.id if asked.request else "", OTHER_REQUEST]
    assert counts(after) == (7, 6, 1, 0, 0, 0, 0)


@pytest.mark.parametrize(("asked", "status"), [(True, Status.SUCCEEDED), (False, None)])
def test_a_pass_of_what_was_never_attempted_is_an_attempt_if_a_person_asks(
    *, asked: bool, status: Status | None
) -> None:
    """A sweep's message that comes after the outcome was deleted asks for nothing."""
    world = World()
    world.put_source("munich", TABLE, people=PEOPLE)
    message = world.upload(NAME, rows(1, 2))
    world.queue.messages.clear()
    message = world.request("retry", message) if asked else message
    outcome = world.process(replace(message, remap=True))
    assert (outcome.status if outcome else None) == status
