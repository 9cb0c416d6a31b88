"""Which records of a pass a plan sends, and where reading ends."""

from collections.abc import Generator, Iterator, Sequence
from functools import partial

import pytest

from shared.delivery.ledger import entry_of
from shared.delivery.planned_records import as_planned, planned_only
from shared.delivery.record_bits import RecordBits
from shared.error_codes import RejectedCode
from shared.errors import ExportError
from shared.exports.batches import Body, Limits, cut
from shared.exports.items import Item, LeftOut, RecordRun


def run(first: int, last: int) -> RecordRun:
    """Records without gaps."""
    return RecordRun(range(first, last + 1), [b"%d" % number for number in range(first, last + 1)])


def bits(*numbers: int) -> RecordBits:
    """Of the records that go."""
    made = RecordBits()
    for number in numbers:
        made.add(number, number)
    return made


def test_only_the_bits_are_consulted() -> None:
    """Whole runs, parts of runs, and runs with gaps."""
    items: list[Item] = [
        run(1, 3),
        LeftOut(4, "no-event"),
        RecordRun([5, 7, 9], [b"5", b"7", b"9"]),
        run(10, 12),
    ]
    sent = planned_only(items, bits(1, 2, 3, 5, 6, 9, 11), 99)
    assert [[*one.numbers] for one in sent] == [[1, 2, 3], [5, 9], [11]]
    assert [*planned_only([run(1, 3)], bits(), 99)] == []


def test_reading_ends_with_the_last_record_that_is_planned() -> None:
    """The rest of a large export is not unpacked for nothing."""

    def items() -> Iterator[Item]:
        yield run(1, 3)
        yield run(4, 6)
        raise AssertionError("nothing of this is planned")

    assert [[*one.numbers] for one in planned_only(items(), bits(2, 6), 6)] == [[2], [6]]


@pytest.mark.parametrize(
    ("quick", "then"),
    [
        pytest.param(["1-3", "4-6", "7-9"], [], id="right"),
        pytest.param(["1-3", "4-5", "6-9"], ["careful"], id="cut elsewhere"),
        pytest.param(["1-3", "5-6"], ["careful"], id="one that is not planned"),
        pytest.param(["1-3", "4-6"], ["careful"], id="too few"),
        pytest.param(["1-3", "4-6", "error"], ["careful"], id="unreadable"),
        pytest.param(["error"], ["careful"], id="unreadable from the beginning"),
        pytest.param([], ["careful"], id="nothing"),
    ],
)
def test_a_quick_pass_is_held_against_the_plan(quick: Sequence[str], then: Sequence[str]) -> None:
    """From the first body on that is not what the ledger says, those of a careful pass come; both are closed."""
    ended: list[str] = []

    def bodies(name: str, ranges: Sequence[str]) -> Generator[Body]:
        try:
            for one in ranges:
                if one == "error":
                    raise ExportError(RejectedCode.NOT_JSON, "It cannot be read.")
                first, last = map(int, one.split("-"))
                yield from cut([run(first, last)], Limits(9, 99))
        finally:
            ended.append(name)

    right = [*bodies("plan", ["1-3", "4-6", "7-9"])]
    entries = [entry_of(body.batch) for body in right]
    careful = partial(bodies, "careful", ["1-3", "4-6", "7-9"])
    assert [*as_planned(bodies("quick", quick), careful, entries)] == right
    assert ended == ["plan", "quick", *then]


def test_a_quick_pass_that_is_left_is_closed() -> None:
    """No thread is left behind when sending ends before the bodies do."""
    ended: list[str] = []

    def bodies() -> Generator[Body]:
        try:
            yield from cut([run(1, 3)], Limits(1, 99))
        finally:
            ended.append("quick")

    entries = [entry_of(body.batch) for body in bodies()]
    left = as_planned(bodies(), bodies, entries)
    next(left)
    left.close()
    assert ended == ["quick", "quick"]
