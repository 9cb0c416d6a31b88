"""The events of one date that were accepted: packed, 8 bytes each, and looked up many at a time."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import compress, repeat
from operator import eq
from typing import Final

from shared.events.rising import rising

_SMALL: Final = 1 << 17
"""Runs smaller than this are put together, so that a lookup has few places to go to."""


class HashIndex:
    """Which hashes are known."""

    def __init__(self, parts: Iterable["array[int]"] = ()) -> None:
        """Put hashes together.

        Args:
            parts: in rising order each; those that are large are kept as they are.
        """
        self._parts: list[array[int]] = []
        small: array[int] = array("Q")
        for part in parts:
            if len(part) >= _SMALL:
                self._parts.append(part)
                continue
            small.extend(part)
            if len(small) >= _SMALL:
                self._parts.append(rising(small))
                small = array("Q")
        if small:
            self._parts.append(rising(small))

    def __len__(self) -> int:
        """How many hashes are kept; one that stands in two large parts counts twice."""
        return sum(map(len, self._parts))

    def known(self, hashes: Sequence[int]) -> list[int]:
        """Those of the hashes that are known, in their order."""
        if not self._parts:
            return []
        found: set[int] = set()
        for part in self._parts:
            places = map(bisect_left, repeat(part), hashes)
            last = len(part)
            there = [part[place] if place < last else -1 for place in places]
            found.update(compress(hashes, map(eq, there, hashes)))
        return [one for one in hashes if one in found] if found else []
