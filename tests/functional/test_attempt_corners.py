"""Corners of an attempt: what is read and asked for, when plans are numbered, whose rejected file it is."""

import tracemalloc
from collections.abc import Iterator

import pytest

from shared.blob_names import outcome_path, rejected_path
from shared.delivery import held_export, selection
from shared.delivery.connector_ports import CredentialState
from shared.delivery.held_export import HeldExport
from shared.delivery.job_lease import JobLease
from shared.delivery.ledger import Entry, Ledger, Plan
from shared.delivery.ledger_store import LedgerStore
from shared.delivery.ports import Blob
from shared.delivery.process_export import process_export
from shared.delivery.repeats import event_state
from shared.delivery.worker_memory import WorkerMemory
from shared.error_codes import Status
from shared.errors import LeaseLostError
from shared.events.repeat_filter import within_export
from shared.messages import Message
from tests.support.exports import array, export, record
from tests.support.fake_connector import OK, reply
from tests.support.sources import PEOPLE, TABLE
from tests.support.world import CrashError, World


def code(world: World, name: str = "day.json") -> str | None:
    """The code of an export's error."""
    error = world.outcome(name).error
    return error.code if error else None


def half_sent(**changes: str) -> tuple[World, Message]:
    """A world in which the first of five batches of an export was accepted, and the second one refused for the moment."""
    world = World().with_settings(**changes)
    world.connector.script.extend([OK, reply(403)])
    message = world.upload("day.json", export(45))
    world.run()
    return world, message


def numbers(world: World) -> list[int]:
    """Of the plans of all ledgers there are, in order."""
    return sorted(one.plan.number for one in world.ledgers())


def test_an_export_that_is_too_large_is_not_read() -> None:
    """Its size is in the listing; one of just that size is read."""
    world, data = World(), export(3)
    chunks, read = world.exports.chunks, list[str]()
    world.exports.chunks = lambda name, etag: (read.append(name), chunks(name, etag))[1]  # type: ignore[method-assign, func-returns-value]
    world.with_settings(MAX_EXPORT_BYTES=str(len(data) - 1))
    world.process(world.upload("large.json", data))
    assert (code(world, "large.json"), read) == ("too-large", [])
    assert f"has {len(data):,} bytes; the limit is {len(data) - 1:,}" in world.outcome("large.json").summary
    world.with_settings(MAX_EXPORT_BYTES=str(len(data)))
    world.process(world.upload("good.json", data))
    assert world.outcome("good.json").status is Status.SUCCEEDED


def test_what_waits_on_purpose_says_where_it_cannot_be_read() -> None:
    """It will be rejected for that once sending is on."""
    world = World().with_settings(CONNECTOR_SENDING="off")
    world.upload("day.json", b'[\n{"UserId": }\n]')
    world.run()
    error = world.outcome("day.json").error
    assert error is not None
    assert (error.code, error.line) == ("sending-off", 2)
    assert "It will be rejected" in error.message


def test_plans_of_a_content_are_numbered_from_one_and_the_newest_has_the_highest_number() -> None:
    """Whatever clocks say; a plan that says nothing new is no new plan, unless another one came in between."""
    world, message = half_sent()
    assert numbers(world) == [1]
    world.connector.script.append(reply(403))
    world.process(message)
    assert numbers(world) == [1]
    for start, expected in (("2026-11-01", [1, 2]), ("", [2, 3]), ("2026-11-01", [3, 4])):
        world.with_settings(EVENTS_NOT_BEFORE=f"{start}T00:00:00Z" if start else "")
        world.connector.script.append(reply(403))
        world.process(message)
        assert numbers(world) == expected
    world.process(message)
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert set(world.connector.times_taken().values()) == {1}


def test_a_batch_in_the_same_words_keeps_the_count_of_its_requests() -> None:
    """The next attempt plans it anew, since another export has sent an event meanwhile: people see how often it was tried."""
    world, message = half_sent()
    world.upload("other.json", export(1, first=45))
    world.run()
    world.connector.script.append(reply(503, retry_after="9000"))
    world.process(message)
    assert numbers(world) == [1, 2]
    batches = world.outcome("day.json").batches
    assert [(one.requests, one.http_status) for one in batches] == [
        (1, 200),
        (2, 503),
        (0, None),
        (0, None),
        (0, None),
    ]


def test_what_is_half_sent_is_read_to_its_end_however_bad_the_rest_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing ends reading early, not even 99 invalid records of a hundred."""
    monkeypatch.setattr(selection, "MAX_INVALID_RECORDS", 3)
    world = World().with_settings(MAX_INVALID_PERCENT="100", BATCH_MAX_RECORDS="1")
    world.connector.script.extend([OK, reply(403)])
    message = world.upload("day.json", array([record(1), *({} for _ in range(300)), record(2)]))
    world.process(message)
    world.with_settings(MAX_INVALID_PERCENT="0", BATCH_MAX_RECORDS="1")
    world.process(message)
    records = world.outcome("day.json").records
    assert records is not None
    assert (records.read, records.sent, records.rejected) == (302, 2, 300)


def test_the_mark_of_a_folder_is_no_export() -> None:
    """Where the account has folders, each has a blob of its own; nothing is written about it."""
    world = World()
    blob = world.exports.put("munich.json", b"", is_folder=True)
    world.clock.sleep(3_600)
    assert world.process(Message("munich.json", blob.etag)) is None
    assert (world.results.names(), world.queue.messages) == ([], [])


def test_the_source_of_a_name_that_is_not_safe_is_not_asked_for() -> None:
    """Nothing of such a name reaches storage."""
    world = World()
    world.put_source("munich", "no profile")
    message = world.upload("munich/a\x01.csv", export(3))
    outcome = world.process(message)
    assert outcome is not None
    assert outcome.error is not None
    assert (outcome.status, outcome.error.code) == (Status.REJECTED, "unsafe-name")


def test_a_first_attempt_asks_for_no_rejected_file() -> None:
    """There can be none: one request less an export."""
    world, asked = World(), list[str]()
    head = world.results.head

    def heading(name: str) -> Blob:
        asked.append(name)
        return head(name)

    world.results.head = heading  # type: ignore[method-assign]
    world.connector.script.append(reply(403))
    message = world.upload("day.json", export(5, bad=(2,)))
    process_export(world.deps, message, "first")
    assert [name for name in asked if name.startswith("rejected/")] == []
    process_export(world.deps, message, "second")
    assert [name for name in asked if name.startswith("rejected/")] != []


def test_a_damaged_outcome_does_not_hide_the_rejected_file_of_an_earlier_attempt() -> None:
    """It counts as the first attempt, and replaces the file all the same."""
    world = World()
    world.connector.script.append(reply(403))
    message = world.upload("day.json", export(5, bad=(2,)))
    world.process(message)
    world.results.put(outcome_path(message.name, message.etag), b"{")
    outcome = world.process(message)
    assert outcome is not None
    assert outcome.status is Status.PARTIALLY_SUCCEEDED
    assert [one["record"] for one in world.rejected("day.json")] == [2]


def test_the_rejected_file_goes_when_nothing_is_rejected_any_more() -> None:
    """The people file was corrected before anything was sent."""
    world = World()
    world.put_source("munich", TABLE, people=PEOPLE)
    world.connector.script.append(reply(403))
    rows = "Time,Id,Door,Name,Event\n2026-11-22 04:00:00,1,D0,,Granted\n2026-11-22 04:01:00,4,D1,,Granted\n"
    message = world.upload("munich/22.csv", rows.encode())
    world.process(message)
    path = rejected_path(message.name, message.etag, None)
    assert path in world.results.names()
    world.put_source("munich", TABLE, people=PEOPLE + "4,0014,cy@example.com\n")
    world.clock.sleep(3_600)
    outcome = world.process(message)
    assert outcome is not None
    assert outcome.status is Status.SUCCEEDED
    assert path not in world.results.names()


def test_a_rejected_file_that_another_worker_has_written_meanwhile_is_not_replaced() -> None:
    """The other one has the lease by now: this attempt has lost it, and sends nothing."""
    world = World()
    message = world.upload("day.json", export(5, bad=(2,)))
    world.queue.messages.clear()
    path = rejected_path(message.name, message.etag, None)

    def writing(what: str, name: str) -> None:
        if what == "wrote" and name.startswith("ledger/"):
            world.results.put(path, b"theirs")

    world.state.on_change = writing
    outcome = world.process(message)
    assert outcome is not None
    assert outcome.status is Status.IN_PROGRESS
    assert world.results.data(path) == b"theirs"
    assert (world.connector.requests, len(world.queue.messages)) == ([], 1)


def test_only_of_an_export_that_is_rejected_whole_the_first_records_are_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of one that is sent each rejected record is kept: it is to be corrected."""
    monkeypatch.setattr("shared.delivery.rejected_file.MAX_OF_REJECTED_EXPORT", 2)
    world = World().with_settings(MAX_INVALID_PERCENT="90")
    world.upload("day.json", export(10, bad=(1, 3, 5, 7)))
    world.run()
    assert [one["record"] for one in world.rejected("day.json")] == [1, 3, 5, 7]
    world.with_settings(MAX_INVALID_PERCENT="10")
    world.upload("other.json", export(9, bad=(1, 3, 5, 7)))
    world.run()
    assert [one["record"] for one in world.rejected("other.json")] == [1, 3]


def test_a_file_of_refused_records_replaces_none_that_another_worker_has_written_meanwhile() -> None:
    """There was none when this attempt looked: it has lost the lease since."""
    world = World()
    world.connector.script.append(reply(207, b'[{"index": 1, "status": 400}]'))
    message = world.upload("day.json", export(5))
    world.queue.messages.clear()
    path = rejected_path(message.name, message.etag, None)

    def writing(what: str, name: str) -> None:
        if what == "write" and name == path:
            world.results.on_change = lambda _what, _name: None
            world.results.put(path, b"theirs")

    world.results.on_change = writing
    outcome = world.process(message)
    assert outcome is not None
    assert outcome.status is Status.IN_PROGRESS
    assert world.results.data(path) == b"theirs"
    assert len(world.queue.messages) == 1


def test_a_copy_of_what_was_sent_has_its_rejected_records_too() -> None:
    """They stand under its own name."""
    world = World()
    for name in ("day.json", "copy.json"):
        world.upload(name, export(5, bad=(2,)))
        world.run()
    assert world.outcome("copy.json").status is Status.DUPLICATE
    assert [one["record"] for one in world.rejected("copy.json")] == [2]


def test_a_copy_that_had_planned_when_its_worker_died_names_its_rejected_records_too() -> None:
    """The export is not read again, since another name has sent it meanwhile; the file is there from the attempt that died."""
    world = World()
    message = world.upload("day.json", export(5, bad=(2,)))

    def die(what: str, name: str) -> None:
        if what == "write" and name.startswith("open/"):
            world.state.on_change = lambda _what, _name: None
            raise CrashError

    world.state.on_change = die
    with pytest.raises(CrashError):
        world.process(message)
    world.state.dead = False
    world.queue.messages.clear()
    world.upload("copy.json", export(5, bad=(2,)))
    world.run(hours=1)
    assert world.outcome("copy.json").status is Status.PARTIALLY_SUCCEEDED
    world.announce(message)
    world.run(hours=1)
    assert world.outcome("day.json").status is Status.DUPLICATE
    assert [one["record"] for one in world.rejected("day.json")] == [2]


def test_a_resend_that_other_rules_stop_half_way_goes_on() -> None:
    """Some of it was sent again: it is not over, and the end from before does not come back."""
    world = World().with_settings(MAX_INVALID_PERCENT="90")
    message = world.upload("day.json", export(45, bad=tuple(range(11, 45))))
    world.run()
    world.connector.script.extend([OK, reply(403)])
    world.process(world.request("resend", message))
    world.with_settings(MAX_INVALID_PERCENT="10", EVENTS_NOT_BEFORE="2026-11-01T00:00:00Z")
    outcome = world.process(message)
    assert outcome is not None
    assert outcome.error is not None
    assert (outcome.status, outcome.error.code) == (Status.BLOCKED, "rules-changed")
    assert [(one.kind, one.result) for one in outcome.requests] == [("resend", "begun")]


def test_an_export_that_is_too_large_to_be_held_is_let_go_at_once() -> None:
    """Not only when it was read to its end."""
    held = HeldExport()
    size = held_export.HELD_BYTES // 2

    def chunks() -> object:
        for _ in range(6):
            yield bytes(size)

    tracemalloc.start()
    at_the_end = 0
    for _ in held.watched(chunks()):  # type: ignore[arg-type]
        at_the_end = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held.pieces() is None
    assert at_the_end < 2.5 * size


def test_an_export_that_is_read_until_the_very_end_of_the_time_is_put_off() -> None:
    """Its last bytes came just then."""
    world = World().with_settings(INVOCATION_SECONDS="100")
    chunks = world.exports.chunks

    def slow(name: str, etag: str) -> Iterator[bytes]:
        for chunk in chunks(name, etag):
            world.clock.pass_until(100)
            yield chunk

    world.exports.chunks = slow  # type: ignore[method-assign]
    world.process(world.upload("day.json", export(3)))
    assert code(world) == "out-of-time"
    assert [name for name in world.state.names() if name.startswith("ledger/")] == []


def test_a_message_for_what_is_final_asks_nothing_of_sources() -> None:
    """Events come twice; only what a sweep has queued for a changed mapping looks at the source."""
    world = World()
    world.put_source("munich", TABLE, people=PEOPLE)
    rows = "Time,Id,Door,Name,Event\n2026-11-22 04:00:00,1,D0,,Granted\n"
    message = world.upload("munich/22.csv", rows.encode())
    world.run()
    assert world.outcome("munich/22.csv").status is Status.SUCCEEDED
    world.sources.refuses = "storage answers 403"
    assert world.process(message) is None
    assert [text for _, text in world.queue.messages if "munich" in text] == []


def test_a_resend_of_what_is_rejected_by_now_gives_back_what_was_before() -> None:
    """Nothing of it was sent again; a warning says why."""
    world = World().with_settings(MAX_INVALID_PERCENT="90")
    message = world.upload("day.json", export(10, bad=(1, 2, 3)))
    world.run()
    world.with_settings(MAX_INVALID_PERCENT="10")
    world.process(world.request("resend", message))
    outcome = world.outcome("day.json")
    assert outcome.status is Status.PARTIALLY_SUCCEEDED
    assert [one.code for one in outcome.warnings] == ["resend-sent-nothing"]
    assert [(one.kind, one.result) for one in outcome.requests] == [("resend", "done")]
    assert len(world.connector.requests) == 1


def test_an_open_file_is_written_only_by_the_holder_of_the_lease() -> None:
    """A worker that slept would leave one that nobody folds."""
    world = World()
    with JobLease(world.state, world.lease, world.clock) as lease:
        events = event_state(
            world.state, LedgerStore(world.state, "job", lease), world.clock, 35, WorkerMemory()
        )
        log = within_export().log
        entry = Entry(first=1, last=1, records=1, bytes=9, sha256="5a")
        plan = Plan(
            schema_version=1,
            version="2.0.0",
            rules="r",
            key="9f",
            planned_at="2026-11-22T05:00:00Z",
            read=1,
            bits="00",
        )
        ledger = Ledger(plan=plan, entries=[entry])
        world.clock.passed_seconds += 41
        with pytest.raises(LeaseLostError):
            events.ahead("ledger/x", log).named(ledger, [0])
    assert [name for name in world.state.names() if name.startswith("open/")] == []


def test_a_credential_expires_unless_its_kind_says_otherwise() -> None:
    """So that a secret without a date is warned of."""
    assert CredentialState(None).expires
