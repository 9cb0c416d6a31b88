"""Sets of record numbers as bits: every operation gives what Python's own sets give."""

import hashlib
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.delivery.record_bits import RecordBits

NUMBERS = st.integers(1, 70)
SETS = st.sets(NUMBERS)


def _bits(numbers: set[int]) -> RecordBits:
    bits = RecordBits()
    for number in numbers:
        bits.add(number, number)
    return bits


def _numbers(bits: RecordBits) -> set[int]:
    return {number for number in range(1, 8 * len(bytes(bits)) + 1) if number in bits}


@given(st.lists(st.tuples(NUMBERS, st.integers(0, 40))))
def test_ranges_add_what_they_hold(ranges: list[tuple[int, int]]) -> None:
    """Within a byte, across bytes, on their borders, over one another."""
    bits, expected = RecordBits(), set[int]()
    for first, more in ranges:
        bits.add(first, first + more)
        expected |= set(range(first, first + more + 1))
    assert _numbers(bits) == expected
    assert bits.count() == len(expected)
    assert bool(bits) is bool(expected)


@given(SETS, SETS)
def test_single_numbers_are_added_too(numbers: set[int], more: set[int]) -> None:
    """To what is there already, however far apart they are."""
    bits = _bits(numbers)
    if more:
        bits.add_each(sorted(more))
    assert _numbers(bits) == numbers | more


@given(SETS, SETS, NUMBERS, NUMBERS)
def test_set_operations_are_those_of_sets(left: set[int], right: set[int], one: int, other: int) -> None:
    """Union, difference, a part, and none of them changes what it starts from."""
    first, last = min(one, other), max(one, other)
    part = set(range(first, last + 1))
    mine, theirs = _bits(left), _bits(right)
    assert _numbers(mine.union(theirs)) == left | right
    assert _numbers(mine.without(theirs)) == left - right
    assert _numbers(mine.within(first, last)) == left & part
    assert mine.holds_all(first, last) is (part <= left)
    assert mine.holds_none(first, last) is (not part & left)
    assert (_numbers(mine), _numbers(theirs)) == (left, right)


@given(SETS, st.integers(1, 200))
def test_one_number_can_be_taken_out(numbers: set[int], number: int) -> None:
    """Whether it was in or not, and however far beyond the end it lies."""
    bits = _bits(numbers)
    bits.discard(number)
    assert _numbers(bits) == numbers - {number}


@given(SETS, NUMBERS, NUMBERS)
def test_runs_and_gaps_are_the_whole_range(numbers: set[int], one: int, other: int) -> None:
    """Runs of numbers in the set and runs of those that are not share out the range, in order, without touching."""
    first, last = min(one, other), max(one, other)
    bits = _bits(numbers)
    runs, gaps = list(bits.runs(first, last)), list(bits.runs(first, last, absent=True))
    inside = {number for begin, end in runs for number in range(begin, end + 1)}
    outside = {number for begin, end in gaps for number in range(begin, end + 1)}
    assert inside == numbers & set(range(first, last + 1))
    assert outside == set(range(first, last + 1)) - numbers
    for found in (runs, gaps):
        assert all(end + 1 < begin for (_, end), (begin, _) in pairwise(found))


@given(SETS, st.integers(0, 9))
def test_the_same_set_has_the_same_bytes(numbers: set[int], zeros: int) -> None:
    """However it was built and however much room it has: a plan's bits are named by their content."""
    bits = _bits(numbers)
    again = RecordBits(bytes(bits) + bytes(zeros))
    grown = _bits(numbers | {600})
    grown.discard(600)
    assert bytes(again) == bytes(grown) == bytes(bits)
    assert again.sha256 == grown.sha256 == hashlib.sha256(bytes(bits)).hexdigest()
    assert _numbers(again) == numbers


def test_millions_of_records_are_small() -> None:
    """One bit each; lowest number first, lowest bit first."""
    bits = RecordBits()
    bits.add(1, 2_400_000)
    assert len(bytes(bits)) == 300_000
    assert bits.count() == 2_400_000
    assert bytes(_bits({1, 10})) == b"\x01\x02"


def test_taking_one_number_out_leaves_its_neighbours() -> None:
    """The others of its byte, and whatever is not in the set at all."""
    for number in range(1, 25):
        bits = RecordBits()
        bits.add(1, 20)
        bits.discard(number)
        assert _numbers(bits) == set(range(1, 21)) - {number}


def test_runs_end_where_they_are_told_to() -> None:
    """What lies just behind the last number is neither in the set nor absent."""
    bits = _bits({1, 2, 5, 8})
    assert list(bits.runs(1, 4)) == [(1, 2)]
    assert list(bits.runs(1, 5)) == [(1, 2), (5, 5)]
    assert list(bits.runs(1, 8, absent=True)) == [(3, 4), (6, 7)]
    assert list(bits.runs(4, 5, absent=True)) == [(4, 4)]
