"""What a pass yields: runs of valid records may have gaps, and can be taken apart and put in order."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.exports.items import Item, LeftOut, RecordRun, Rejected, in_order
from shared.exports.joined_records import JoinedRecords
from shared.exports.record_values import EventValues, Period, joined_values
from shared.exports.validate import Invalid

NUMBERS = st.sets(st.integers(1, 40), min_size=1)


def _record(number: int) -> bytes:
    return b'{"n":%d}' % number


def _run(numbers: list[int], *, joined: bool = True) -> RecordRun:
    records = [_record(number) for number in numbers]
    texts = [str(number) for number in numbers]
    values = EventValues(texts, [f"door {text}" for text in texts], texts, ["Success"] * len(texts))
    together = JoinedRecords(b",".join(records), b'{"n":', len(records)) if joined else records
    whole = numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return RecordRun(range(numbers[0], numbers[-1] + 1) if whole else numbers, together, values)


def _numbers(run: RecordRun | None) -> list[int]:
    """The numbers of a run, of which records and values must tell the same."""
    if run is None:
        return []
    numbers = list(run.numbers)
    assert numbers
    assert [bytes(one) for one in run.records] == list(map(_record, numbers))
    assert run.values == _run(numbers).values
    assert (run.first, run.last) == (numbers[0], numbers[-1])
    return numbers


@given(numbers=NUMBERS, others=NUMBERS, joined=st.booleans())
def test_some_records_of_a_run_keep_their_numbers_and_values(
    numbers: set[int], others: set[int], *, joined: bool
) -> None:
    """However they are asked for, and whether their bytes are joined or not."""
    run = _run(sorted(numbers), joined=joined)
    assert _numbers(run.without(others)) == sorted(numbers - others)
    assert (run.without(others) is run) is numbers.isdisjoint(others)
    first, last = min(numbers), max(others | numbers)
    assert _numbers(run.part(first, last)) == sorted(numbers)
    for number in numbers:
        assert _numbers(run.part(number, number)) == [number]
        assert _numbers(run.part(number, last)) == [one for one in sorted(numbers) if one >= number]


@given(numbers=NUMBERS, others=NUMBERS)
def test_a_run_of_which_nobody_has_looked_at_the_values_can_be_taken_apart_too(
    numbers: set[int], others: set[int]
) -> None:
    """Nobody has looked at those of its parts either."""
    run = RecordRun(sorted(numbers), list(map(_record, sorted(numbers))))
    found = run.without(others)
    assert [*(found.numbers if found else [])] == sorted(numbers - others)
    parts = [*run.unbroken(), *(run.part(number, number) for number in numbers)]
    assert {one.values for one in (*parts, found or run)} == {None}


@given(numbers=NUMBERS, joined=st.booleans())
def test_unbroken_runs_have_no_gaps(numbers: set[int], *, joined: bool) -> None:
    """Each is as long as it can be, and together they are the run."""
    unbroken = [_numbers(one) for one in _run(sorted(numbers), joined=joined).unbroken()]
    assert [number for one_run in unbroken for number in one_run] == sorted(numbers)
    for one_run in unbroken:
        assert one_run == list(range(one_run[0], one_run[-1] + 1))
    assert all(before[-1] + 1 < after[0] for before, after in pairwise(unbroken))


@given(st.lists(st.sampled_from("vvrl"), max_size=40), st.sets(st.integers(0, 40)))
def test_records_come_in_order(kinds: list[str], cuts: set[int]) -> None:
    """Each window gives its valid records in one run, and then what stands in its gaps."""
    numbered = list(enumerate(kinds, 1))
    windows = [numbered[begin:end] for begin, end in _pairs(len(numbered), cuts)]
    items = [item for window in windows for item in _items(window)]
    found: list[int] = []
    for item in in_order(items):
        found += _numbers(item) if isinstance(item, RecordRun) else [item.number]
        if not isinstance(item, RecordRun):
            assert isinstance(item, Rejected) is (kinds[item.number - 1] == "r")
    assert found == [number for number, _ in numbered]


def _pairs(count: int, cuts: set[int]) -> list[tuple[int, int]]:
    places = sorted({0, count, *(cut for cut in cuts if cut < count)})
    return list(pairwise(places))


def _items(window: list[tuple[int, str]]) -> list[Item]:
    valid = [number for number, kind in window if kind == "v"]
    run = [_run(valid)] if valid else []
    singles = [
        Rejected(number, Invalid((), b"")) if kind == "r" else LeftOut(number, "rule")
        for number, kind in window
        if kind != "v"
    ]
    return [*run, *singles]


def test_values_of_several_runs_are_joined_column_by_column() -> None:
    """As if they had been one."""
    one, other = _run([1, 2]), _run([5])
    assert one.values
    assert other.values
    assert joined_values([one.values, other.values]) == _run([1, 2, 5]).values


def test_what_is_known_of_times_is_known_of_some_and_of_joined_ones() -> None:
    """The period of just these; nothing, if they are of two days or nothing is known of some."""

    def values(*times: str, known: bool = True) -> EventValues:
        same = ["x"] * len(times)
        return EventValues(same, same, list(times), same, Period.of(times) if known else None)

    first = values("2026-11-21T08:00:02", "2026-11-21T08:00:01", "2026-11-21T08:00:03")
    assert first.period == first.one_day == Period("2026-11-21T08:00:01", "2026-11-21T08:00:03")
    assert first.part(0, 2).one_day == Period("2026-11-21T08:00:01", "2026-11-21T08:00:02")
    assert first.where([True, False, True]).one_day == Period("2026-11-21T08:00:02", "2026-11-21T08:00:03")
    assert first.where([False] * 3).one_day is None
    same, next_day, unknown = (
        values("2026-11-21T07:00:00"),
        values("2026-11-22T00:00:00"),
        values("2026-11-21T09:00:00", known=False),
    )
    assert joined_values([first, same]).one_day == Period("2026-11-21T07:00:00", "2026-11-21T08:00:03")
    assert joined_values([first, next_day]).one_day is None
    assert joined_values([first, unknown]).one_day is None
    assert unknown.part(0, 1).one_day is None
    assert unknown.period == Period.of(["2026-11-21T09:00:00"])


def test_joined_records_are_those_that_were_joined() -> None:
    """One, some, all; and so are others of the same form in their place."""
    apart = [b'{"n":%d}' % n for n in range(5)]
    joined = JoinedRecords(b",".join(apart), b'{"n"', 5)
    assert (len(joined), joined[0], joined[-1], [*joined[1:3]]) == (5, apart[0], apart[4], apart[1:3])
    assert list(joined) == list(joined[:]) == apart
    assert joined[1:3].joined == b",".join(apart[1:3])
    assert (len(joined[3:3]), joined[3:3].joined) == (0, b"")
    others = [one.replace(b":", b":1") for one in apart]
    assert list(joined.with_bytes(b",".join(others))) == others
    assert len(joined.with_bytes(b",".join(others))) == 5
