"""What became of the events in an open file, record by record, by the ledger entries that cover and name it. Pure."""

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import compress

from shared.delivery.ledger import Entry
from shared.events.open_file import OpenFile
from shared.events.packing import different


@dataclass(frozen=True, slots=True, order=True)
class Share:
    """Where accepted events belong in the index.

    Attributes:
        event_date: of the events, in UTC.
        accepted_date: on which the connector accepted them, in UTC.
        doubt: whether it did so without saying it for each of them.
    """

    event_date: str
    accepted_date: str
    doubt: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a file's events.

    Attributes:
        shares: those that were accepted.
        kept: those that may have been, by the numbers of their records.
    """

    shares: "dict[Share, array[int]]"
    kept: dict[int, int]


def settle(name: str, file: OpenFile, entries: Iterable[Entry]) -> Settled:
    """Sort the events of a file; those that were refused, or never sent, are in no part.

    Args:
        name: of the file, by which entries name it.
        file: the events.
        entries: of its ledger.
    """
    shares: defaultdict[Share, array[int]] = defaultdict(partial(array, "Q"))
    kept: dict[int, int] = {}
    for entry in entries:
        if entry.file != name:
            continue
        first = bisect_left(file.numbers, entry.first)
        end = bisect_right(file.numbers, entry.last)
        if entry.in_doubt:
            kept.update(zip(file.numbers[first:end], file.hashes[first:end], strict=True))
        elif entry.state == "accepted":
            for date, hashes in _accepted(file, first, end, entry.refused):
                share = Share(date, (entry.accepted_at or "")[:10], doubt=entry.unconfirmed > 0)
                shares[share].extend(hashes)
    return Settled(dict(shares), kept)


def _accepted(
    file: OpenFile, first: int, end: int, refused: Collection[int]
) -> Iterator[tuple[str, Iterable[int]]]:
    """Dates and events of the records between two places that were not refused."""
    dates, hashes = file.date_of[first:end], file.hashes[first:end]
    if refused:
        gone = set(refused)
        goes = [number not in gone for number in file.numbers[first:end]]
        dates, hashes = array("H", compress(dates, goes)), array("Q", compress(hashes, goes))
    indexes = different(dates)
    for index in indexes:
        yield file.dates[index], hashes if len(indexes) == 1 else compress(hashes, map(index.__eq__, dates))


def all_kept(file: OpenFile) -> Settled:
    """Of a ledger that cannot be read nothing is known, so that each of its events may have been accepted."""
    return Settled({}, dict(zip(file.numbers, file.hashes, strict=True)))
