"""Which records are sent, held against a naive selection that goes through them one by one."""

import json
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.delivery.decided import Decided
from shared.delivery.ledger import Entry
from shared.delivery.outcome import Ignored
from shared.delivery.record_bits import RecordBits
from shared.delivery.selection import Selection, exceeds, ignored_of, judged
from shared.events.date_index import HashIndex
from shared.events.identity import EventHashing, Key
from shared.events.repeat_filter import DateEvents, Known, RepeatFilter
from shared.exports.items import BEFORE_START, REPEATED, Item, LeftOut, RecordRun, Rejected
from shared.exports.record_values import EventValues
from shared.exports.validate import Invalid

if TYPE_CHECKING:
    from shared.delivery.rejected_file import RejectedFile

KEY = Key(bytes(32))
REJECTED, IGNORED = -1, -2
"""What stands in the place of an event: a record that breaks a rule, and one that its source leaves out."""


class Kept:
    """A rejected file that keeps numbers."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    @property
    def records(self) -> int:
        """How many there are."""
        return len(self.numbers)

    def add(self, rejected: Rejected) -> None:
        """One more."""
        self.numbers.append(rejected.number)


@dataclass
class Case:
    """An export and what was decided about it before.

    Attributes:
        events: of each record, from number 1 on; the later the event, the larger its number.
        runs: after which records a run of valid ones ends, at the latest.
        closed: first and last record of each closed batch.
        own: records that are sent in them.
        taken: records that another ledger says were accepted.
        accepted: events that were accepted before.
        start: events before this one do not go.
    """

    events: list[int]
    runs: set[int] = field(default_factory=set)
    closed: list[tuple[int, int]] = field(default_factory=list)
    own: set[int] = field(default_factory=set)
    taken: set[int] = field(default_factory=set)
    accepted: set[int] = field(default_factory=set)
    start: int = 0


@dataclass
class Selected:
    """What became of the records: numbers of those that go, of those rejected, counts of the others by code."""

    goes: list[int] = field(default_factory=list)
    rejected: list[int] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    sent_elsewhere: int = 0


def time_of(event: int) -> str:
    """In the night from one day to the next."""
    return f"2026-11-21T23:5{event}:00" if event < 4 else f"2026-11-22T00:0{event}:00"


def record(event: int) -> bytes:
    """A record of an event."""
    value = {
        "UserId": "ana@example.com",
        "AssetId": "door",
        "EventTime": time_of(event),
        "AccessStatus": "Success",
    }
    return json.dumps(value).encode()


def values_of(events: list[int]) -> EventValues:
    """What stands in the records of some."""
    count = len(events)
    times = list(map(time_of, events))
    return EventValues(["ana@example.com"] * count, ["door"] * count, times, ["Success"] * count)


def naive(case: Case) -> Selected:
    """One record after another."""
    found, seen = Selected(), set(case.accepted)
    for number, event in enumerate(case.events, 1):
        closed = any(first <= number <= last for first, last in case.closed)
        if number in case.taken:
            found.sent_elsewhere += 1
        elif event == REJECTED:
            found.rejected.append(number)
        elif event == IGNORED:
            found.left_out["ignored"] += 1
        elif number in case.own:
            found.goes.append(number)
            seen.add(event)
        elif event < case.start:
            found.left_out[BEFORE_START] += 1
        elif closed or event in seen:
            found.left_out[REPEATED] += 1
        else:
            found.goes.append(number)
            seen.add(event)
    return found


def items(case: Case) -> Iterator[Item]:
    """What a reader yields; of some runs it has seen the values."""
    valid: list[int] = []
    others: list[Item] = []

    def run() -> Iterator[Item]:
        if valid:
            numbers = range(valid[0], valid[-1] + 1) if len(valid) > valid[-1] - valid[0] else valid[:]
            events = [case.events[number - 1] for number in valid]
            values = values_of(events) if valid[0] % 2 else None
            yield RecordRun(numbers, [record(event) for event in events], values)
        yield from others
        valid.clear()
        others.clear()

    for number, event in enumerate(case.events, 1):
        if event >= 0:
            valid.append(number)
        else:
            others.append(
                Rejected(number, Invalid((), b"{}")) if event == REJECTED else LeftOut(number, "ignored")
            )
        if number in case.runs:
            yield from run()
    yield from run()


def bits(numbers: set[int]) -> RecordBits:
    """A set of numbers."""
    found = RecordBits()
    for number in numbers:
        found.add(number, number)
    return found


def selection_of(case: Case) -> tuple[Selection, RepeatFilter, Kept]:
    """The product's."""
    entries = [
        Entry(first=first, last=last, records=1, bytes=1, sha256="", state="accepted")
        for first, last in case.closed
    ]
    decided = Decided(entries, own=bits(case.own), accepted_elsewhere=bits(case.taken))

    def of_date(date: str) -> DateEvents:
        mine = [record(one) for one in case.accepted if time_of(one).startswith(date)]
        hashes = sorted(EventHashing(KEY).events_of(mine).hashes) if mine else []
        return DateEvents(HashIndex([array("Q", hashes)] if hashes else []), HashIndex())

    start = time_of(case.start) if case.start else ""
    repeats, kept = RepeatFilter(Known(KEY, of_date, start=start)), Kept()
    return Selection(decided, cast("RejectedFile", kept), repeats), repeats, kept


def numbers_of(runs: Sequence[RecordRun]) -> list[int]:
    """Of the records in runs."""
    return [number for run in runs for number in run.numbers]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Exports of a few records, of which some events stand in many."""
    events = draw(st.lists(st.integers(-2, 7), min_size=1, max_size=14))
    all_numbers = st.integers(1, len(events))
    edges = sorted(draw(st.sets(all_numbers, max_size=6)))
    closed = [*zip(edges[::2], edges[1::2], strict=False)]
    within = {
        number for first, last in closed for number in range(first, last + 1) if events[number - 1] >= 0
    }
    own = draw(st.sets(st.sampled_from(sorted(within)))) if within else set()
    taken = draw(st.sets(all_numbers, max_size=6)) - own
    return Case(
        events,
        draw(st.sets(all_numbers)),
        closed,
        own,
        taken,
        draw(st.sets(st.integers(0, 7), max_size=3)),
        draw(st.sampled_from([0, 0, 3])),
    )


CASES = {
    "nothing decided": Case([0, 1, 2, 1, 3], {1, 3}),
    "a record taken": Case([0, 1, 2, 3], taken={2}),
    "all taken": Case([0, 1, REJECTED, IGNORED, 2], taken={1, 2, 3, 4, 5}),
    "rejected and ignored beside": Case([REJECTED, 0, IGNORED, 1, REJECTED], taken={1}),
    "closed in the middle of a run": Case([0, 1, 2, 3, 4], closed=[(3, 4)], own={3, 4}),
    "closed at both ends": Case([0, 1, 2, 3, 4, 5], closed=[(1, 2), (5, 6)], own={1, 2, 5}),
    "closed from one run into another": Case([0, 1, 2, 3, 4, 5], {2, 4}, [(2, 3), (4, 5)], {2, 3, 4, 5}),
    "closed with a repeat": Case([0, 1, 1, 0, 1], closed=[(2, 3)], own={2}),
    "closed with a gap": Case([0, REJECTED, 1, 2, REJECTED, 3], closed=[(1, 3), (6, 6)], own={1, 3, 6}),
    "taken in a closed range": Case([0, 1, 2, 3, 4], closed=[(2, 4)], own={2, 4}, taken={1, 3}),
    "before the start": Case([1, 3, 2, 5, 3, 4], closed=[(3, 4)], own={4}, start=3),
    "accepted before": Case([0, 1, 2, 3], {2}, accepted={1, 3}),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("many_runs", [1, 200])
def test_what_was_decided_before_stays_so_and_the_rest_is_decided_by_events(
    case: Case, many_runs: int
) -> None:
    """By its number first, then by its values, last by its event."""
    _compare(case, many_runs)


@settings(deadline=None, max_examples=100)
@given(cases(), st.sampled_from([1, 2, 3, 200]))
def test_what_is_sent_is_what_a_naive_selection_sends(case: Case, many_runs: int) -> None:
    """However the records are read, and whatever was decided before."""
    _compare(case, many_runs)


def _compare(case: Case, many_runs: int) -> None:
    """Both find the same."""
    expected = naive(case)
    selection, repeats, kept = selection_of(case)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shared.delivery.selection._MANY_RECORDS", many_runs)
        sent = [*selection.sent(items(case))]
    assert numbers_of(sent) == expected.goes
    assert [record for run in sent for record in run.records] == [
        record(case.events[number - 1]) for number in expected.goes
    ]
    assert selection.bits.sha256 == bits(set(expected.goes)).sha256
    assert kept.numbers == expected.rejected
    assert +selection.left_out == expected.left_out
    assert selection.sent_elsewhere == expected.sent_elsewhere
    assert len(repeats.log) == len(expected.goes)
    assert sum(repeats.found.repeated.values()) == expected.left_out[REPEATED]
    times = [time_of(event) for event in case.events if event >= 0]
    assert (repeats.found.earliest, repeats.found.latest) == (min(times, default=""), max(times, default=""))


def test_short_runs_are_looked_at_together_and_long_ones_at_once() -> None:
    """Looking events up takes its time for each call; a batch must not wait for the end of an export."""
    single = Case([0, *range(8)] * 100, runs=set(range(1, 901)))
    selection, repeats, _ = selection_of(single)
    calls: list[int] = []
    left_out = repeats.left_out

    def noted(numbers: Sequence[int], *more: Sequence[bytes]) -> object:
        calls.append(len(numbers))
        return left_out(numbers, *more)  # type: ignore[arg-type]

    repeats.left_out = noted  # type: ignore[method-assign, assignment]
    assert numbers_of([*selection.sent(items(single))]) == [1, *range(3, 10)]
    assert calls == [200, 200, 200, 200, 100]
    calls.clear()
    read = 0

    def reading() -> Iterator[RecordRun]:
        nonlocal read
        for number in (1, 2, 202):
            read += 1
            yield RecordRun.from_first(number, [record(3)] * (200 if number == 2 else 1))

    next(selection_of(Case([]))[0].sent(reading()))
    assert read == 2


def test_a_share_is_of_the_records_that_were_judged() -> None:
    """Not of those that were sent before or left out on purpose; one that is only too early was judged."""
    ignored = [Ignored(code="ignored", records=3), Ignored(code=BEFORE_START, records=4)]
    assert judged(20, 2, ignored) == 15
    assert judged(20, 0, []) == 20


@pytest.mark.parametrize(
    ("rejected", "of_records", "percent", "too_many"),
    [(5, 10, 50, False), (6, 10, 50, True), (0, 10, 0, False), (1, 1_000, 0, True), (10, 10, 100, False)],
)
def test_exactly_the_share_that_may_be_is_not_too_much(
    *, rejected: int, of_records: int, percent: int, too_many: bool
) -> None:
    """Without rounding."""
    assert exceeds(rejected, of_records, percent) is too_many


def test_reasons_for_leaving_out_come_with_the_most_frequent_first() -> None:
    """Then by code; what did not happen is not said."""
    found = ignored_of({"b": 2, "c": 5, "a": 2, "d": 0})
    assert [(one.code, one.records) for one in found] == [("c", 5), ("a", 2), ("b", 2)]
