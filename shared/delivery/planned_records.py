"""Records and request bodies as far as a plan sends them: what pass 2 reads of a content."""

import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress

from shared.delivery.ledger import Entry
from shared.delivery.prefetch import bodies_ahead, prefetch
from shared.delivery.record_bits import RecordBits
from shared.errors import ExportError
from shared.exports.batches import Batch, Body, Limits, cut
from shared.exports.items import Item, RecordRun
from shared.exports.unjudged import unjudged_bodies

_NO_LIMITS = Limits(sys.maxsize, sys.maxsize)  # every record that is sent is in the range of an entry


def planned_bodies(
    items: Iterable[Item], entries: Sequence[Entry], bits: RecordBits, ahead: int
) -> Generator[Body]:
    """The request bodies of a pass, cut exactly as the ledger says.

    Args:
        items: of the pass.
        entries: of the ledger.
        bits: of its plan.
        ahead: how many are made ready while others are on their way, if they are not too large for that.
    """
    last = entries[-1].last if entries else 0
    ranges = [(entry.first, entry.last) for entry in entries]
    bodies = cut(planned_only(items, bits, last), _NO_LIMITS, ranges)
    return prefetch(bodies, bodies_ahead(ahead, entries))


def unjudged_as_planned(
    unpacked: Iterable[bytes], entries: Sequence[Entry], bits: RecordBits, ahead: int
) -> Generator[Body]:
    """Likewise, of an export that goes as it stands; ends where it cannot be told without looking at records.

    Args:
        unpacked: the export's bytes.
        entries: of the ledger.
        bits: of its plan.
        ahead: how many are made ready while others are on their way, if they are not too large for that.
    """

    def going(batch: Batch) -> Sequence[int]:
        numbers = range(batch.first, batch.last + 1)
        return numbers if bits.holds_all(batch.first, batch.last) else [one for one in numbers if one in bits]

    bodies = unjudged_bodies(unpacked, [entry.batch for entry in entries], going)
    return prefetch(bodies, bodies_ahead(ahead, entries))


def as_planned(
    quick: Generator[Body], careful: Callable[[], Generator[Body]], entries: Sequence[Entry]
) -> Generator[Body]:
    """The bodies of a quick pass for as long as they are what the ledger says, byte for byte; then those of a careful one.

    Args:
        quick: may be wrong.
        careful: begins a pass that is not.
        entries: of the ledger.
    """
    planned = {entry.first: entry.batch for entry in entries}
    done = 0
    with closing(quick), suppress(ExportError):
        for body in quick:
            if body.batch != planned.get(body.batch.first):
                break
            done = body.batch.last
            yield body
    if not entries or done == entries[-1].last:
        return
    with closing(careful()) as bodies:
        yield from (body for body in bodies if body.batch.first > done)


def planned_only(items: Iterable[Item], bits: RecordBits, last: int) -> Iterator[RecordRun]:
    """The records that a plan sends, up to the last one; only the bits are consulted."""
    for item in items:
        if isinstance(item, RecordRun):
            yield from _within(item, bits)
            if item.last >= last:
                return


def _within(run: RecordRun, bits: RecordBits) -> Iterator[RecordRun]:
    if bits.holds_all(run.first, run.last):
        yield run
    elif some := run.where([number in bits for number in run.numbers]):
        yield some
