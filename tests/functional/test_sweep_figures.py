"""What a sweep counts and reports, over all its slices, and what it leaves alone because it waits on purpose."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace as replaced

from shared.blob_names import outcome_path
from shared.delivery.observer import NullObserver
from shared.delivery.outcome import encode
from shared.delivery.outcome_listing import ListedOutcome
from shared.delivery.outcome_metadata import metadata
from shared.delivery.sweep import new_sweep, sweep
from shared.delivery.sweep_result import SweepResult
from shared.delivery.unsafe_outcomes import message_of
from shared.delivery.waiting import REJECTED_WAITS, RETENTION_MARGIN, SWEEP_AGAIN_SECONDS
from shared.error_codes import FailedCode, Status
from shared.errors import StorageError, TransientError
from shared.messages import Message, TaskMessage, read_messages
from tests.support.exports import export, record
from tests.support.fake_clock import MORNING
from tests.support.fake_connector import reply
from tests.support.sources import PEOPLE, TABLE
from tests.support.world import World

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@dataclass
class Told(NullObserver):
    """Keeps the sweeps it is told of."""

    sweeps: list[tuple[SweepResult, datetime]] = field(default_factory=list)

    def sweep_ended(self, sweep_result: SweepResult, now: datetime) -> None:
        """One more has ended."""
        self.sweeps.append((sweep_result, now))


def _queued(world: World) -> list[str]:
    """The names of exports on the queue."""
    found = [one for _, text in world.queue.messages for one in read_messages(text, "badging-exports")]
    return [one.name for one in found if isinstance(one, Message)]


def _in_slices(world: World) -> list[SweepResult]:
    """A sweep of which each slice has time for one name only; the result of every slice."""
    world.settings = replace(world.settings, invocation_seconds=0)
    message: TaskMessage | None = new_sweep()
    results: list[SweepResult] = []
    while message:
        before = len(world.queue.messages)
        result = sweep(world.deps, message)
        assert result is not None
        results.append(result)
        new = [
            (shows, read_messages(text, "badging-exports")[0])
            for shows, text in world.queue.messages[before:]
        ]
        slices = [(shows, one) for shows, one in new if isinstance(one, TaskMessage) and one.task == "sweep"]
        assert all(shows == world.clock.monotonic() for shows, _ in slices), "the next slice follows at once"
        message = slices[0][1] if slices else None
    return results


def test_storage_that_cannot_be_read_delays_a_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same slice comes again after five minutes, and nothing else is queued."""
    world = World()
    world.exports.put("day.json", export(3))
    world.clock.sleep(3_600)
    message = new_sweep()
    monkeypatch.setattr(world.exports, "pages", _unavailable)
    assert sweep(world.deps, message) is None
    assert world.queue.messages == [(world.clock.monotonic() + SWEEP_AGAIN_SECONDS, message.encode())]
    monkeypatch.undo()
    assert sweep(world.deps, message) is not None
    assert _queued(world) == ["day.json"]


def test_a_sweep_of_many_slices_adds_up_and_is_told_once() -> None:
    """What was queued, what waits, what will soon be deleted and when something was last sent: from every slice."""
    told = Told()
    world = World(observer=told).with_settings(CONNECTOR_SENDING="off", EXPORTS_RETENTION_DAYS="90")
    world.upload("a-off.json", export(1))
    world.run()
    world.settings = World().settings
    world.upload("b-sent.json", export(2))
    world.run()
    sent_at = world.clock.now()
    world.connector.script.append(reply(403))
    world.upload("c-blocked.json", export(3))
    world.run()
    world.exports.age("a-off.json", world.clock.now() - 81 * DAY)
    world.exports.put("d-missed.json", export(4))
    world.clock.sleep(3_600)
    results = _in_slices(world)
    assert len(results) > 2
    assert [one.finished for one in results] == [False] * (len(results) - 1) + [True]
    last = results[-1]
    assert last.queued == 3
    assert sorted(_queued(world)) == ["a-off.json", "c-blocked.json", "d-missed.json"]
    assert last.waiting == {Status.BLOCKED.value: 2}
    assert last.expiring == ["a-off.json"]
    assert last.last_sent_at == sent_at
    assert told.sweeps == [(last, world.clock.now())]


@pytest.mark.parametrize(("age", "expiring"), [(80 * DAY, []), (80 * DAY + SECOND, ["day.json"])])
def test_what_waits_on_purpose_is_left_alone_and_named_before_it_is_deleted(
    age: timedelta, expiring: list[str]
) -> None:
    """While sending is off nothing of it is queued; ten days before retention deletes an export it is named."""
    world = World().with_settings(CONNECTOR_SENDING="off", EXPORTS_RETENTION_DAYS="90")
    world.upload("day.json", export(1))
    world.run()
    world.exports.age("day.json", world.clock.now() - age)
    result = world.sweep()
    assert (result.queued, result.expiring) == (0, expiring)
    world.with_settings(EXPORTS_RETENTION_DAYS="90")
    assert world.sweep().queued == 1


def test_what_is_blocked_for_another_reason_is_not_waiting_on_purpose() -> None:
    """It is queued daily also while sending is off, and retention is no reason to name it."""
    world = World()
    world.connector.script.append(reply(403))
    world.upload("day.json", export(1))
    world.run()
    world.with_settings(CONNECTOR_SENDING="off")
    world.exports.age("day.json", world.clock.now() - 85 * DAY)
    result = world.sweep()
    assert (result.queued, result.expiring) == (1, [])


def test_an_export_that_is_gone_does_not_wait_on_purpose() -> None:
    """There is nothing left to send: it is closed."""
    world = World().with_settings(CONNECTOR_SENDING="off")
    world.upload("day.json", export(1))
    world.run()
    world.exports.delete("day.json")
    result = world.sweep()
    assert (result.queued, result.expiring) == (1, [])


@pytest.mark.parametrize(("beyond", "queued"), [(SECOND, 1), (timedelta(), 0)])
def test_an_export_older_than_outcomes_are_kept_is_not_missed(beyond: timedelta, queued: int) -> None:
    """Its outcome has been deleted by retention: it would be sent once more."""
    world = World().with_settings(OUTCOMES_RETENTION_DAYS="400")
    world.exports.put("day.json", export(1))
    world.exports.age("day.json", world.clock.now() - 400 * DAY + RETENTION_MARGIN + beyond)
    assert world.sweep().queued == queued


def test_the_poison_queue_is_counted_if_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made with the first message that fails for good; until then nothing is known of it."""
    world = World()
    assert world.sweep().poison == 0
    world.poison_queue.put("{}", 0)
    assert world.sweep().poison == 1
    del world.poison_queue.messages[:]
    monkeypatch.setattr(world.poison_queue, "waiting", _no_queue)
    assert world.sweep().poison is None


def _unavailable(*_: object) -> object:
    raise TransientError(FailedCode.STORAGE_UNAVAILABLE, "storage cannot be reached")


def _no_queue() -> int:
    raise StorageError("storage answers 404 (QueueNotFound)")


def test_only_what_was_sent_counts_as_sent() -> None:
    """Records, or an export without any; not a rejected or a repeated one."""
    world = World()
    world.upload("wrong.json", b"[{}]")
    world.run()
    assert world.sweep().last_sent_at is None
    world.upload("closed-day.json", b"[]")
    world.run()
    quiet_at = world.clock.now()
    world.clock.sleep(60)
    assert world.sweep().last_sent_at == quiet_at
    bad = [record(1), record(2), record(3, UserId="nobody")]
    world.upload("partial.json", json.dumps(bad).encode())
    world.run()
    partial_at = world.clock.now()
    assert world.outcome("partial.json").status is Status.PARTIALLY_SUCCEEDED
    world.clock.sleep(60)
    assert world.sweep().last_sent_at == partial_at
    world.upload("again.json", json.dumps(bad).encode())
    world.run()
    assert world.outcome("again.json").status is Status.DUPLICATE
    assert world.sweep().last_sent_at == partial_at


@pytest.mark.parametrize(("age", "waits"), [(REJECTED_WAITS - SECOND, 1), (REJECTED_WAITS, 0)])
def test_a_rejected_export_waits_two_weeks(age: timedelta, waits: int) -> None:
    """To the second."""
    world = World()
    world.upload("wrong.json", b"[{}]")
    world.run()
    world.clock.sleep(age.total_seconds())
    assert world.sweep().waiting[Status.REJECTED.value] == waits


def _other_version(world: World, status: Status, etag: str = "0xF") -> None:
    """The outcome of another version of `day.json`, which a listing shows behind that of the current one."""
    path = outcome_path("day.json", etag)
    old = replaced(world.outcome("day.json"), status=status, error=None, retry=None)
    old = replaced(old, export=replaced(old.export, etag=etag))
    world.results.put(path, encode(old), metadata=metadata(old))


def test_an_outcome_of_another_version_does_not_make_an_export_missed() -> None:
    """Wherever it is listed."""
    world = World()
    world.upload("day.json", export(3))
    world.run()
    _other_version(world, Status.SUPERSEDED)
    world.clock.sleep(3_600)
    assert world.sweep(check=False).queued == 0


def test_what_waits_on_purpose_does_not_hide_another_version() -> None:
    """A worker died with it, before the one that waits was uploaded."""
    world = World().with_settings(CONNECTOR_SENDING="off")
    world.upload("day.json", export(3))
    world.run()
    _other_version(world, Status.IN_PROGRESS)
    world.clock.sleep(3 * 3_600)
    world.queue.messages.clear()
    assert world.sweep(check=False).queued == 1
    (message,) = (
        one
        for _, text in world.queue.messages
        for one in read_messages(text, "badging-exports")
        if isinstance(one, Message)
    )
    assert message.etag == "0xF"


def test_what_waited_because_sending_was_off_is_attempted_although_its_source_is_on_trial_now() -> None:
    """Its outcome then says what it waits for."""
    world = World().with_settings(CONNECTOR_SENDING="off")
    world.put_source("munich", TABLE, people=PEOPLE)
    rows = b"Time,Id,Door,Name,Event\n2026-11-22 04:00:00,1,D0,,Granted\n"
    world.upload("munich/22.csv", rows)
    world.run()
    world.put_source("munich", TABLE + "[policy]\nsend = false\n", people=PEOPLE)
    world.with_settings().clock.sleep(86_400)
    assert world.sweep().queued == 1
    world.run()
    error = world.outcome("munich/22.csv").error
    assert error is not None
    assert error.code == "source-on-trial"
    assert world.sweep().queued == 0


def test_people_are_read_from_the_directory_once_a_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its first slice."""
    calls: list[object] = []
    monkeypatch.setattr("shared.delivery.sweep.refresh_people", lambda *_: calls.append(1))
    world = World()
    for number in range(3):
        world.upload(f"{number}.json", export(1, first=10 * number))
    world.run()
    assert len(_in_slices(world)) > 1
    assert len(calls) == 1


def test_an_outcome_of_an_unsafe_name_that_is_gone_needs_no_message() -> None:
    """It was listed, and only its document knows the name."""
    world = World()
    listed = ListedOutcome(
        path=f"outcomes/_/{'0' * 64}/0x1.json", name=f"_/{'0' * 64}", etag="0x1", status=Status.FAILED, retry="auto",
        code="", sent=None, rejected=None, finished_at=None, next_attempt_at=None, source="", last_modified=MORNING,
    )  # fmt: skip
    assert message_of(world.results, listed) is None
