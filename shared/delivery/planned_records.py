"""Runs of records as far as a plan sends them."""

from collections.abc import Iterable, Iterator

from shared.delivery.record_bits import RecordBits
from shared.exports.reader import Item, RecordRun


def planned_only(items: Iterable[Item], bits: RecordBits, last: int) -> Iterator[RecordRun]:
    """The records of a pass that a plan sends, up to the last one; for pass 2, which consults only the bits."""
    for item in items:
        if isinstance(item, RecordRun):
            yield from _within(item, bits)
            if item.first + len(item.records) > last:
                return


def _within(run: RecordRun, bits: RecordBits) -> Iterator[RecordRun]:
    last = run.first + len(run.records) - 1
    if bits.holds_all(run.first, last):
        yield run
        return
    for first, end in bits.runs(run.first, last):
        yield part_of(run, first, end)


def part_of(run: RecordRun, first: int, last: int) -> RecordRun:
    """The records of a run from one input record number to another."""
    if first == run.first and last == run.first + len(run.records) - 1:
        return run
    return RecordRun(first, run.records[first - run.first : last - run.first + 1])
