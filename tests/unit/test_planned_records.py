"""Which records of a pass a plan sends, and where reading ends."""

from collections.abc import Iterator

from shared.delivery.planned_records import planned_only
from shared.delivery.record_bits import RecordBits
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
