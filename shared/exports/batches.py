"""Cuts valid records into request bodies: JSON arrays of at most so many records and bytes.

The same cutter serves both passes. Pass 1 cuts freely and keeps only what describes a batch; pass 2 is given the
ranges the ledger froze and cuts exactly there. Between frozen ranges (after a change of the rules) it cuts freely.
"""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import msgspec

from shared.exports.items import RecordRun
from shared.exports.joined_records import JoinedRecords


@dataclass(frozen=True, slots=True)
class Batch:
    """What describes a request body: input record numbers (first and last, from 1), count, bytes and SHA-256."""

    first: int
    last: int
    records: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Body:
    """A request body, and the input record numbers of what is in it."""

    batch: Batch
    data: bytes
    numbers: tuple[Sequence[int], ...]

    def number_of(self, index: int) -> int:
        """The input record number of the record at this index of the array (from 0)."""
        for numbers in self.numbers:
            if index < len(numbers):
                return numbers[index]
            index -= len(numbers)
        raise IndexError(index)

    def halves(self) -> tuple["Body", "Body"]:
        """The same records in two bodies; there must be at least two."""
        return self.split(self.batch.records // 2)

    def split(self, count: int) -> tuple["Body", "Body"]:
        """The first `count` records, and the rest."""
        records = msgspec.json.decode(self.data, type=list[msgspec.Raw])
        return _body(records[:count], _taken(self.numbers, count)), _body(
            records[count:], _dropped(self.numbers, count)
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """When a batch that is cut freely is closed: before it would hold more than so many records or bytes."""

    max_records: int
    max_bytes: int


def cut(runs: Iterable[RecordRun], limits: Limits, frozen: Sequence[tuple[int, int]] = ()) -> Iterator[Body]:
    """Cut valid records into bodies, in order.

    Args:
        runs: the valid records of an export.
        limits: for whatever lies outside the frozen ranges; a single record above `max_bytes` goes alone.
        frozen: input record numbers (first and last) of batches that were decided before, in order.
    """
    builder = _Builder(limits)
    fences = iter(frozen)
    first, last = next(fences, (None, None))
    for run in runs:
        numbers, records = run.numbers, run.records
        while records:
            number = numbers[0]
            while last is not None and number > last:
                yield from builder.close()
                first, last = next(fences, (None, None))
            if first is None or last is None:
                count, free = len(records), True
            elif number < first:
                count, free = bisect_left(numbers, first), True
            else:
                count, free = bisect_right(numbers, last), False
                if builder.begins_before(first):
                    yield from builder.close()
            some, records = _divided(records, count)
            yield from builder.add(numbers[:count], some, free=free)
            numbers = numbers[count:]
    yield from builder.close()


class _Builder:
    """The batch that is being filled."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parts: list[bytes] = []
        self._numbers: list[Sequence[int]] = []
        self._records = 0
        self._bytes = 1

    def add(self, numbers: Sequence[int], records: Sequence[bytes], *, free: bool) -> Iterator[Body]:
        """Take records in; yields the bodies that became full."""
        while records:
            room = self._room(records) if free else len(records)
            if room == 0:
                yield from self.close()
                room = max(1, self._room(records))
            some, records = _divided(records, room)
            self._parts.append(b"," if self._parts else b"[")
            self._parts.append(some.joined if type(some) is JoinedRecords else b",".join(some))
            self._numbers.append(numbers[:room])
            self._records += room
            self._bytes += len(self._parts[-1]) + 1
            numbers = numbers[room:]

    def begins_before(self, number: int) -> bool:
        """Whether a record before this number is in the batch."""
        return bool(self._numbers) and self._numbers[0][0] < number

    def close(self) -> Iterator[Body]:
        """Yield what has been gathered, if anything, and start anew."""
        if self._records:
            yield _sealed(self._parts, self._numbers, self._records)
            self._parts, self._numbers, self._records, self._bytes = [], [], 0, 1

    def _room(self, records: Sequence[bytes]) -> int:
        """How many of these records still fit."""
        count = min(len(records), self._limits.max_records - self._records)
        fitting, _ = _divided(records, count)
        if self._bytes + _bytes_of(fitting) <= self._limits.max_bytes:
            return count
        sizes = list(accumulate((len(record) + 1 for record in fitting), initial=self._bytes))
        return max(0, bisect_right(sizes, self._limits.max_bytes) - 1)


def _divided(records: Sequence[bytes], count: int) -> tuple[Sequence[bytes], Sequence[bytes]]:
    """The first records, so many, and the rest."""
    return (records, ()) if count == len(records) else (records[:count], records[count:])


def _bytes_of(records: Sequence[bytes]) -> int:
    """What records take in a body, with a comma for each; of none, where none fits, it does not matter."""
    if type(records) is JoinedRecords:
        return len(records.joined) + 1
    return sum(map(len, records)) + len(records)


def _body(records: list[msgspec.Raw], numbers: list[Sequence[int]]) -> Body:
    return _sealed([b"[", b",".join(map(bytes, records))], numbers, len(records))


def _sealed(parts: list[bytes], numbers: list[Sequence[int]], records: int) -> Body:
    data = b"".join((*parts, b"]"))
    sha256 = hashlib.sha256(data).hexdigest()
    return Body(Batch(numbers[0][0], numbers[-1][-1], records, len(data), sha256), data, tuple(numbers))


def _taken(numbers: Iterable[Sequence[int]], count: int) -> list[Sequence[int]]:
    """The first `count` of these numbers."""
    taken = []
    for some in numbers:
        if count <= 0:
            break
        taken.append(some[:count])
        count -= len(some)
    return taken


def _dropped(numbers: Iterable[Sequence[int]], count: int) -> list[Sequence[int]]:
    """These numbers without the first `count`."""
    left = []
    for some in numbers:
        if count < len(some):
            left.append(some[max(0, count) :])
        count -= len(some)
    return left
