"""Which records go by their events, held against a naive filter."""

import json
from array import array
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.events.date_index import HashIndex
from shared.events.identity import EventHashing, Key
from shared.events.repeat_filter import DateEvents, Known, Left, RepeatFilter
from shared.exports.items import RecordRun

KEY = Key(bytes(32))
NOTHING = DateEvents(HashIndex(), HashIndex())


def record(number: int) -> bytes:
    """A record of one of many events, on one of two dates."""
    value = {
        "UserId": f"person{number}@example.com",
        "AssetId": "door",
        "EventTime": f"2026-11-2{number % 2}T08:00:{number:02}",
        "AccessStatus": "Success",
    }
    return json.dumps(value).encode()


def hashes_of(numbers: list[int]) -> list[int]:
    """The hashes of events."""
    return EventHashing(KEY).events_of([record(number) for number in numbers]).hashes


def known_of(accepted: set[int], doubt: set[int]) -> Known:
    """What is known if these events stand in runs, each of its date."""

    def of_date(date: str) -> DateEvents:
        def index(numbers: set[int]) -> HashIndex:
            mine = [number for number in sorted(numbers) if f"2026-11-2{number % 2}" == date]
            return HashIndex([array("Q", sorted(hashes_of(mine)))] if mine else [])

        return DateEvents(index(accepted), index(doubt))

    return Known(KEY, of_date)


EVENTS = st.integers(0, 12)


@settings(deadline=None)
@given(
    st.lists(st.lists(EVENTS, min_size=1, max_size=5), max_size=5),
    st.sets(EVENTS),
    st.sets(EVENTS),
    st.sets(EVENTS),
)
def test_the_first_of_each_event_goes_unless_it_was_accepted(
    runs: list[list[int]], accepted: set[int], doubt: set[int], elsewhere: set[int]
) -> None:
    """Whatever runs the records come in, and what is in doubt goes and is counted."""
    known = replace(
        known_of(accepted, doubt),
        elsewhere=frozenset(hashes_of(sorted(elsewhere))) if elsewhere else frozenset(),
    )
    filtering, number, seen = RepeatFilter(known), 1, set(accepted)
    doubtful, repeated = [], 0
    for events in runs:
        left = filtering.left_out(range(number, number + len(events)), [record(event) for event in events])
        expected = {}
        for index, event in enumerate(events):
            if event in seen:
                expected[number + index] = Left.REPEATED
                repeated += 1
            elif event in doubt | elsewhere:
                doubtful.append(number + index)
            seen.add(event)
        assert left == expected
        number += len(events)
    assert filtering.found.doubtful == doubtful
    assert sum(filtering.found.repeated.values()) == repeated
    assert len(filtering.log) == sum(map(len, runs)) - repeated


def test_events_before_the_start_do_not_go() -> None:
    """Exactly at the start they do; what was early is no first of its kind."""
    filtering = RepeatFilter(Known(KEY, lambda _: NOTHING, start="2026-11-21T08:00:03"))
    left = filtering.left_out([1, 2, 3, 7, 9], [record(number) for number in (1, 3, 1, 5, 3)])
    assert left == {1: Left.EARLY, 3: Left.EARLY, 9: Left.REPEATED}
    assert filtering.log.days(1, 6) == {"2026-11-21": 1}
    assert filtering.found.earliest == "2026-11-21T08:00:01"


def test_what_was_decided_before_is_the_first_of_its_kind() -> None:
    """A record of an entry that is closed goes whatever its event is, and no other record of that event does."""
    known = replace(known_of({1}, set()), ours=frozenset(hashes_of([5])))
    filtering = RepeatFilter(known)
    assert filtering.left_out([1], [record(5)]) == {1: Left.REPEATED}
    filtering.note(RecordRun.from_first(2, [record(1), record(5), record(2)]))
    filtering.leave(RecordRun.from_first(5, [record(2)]))
    assert filtering.left_out([6, 7], [record(2), record(3)]) == {6: Left.REPEATED}
    assert filtering.log.days(1, 7) == {"2026-11-20": 1, "2026-11-21": 3}
    assert filtering.found.repeated == {"2026-11-21": 1, "2026-11-20": 2}


def test_a_date_is_asked_for_once_and_only_if_it_has_events() -> None:
    """Its runs are read when its first event appears."""
    asked: list[str] = []

    def of_date(date: str) -> DateEvents:
        asked.append(date)
        return NOTHING

    filtering = RepeatFilter(Known(KEY, of_date))
    filtering.left_out(range(1, 3), [record(2), record(4)])
    filtering.left_out(range(3, 5), [record(6), record(7)])
    assert asked == ["2026-11-20", "2026-11-21"]


def test_zeros_behind_a_fraction_do_not_make_a_later_time() -> None:
    """What an export in order of time had at this moment is not let go of for them."""
    filtering = RepeatFilter(known_of(set(), set()))
    left = []
    for number, (person, fraction) in enumerate([(1, ".5"), (2, ".50"), (1, ".500")], 1):
        value = json.loads(record(person)) | {"EventTime": f"2026-11-21T08:00:00{fraction}"}
        left.append(filtering.left_out(range(number, number + 1), [json.dumps(value).encode()]))
    assert left == [{}, {}, {3: Left.REPEATED}]
