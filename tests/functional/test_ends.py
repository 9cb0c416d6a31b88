"""What an attempt leaves behind when it ends: a message, an outcome, and what observers are told; and what it returns."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from shared.blob_names import outcome_path
from shared.clock import utc_text
from shared.delivery.observer import NullObserver
from shared.delivery.outcome import Outcome, decode, encode
from shared.delivery.ports import Document
from shared.delivery.waiting import FAILED_DELAYS_SECONDS, LEASE_LOST_SECONDS, TRUSTED_SECONDS
from shared.error_codes import Status
from shared.messages import Message, RequestKind, read_messages
from tests.support.exports import export
from tests.support.fake_connector import reply
from tests.support.world import CrashError, World


@dataclass
class Told(NullObserver):
    """Keeps what it is told at the end of each attempt: the outcome, the newly rejected records, and how long it took."""

    ends: list[tuple[Outcome, int]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def ended(self, outcome: Outcome, *, seconds: float, newly_rejected: int) -> None:
        """One more has ended."""
        self.seconds.append(seconds)
        self.ends.append((outcome, newly_rejected))


def waiting(world: World) -> list[tuple[float, Message]]:
    """The messages on the queue, and in how many seconds each shows."""
    now = world.clock.monotonic()
    found = [(shows - now, read_messages(text, "badging-exports")[0]) for shows, text in world.queue.messages]
    return [(seconds, one) for seconds, one in found if isinstance(one, Message)]


def losing_lease(change: Callable[[Outcome], Outcome] | None = None) -> tuple[World, Told, Outcome]:
    """An attempt that loses its lease while its second request is on its way.

    Args:
        change: what another worker makes of the outcome in that moment, if anything.

    Returns:
        The world, what was told, and what the attempt returned.
    """
    world = World(observer=Told())
    message = world.upload("day.json", export(45))
    world.queue.messages.clear()
    path = outcome_path(message.name, message.etag)

    def lose_it(when: str, _what: str) -> None:
        if when == "posted" and len(world.connector.requests) == 2:
            world.state.steal_lease(world.lease)
            if change:
                world.results.put(path, encode(change(decode(world.results.data(path)))))

    world.connector.on_post = lose_it
    outcome = world.process(replace(message, tries=3))
    assert outcome is not None
    assert isinstance(world.observer, Told)
    return world, world.observer, outcome


def test_an_attempt_that_loses_its_lease_puts_its_message_back() -> None:
    """For five minutes later, as a requeue of this attempt; its tries are not counted up."""
    world, _, outcome = losing_lease()
    ((seconds, message),) = waiting(world)
    assert seconds == LEASE_LOST_SECONDS
    assert (message.after, message.tries) == (outcome.attempts, 3)
    assert message.etag == outcome.export.etag


def test_an_attempt_that_loses_its_lease_has_not_died() -> None:
    """The outcome stays `InProgress` and counts no unfinished start; observers hear of an attempt without figures."""
    world, told, outcome = losing_lease()
    stored = world.outcome("day.json")
    assert stored == outcome
    assert (stored.status, stored.unfinished_starts) == (Status.IN_PROGRESS, 0)
    assert stored.ledger  # what was written since the attempt began stays
    assert [(one.status, one.records, newly) for one, newly in told.ends] == [(Status.IN_PROGRESS, None, 0)]


def test_an_attempt_whose_time_is_over_says_how_far_it_came() -> None:
    """In the stored outcome and to observers: `InProgress`, with its figures, and no unfinished start."""
    told = Told()
    world = World(observer=told).with_settings(INVOCATION_SECONDS="60")
    world.connector.on_post = lambda when, _what: world.clock.sleep(25) if when == "post" else None
    outcome = world.process(world.upload("day.json", export(50)))
    assert outcome is not None
    assert outcome == world.outcome("day.json")
    assert (outcome.status, outcome.unfinished_starts) == (Status.IN_PROGRESS, 0)
    assert [(one.status, one.records) for one, _ in told.ends] == [(Status.IN_PROGRESS, outcome.records)]
    assert outcome.records is not None
    assert (outcome.records.sent, outcome.records.unsent) == (30, 20)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"invocation_id": "another", "unfinished_starts": 2}, id="a start"),
        pytest.param({"status": Status.SUCCEEDED, "unfinished_starts": 2}, id="an end"),
    ],
)
def test_what_another_worker_wrote_meanwhile_stands(changes: dict[str, Any]) -> None:
    """The attempt that lost its lease writes nothing over another one's start or end, and returns that."""
    world, told, outcome = losing_lease(lambda one: msgspec.structs.replace(one, **changes))
    stored = world.outcome("day.json")
    assert stored.unfinished_starts == 2
    assert outcome == stored
    assert told.ends[0][0].status is Status.IN_PROGRESS


def test_an_attempt_returns_what_it_closed_without_sending() -> None:
    """A version that was overwritten before it was read: the outcome is returned, and told once."""
    told = Told()
    world = World(observer=told)
    old = world.upload("day.json", export(3))
    world.upload("day.json", export(4))
    announced = [*world.queue.messages]
    outcome = world.process(old)
    assert outcome is not None
    assert (outcome.status, outcome.attempts) == (Status.SUPERSEDED, 0)
    assert world.queue.messages == announced
    assert [one.status for one, _ in told.ends] == [Status.SUPERSEDED]
    assert world.process(old) is None
    assert len(told.ends) == 1


@pytest.mark.parametrize("kind", [None, "resend"])
def test_an_attempt_that_finds_nothing_to_do_under_the_lease_says_nothing(kind: RequestKind | None) -> None:
    """Another worker was through with it before the lease was ours: nothing is returned, sent or written, nobody is told twice."""
    told = Told()
    world = World(observer=told)
    message = world.upload("day.json", export(3))
    path = outcome_path(message.name, message.etag)
    if kind:
        world.run()
        message = world.request(kind, message)
        world.state.delete(world.lease)
    before = len(told.ends)
    inner: list[Outcome | None] = []
    etags: list[str] = []

    def other_worker(when: str, name: str) -> None:
        if when == "wrote" and name == world.lease:
            world.state.on_change = lambda _what, _name: None
            inner.append(world.process(message))
            etags.append(world.results.head(path).etag)

    world.state.on_change = other_worker
    assert world.process(message) is None
    assert etags == [world.results.head(path).etag]
    assert [one.status for one in inner if one] == [Status.SUCCEEDED]
    assert len(told.ends) == before + 1
    assert len(world.connector.requests) == before + 1


def test_an_attempt_whose_lease_is_over_before_it_begins_writes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its machine stood still while it read the outcome, so another worker may have begun: the message is put back for five minutes."""
    world = World()
    message = world.upload("day.json", export(3))
    world.queue.messages.clear()
    read = world.results.read

    def slowly(name: str) -> Document | None:
        if world.lease in world.state.names():
            world.clock.passed_seconds += TRUSTED_SECONDS + 1
        return read(name)

    monkeypatch.setattr(world.results, "read", slowly)
    assert world.process(message) is None
    assert world.results.names() == []
    assert waiting(world) == [(LEASE_LOST_SECONDS, message)]


def test_an_attempt_that_runs_out_of_time_goes_on_at_once() -> None:
    """What was accepted is progress: its message shows at once, and its tries begin anew."""
    world = World().with_settings(INVOCATION_SECONDS="1000")
    message = world.upload("day.json", export(45))
    world.queue.messages.clear()
    world.connector.on_post = lambda when, _what: world.clock.sleep(390) if when == "posted" else None
    outcome = world.process(replace(message, tries=4))
    assert outcome is not None
    assert outcome.status is Status.IN_PROGRESS
    ((seconds, again),) = waiting(world)
    assert (seconds, again.tries, again.after) == (0, 0, outcome.attempts)


def test_the_time_of_an_attempt_is_its_own() -> None:
    """Not that of the worker, which may have been running for days."""
    told = Told()
    world = World(observer=told)
    world.clock.sleep(86_400)
    world.upload("day.json", export(3))
    world.connector.on_post = lambda when, _what: world.clock.sleep(7) if when == "posted" else None
    world.run()
    assert world.outcome("day.json").duration_seconds == 7
    assert told.seconds == [7]


def test_a_failed_end_that_a_resend_gives_back_is_tried_again() -> None:
    """Its own requeue is known for a stray by then, so it gets a new one, as after a first failure."""
    world = World()
    world.connector.script.append(reply(503))
    message = world.upload("day.json", export(3))
    world.with_settings(RETRY_MAX_SECONDS="0")
    world.process(message)
    assert world.outcome("day.json").status is Status.FAILED
    world.queue.messages.clear()
    world.connector.script.append(reply(403))
    outcome = world.process(world.request("resend", message))
    assert outcome is not None
    assert (outcome.status, [one.code for one in outcome.warnings]) == (
        Status.FAILED,
        ["resend-sent-nothing"],
    )
    ((seconds, again),) = waiting(world)
    assert (seconds, again.tries, again.after) == (FAILED_DELAYS_SECONDS[0], 0, outcome.attempts)
    assert outcome.next_attempt_at == utc_text(
        world.clock.now() + timedelta(seconds=FAILED_DELAYS_SECONDS[0])
    )


def test_an_end_that_may_not_be_written_is_told_as_unfinished() -> None:
    """Another worker has sent it all meanwhile, and tells of it itself; figures would be counted twice."""
    told = Told()
    world = World(observer=told)
    message = world.upload("day.json", export(3))
    path = outcome_path(message.name, message.etag)
    world.connector.script.append(reply(403))

    def finish_meanwhile(when: str, _what: str) -> None:
        if when == "posted":
            done = msgspec.structs.replace(decode(world.results.data(path)), status=Status.SUCCEEDED)
            world.results.put(path, encode(done))

    world.connector.on_post = finish_meanwhile
    world.process(message)
    assert [(one.status, one.records, newly) for one, newly in told.ends] == [(Status.IN_PROGRESS, None, 0)]


def test_a_requeue_names_the_version_that_was_tried() -> None:
    """A message that named none means the current version; whatever takes its place is announced by itself."""
    world = World().with_settings(RETRY_MAX_SECONDS="0")
    announced = world.upload("day.json", export(3))
    world.queue.messages.clear()
    world.connector.script.append(reply(503))
    world.process(replace(announced, etag=""))
    ((_, again),) = waiting(world)
    assert again.etag == announced.etag


def test_a_resend_of_the_same_content_under_two_names_is_sent_once_and_takes_nothing_back() -> None:
    """One command gives both the same id: the second finds it all sent, which is no resend that sent nothing."""
    world = World()
    first = world.upload("a.json", export(3))
    second = world.upload("b.json", export(3))
    world.run()
    assert world.outcome("b.json").status is Status.DUPLICATE
    for message in (first, second):
        world.announce(world.request("resend", message))
    world.run()
    assert len(world.connector.requests) == 2
    for name, status in (("a.json", Status.SUCCEEDED), ("b.json", Status.DUPLICATE)):
        outcome = world.outcome(name)
        assert (outcome.status, outcome.warnings) == (status, [])
        assert [one.result for one in outcome.requests] == ["done"]


def test_a_resend_that_died_before_its_end_was_written_takes_nothing_back() -> None:
    """Its ledger says that everything was sent: the next attempt makes the end from that."""
    world = World()
    message = world.upload("day.json", export(3))
    world.run()
    asked = world.request("resend", message)

    def die(when: str, name: str) -> None:
        ledgers = [one for one in world.ledgers() if one.plan.request_id]
        if when == "write" and name.startswith("outcomes/") and ledgers and ledgers[0].completed_by:
            world.results.on_change = lambda _what, _name: None
            raise CrashError

    world.results.on_change = die
    with pytest.raises(CrashError):
        world.process(asked)
    world.clock.sleep(120)
    outcome = world.process(asked)
    assert outcome is not None
    assert (outcome.status, outcome.warnings) == (Status.SUCCEEDED, [])
    assert [one.result for one in outcome.requests] == ["done"]
    assert len(world.connector.requests) == 2
