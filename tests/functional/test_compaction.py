"""Putting runs together beside a sweep: when the job's lease is free, and only what is there and not too much."""

import pytest

from shared.blob_names import events_prefix
from shared.delivery.compaction import compact_index
from shared.delivery.ports import Document
from shared.delivery.waiting import LEASE_SECONDS
from tests.support.exports import export
from tests.support.world import ENVIRONMENT, World

EVENTS = events_prefix(ENVIRONMENT["CONNECTOR_JOB_ID"], None)


def runs(world: World) -> list[str]:
    """The runs that there are."""
    return [name for name in world.state.names() if name.startswith(EVENTS)]


def sent(exports: int) -> World:
    """A world in which so many exports of one day were sent, three events each."""
    world = World()
    for number in range(exports):
        world.upload(f"{number}.json", export(3, first=10 * number))
        world.run()
    assert len(runs(world)) == exports
    return world


def test_the_job_lease_is_waited_for() -> None:
    """An attempt that is nearly over does not put compaction off to the next day."""
    world = sent(2)
    world.state.steal_lease(world.lease)
    world.clock.sleep(LEASE_SECONDS - 25)
    before = world.clock.monotonic()
    compact_index(world.deps)
    assert len(runs(world)) == 1
    assert world.clock.monotonic() - before == 30


def test_a_sweep_does_not_wait_for_ever() -> None:
    """An attempt may take long: what is apart stays so until the next sweep."""
    world = sent(2)
    world.state.steal_lease(world.lease)
    before = world.clock.monotonic()
    compact_index(world.deps)
    assert len(runs(world)) == 2
    assert world.clock.monotonic() - before == 50


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_run_that_is_gone_keeps_no_others_apart(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time was over when it came to reading it."""
    world = sent(3)
    gone = runs(world)[place]
    read = world.state.read

    def without(name: str) -> Document | None:
        if name == gone:
            world.state.delete(name)
        return read(name)

    monkeypatch.setattr(world.state, "read", without)
    compact_index(world.deps)
    assert len(runs(world)) == 1


@pytest.mark.parametrize(("most", "left"), [(9, 1), (8, 2), (6, 2), (5, 3)])
def test_a_union_holds_at_most_so_many_events(most: int, left: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is held in memory; up to that many are put together."""
    monkeypatch.setattr("shared.delivery.compaction._MOST_EVENTS", most)
    world = sent(3)
    compact_index(world.deps)
    assert len(runs(world)) == left
