"""One item made ready ahead; and the machine's clock, as far as it can be held to anything."""

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC
from types import SimpleNamespace

import pytest

from shared import clock as clocks
from shared.clock import SystemClock
from shared.delivery.ledger import entry_of
from shared.delivery.prefetch import bodies_ahead, prefetch
from shared.exports.batches import Batch


def test_items_come_in_order_and_all() -> None:
    """Falsy ones included."""
    items: list[object] = [0, None, "", [], 3]
    assert list(prefetch(iter(items), 1)) == items
    assert list(prefetch(iter(()), 1)) == []


def test_the_next_item_is_made_while_the_current_one_is_in_use() -> None:
    """Exactly one is held ready: the one after it is not begun."""
    made = [threading.Event() for _ in range(4)]

    def items() -> Iterator[int]:
        for number, event in enumerate(made):
            event.set()
            yield number

    with closing(prefetch(items(), 1)) as coming:
        assert next(coming) == 0
        assert made[1].wait(10)
        assert not made[2].wait(0.05)
        assert next(coming) == 1
        assert made[2].wait(10)
        assert not made[3].wait(0.05)


def test_several_items_are_made_while_the_current_one_is_in_use() -> None:
    """As many as were asked for, and no more."""
    made = [threading.Event() for _ in range(5)]

    def items() -> Iterator[int]:
        for number, event in enumerate(made):
            event.set()
            yield number

    with closing(prefetch(items(), 3)) as coming:
        assert next(coming) == 0
        assert made[3].wait(10)
        assert not made[4].is_set()
        assert [next(coming) for _ in range(4)] == [1, 2, 3, 4]
        assert next(coming, None) is None


@pytest.mark.parametrize(
    ("largest", "ready"), [(1_000_000, 8), (3_000_000, 5), (10_000_000, 1), (50_000_000, 1)]
)
def test_large_bodies_are_not_all_held_ready(largest: int, ready: int) -> None:
    """At most 16 MiB of them, beside those that are on their way; one in any case."""
    entries = [entry_of(Batch(1, 1, 1, size, "")) for size in (500, largest, 70)]
    assert bodies_ahead(8, entries) == ready
    assert bodies_ahead(1, entries) == bodies_ahead(0, []) == 1
    mebibyte = [entry_of(Batch(1, 1, 1, 1 << 20, ""))]
    assert bodies_ahead(99, mebibyte) == 16


def test_an_error_is_raised_in_its_place() -> None:
    """What came before it is still handed out."""

    def items() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    coming = prefetch(items(), 1)
    assert next(coming) == 1
    with pytest.raises(ZeroDivisionError):
        next(coming)


def test_an_error_is_raised_in_its_place_though_it_was_met_ahead() -> None:
    """Nothing comes after it."""

    def items() -> Iterator[int]:
        yield from (1, 2, 3)
        raise ZeroDivisionError

    coming = prefetch(items(), 8)
    assert [next(coming) for _ in range(3)] == [1, 2, 3]
    with pytest.raises(ZeroDivisionError):
        next(coming)
    assert next(coming, None) is None


def test_closing_waits_for_the_thread() -> None:
    """Nobody reads a blob behind our back after an attempt has ended."""
    begun, go_on, over = threading.Event(), threading.Event(), threading.Event()

    def items() -> Iterator[int]:
        yield 1
        begun.set()
        go_on.wait(10)
        over.set()
        yield 2

    coming = prefetch(items(), 1)
    assert next(coming) == 1
    assert begun.wait(10)
    threading.Timer(0.01, go_on.set).start()
    coming.close()
    assert over.is_set()
    assert [thread for thread in threading.enumerate() if thread.name.startswith("ahead")] == []


def test_the_machines_clock_is_in_utc_and_never_goes_back() -> None:
    """And chance stays between its ends."""
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    before = clock.monotonic()
    clock.sleep(0)
    assert clock.monotonic() >= before
    assert all(1.0 <= clock.between(1.0, 2.0) <= 2.0 for _ in range(100))


def test_an_action_that_takes_long_does_not_put_off_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted from one beginning to the next: a lease renewed in 9 s is renewed again 6 s later, not 15."""
    now, waits, took = 0.0, list[float](), iter([9.0, 0.0, 20.0, 3.0])

    class Event(threading.Event):
        """Waits by moving the time."""

        def wait(self, timeout: float | None = None) -> bool:
            nonlocal now
            waits.append(timeout or 0.0)
            now += timeout or 0.0
            return len(waits) > 4

    def action() -> None:
        nonlocal now
        now += next(took)

    monkeypatch.setattr(clocks, "threading", SimpleNamespace(Event=Event, Thread=threading.Thread))
    monkeypatch.setattr(clocks, "time", SimpleNamespace(monotonic=lambda: now))
    SystemClock().every(15, action)()
    assert waits == [15, 6, 15, 0, 12]


def test_what_is_repeated_stops_when_told_and_is_waited_for() -> None:
    """No action runs after `stop` has returned."""
    three = threading.Event()
    runs = []

    def action() -> None:
        runs.append(1)
        if len(runs) >= 3:
            three.set()

    stop = SystemClock().every(0.001, action)
    assert three.wait(10)
    stop()
    assert "every" not in {thread.name for thread in threading.enumerate()}
    after = len(runs)
    assert len(runs) == after >= 3
