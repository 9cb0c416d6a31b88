"""The events of the records that an export sends, packed: 12 bytes each."""

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from shared.events.identity import Key
from shared.events.open_file import OpenFile
from shared.events.packing import different


class EventLog:
    """Events by input record numbers; what is added must come in their order.

    Attributes:
        pairs: date in UTC and day in the zone of people, by their numbers.
    """

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        self.pairs = pairs
        self._hashes = array("Q")
        self._pair_of = array("I")
        self._firsts = array("I")  # runs of records: the first one's number,
        self._places = array("I")  # and where in the arrays it is

    def __len__(self) -> int:
        """How many records there are."""
        return len(self._hashes)

    @property
    def hashes(self) -> Sequence[int]:
        """Of all events, in their order."""
        return self._hashes

    def add(self, numbers: Sequence[int], hashes: list[int], pair_of: Iterable[int]) -> None:
        """Append records.

        Args:
            numbers: of the records, rising, above all before; a range where they follow each other.
            hashes: of their events.
            pair_of: the numbers of their pairs.
        """
        place = len(self._hashes)
        following = self._firsts[-1] + place - self._places[-1] if self._firsts else 0
        for number in numbers[:1] if isinstance(numbers, range) else numbers:
            if number != following:
                self._firsts.append(number)
                self._places.append(place)
            following, place = number + 1, place + 1
        self._hashes.fromlist(hashes)
        self._pair_of.extend(pair_of)

    @property
    def all_days(self) -> set[str]:
        """On which there are events."""
        return {self.pairs[pair][1] for pair in different(self._pair_of)}

    def days(self, first: int, last: int) -> dict[str, int]:
        """How many of the records from `first` to `last` have their events on each day."""
        counts: Counter[str] = Counter()
        for begin, end, _ in self._within(first, last):
            pair_of = self._pair_of[begin:end]
            found = different(pair_of)
            for pair, count in Counter(pair_of).items() if len(found) > 1 else [(found[0], len(pair_of))]:
                counts[self.pairs[pair][1]] += count
        return dict(sorted(counts.items()))

    def open_file(
        self, ledger: str, key: Key, planned_at: str, by: str, within: Iterable[tuple[int, int]]
    ) -> OpenFile:
        """What requests are about to send.

        Args:
            ledger: path of the ledger whose entries are going to name it.
            key: of the job.
            planned_at: UTC.
            by: names the worker.
            within: first and last record of each entry, in order.
        """
        numbers, hashes, pair_of = array("I"), array("Q"), array("I")
        slices = (one for first, last in within for one in self._within(first, last))
        for begin, end, number in slices:
            numbers.extend(range(number, number + end - begin))
            hashes.extend(self._hashes[begin:end])
            pair_of.extend(self._pair_of[begin:end])
        date_by_pair = {pair: self.pairs[pair][0] for pair in different(pair_of)}
        dates = sorted({*date_by_pair.values()})
        index = {pair: dates.index(date) for pair, date in date_by_pair.items()}
        if len(dates) == 1:
            date_of = array("H", [0]) * len(numbers)
        else:
            date_of = array("H", list(map(index.__getitem__, pair_of)))
        return OpenFile(ledger, key.id, planned_at, by, dates, numbers, date_of, hashes)

    def _within(self, first: int, last: int) -> Iterator[tuple[int, int, int]]:
        """Slices of the arrays, with the number of the record that each begins with."""
        at = max(0, bisect_right(self._firsts, first) - 1)
        while at < len(self._firsts) and self._firsts[at] <= last:
            number, place = self._firsts[at], self._places[at]
            until = self._places[at + 1] if at + 1 < len(self._places) else len(self._hashes)
            begin = place + max(0, first - number)
            end = min(until, place + last - number + 1)
            if begin < end:
                yield begin, end, number + begin - place
            at += 1
