"""What an attempt leaves behind when it ends: a message, an outcome, and what observers are told; and what it returns."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import pytest

from shared.blob_names import outcome_path
from shared.delivery.observer import NullObserver
from shared.delivery.outcome import Outcome, decode, encode
from shared.delivery.waiting import LEASE_LOST_SECONDS
from shared.error_codes import Status
from shared.messages import Message, read_messages
from tests.support.exports import export
from tests.support.world import World


@dataclass
class Told(NullObserver):
    """Keeps what it is told at the end of each attempt: the outcome, and the newly rejected records."""

    ends: list[tuple[Outcome, int]] = field(default_factory=list)

    def ended(self, outcome: Outcome, *, seconds: float, newly_rejected: int) -> None:
        """One more has ended."""
        assert seconds >= 0
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
    assert [(one.status, one.records, newly) for one, newly in told.ends] == [(Status.IN_PROGRESS, None, 0)]


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
    outcome = world.process(old)
    assert outcome is not None
    assert outcome.status is Status.SUPERSEDED
    assert [one.status for one, _ in told.ends] == [Status.SUPERSEDED]
    assert world.process(old) is None
    assert len(told.ends) == 1
