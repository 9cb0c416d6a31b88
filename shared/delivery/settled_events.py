"""What became of the events in an open file, record by record, by the ledger entries that cover and name it. Pure."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from shared.delivery.ledger import Entry
from shared.events.open_file import OpenFile


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

    shares: dict[Share, list[int]]
    kept: dict[int, int]


def settle(name: str, file: OpenFile, entries: Iterable[Entry]) -> Settled:
    """Sort the events of a file; those that were refused, or never sent, are in no part.

    Args:
        name: of the file, by which entries name it.
        file: the events.
        entries: of its ledger.
    """
    shares: defaultdict[Share, list[int]] = defaultdict(list)
    kept: dict[int, int] = {}
    for entry in entries:
        if entry.file != name:
            continue
        first = bisect_left(file.numbers, entry.first)
        end = bisect_right(file.numbers, entry.last)
        if entry.in_doubt:
            kept.update(zip(file.numbers[first:end], file.hashes[first:end], strict=True))
        elif entry.state == "accepted":
            refused = set(entry.refused)
            day, doubt = (entry.accepted_at or "")[:10], entry.unconfirmed > 0
            for place in range(first, end):
                if file.numbers[place] not in refused:
                    date = file.dates[file.date_of[place]]
                    shares[Share(date, day, doubt)].append(file.hashes[place])
    return Settled(dict(shares), kept)


def all_kept(file: OpenFile) -> Settled:
    """Of a ledger that cannot be read nothing is known, so that each of its events may have been accepted."""
    return Settled({}, dict(zip(file.numbers, file.hashes, strict=True)))
