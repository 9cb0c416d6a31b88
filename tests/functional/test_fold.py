"""Folding: what a worker that died left in open files goes into the index, as its ledgers say, whatever else is in the way."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shared.blob_names import events_prefix, open_prefix
from shared.delivery.fold import Folded
from shared.delivery.job_lease import JobLease
from shared.delivery.ledger_store import LedgerStore
from shared.delivery.ports import Document
from shared.delivery.repeats import EventState, event_state
from shared.delivery.waiting import LEASE_SECONDS
from shared.delivery.worker_memory import WorkerMemory
from shared.errors import LeaseLostError, TimeUsedUpError
from shared.events.runs import decode_run
from tests.support.exports import export
from tests.support.fake_connector import BROKEN, OK
from tests.support.world import ENVIRONMENT, REQUEST_ID, CrashError, World

JOB = ENVIRONMENT["CONNECTOR_JOB_ID"]
OPEN, EVENTS = open_prefix(JOB), events_prefix(JOB, None)


@pytest.fixture(autouse=True)
def _a_file_for_each_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.delivery.write_ahead.FILE_RECORDS", 1)


def left_by_a_dead_worker(*, at: str = "the end", records: int = 25) -> World:
    """A world in which a worker has died whose requests were accepted, in tens, the last one perhaps without its knowledge.

    Args:
        at: where: before it wrote the outcome at the end, or behind its last request.
        records: of its export.
    """
    world = World()
    message = world.upload("day.json", export(records))
    requests = -(-records // 10)

    def die(when: str, name: str) -> None:
        over = len(world.connector.requests) == requests
        if over and when == ("write" if at == "the end" else "posted") and name != world.lease:
            world.results.on_change = world.connector.on_post = lambda _what, _name: None
            world.state.dead = True
            raise CrashError

    if at == "the end":
        world.results.on_change = die
    else:
        world.connector.on_post = die
    with pytest.raises(CrashError):
        world.process(message)
    world.state.dead = False
    world.clock.sleep(LEASE_SECONDS + 1)
    return world


@contextmanager
def state_of(world: World) -> Iterator[EventState]:
    """What another worker has of the job's events, under its lease."""
    with JobLease(world.state, world.lease, world.clock) as lease:
        ledgers = LedgerStore(world.state, JOB, lease)
        yield event_state(world.state, ledgers, world.clock, 35, WorkerMemory())


def fold(world: World, seconds: float = 1_000) -> Folded:
    """Fold once, within so much time."""
    with state_of(world) as state:
        return state.folding.fold(world.clock.monotonic() + seconds)


def names(world: World, prefix: str) -> list[str]:
    """What there is in the state container."""
    return [name for name in world.state.names() if name.startswith(prefix)]


def hashes(world: World) -> list[int]:
    """The events in all runs, in order, as often as they are there."""
    runs = [decode_run(world.state.data(name)) for name in names(world, EVENTS)]
    return sorted(one for run in runs for one in run.hashes)


def test_what_was_accepted_of_several_files_is_one_run() -> None:
    """Of one day: an index is listed and read date by date, so its runs should be few."""
    world = left_by_a_dead_worker()
    assert len(names(world, OPEN)) == 3
    assert fold(world) == Folded()
    assert names(world, OPEN) == []
    assert len(names(world, EVENTS)) == 1
    assert len(hashes(world)) == 25


def test_what_may_have_been_accepted_is_kept_and_the_rest_is_not_kept_with_it() -> None:
    """The last request was on its way when the worker died: its file stays, however often it is folded, and changes nothing."""
    world = left_by_a_dead_worker(at="its last request")
    for _ in range(2):
        folded = fold(world)
        assert [len(one.events) for one in folded.kept.values()] == [5]
        assert names(world, OPEN) == [f"{OPEN}{name}" for name in folded.kept]
        assert len(hashes(world)) == 20


def test_what_was_folded_before_the_time_was_over_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next fold has less to do, or it might never come to an end."""
    world = left_by_a_dead_worker()
    read = world.state.read

    def slowly(name: str) -> Document | None:
        world.clock.sleep(10 if name.startswith(OPEN) else 0)
        return read(name)

    monkeypatch.setattr(world.state, "read", slowly)
    with pytest.raises(TimeUsedUpError):
        fold(world, seconds=15)
    assert len(names(world, OPEN)) == 1
    assert len(hashes(world)) in {15, 20}
    with pytest.raises(TimeUsedUpError):
        fold(world, seconds=0)
    assert fold(world, seconds=1) == Folded()
    assert names(world, OPEN) == []
    assert len(hashes(world)) == 25


@pytest.mark.parametrize("name", ["0" * 64, "f" * 64])
def test_a_damaged_file_keeps_no_other_from_being_folded(name: str) -> None:
    """Wherever it is listed; it is deleted, and the index says that it is damaged."""
    world = left_by_a_dead_worker()
    world.state.put(OPEN + name, b"?")
    with state_of(world) as state:
        assert state.folding.fold(world.clock.monotonic() + 1) == Folded()
        assert [*state.warnings] == ["events-index-damaged"]
    assert names(world, OPEN) == []
    assert len(hashes(world)) == 25


def test_no_file_is_deleted_by_a_worker_that_has_lost_the_lease() -> None:
    """Another one may rely on it; that the runs were written changes nothing."""
    world = left_by_a_dead_worker()
    files = names(world, OPEN)

    def steal(when: str, name: str) -> None:
        if when == "wrote" and name.startswith(EVENTS):
            world.state.steal_lease(world.lease)

    world.state.on_change = steal
    with pytest.raises(LeaseLostError):
        fold(world)
    assert names(world, OPEN) == files
    world.state.on_change = lambda _what, _name: None
    world.clock.sleep(LEASE_SECONDS + 1)
    assert fold(world) == Folded()
    assert (names(world, OPEN), len(hashes(world))) == ([], 25)


def test_a_file_that_is_kept_in_part_gives_the_same_run_each_time() -> None:
    """Of two requests at the same time one got no answer: until it has one, each fold meets the events of both."""
    world = World().with_settings(CONNECTOR_PARALLEL_REQUESTS="2", RETRY_MAX_SECONDS="0")
    world.connector.script.extend([OK, OK, BROKEN])
    world.process(world.upload("day.json", export(30)))
    runs = names(world, EVENTS)
    assert len(hashes(world)) == 20
    for _ in range(2):
        assert [len(one.events) for one in fold(world).kept.values()] == [10]
        assert names(world, EVENTS) == runs


@pytest.mark.parametrize("state", ["gone", "empty", "damaged"])
def test_a_ledger_that_says_nothing_of_a_batch_says_that_it_was_never_sent(state: str) -> None:
    """It is written before a request leaves; only one that cannot be read leaves everything in doubt."""
    world = left_by_a_dead_worker()
    path, _ = world.only_ledger()
    if state == "gone":
        world.state.delete(path)
    else:
        world.state.put(path, b"" if state == "empty" else b"{}\n")
    folded = fold(world)
    in_doubt = state == "damaged"
    assert sum(len(one.events) for one in folded.kept.values()) == (25 if in_doubt else 0)
    assert len(names(world, OPEN)) == (3 if in_doubt else 0)
    assert names(world, EVENTS) == []


def test_what_a_resend_has_sent_is_known_to_it_and_to_everything_after_it() -> None:
    """By an index of its own, in which an ordinary export leaves nothing."""
    world = World()
    message = world.upload("day.json", export(5))
    world.run()
    assert names(world, "resends/") == []
    world.announce(world.request("resend", message))
    world.run()
    (run,) = names(world, events_prefix(JOB, REQUEST_ID))
    assert len(decode_run(world.state.data(run)).hashes) == 5
    assert len(hashes(world)) in {5, 10}
