"""A process that dies anywhere: what was accepted is not sent again, what was not is, and doubt is counted."""

from collections import Counter

import pytest

from shared.error_codes import Status
from tests.support.exports import export, record
from tests.support.fake_connector import FakeConnector
from tests.support.world import CrashError, World, crashing_after

RECORDS = 45
BATCHES = 5


def _world(crash_at: int, parallel: int = 1) -> World:
    """A world whose process dies at one of its writes or requests, before or after it took effect."""
    world = World(connector=FakeConnector()).with_settings(CONNECTOR_PARALLEL_REQUESTS=str(parallel))
    hook = crashing_after(crash_at)
    for place in (world.results, world.state, world.queue):
        place.on_change = hook
    world.connector.on_post = hook
    return world


def _steps(parallel: int = 1) -> int:
    """How many moments there are at which the process can die."""
    counted = 0

    def count(_what: str, _name: str) -> None:
        nonlocal counted
        counted += 1

    world = World().with_settings(CONNECTOR_PARALLEL_REQUESTS=str(parallel))
    for place in (world.results, world.state, world.queue):
        place.on_change = count
    world.connector.on_post = count
    world.upload("day.json", export(RECORDS, bad=(7, 33)))
    world.run()
    return counted


STEPS = _steps()
MOMENTS = [(1, at) for at in range(STEPS)] + [(4, at) for at in range(_steps(4))]


def test_there_are_enough_moments_to_die_at() -> None:
    """Every batch has a request and a ledger write, each with a before and an after."""
    assert STEPS >= 4 * BATCHES


@pytest.mark.parametrize(("parallel", "crash_at"), MOMENTS)
def test_nothing_is_lost_wherever_the_process_dies(parallel: int, crash_at: int) -> None:
    """The next start finishes the export; at most the batches that were on their way are repeated, and each is counted."""
    world = _world(crash_at, parallel)
    world.upload("day.json", export(RECORDS, bad=(7, 33)))
    world.run(hours=1)
    outcome = world.outcome("day.json")
    assert outcome.status is Status.PARTIALLY_SUCCEEDED
    expected = {record(number)["AssetId"] for number in range(1, RECORDS + 1) if number not in {7, 33}}
    taken = world.connector.times_taken()
    assert set(taken) == expected
    repeated = sum(count - 1 for count in taken.values())
    assert repeated <= 10 * parallel
    counted = sum(batch.possible_copies * batch.records for batch in outcome.batches)
    assert repeated <= counted
    assert len(world.rejected("day.json")) == 2
    assert outcome.unfinished_starts == 0


def test_some_crash_repeats_a_batch() -> None:
    """The campaign has seen what it is for: batches that were taken unnoticed and sent again, and four of them at once."""
    repeats: list[int] = []
    for parallel, crash_at in MOMENTS:
        world = _world(crash_at, parallel)
        world.upload("day.json", export(RECORDS, bad=(7, 33)))
        world.run(hours=1)
        repeats.append(sum(one > 1 for one in Counter(world.connector.bodies).values()))
    assert sum(repeats[:STEPS]) >= BATCHES - 1
    assert max(repeats[:STEPS]) == 1
    assert max(repeats[STEPS:]) == 4


def test_the_tenth_unfinished_start_blocks() -> None:
    """An export that kills its worker every time is rejected with `worker-died` and needs a person."""
    world = World()

    def die(_when: str, _what: str) -> None:
        raise CrashError

    world.connector.on_post = die
    message = world.upload("day.json", export(3))
    for _ in range(9):
        with pytest.raises(CrashError):
            world.process(message)
        world.clock.sleep(61)
    world.process(message)
    outcome = world.outcome("day.json")
    assert outcome.error is not None
    assert (outcome.status, outcome.retry, outcome.error.code) == (Status.BLOCKED, "person", "worker-died")
    assert outcome.unfinished_starts == 0


def test_an_orderly_end_forgets_unfinished_starts() -> None:
    """Nine deaths and a success are no reason to block the next fault."""
    world = World()
    message = world.upload("day.json", export(3))
    world.connector.on_post = crashing_after(0)
    with pytest.raises(CrashError):
        world.process(message)
    world.clock.sleep(61)
    outcome = world.process(message)
    assert outcome is not None
    assert (outcome.status, outcome.attempts, outcome.unfinished_starts) == (Status.SUCCEEDED, 2, 0)
