"""Runs of records: parts of them, and records that are still joined."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.exports.items import JoinedRecords, RecordRun, RecordValues

HEAD = b'{"n"'


def run_of(first: int, count: int) -> RecordRun:
    """A run whose records and values hold their numbers."""
    numbers = range(first, first + count)
    return RecordRun(first, [b"%d" % n for n in numbers], [RecordValues(user_id=n) for n in numbers])


def numbers_of(run: RecordRun) -> list[int]:
    """The numbers that its records hold; those that its values hold are the same."""
    found = [int(record) for record in run.records]
    assert [one.user_id for one in run.values] == found
    assert found == list(range(run.first, run.last + 1))
    return found


@pytest.mark.parametrize("first", [1, 7])
def test_a_part_holds_what_it_says(first: int) -> None:
    """From any of its records to any other one; the whole is no copy."""
    run = run_of(first, 4)
    assert (run.first, run.last) == (first, first + 3)
    for begin in range(first, first + 4):
        for end in range(begin, first + 4):
            assert numbers_of(run.part(begin, end)) == list(range(begin, end + 1))
    assert run.part(first, first + 3) is run


@given(st.integers(1, 5), st.integers(1, 8), st.data())
def test_what_is_around_some_records_are_the_others_in_their_order(
    first: int, count: int, data: st.DataObject
) -> None:
    """Each of the records is in its place, and no run between them is empty."""
    run = run_of(first, count)
    without = sorted(data.draw(st.sets(st.integers(first, run.last))))
    found: list[int] = []
    singles: list[int] = []
    for one in run.around(without):
        if isinstance(one, RecordRun):
            assert one.records
            found += numbers_of(one)
        else:
            singles.append(one)
            found.append(one)
    assert found == numbers_of(run)
    assert singles == without


def test_joined_records_are_those_that_were_joined() -> None:
    """One, some, all; and so are others of the same form in their place."""
    apart = [b'{"n":%d}' % n for n in range(5)]
    joined = JoinedRecords(b",".join(apart), HEAD, 5)
    assert (len(joined), joined[0], joined[-1], joined[1:3]) == (5, apart[0], apart[4], apart[1:3])
    assert list(joined) == joined[:] == apart
    others = [one.replace(b":", b":1") for one in apart]
    assert list(joined.with_bytes(b",".join(others))) == others
    assert len(joined.with_bytes(b",".join(others))) == 5
