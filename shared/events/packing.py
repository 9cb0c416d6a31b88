"""Whole numbers as they are stored: each the same few bytes, the lowest one first, on any machine."""

import sys
from array import array
from typing import Final, Literal

type Width = Literal[2, 4, 8]
"""Bytes of a number."""

_CODES: Final[dict[int, Literal["H", "I", "Q"]]] = {2: "H", 4: "I", 8: "Q"}


def packed(numbers: "array[int]") -> bytes:
    """The bytes of numbers, as many for each as their array has."""
    return _turned(numbers).tobytes()


def unpacked(data: bytes | memoryview, width: Width) -> "array[int]":
    """Numbers out of their stored bytes, in an array that has no room to grow: a large index is many of them.

    Args:
        data: whole numbers of bytes.
        width: of each number.
    """
    found = array(_CODES[width], [0]) * (len(data) // width)
    if found:
        memoryview(found).cast("B")[:] = data
    return _turned(found)


def different(numbers: "array[int]") -> list[int]:
    """The numbers that there are, rising; mostly they are all the same, which needs no object for each to find out."""
    if numbers == numbers[:1] * len(numbers):
        return numbers[:1].tolist()
    return sorted(set(numbers))


def _turned(numbers: "array[int]") -> "array[int]":
    """The lowest byte first, where this machine puts it last, or the other way round."""
    if sys.byteorder == "little":
        return numbers
    turned = numbers[:]  # pragma: no cover  (no machine of ours)
    turned.byteswap()  # pragma: no cover
    return turned  # pragma: no cover
