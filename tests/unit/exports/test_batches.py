"""Cutting valid records into request bodies."""

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.exports.batches import Body, Limits, cut
from shared.exports.items import RecordRun
from shared.exports.joined_records import JoinedRecords


def runs(sizes: list[int], gaps: list[int] | None = None) -> list[RecordRun]:
    """Stretches of so many records; a gap before each leaves out numbers, as rejected records do."""
    number = 1
    made: list[RecordRun] = []
    for size, gap in zip(sizes, gaps or [0] * len(sizes), strict=True):
        number += gap
        made.append(RecordRun.from_first(number, [b'{"n":%d}' % n for n in range(number, number + size)]))
        number += size
    return made


def numbers(body: Body) -> list[int]:
    """The input record numbers that a body holds, read from its bytes."""
    return [one["n"] for one in json.loads(body.data)]


def test_a_body_is_an_array_that_describes_itself() -> None:
    """Bytes, count, range and hash of the array that is sent; one record is an array of one."""
    (body,) = cut(runs([1], [4]), Limits(10, 1_000))
    assert body.data == b'[{"n":5}]'
    assert (body.batch.first, body.batch.last, body.batch.records, body.batch.bytes) == (5, 5, 1, 9)
    assert body.batch.sha256 == hashlib.sha256(body.data).hexdigest()


def test_a_batch_is_closed_at_whichever_limit_comes_first() -> None:
    """So many records or so many bytes, brackets and commas counted."""
    assert [len(numbers(body)) for body in cut(runs([25]), Limits(10, 1_000))] == [10, 10, 5]
    exactly_three = len(b'[{"n":1},{"n":2},{"n":3}]')
    assert [len(numbers(body)) for body in cut(runs([9]), Limits(10, exactly_three))] == [3, 3, 3]
    assert [len(numbers(body)) for body in cut(runs([9]), Limits(10, exactly_three - 1))] == [
        2,
        2,
        2,
        2,
        1,
    ]


def test_a_record_above_the_byte_limit_goes_alone() -> None:
    """It is the connector's to refuse."""
    large = [b'{"n":1}', b'{"n":2,"x":"%s"}' % (b"x" * 100), b'{"n":3}']
    assert [numbers(body) for body in cut([RecordRun.from_first(1, large)], Limits(10, 50))] == [
        [1],
        [2],
        [3],
    ]


def test_nothing_is_cut_from_nothing() -> None:
    """No records, no body."""
    assert list(cut([], Limits(10, 1_000))) == []


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 3)), max_size=12),
    st.integers(1, 12),
    st.integers(20, 120),
    st.data(),
)
def test_frozen_ranges_are_cut_as_they_were(
    parts: list[tuple[int, int]], max_records: int, max_bytes: int, data: st.DataObject
) -> None:
    """However records arrive, nothing is lost or moved, free cuts keep the limits, frozen ranges stay whole."""
    items = runs([size for size, _ in parts], [gap for _, gap in parts])
    if data.draw(st.booleans(), label="one run with gaps") and items:
        items = [
            RecordRun(
                [n for one in items for n in one.numbers], [raw for one in items for raw in one.records]
            )
        ]
    all_numbers = [n for one in items for n in one.numbers]
    free = [body.batch for body in cut(items, Limits(max_records, max_bytes))]
    frozen = [
        (batch.first, batch.last)
        for batch in free
        if data.draw(st.booleans(), label=f"freeze {batch.first} to {batch.last}")
    ]
    other = Limits(data.draw(st.integers(1, 12)), data.draw(st.integers(20, 120)))
    bodies = list(cut(items, other, frozen))
    assert [n for body in bodies for n in numbers(body)] == all_numbers
    for body in bodies:
        held = numbers(body)
        assert [body.number_of(index) for index in range(len(held))] == held
        assert (body.batch.first, body.batch.last, body.batch.records) == (held[0], held[-1], len(held))
        if (body.batch.first, body.batch.last) not in frozen:
            assert len(held) <= other.max_records
            assert len(body.data) <= other.max_bytes or len(held) == 1
    kept = {(body.batch.first, body.batch.last): body.batch.sha256 for body in bodies}
    known = {(batch.first, batch.last): batch.sha256 for batch in free}
    assert all(kept[fence] == known[fence] for fence in frozen)


@pytest.mark.parametrize(
    ("valid", "frozen", "cut_into"),
    [
        pytest.param([1, 2, 3, 5, 6, 7], [(4, 6)], [[1, 2, 3], [5, 6], [7]], id="its first record is gone"),
        pytest.param([1, 2, 6, 7], [(4, 6)], [[1, 2], [6], [7]], id="only its last is left"),
        pytest.param([1, 2, 7], [(4, 6)], [[1, 2], [7]], id="nothing of it is left"),
        pytest.param([2, 5, 8], [(1, 3), (4, 6)], [[2], [5], [8]], id="two ranges side by side"),
        pytest.param([1, 4, 5], [(2, 3), (4, 5)], [[1], [4, 5]], id="an empty one before it"),
    ],
)
def test_a_free_batch_never_runs_into_a_frozen_one(
    valid: list[int], frozen: list[tuple[int, int]], cut_into: list[list[int]]
) -> None:
    """Also where the records at a frozen range's edge are no longer valid: rules may loosen one thing and tighten another."""
    items = [RecordRun.from_first(n, [b'{"n":%d}' % n]) for n in valid]
    assert [numbers(body) for body in cut(items, Limits(10, 1_000), frozen)] == cut_into


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=6), st.lists(st.integers(0, 3), min_size=6), st.data()
)
def test_the_way_records_arrive_does_not_matter(
    sizes: list[int], gaps: list[int], data: st.DataObject
) -> None:
    """Hashes of both passes must match, wherever a piece of the stream ended."""
    items = runs(sizes, gaps[: len(sizes)])
    torn: list[RecordRun] = []
    for one in items:
        at = data.draw(st.integers(0, len(one.records)))
        torn.extend(
            RecordRun.from_first(one.first + start, records)
            for start, records in ((0, one.records[:at]), (at, one.records[at:]))
            if records
        )
    limits = Limits(4, 60)
    assert [body.batch for body in cut(torn, limits)] == [body.batch for body in cut(items, limits)]


def test_records_that_arrive_in_pieces_fill_a_batch_to_its_last_byte() -> None:
    """Each comma is counted once, and so are the brackets."""
    whole = len(b'[{"n":1},{"n":2},{"n":3},{"n":4}]')
    assert [len(numbers(body)) for body in cut(runs([1, 1, 1, 1]), Limits(10, whole))] == [4]
    assert [len(numbers(body)) for body in cut(runs([1, 1, 1, 1]), Limits(10, whole - 1))] == [3, 1]


@pytest.mark.parametrize("max_records", [2, 3, 100])
@pytest.mark.parametrize("spare_bytes", [-1, 0, 1])
@pytest.mark.parametrize("fitting", range(1, 8))
def test_records_that_are_still_joined_are_cut_like_any_others(
    fitting: int, spare_bytes: int, max_records: int
) -> None:
    """What the fast path hands over in one piece keeps both limits to the last byte, whatever is already in the batch."""
    apart = runs([2, 5])
    joined = [
        RecordRun(one.numbers, JoinedRecords(b",".join(one.records), b'{"n"', len(one.records)))
        for one in apart
    ]
    limits = Limits(max_records, len(b'[{"n":1}]') + len(b',{"n":1}') * (fitting - 1) + spare_bytes)
    assert list(cut(joined, limits)) == list(cut(apart, limits))


@pytest.mark.parametrize("count", range(1, 9))
def test_a_body_can_be_split_anywhere(count: int) -> None:
    """Also where its record numbers have a gap: both parts know their own records, first and last."""
    (body,) = cut(runs([2, 3, 4], [0, 2, 1]), Limits(100, 1_000))
    parts = body.split(count)
    assert numbers(parts[0]) + numbers(parts[1]) == numbers(body)
    assert parts[0].batch.records == count
    for part in parts:
        held = numbers(part)
        assert (part.batch.first, part.batch.last, part.batch.records) == (held[0], held[-1], len(held))
        assert [n for some in part.numbers for n in some] == held


def test_halves_hold_the_same_records() -> None:
    """A batch that is too large is sent in two; each half knows its own records' numbers."""
    (body,) = cut(runs([2, 3, 4], [0, 2, 1]), Limits(100, 1_000))
    first, second = body.halves()
    assert numbers(first) + numbers(second) == numbers(body)
    assert [first.number_of(index) for index in range(4)] == numbers(first)
    assert [second.number_of(index) for index in range(5)] == numbers(second)
    for half in (first, second):
        assert half.batch.sha256 == hashlib.sha256(half.data).hexdigest()
    with pytest.raises(IndexError):
        first.number_of(4)
