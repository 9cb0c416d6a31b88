"""Every event once: in whatever exports it stands, and whatever happens on the way."""

import json
import re
from collections import Counter
from contextlib import suppress

import pytest

from shared.delivery.outcome import Outcome
from shared.error_codes import BlockedCode, Status
from shared.events.runs import name_of
from shared.messages import Message
from tests.support.exports import array, record
from tests.support.fake_connector import BROKEN, Stored, reply
from tests.support.storage_model.wire import CrashError
from tests.support.world import World, crashing_after

DAYS = 7


def of_days(first: int, last: int, *, zone: str = "Z", each: int = 3) -> bytes:
    """The export of some days in November, with so many events each."""
    return array(
        record(100 * day + number, EventTime=f"2026-11-{day:02}T0{number}:00:00{zone}")
        for day in range(first, last + 1)
        for number in range(1, each + 1)
    )


def taken(world: World) -> Counter[str]:
    """How often the connector took each event."""
    return Counter(f"{one['AssetId']} {one['EventTime']}" for batch in world.connector.taken for one in batch)


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    """Records read, sent, rejected, repeated."""
    records = outcome.records
    assert records is not None
    return records.read, records.sent, records.rejected, records.repeated


def test_of_a_corrected_export_exactly_the_corrected_records_go() -> None:
    """The corrected file is uploaded as it is; what was sent before is repeated, and not sent."""
    world = World()
    world.upload(
        "day.json",
        array(record(n, AccessStatus="Granted" if n in {2, 5} else "Success") for n in range(1, 9)),
    )
    world.run()
    world.upload("day corrected.json", array(record(n, AccessStatus="Success") for n in range(1, 9)))
    world.run()
    assert counts(world.outcome("day.json")) == (8, 6, 2, 0)
    corrected = world.outcome("day corrected.json")
    assert (corrected.status, counts(corrected)) == (Status.SUCCEEDED, (8, 2, 0, 6))
    assert [one["AssetId"] for one in world.connector.taken[-1]] == ["door-000002", "door-000005"]
    assert max(taken(world).values()) == 1


def test_seven_nightly_exports_of_seven_days_send_each_event_once() -> None:
    """One a night: of each export only the newest day is new."""
    world = World()
    for night in range(DAYS):
        world.upload(f"night{night}.json", of_days(1 + night, DAYS + night))
        world.run()
        sent = 3 * (DAYS if night == 0 else 1)
        assert counts(world.outcome(f"night{night}.json")) == (3 * DAYS, sent, 0, 3 * DAYS - sent)
    assert taken(world).total() == len(taken(world)) == 3 * (2 * DAYS - 1)


def test_an_event_that_an_export_repeats_goes_once() -> None:
    """The first goes, whatever stands in the records besides their four values, and however the time is written."""
    world = World()
    again = {"AssetName": "Renamed", "Badge": 7, "UserId": "PERSON1@example.com"}
    world.upload(
        "day.json",
        array(
            [record(1), record(1, **again), record(2), record(1, EventTime="2026-11-21T10:00:00.00+02:00")]
        ),
    )
    world.run()
    outcome = world.outcome("day.json")
    assert (outcome.status, counts(outcome)) == (Status.SUCCEEDED, (4, 2, 0, 2))
    assert [one["AssetName"] for one in world.connector.taken[0]] == ["Main entrance", "Main entrance"]
    assert "2 repeated" in outcome.summary


def test_an_export_of_which_everything_was_sent_needs_no_request() -> None:
    """It is complete at once, without a token."""
    world = World()
    world.upload("first.json", of_days(1, 3))
    world.run()
    world.upload("second.json", of_days(2, 3))
    world.run()
    outcome = world.outcome("second.json")
    assert (outcome.status, counts(outcome)) == (Status.SUCCEEDED, (6, 0, 0, 6))
    assert (len(world.connector.requests), len(world.connector.tokens)) == (1, 1)
    assert [one for one in world.state.names() if one.startswith("open/")] == []


def test_the_outcome_counts_by_the_days_of_events() -> None:
    """In the zone of people: an hour before midnight in UTC is the next day in Vienna."""
    world = World().with_settings(REPORT_ZONE="Europe/Vienna")
    world.upload(
        "a.json",
        array([record(1, EventTime="2026-11-21T22:30:00"), record(2, EventTime="2026-11-21T23:30:00.5")]),
    )
    world.run()
    world.upload(
        "b.json",
        array([record(2, EventTime="2026-11-21T23:30:00.50"), record(3, EventTime="2026-11-20T08:00:00")]),
    )
    world.run()
    events = world.outcome("a.json").events
    assert events is not None
    assert (events.first, events.last) == ("2026-11-21T22:30:00", "2026-11-21T23:30:00.5")
    assert {day: (one.sent, one.repeated) for day, one in events.by_day.items()} == {
        "2026-11-21": (1, 0),
        "2026-11-22": (1, 0),
    }
    events = world.outcome("b.json").events
    assert events is not None
    assert {day: (one.sent, one.repeated) for day, one in events.by_day.items()} == {
        "2026-11-20": (1, 0),
        "2026-11-22": (0, 1),
    }


def test_what_the_connector_refused_counts_on_no_day() -> None:
    """Nor is it in the index: the same event goes with the next export."""
    world = World()
    world.connector.script.append(reply(207, b'[{"index": 0, "status": 400}, {"index": 1, "status": 200}]'))
    world.upload("a.json", array([record(1), record(2)]))
    world.run()
    events = world.outcome("a.json").events
    assert events is not None
    assert [one.sent for one in events.by_day.values()] == [1]
    world.upload("b.json", array([record(1), record(2), record(3)]))
    world.run()
    assert [one["AssetId"] for one in world.connector.requests[-1]] == ["door-000001", "door-000003"]


def test_what_was_never_confirmed_goes_again_and_is_counted() -> None:
    """A 207 that names nothing: in the next export the event goes, and the outcome says how many such there were."""
    world = World()
    world.connector.script.append(reply(207))
    world.upload("a.json", array([record(1), record(2)]))
    world.run()
    world.upload("b.json", array([record(2), record(3)]))
    world.run()
    outcome = world.outcome("b.json")
    assert (counts(outcome), outcome.in_doubt_elsewhere) == ((2, 2, 0, 0), 1)
    assert [one.code for one in outcome.warnings] == ["in-doubt-elsewhere"]
    assert any(".doubt" in name for name in world.state.names())


def test_what_is_in_doubt_in_another_export_goes_and_is_counted() -> None:
    """A request without an answer keeps its open file; another export sends its events and says so."""
    world = World().with_settings(RETRY_MAX_SECONDS="0")
    world.connector.script.append(Stored(BROKEN))
    first = world.upload("a.json", array([record(1), record(2)]))
    world.queue.messages.clear()
    world.process(first)
    world.upload("b.json", array([record(2), record(3)]))
    world.run()
    outcome = world.outcome("b.json")
    assert (outcome.status, counts(outcome), outcome.in_doubt_elsewhere) == (
        Status.SUCCEEDED,
        (2, 2, 0, 0),
        1,
    )
    world.run(hours=2)
    again = world.outcome("a.json")
    assert (again.status, sum(batch.possible_copies for batch in again.batches)) == (Status.SUCCEEDED, 1)
    assert taken(world) == {
        "door-000001 2026-11-21T08:00:00": 2,
        "door-000002 2026-11-21T08:00:00": 3,
        "door-000003 2026-11-21T08:00:00": 1,
    }


def test_after_repeat_days_an_event_is_new_again() -> None:
    """By the day of its acceptance, not by its own."""
    world = World().with_settings(REPEAT_DAYS="3")
    world.upload("a.json", of_days(1, 2))
    world.run()
    for days, repeated in ((3, 6), (1.1, 0)):
        world.clock.pass_until(world.clock.monotonic() + days * 86_400)
        world.upload(f"{days}.json", of_days(1, 2) + b" ")
        world.queue.messages.sort()
        world.run()
        if repeated:
            assert counts(world.outcome(f"{days}.json")) == (6, 0, 0, 6)
        else:
            world.upload("new.json", of_days(1, 2) + b"  ")
            world.run()
            assert counts(world.outcome("new.json"))[1] == 6


def test_a_resend_of_overlapping_exports_sends_each_event_once_more() -> None:
    """One request for all of them: it is judged by what it has sent itself."""
    world = World()
    messages = []
    for night in range(3):
        messages.append(world.upload(f"night{night}.json", of_days(1 + night, 3 + night)))
        world.run()
    assert set(taken(world).values()) == {1}
    for message in messages:
        world.announce(world.request("resend", message))
    world.run()
    assert set(taken(world).values()) == {2}
    assert [counts(world.outcome(f"night{night}.json"))[1] for night in range(3)] == [9, 3, 3]
    world.upload("later.json", of_days(1, 5))
    world.run()
    assert counts(world.outcome("later.json")) == (15, 0, 0, 15)


@pytest.mark.parametrize("steps", range(60))
def test_nothing_is_lost_and_every_copy_is_counted_wherever_a_worker_dies(steps: int) -> None:
    """Two overlapping exports, the worker killed at every write and request of the first one."""
    world = World().with_settings(BATCH_MAX_RECORDS="3", RETRY_MAX_SECONDS="0")
    first = world.upload("a.json", of_days(1, 3))
    world.queue.messages.clear()
    hook = crashing_after(steps)
    for container in (world.state, world.results):
        container.on_change = hook
    world.connector.on_post = hook
    _die(world, first)
    world.upload("b.json", of_days(2, 4))
    world.announce(first)
    world.run(hours=8)
    assert {one.status for one in map(world.outcome, ("a.json", "b.json"))} == {Status.SUCCEEDED}
    copies = sum(times - 1 for times in taken(world).values())
    counted = sum(
        outcome.in_doubt_elsewhere + sum(batch.possible_copies * batch.records for batch in outcome.batches)
        for outcome in map(world.outcome, ("a.json", "b.json"))
    )
    assert len(taken(world)) == 12
    assert copies <= counted


def _die(world: World, message: Message) -> None:
    containers = [world.state, world.results]
    with suppress(CrashError):
        world.process(message)
    for container in containers:
        container.on_change = lambda _what, _name: None
    world.connector.on_post = lambda _when, _what: None


def test_an_open_file_of_an_earlier_attempt_is_not_relied_upon() -> None:
    """A worker that has lost the lease may delete it late; every attempt writes down itself what it is about to send."""
    world = World().with_settings(RETRY_MAX_SECONDS="0")
    first = world.upload("a.json", array([record(1), record(2)]))
    for message in (first, first.requeue(after=1, tries=1)):
        world.connector.script.append(Stored(BROKEN))
        before = {name: world.state.data(name) for name in world.state.names() if name.startswith("open/")}
        world.queue.messages.clear()
        world.clock.sleep(3_600)
        world.process(message)
    for name in before:
        world.state.delete(name)
    world.upload("b.json", array([record(2), record(3)]))
    world.run()
    assert before
    assert world.outcome("b.json").in_doubt_elsewhere == 1


def test_a_page_boundary_sends_its_event_once() -> None:
    """The last event of a page is the first of the next: in one export of two pages, and in two exports of a page each."""
    profile = """
version = 1
name = "An API"
[input]
format = "json"
records = "data"
[time]
from = "at"
format = "iso"
[[person]]
from = "who"
[asset]
id = "door"
[outcome]
always = "Success"
"""
    pages = [
        json.dumps(
            {
                "data": [
                    {"who": "ada@example.com", "door": f"D{number}", "at": f"2026-11-22T0{number}:00:00Z"}
                    for number in range(first, first + 4)
                ],
                "page": first,
            }
        ).encode()
        for first in (1, 4)
    ]
    for exports in ([b"\n".join(pages)], pages):
        world = World()
        world.put_source("api", profile)
        for number, data in enumerate(exports):
            world.upload(f"api/{number}.json", data)
        world.run()
        assert {one["AssetId"] for batch in world.connector.taken for one in batch} == {
            f"D{number}" for number in range(1, 8)
        }
        assert max(taken(world).values()) == 1
        assert counts(world.outcome(f"api/{len(exports) - 1}.json"))[3] == 1


def _with_a_day_sent() -> World:
    world = World()
    world.upload("a.json", of_days(1, 1))
    world.run()
    return world


def _only_one(world: World, pattern: str) -> str:
    """The one document in state that has such a name."""
    (name,) = [name for name in world.state.names() if re.fullmatch(pattern, name)]
    return name


def _same_day_again(world: World) -> Outcome:
    """What other bytes with the same events come to."""
    world.upload("b.json", of_days(1, 1) + b" ")
    world.run()
    return world.outcome("b.json")


def test_a_run_that_was_deleted_is_not_missed() -> None:
    """Its events go again, and nothing says so: there is nothing left that could."""
    world = _with_a_day_sent()
    world.state.delete(_only_one(world, r".*[.]run"))
    outcome = _same_day_again(world)
    assert (counts(outcome)[1:], outcome.warnings) == ((3, 0, 0), [])


def test_a_damaged_run_is_said_and_its_events_go_again() -> None:
    """What cannot be trusted is not used."""
    world = _with_a_day_sent()
    stored = world.state.stored(_only_one(world, r".*[.]run"))
    stored.data = stored.data[:-1]
    outcome = _same_day_again(world)
    assert counts(outcome)[1:] == (3, 0, 0)
    assert [one.code for one in outcome.warnings] == ["events-index-damaged"]


def test_a_lost_key_is_said_and_events_go_again() -> None:
    """A new key is made; runs under the old one are not used."""
    world = _with_a_day_sent()
    world.state.delete(_only_one(world, r"keys/.*"))
    outcome = _same_day_again(world)
    assert counts(outcome)[1:] == (3, 0, 0)
    assert [one.code for one in outcome.warnings] == ["events-index-lost"]


@pytest.mark.parametrize("key", [b"", b'{"id":"00","secret":"00"}', b'{"id":"no","secret":"no"}'])
def test_a_damaged_key_stops_sending(key: bytes) -> None:
    """Nothing could be told from what was sent before: a person restores the key, or deletes it."""
    world = World()
    world.upload("a.json", of_days(1, 1))
    world.run()
    (name,) = [name for name in world.state.names() if name.startswith("keys/")]
    world.state.put(name, key)
    world.upload("b.json", of_days(2, 2))
    world.run()
    outcome = world.outcome("b.json")
    assert outcome.error is not None
    assert outcome.error.code == BlockedCode.EVENTS_KEY_DAMAGED
    assert len(world.connector.requests) == 1


def test_batches_that_are_halved_keep_the_open_file_of_the_whole() -> None:
    """Every part is folded by what became of it, whatever the connector says to the others."""
    world = World().with_settings(BATCH_MAX_RECORDS="4")
    world.connector.always = lambda records: reply(413 if len(records) > 1 else 200)
    world.upload("a.json", of_days(1, 3))
    world.run()
    world.connector.always = reply(200)
    world.upload("b.json", of_days(1, 4))
    world.run()
    assert counts(world.outcome("b.json")) == (12, 3, 0, 9)
    assert [one for one in world.state.names() if one.startswith("open/")] == []


def test_the_sweep_puts_runs_together() -> None:
    """A day of many exports is one run for each date of its events, and says the same as before."""
    world = World()
    for day in range(1, 5):
        world.upload(f"{day}.json", of_days(1, day, each=day))
        world.run()
    before = [name for name in world.state.names() if name.startswith("events/")]
    world.sweep()
    after = [name for name in world.state.names() if name.startswith("events/")]
    assert len(after) < len(before)
    assert len({name.rpartition("-")[0] for name in after}) == len(after)
    world.upload("all.json", of_days(1, 4, each=4) + b" ")
    world.run()
    assert counts(world.outcome("all.json")) == (16, 0, 0, 16)


def test_an_open_file_that_is_damaged_is_said_and_gone() -> None:
    """It says nothing any more; the batch that it was about is in doubt all the same."""
    world = World().with_settings(RETRY_MAX_SECONDS="0")
    world.connector.script.append(Stored(BROKEN))
    first = world.upload("a.json", of_days(1, 1))
    world.queue.messages.clear()
    world.process(first)
    (name,) = [name for name in world.state.names() if name.startswith("open/")]
    world.state.stored(name).data += b"x"
    world.run(hours=1)
    outcome = world.outcome("a.json")
    assert outcome.status is Status.SUCCEEDED
    assert [one.code for one in outcome.warnings] == ["possible-copies", "events-index-damaged"]
    assert [one for one in world.state.names() if one.startswith("open/")] == []


def test_many_runs_of_a_date_are_put_together_by_the_attempt_that_meets_them() -> None:
    """Where the sweep finds the lease taken every day."""
    world = World()
    for number in range(51):
        world.upload(f"{number}.json", array([record(number)]))
        world.run()
    assert len([name for name in world.state.names() if name.startswith("events/")]) == 1


def test_two_exports_begin_no_event_before_the_start() -> None:
    """EVENTS_NOT_BEFORE: valid records of earlier events are ignored, and count in no share."""
    world = World().with_settings(EVENTS_NOT_BEFORE="2026-11-02T01:00:00+01:00")
    world.upload("a.json", of_days(1, 2) + b"")
    world.run()
    outcome = world.outcome("a.json")
    assert counts(outcome) == (6, 3, 0, 0)
    assert [(one.code, one.records) for one in outcome.ignored] == [("before-start", 3)]


def _in_doubt(world: World) -> Message:
    """An export whose one request got no answer; its message is off the queue."""
    world.with_settings(RETRY_MAX_SECONDS="0")
    world.connector.script.append(Stored(BROKEN))
    message = world.upload("a.json", array([record(1), record(2)]))
    world.queue.messages.clear()
    world.process(message)
    world.queue.messages.clear()
    return message


def test_of_a_ledger_that_cannot_be_read_every_event_is_in_doubt() -> None:
    """Another export sends them and counts them; nothing of the other one's is believed."""
    world = World()
    _in_doubt(world)
    path, _ = world.only_ledger()
    world.state.put_journal(path, b"{broken")
    world.upload("b.json", array([record(2), record(3)]))
    world.run()
    outcome = world.outcome("b.json")
    assert (outcome.status, counts(outcome)[1], outcome.in_doubt_elsewhere) == (Status.SUCCEEDED, 2, 1)


def test_of_a_ledger_that_is_gone_no_event_was_sent() -> None:
    """Its open files say nothing any more, and are deleted."""
    world = World()
    _in_doubt(world)
    path, _ = world.only_ledger()
    world.state.delete(path)
    world.upload("b.json", array([record(2), record(3)]))
    world.run()
    assert world.outcome("b.json").in_doubt_elsewhere == 0
    assert [one for one in world.state.names() if one.startswith("open/")] == []


def test_an_open_file_of_a_newer_program_is_left_alone() -> None:
    """After a rollback: it cannot be read today, and says what it says to the program that comes back."""
    world = World()
    _in_doubt(world)
    (name,) = [name for name in world.state.names() if name.startswith("open/")]
    newer = b'{"open":2}\n'
    path = f"{name.rpartition('/')[0]}/{name_of(newer)}"
    world.state.put(path, newer)
    world.upload("b.json", array([record(2), record(3)]))
    world.run()
    assert [one.code for one in world.outcome("b.json").warnings] == [
        "in-doubt-elsewhere",
        "events-index-damaged",
    ]
    assert path in world.state.names()


def test_an_attempt_that_has_no_time_to_fold_begins_nothing() -> None:
    """Without knowing what was sent nothing may be sent; the message is put back at once."""
    world = World()
    _in_doubt(world)
    world.with_settings(INVOCATION_SECONDS="0")
    message = world.upload("b.json", array([record(2)]))
    world.queue.messages.clear()
    assert world.process(message) is None
    assert world.queue.messages == [(world.clock.monotonic(), message.encode())]
    assert not [name for name in world.results.names() if "b.json" in name]


def test_an_export_of_thousands_of_batches_is_folded_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a death late in it leaves few open files: here after every third batch that was accepted or refused."""
    monkeypatch.setattr("shared.delivery.write_ahead.FOLD_AFTER_BATCHES", 3)
    monkeypatch.setattr("shared.delivery.write_ahead.FILE_RECORDS", 1)
    world = World().with_settings(BATCH_MAX_RECORDS="1")
    files: list[int] = []

    def counting(when: str, _what: str) -> None:
        if when == "post":
            files.append(sum(name.startswith("open/") for name in world.state.names()))

    world.connector.on_post = counting
    world.upload("a.json", array(record(number) for number in range(20)))
    world.run()
    assert files == [2, 3, 4, *[2, 3, 4] * 5, 2, 2]
    world.upload("b.json", array(record(number) for number in range(21)))
    world.run()
    assert counts(world.outcome("b.json")) == (21, 1, 0, 20)


def test_many_events_are_folded_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many open files a death has left."""
    monkeypatch.setattr("shared.delivery.fold._MANY_EVENTS", 2)
    monkeypatch.setattr("shared.delivery.write_ahead.FILE_RECORDS", 2)
    world = World().with_settings(BATCH_MAX_RECORDS="2")
    world.upload("a.json", array(record(number) for number in range(10)))
    world.run()
    assert len([name for name in world.state.names() if name.startswith("events/")]) == 5
    world.upload("b.json", array(record(number) for number in range(11)))
    world.run()
    assert counts(world.outcome("b.json")) == (11, 1, 0, 10)


def test_a_repeat_in_a_source_goes_once_and_a_corrected_zone_sends_new_times() -> None:
    """A changed mapping gives an event another value: it is another event."""
    world = World()
    profile = """
version = 1
name = "Munich"
[input]
format = "csv"
[time]
from = "at"
format = "%Y-%m-%d %H:%M:%S"
zone = "ZONE"
[[person]]
from = "who"
[asset]
id = "door"
[outcome]
always = "Success"
"""
    rows = b"who,door,at\n" + b"".join(
        b"p%d@example.com,d,2026-11-21 0%d:00:00\n" % (n, n) for n in (1, 2, 1)
    )
    world.put_source("munich", profile.replace("ZONE", "UTC"))
    world.upload("munich/a.csv", rows)
    world.run()
    assert counts(world.outcome("munich/a.csv")) == (3, 2, 0, 1)
    world.upload("munich/b.csv", rows + b"p3@example.com,d,2026-11-21 03:00:00\n")
    world.run()
    assert counts(world.outcome("munich/b.csv")) == (4, 1, 0, 3)
    world.put_source("munich", profile.replace("ZONE", "Europe/Berlin"))
    world.clock.pass_until(world.clock.monotonic() + 3_600)
    world.announce(world.request("resend", Message("munich/b.csv", world.exports.head("munich/b.csv").etag)))
    world.run()
    assert counts(world.outcome("munich/b.csv")) == (4, 3, 0, 1)
    events = world.outcome("munich/b.csv").events
    assert events is not None
    assert events.first == "2026-11-21T00:00:00"
