"""What a worker need not ask storage for again."""

from array import array
from collections.abc import Iterator
from datetime import timedelta

import pytest

from shared.delivery import held_export, worker_memory
from shared.delivery.event_index import EventIndex
from shared.delivery.held_export import HeldExport
from shared.delivery.ports import Document
from shared.delivery.settled_events import Share
from shared.delivery.worker_memory import WorkerMemory
from shared.events.runs import run_of
from tests.support.fake_clock import MORNING, FakeClock
from tests.support.fake_storage import FakeContainer

JOB = "33333333-3333-3333-3333-333333333333"
DATE = "2026-11-21"


def test_runs_are_remembered_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was used least recently goes first."""
    monkeypatch.setattr(worker_memory, "MAX_RUN_BYTES", 8 * 10)
    memory = WorkerMemory()
    runs = {name: run_of(b"k" * 4, array("Q", range(4))) for name in "abc"}
    for name in "ab":
        memory.keep(name, runs[name])
        memory.keep(name, runs[name])
    assert memory.run("a") is runs["a"]
    memory.keep("c", runs["c"])
    assert [memory.run(name) for name in "abc"] == [runs["a"], None, runs["c"]]
    memory.keep("d", run_of(b"k" * 4, array("Q", range(11))))
    assert [memory.run(name) for name in "acd"] == [runs["a"], runs["c"], None]
    memory.keep("e", run_of(b"k" * 4, array("Q", range(2))))
    assert [memory.run(name) is not None for name in "ace"] == [True] * 3
    memory.keep("f", run_of(b"k" * 4, array("Q", range(10))))
    assert [memory.run(name) is not None for name in "acef"] == [False] * 3 + [True]


@pytest.mark.parametrize(
    ("minutes", "on_its_way"), [(None, False), (0, True), (1, True), (29, True), (30, False), (-1, False)]
)
def test_a_report_is_on_its_way_for_as_long_as_its_message_surely_waits(
    minutes: int | None, *, on_its_way: bool
) -> None:
    """Not if none was asked for, nor if the clock was set back since."""
    memory = WorkerMemory()
    if minutes is not None:
        memory.asked_for_report(MORNING)
    now = MORNING + timedelta(minutes=minutes or 0)
    assert memory.report_is_on_its_way(now, timedelta(minutes=30)) is on_its_way


def test_key_and_runs_are_read_once_a_worker() -> None:
    """The runs of a date are listed by every attempt, and read by none that knows them."""
    clock = FakeClock()
    state = FakeContainer("gatepost-state", clock)
    first = EventIndex(state, JOB, clock, 35)
    first.write(None, Share(DATE, "2026-11-22", doubt=False), run_of(first.key.id, [1, 2, 3]))
    memory, asked = WorkerMemory(), list[str]()
    read = state.read

    def reading(name: str) -> Document | None:
        asked.append(name.partition("/")[0])
        return read(name)

    state.read = reading  # type: ignore[method-assign]
    for _ in range(3):
        index = EventIndex(state, JOB, clock, 35, memory)
        assert index.of_date(DATE, None).accepted.known([2, 4]) == [2]
        assert index.key == first.key
    assert sorted(asked) == ["events", "keys"]


@pytest.mark.parametrize("chunks", [[], [b"a", b"bc"], [b"abcd"]])
def test_a_small_export_is_held(chunks: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Once it was read to its end."""
    monkeypatch.setattr(held_export, "HELD_BYTES", 4)
    held = HeldExport()
    reading = held.watched(iter(chunks))
    assert held.pieces() is None
    assert [*reading] == chunks
    assert held.pieces() == chunks


def test_a_large_export_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor one that was not read to its end."""
    monkeypatch.setattr(held_export, "HELD_BYTES", 4)
    held = HeldExport()
    assert b"".join(held.watched(iter([b"abc", b"de", b"f"]))) == b"abcdef"
    assert held.pieces() is None

    def breaks_off() -> Iterator[bytes]:
        yield b"a"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        [*held.watched(breaks_off())]
    assert held.pieces() is None
