"""What a pass over an export yields: every record is in exactly one item.

Items come in the order of their first records. A run of valid records may have gaps; what stands in them comes right behind it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Final

import msgspec

from shared.errors import Place
from shared.exports.joined_records import JoinedRecords
from shared.exports.record_values import EventValues
from shared.exports.validate import Invalid


@dataclass(frozen=True, slots=True)
class RecordRun:
    """Valid records of which none is behind the next one.

    Attributes:
        numbers: of each, from 1, rising; a range where no other record stands between them.
        records: the bytes to send; at least one.
        values: what makes their events; `None` if nobody has looked yet.
    """

    numbers: Sequence[int]
    records: Sequence[bytes]
    values: EventValues | None = None

    @classmethod
    def from_first(
        cls, first: int, records: Sequence[bytes], values: EventValues | None = None
    ) -> "RecordRun":
        """Records that follow each other without a gap; `first` is the first one's number."""
        return cls(range(first, first + len(records)), records, values)

    @property
    def first(self) -> int:
        """The first one's number."""
        return self.numbers[0]

    @property
    def last(self) -> int:
        """The last one's number."""
        return self.numbers[-1]

    def part(self, first: int, last: int) -> "RecordRun":
        """The records from one number to another; there must be some."""
        if first <= self.first and last >= self.last:
            return self
        begin, end = bisect_left(self.numbers, first), bisect_right(self.numbers, last)
        values = self.values and self.values.part(begin, end)
        return RecordRun(self.numbers[begin:end], self.records[begin:end], values)

    def where(self, wanted: Sequence[object]) -> "RecordRun | None":
        """Some of the records; `None` if they are none.

        Args:
            wanted: for each record whether it is.
        """
        if all(wanted):
            return self
        records, numbers = self.records, list(compress(self.numbers, wanted))
        some = records.where(wanted) if type(records) is JoinedRecords else list(compress(records, wanted))
        return RecordRun(numbers, some, self.values and self.values.where(wanted)) if numbers else None

    def without(self, numbers: Collection[int]) -> "RecordRun | None":
        """The records without some; `None` if none is left."""
        return self.where([number not in numbers for number in self.numbers]) if numbers else self

    def unbroken(self) -> Iterator["RecordRun"]:
        """The same records in runs without gaps."""
        if isinstance(self.numbers, range):
            yield self
            return
        begin = 0
        for place, number in enumerate(self.numbers, 1):
            if place == len(self.numbers) or self.numbers[place] != number + 1:
                numbers = range(self.numbers[begin], number + 1)
                values = self.values and self.values.part(begin, place)
                yield RecordRun(numbers, self.records[begin:place], values)
                begin = place


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record to reject.

    Attributes:
        number: counts from 1.
        record: what is wrong with it, and its content.
        place: where it begins; may be asked only before the next item is read.
    """

    number: int
    record: Invalid
    place: Callable[[], Place] = Place


class LeftOut(msgspec.Struct, frozen=True, gc=False):
    """A record that is not sent although nothing is wrong with it: its number, and `REPEATED` or why it is ignored.

    There may be as many as records; a dataclass takes ten times as long to make.
    """

    number: int
    code: str


REPEATED: Final = "repeated"
"""The same event stands earlier in the export, or was sent before."""

BEFORE_START: Final = "before-start"
"""It is valid, and earlier than what is to be sent at all."""

type Item = RecordRun | Rejected | LeftOut
"""What a pass over an export yields."""


def in_order(items: Iterable[Item]) -> Iterator[Item]:
    """The same records, each in its place: runs end where something stands between two of their records.

    Where a record to reject begins may no longer be asked.
    """
    waiting: list[Item] = []
    last = 0
    for item in items:
        if waiting and (isinstance(item, RecordRun) or item.number > last):
            yield from _sorted(waiting)
            waiting = []
        if isinstance(item, RecordRun):
            waiting, last = [*item.unbroken()], item.last
        elif waiting:
            waiting.append(item)
        else:
            yield item
    yield from _sorted(waiting)


def _sorted(items: list[Item]) -> list[Item]:
    return sorted(items, key=lambda item: item.first if isinstance(item, RecordRun) else item.number)
