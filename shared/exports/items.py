"""What a pass over an export yields: every record is in exactly one item, in order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, overload

import msgspec

from shared.errors import Place
from shared.exports.validate import Invalid


class RecordValues(msgspec.Struct, gc=False, rename="pascal"):
    """What stands in a record's known properties; `UNSET` where it lacks one.

    Attributes:
        user_id: of a valid record a text, like all the others.
        asset_id: the door.
        asset_name: the door's name.
        event_time: of a valid record in UTC, as it is sent.
        access_status: whether the door opened.
    """

    user_id: Any = msgspec.UNSET
    asset_id: Any = msgspec.UNSET
    asset_name: Any = msgspec.UNSET
    event_time: Any = msgspec.UNSET
    access_status: Any = msgspec.UNSET


class JoinedRecords(Sequence[bytes]):
    """Records with commas between them, cut only when one is asked for: most go into a request together.

    Attributes:
        joined: their bytes.
    """

    def __init__(self, joined: bytes, head: bytes, count: int) -> None:
        """Join nothing: they are joined.

        Args:
            joined: their bytes, with a comma between two and nothing else.
            head: what each begins with; behind a brace and a comma it stands nowhere else.
            count: how many there are.
        """
        self.joined = joined
        self._head = head
        self._count = count

    def __len__(self) -> int:
        """How many there are."""
        return self._count

    @overload
    def __getitem__(self, which: int) -> bytes: ...

    @overload
    def __getitem__(self, which: slice) -> list[bytes]: ...

    def __getitem__(self, which: int | slice) -> bytes | list[bytes]:
        """One of them, or some."""
        return self._apart[which]

    def with_bytes(self, joined: bytes) -> "JoinedRecords":
        """As many records that begin and end alike, of other bytes."""
        return JoinedRecords(joined, self._head, self._count)

    @cached_property
    def _apart(self) -> list[bytes]:
        head = self._head
        inner = self.joined[len(head) : -1].split(b"}," + head)
        return [b"%b%b}" % (head, one) for one in inner]


@dataclass(frozen=True, slots=True)
class RecordRun:
    """Valid records that follow each other in the export.

    Attributes:
        first: the first one's number, from 1.
        records: the bytes to send.
        values: what stands in each; empty if nobody has looked yet.
    """

    first: int
    records: Sequence[bytes]
    values: Sequence[RecordValues] = ()

    @property
    def last(self) -> int:
        """The last one's number."""
        return self.first + len(self.records) - 1

    def part(self, first: int, last: int) -> "RecordRun":
        """The records from one number to another."""
        if first == self.first and last == self.last:
            return self
        begin, end = first - self.first, last - self.first + 1
        return RecordRun(first, self.records[begin:end], self.values[begin:end])

    def around(self, numbers: Iterable[int]) -> Iterator["RecordRun | int"]:
        """The records without some, in order: the runs between them, and each number in its place.

        Args:
            numbers: of records of this run, rising.
        """
        first = self.first
        for number in numbers:
            if first < number:
                yield self.part(first, number - 1)
            yield number
            first = number + 1
        if first <= self.last:
            yield self.part(first, self.last)


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


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that is not sent although nothing is wrong with it: its number, and `REPEATED` or why it is ignored."""

    number: int
    code: str


REPEATED: Final = "repeated"
"""The same event stands earlier in the export, or was sent before."""

BEFORE_START: Final = "before-start"
"""It is valid, and earlier than what is to be sent at all."""

type Item = RecordRun | Rejected | LeftOut
"""What a pass over an export yields: every record is in exactly one item, in order."""
