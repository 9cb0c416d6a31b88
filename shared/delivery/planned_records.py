"""Runs of records as far as a plan sends them."""

from collections.abc import Iterable, Iterator

from shared.delivery.record_bits import RecordBits
from shared.exports.items import Item, RecordRun


def planned_only(items: Iterable[Item], bits: RecordBits, last: int) -> Iterator[RecordRun]:
    """The records of a pass that a plan sends, up to the last one; for pass 2, which consults only the bits."""
    for item in items:
        if isinstance(item, RecordRun):
            yield from _within(item, bits)
            if item.last >= last:
                return


def _within(run: RecordRun, bits: RecordBits) -> Iterator[RecordRun]:
    if bits.holds_all(run.first, run.last):
        yield run
        return
    for first, end in bits.runs(run.first, run.last):
        yield run.part(first, end)
