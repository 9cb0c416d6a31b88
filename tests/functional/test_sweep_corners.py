"""The sweep where things are not as the product left them: lost metadata, odd names, work that is in hand."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.blob_names import outcome_path
from shared.delivery.outcome import decode
from shared.delivery.outcome_listing import ListedOutcome, listed
from shared.delivery.ports import Blob
from shared.delivery.sweep import is_due, new_sweep, sweep
from shared.error_codes import Status
from shared.messages import Message, TaskMessage, read_messages
from tests.support.exports import export
from tests.support.fake_clock import MORNING
from tests.support.fake_connector import OK, reply
from tests.support.world import CrashError, World, crashing_after

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("status", "retry", "next_attempt", "age", "due"),
    [
        ("InProgress", "", None, 2 * HOUR, False),
        ("InProgress", "", None, 2 * HOUR + SECOND, True),
        ("", "", None, 2 * HOUR + SECOND, True),
        ("Sideways", "", None, HOUR, False),
        ("Failed", "auto", -HOUR, HOUR, False),
        ("Failed", "auto", -HOUR - SECOND, HOUR, True),
        ("Failed", "auto", HOUR, 9 * HOUR, False),
        ("Failed", "auto", None, HOUR, True),
        ("Blocked", "auto", None, SECOND, True),
        ("Blocked", "person", None, 900 * HOUR, False),
        ("Blocked", "", None, 900 * HOUR, False),
        ("Failed", "", None, 900 * HOUR, False),
        ("Superseded", "", None, 900 * HOUR, False),
        ("GivenUp", "", None, 900 * HOUR, False),
    ],
)
def test_what_is_due(
    status: str, retry: str, next_attempt: timedelta | None, age: timedelta, due: object
) -> None:
    """Dead workers after two hours, requeues that are an hour late, blocked ones daily, a person's never."""
    when = "" if next_attempt is None else f"{MORNING + next_attempt:%Y-%m-%dT%H:%M:%SZ}"
    assert is_due(_listed(status, retry, when, MORNING - age), MORNING, is_current=True) is due


@pytest.mark.parametrize(
    ("status", "retry", "due"),
    [("Failed", "auto", True), ("Blocked", "auto", True), ("Blocked", "person", False)],
)
def test_what_is_gone_is_closed_at_once(status: str, retry: str, due: object) -> None:
    """Whatever its next attempt was to be; what waits for a person is left to that person."""
    outcome = _listed(status, retry, "2026-11-23T05:00:00Z", MORNING)
    assert is_due(outcome, MORNING, is_current=False) is due


def test_a_time_that_is_none_counts_as_missing() -> None:
    """One damaged outcome must not stop the sweep for all."""
    assert is_due(_listed("Failed", "auto", "tomorrow", MORNING), MORNING, is_current=True)


def _listed(status: str, retry: str, next_attempt: str, modified: datetime) -> ListedOutcome:
    marks = {"status": status, "retry": retry, "nextattemptat": next_attempt}
    return listed(Blob("outcomes/day.json/0x1.json", "0x2", 100, modified, marks))


def _remark(world: World, message: Message, metadata: Mapping[str, str], *, age_hours: float = 0) -> None:
    """Give an outcome other metadata."""
    path = outcome_path(message.name, message.etag)
    world.results.put(path, world.results.data(path), metadata=metadata)
    world.results.age(path, world.clock.now() - age_hours * HOUR)


def test_an_outcome_without_metadata_is_read() -> None:
    """A copy that lost its metadata: what is final stays final, what waits for a person waits."""
    world = World()
    done = world.upload("done.json", export(3))
    waiting = world.upload("waiting.json", export(3, first=4))
    world.connector.script.extend([OK, reply(202)])
    world.run()
    world.clock.sleep(86_400)
    for message in (done, waiting):
        _remark(world, message, {}, age_hours=24)
    sweep_result = world.sweep()
    assert (sweep_result.queued, dict(sweep_result.waiting)) == (0, {"Blocked": 1})
    assert sweep_result.last_sent_at == MORNING


@pytest.mark.parametrize("data", [b"", b"{", b"[]"])
def test_an_outcome_that_cannot_be_read_is_processed_again(data: bytes) -> None:
    """It counts as in progress, and after two hours the export is queued; the ledger keeps it from being sent twice."""
    world = World()
    message = world.upload("day.json", export(3))
    world.run()
    path = outcome_path(message.name, message.etag)
    world.results.put(path, data)
    assert world.sweep(check=False).queued == 0
    world.clock.sleep(2 * 3_600 + 1)
    assert world.sweep(check=False).queued == 1
    world.run()
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert len(world.connector.requests) == 1


@pytest.mark.parametrize("field", ["nextattemptat", "finishedat"])
def test_damaged_metadata_do_not_stop_the_sweep(field: str) -> None:
    """The other exports are queued, too."""
    world = World()
    world.connector.always = reply(503)
    message = world.upload("day.json", export(3))
    world.run()
    world.queue.messages.clear()
    path = outcome_path(message.name, message.etag)
    marks = dict(world.results.head(path).metadata) | {field: "?", "recordssent": "3"}
    _remark(world, message, marks)
    world.exports.put("other.json", export(3, first=4))
    world.clock.sleep(3 * 3_600)
    assert world.sweep().queued == 2


def test_a_worker_that_is_at_it_is_not_disturbed_when_its_export_goes() -> None:
    """Deleted just after it was read: the worker's own end counts, and the sweep closes nothing under its hands."""
    world = World()
    message = world.upload("day.json", export(3))

    def meanwhile(when: str, _what: str) -> None:
        if when == "post":
            world.exports.delete("day.json")
            assert world.sweep().queued == 0

    world.connector.on_post = meanwhile
    world.run()
    assert decode(world.results.data(outcome_path(message.name, message.etag))).status is Status.SUCCEEDED


def test_a_dead_workers_export_that_is_gone_is_closed_after_two_hours() -> None:
    """Nobody is at it any more."""
    world = World()
    message = world.upload("day.json", export(3))
    world.queue.messages.clear()
    world.connector.on_post = crashing_after(0)
    with pytest.raises(CrashError):
        world.process(message)
    world.exports.delete("day.json")
    assert world.sweep().queued == 0
    world.clock.sleep(2 * 3_600 + 1)
    assert world.sweep().queued == 1
    world.run()
    outcome = decode(world.results.data(outcome_path(message.name, message.etag)))
    assert (outcome.status, outcome.error.code if outcome.error else "") == (Status.BLOCKED, "export-deleted")


def test_an_unsafe_name_is_never_shown_to_the_exports_container() -> None:
    """A half-written outcome of a name with `..` is brought to its end without asking for the blob."""
    world = World()
    name = "a/../../gatepost-state/x.json"
    message = world.upload(name, export(1))
    world.run()
    path = outcome_path(name, message.etag)
    document: dict[str, Any] = json.loads(world.results.data(path))
    document |= {"status": "InProgress", "retry": None, "error": None}
    world.results.put(path, json.dumps(document).encode(), metadata={"status": "InProgress"})
    world.exports.delete(name)
    world.clock.sleep(2 * 3_600 + 1)
    seen: list[str] = []
    real = world.exports.head

    def head(name: str) -> Blob:
        seen.append(name)
        return real(name)

    world.exports.head = head  # type: ignore[method-assign]
    assert world.sweep().queued == 1
    world.run()
    assert seen == []
    assert decode(world.results.data(path)).status is Status.REJECTED


@pytest.mark.parametrize(
    "name",
    [
        "t\u00fcr \u2603.json",
        "a b/c+d&e.json",
        "100%.json",
        "day.json\n2026-11-22 ERROR lost.json",
        "x" * 1_000 + ".json",
    ],
)
def test_odd_names_are_queued_and_done_like_others(name: str) -> None:
    """What the sweep puts on the queue is read back as the same name, and done once."""
    world = World()
    world.exports.put(name, export(3))
    world.clock.sleep(3_600)
    assert world.sweep().queued == 1
    world.run()
    world.clock.sleep(3_600 * 3)
    assert world.sweep().queued == 0
    world.run()
    assert world.poison == []
    assert world.queue.messages == []


def test_folders_and_unfinished_uploads_are_passed_over() -> None:
    """However old they are."""
    world = World()
    world.exports.put("2026", b"", metadata={"hdi_isfolder": "true"}, is_folder=True)
    world.exports.put("day.json.tmp", b"[")
    world.exports.put("folder/", b"")
    world.clock.sleep(86_400)
    assert world.sweep().queued == 0


def test_somebody_writes_the_outcome_while_it_is_closed() -> None:
    """The conditional write loses, and everything is decided anew from what is there now."""
    world = World().with_settings(RETRY_DAYS="1")
    world.connector.always = reply(403)
    message = world.upload("day.json", export(3))
    world.run()
    world.clock.sleep(86_401)
    path = outcome_path(message.name, message.etag)
    real, left = world.results.read, [3]

    def read(name: str) -> Any:
        document = real(name)
        if name == path and left[0]:
            left[0] -= 1
            world.results.put(path, world.results.data(path), metadata=world.results.head(path).metadata)
        return document

    world.results.read = read  # type: ignore[method-assign]
    world.sweep()
    world.run()
    outcome = world.outcome("day.json")
    assert (outcome.retry, outcome.error.code if outcome.error else "") == ("person", "retries-exhausted")


def test_a_slice_that_was_taken_is_dropped_and_a_sweep_goes_on_where_it_stopped() -> None:
    """Twelve exports in slices of a few: each is queued once, although each message comes twice."""
    world = World()
    for number in range(12):
        world.exports.put(f"{number:02d}.json", export(1, first=number + 1))
    world.clock.sleep(3_600)
    world.settings = replace(world.settings, invocation_seconds=0)
    message: TaskMessage | None = new_sweep()
    slices = 0
    while message:
        result = sweep(world.deps, message)
        assert result is not None
        assert sweep(world.deps, message) is None
        slices += 1
        waiting = [read_messages(text, "badging-exports")[0] for _, text in world.queue.messages]
        following = [one for one in waiting if isinstance(one, TaskMessage) and one.task == "sweep"]
        message = following[-1] if not result.finished else None
    names = Counter(one.name for one in waiting if isinstance(one, Message))
    assert names == Counter({f"{number:02d}.json": 1 for number in range(12)})
    assert slices > 3
    assert sum(isinstance(one, TaskMessage) and one.task == "report" for one in waiting) == 1


def test_the_clock_of_the_sweep_is_the_given_one() -> None:
    """Young exports are young by the clock that is passed in."""
    world = World()
    world.exports.put("day.json", export(3))
    world.exports.age("day.json", datetime(2026, 11, 22, 4, 45, tzinfo=MORNING.tzinfo))
    assert world.sweep().queued == 0
    world.clock.sleep(1)
    assert world.sweep().queued == 1
