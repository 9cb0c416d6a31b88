"""Hashes in rising order, of which there may be hundreds of thousands."""

from array import array
from itertools import islice
from operator import eq

from shared.events.identity import HASH_BYTES
from shared.events.packing import packed


def rising(hashes: "array[int]") -> "array[int]":
    """The hashes in rising order, one that comes several times once.

    Those of the same highest byte are sorted apart: what fits into a processor's cache takes two thirds of the time.

    Args:
        hashes: of 8 bytes each, in any order.
    """
    parts = list[list[int]]([] for _ in range(256))
    into = [part.append for part in parts]
    highest = packed(hashes)[HASH_BYTES - 1 :: HASH_BYTES]
    for put, one in zip(map(into.__getitem__, highest), hashes, strict=True):
        put(one)
    ordered = array("Q")
    for part in parts:
        part.sort()
        repeats = any(map(eq, part, islice(part, 1, None)))
        ordered.fromlist(sorted(set(part)) if repeats else part)
    return ordered
