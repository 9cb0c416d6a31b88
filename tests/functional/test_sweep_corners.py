"""The sweep where things are not as the product left them: lost metadata, odd names, work that is in hand."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.blob_names import outcome_path
from shared.delivery.outcome import decode
from shared.delivery.ports import Blob
from shared.delivery.sweep import is_due, sweep
from shared.error_codes import Status
from shared.messages import Message
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
    ],
)
def test_what_is_due(
    status: str, retry: str, next_attempt: timedelta | None, age: timedelta, due: object
) -> None:
    """Dead workers after two hours, requeues that are an hour late, blocked ones daily, a person's never."""
    when = "" if next_attempt is None else f"{MORNING + next_attempt:%Y-%m-%dT%H:%M:%SZ}"
    assert is_due(status, retry, when, MORNING - age, MORNING) is due


def test_a_time_that_is_none_counts_as_missing() -> None:
    """One damaged outcome must not stop the sweep for all."""
    assert is_due("Failed", "auto", "tomorrow", MORNING, MORNING)


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
    assert sweep(world.at).queued == 0
    world.clock.sleep(2 * 3_600 + 1)
    assert sweep(world.at).queued == 1
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
            assert world.sweep().closed == 0

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
    assert world.sweep().closed == 0
    world.clock.sleep(2 * 3_600 + 1)
    assert world.sweep().closed == 1


def test_an_unsafe_name_is_never_shown_to_the_exports_container() -> None:
    """A half-written outcome of a name with `..` whose export is gone is closed without looking for it."""
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
    assert world.sweep().closed == 1
    assert seen == []
    assert decode(world.results.data(path)).status is Status.BLOCKED


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


def test_an_export_overwritten_since_the_listing_is_left_to_the_next_sweep() -> None:
    """The outcome of a version that arrived after the exports were listed is nobody's orphan."""
    world = World()
    world.connector.always = reply(403)

    def blobs(prefix: str = "") -> Any:
        listed = list(type(world.exports).blobs(world.exports, prefix))
        world.upload("late.json", export(3))
        world.run()
        return iter(listed)

    world.exports.blobs = blobs  # type: ignore[method-assign]
    assert world.sweep().closed == 0
    assert world.outcome("late.json").status is Status.BLOCKED


def test_somebody_writes_the_outcome_while_the_sweep_gives_it_up() -> None:
    """The conditional write loses: the export is not given up, and the next sweep looks again."""
    world = World().with_settings(RETRY_DAYS="1")
    world.connector.always = reply(403)
    message = world.upload("day.json", export(3))
    world.run()
    world.clock.sleep(86_401)
    path = outcome_path(message.name, message.etag)
    real = world.results.read

    def read(name: str) -> Any:
        document = real(name)
        world.results.put(path, world.results.data(path), metadata=world.results.head(path).metadata)
        return document

    world.results.read = read  # type: ignore[method-assign]
    assert world.sweep().given_up == []
    world.results.read = real  # type: ignore[method-assign]
    assert world.sweep().given_up == ["day.json"]


def test_the_clock_of_the_sweep_is_the_given_one() -> None:
    """Young exports are young by the clock that is passed in."""
    world = World()
    world.exports.put("day.json", export(3))
    world.exports.age("day.json", datetime(2026, 11, 22, 4, 45, tzinfo=MORNING.tzinfo))
    assert world.sweep().queued == 0
    world.clock.sleep(1)
    assert world.sweep().queued == 1
