"""One bit an input record: which records of an export a plan sends. Packed, so that millions of them are small."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Self


class RecordBits:
    """A set of input record numbers (from 1), one bit each."""

    def __init__(self, data: bytes = b"") -> None:
        self._bits = bytearray(data)

    def __contains__(self, number: int) -> bool:
        """Whether a record is in the set."""
        byte, bit = divmod(number - 1, 8)
        return byte < len(self._bits) and bool(self._bits[byte] >> bit & 1)

    def __bytes__(self) -> bytes:
        """Lowest number first, lowest bit first, without empty bytes at the end."""
        return bytes(self._bits.rstrip(b"\0"))

    def __bool__(self) -> bool:
        """Whether any number is in the set."""
        return any(self._bits)

    @property
    def sha256(self) -> str:
        """Names the set by its content."""
        return hashlib.sha256(bytes(self)).hexdigest()

    def add(self, first: int, last: int) -> None:
        """Put the numbers from `first` to `last` into the set."""
        self._grow(last)
        low, high = first - 1, last
        start, end = (low + 7) // 8, high // 8
        if start > end:
            for number in range(low, high):
                self._bits[number >> 3] |= 1 << (number & 7)
            return
        for number in range(low, start * 8):
            self._bits[number >> 3] |= 1 << (number & 7)
        self._bits[start:end] = b"\xff" * (end - start)
        for number in range(end * 8, high):
            self._bits[number >> 3] |= 1 << (number & 7)

    def add_each(self, numbers: Sequence[int]) -> None:
        """Put rising numbers into the set."""
        if isinstance(numbers, range):
            self.add(numbers[0], numbers[-1])
            return
        self._grow(numbers[-1])
        bits = self._bits
        for number in numbers:
            bits[(number - 1) >> 3] |= 1 << ((number - 1) & 7)

    def discard(self, number: int) -> None:
        """Take one number out, if it is in."""
        byte, bit = divmod(number - 1, 8)
        if byte < len(self._bits):
            self._bits[byte] &= ~(1 << bit) & 0xFF

    def within(self, first: int, last: int) -> Self:
        """The numbers of the set from `first` to `last`."""
        mask = ((1 << last) - 1) ^ ((1 << (first - 1)) - 1)
        return self._of(self._whole() & mask)

    def union(self, other: "RecordBits") -> Self:
        """The numbers in either set."""
        return self._of(self._whole() | int.from_bytes(bytes(other), "little"))

    def without(self, other: "RecordBits") -> Self:
        """The numbers of this set that are not in the other."""
        return self._of(self._whole() & ~int.from_bytes(bytes(other), "little"))

    def count(self) -> int:
        """How many numbers are in the set."""
        return self._whole().bit_count()

    def runs(self, first: int, last: int, *, absent: bool = False) -> Iterator[tuple[int, int]]:
        """Runs of numbers from `first` to `last` that are in the set, each as (first, last).

        Args:
            first: where to begin.
            last: where to end.
            absent: yield the runs that are not in the set instead.
        """
        begin = 0
        for number in range(first, last + 1):
            if (number in self) is not absent:
                begin = begin or number
            elif begin:
                yield begin, number - 1
                begin = 0
        if begin:
            yield begin, last

    def holds_all(self, first: int, last: int) -> bool:
        """Whether every number from `first` to `last` is in the set."""
        return self._part(first, last) == (1 << (last - first + 1)) - 1

    def holds_none(self, first: int, last: int) -> bool:
        """Whether no number from `first` to `last` is in the set."""
        return self._part(first, last) == 0

    def _part(self, first: int, last: int) -> int:
        low, high = (first - 1) >> 3, (last + 7) >> 3
        part = int.from_bytes(self._bits[low:high], "little") >> (first - 1 - low * 8)
        return part & ((1 << (last - first + 1)) - 1)

    def _grow(self, last: int) -> None:
        missing = (last + 7) // 8 - len(self._bits)
        if missing > 0:
            self._bits += bytes(max(missing, len(self._bits)))

    def _whole(self) -> int:
        return int.from_bytes(self._bits, "little")

    @classmethod
    def _of(cls, whole: int) -> Self:
        return cls(whole.to_bytes((whole.bit_length() + 7) // 8, "little"))
