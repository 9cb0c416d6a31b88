"""Which events an export has had, held against a set: in order of time, nearly so, or in none."""

from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.events.event_log import EventLog
from shared.events.seen_events import SeenEvents
from shared.exports.record_values import Period

EVENTS = st.tuples(st.integers(0, 5), st.integers(0, 3))
"""Second and person."""


def noted(seen: SeenEvents, log: EventLog, events: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The events that are new, as they are added to the log."""
    hashes = [second * 10 + person for second, person in events]
    seconds = [f"2026-11-21T08:00:{second:02}" for second, _ in events]
    all_new = seen.all_new(hashes, Period.of(seconds))
    new = [event for event, one in zip(events, hashes, strict=True) if all_new or not seen.again(one)]
    numbers = range(len(log) + 1, len(log) + 1 + len(new))
    log.add(numbers, [second * 10 + person for second, person in new], [0] * len(new))
    return new


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.lists(EVENTS, min_size=1, max_size=4), max_size=6),
    st.sets(st.sampled_from(["runs", "events"])),
    st.integers(1, 8),
)
def test_each_event_is_new_once(runs: list[list[tuple[int, int]]], in_order: set[str], last: int) -> None:
    """Whatever stands beside it and came before it."""
    if "events" in in_order:
        runs = [sorted({*events}) for events in runs]
    if "runs" in in_order:
        runs = sorted(runs, key=max)
    log = EventLog()
    seen, before = SeenEvents(log), set[tuple[int, int]]()
    for events in runs:
        expected = []
        for event in events:
            if event not in before:
                expected.append(event)
            before.add(event)
        with patch("shared.events.seen_events._LAST", last):
            assert noted(seen, log, events) == expected
    assert len(log) == len(before)


def test_nothing_but_the_last_events_is_kept_of_an_export_in_order() -> None:
    """A million events in order of time would take 80 MB in a set."""
    log = EventLog()
    seen = SeenEvents(log)
    for minute in range(60):
        span = Period(f"2026-11-21T08:{minute:02}:00", f"2026-11-21T08:{minute:02}:59")
        hashes = [minute * 100 + number for number in range(100)]
        assert seen.all_new(hashes, span)
        log.add(range(minute * 100 + 1, minute * 100 + 101), hashes, [0] * 100)
        assert len(seen._last) == 100
    assert "_all" not in vars(seen)
    assert not seen.all_new([5950], span)
    assert not seen.all_new([1], Period("2026-11-21T08:00:00", "2026-11-21T08:00:01"))
    assert seen.all_new([6000], span)


def test_many_events_of_one_time_are_not_copied_for_each_run() -> None:
    """Dates without times: the last events are all events, kept in one set that grows, and from some number on as any others."""
    log = EventLog()
    seen = SeenEvents(log)
    span = Period("2026-11-21T00:00:00", "2026-11-21T00:00:00")
    kept: list[set[int]] = []
    for run in range(20):
        hashes = list(range(run * 5_000, (run + 1) * 5_000))
        assert seen.all_new(hashes, span)
        log.add([one + 1 for one in hashes], hashes, [0] * 5_000)
        kept.append(seen._last)
    assert all(one is kept[0] for one in kept[:14])
    assert len(kept[0]) == 70_000
    assert kept[-1] == set()
    assert not seen.all_new([99_999], span)
    assert seen.all_new([100_000], span)
