"""Which hashes have been seen in an export: at most 80 bytes each where there are many."""

from collections.abc import Sequence
from typing import Final

_HASH: Final = (1 << 60) - 1  # what fits an integer object of 32 bytes
_SET: Final = 629_000  # three fifths of 2**20: beyond that a set would take twice the memory
_SOME: Final = 1 << 12


class Once:
    """Which hashes have been seen.

    Python's sets double when they are three fifths full. A set that is about to double beyond its share is left as it is, and
    the next one begun.
    """

    def __init__(self, hashes: Sequence[int] = ()) -> None:
        """Begin with these; none is there twice."""
        self._full: list[set[int]] = []
        self._open: set[int] = set()
        for begin in range(0, len(hashes), _SOME):
            self._add(set(map(_HASH.__and__, hashes[begin : begin + _SOME])))

    def __len__(self) -> int:
        """How many different ones there were."""
        return len(self._open) + sum(map(len, self._full))

    def again(self, what: int) -> bool:
        """Note a hash; whether it was there before."""
        kept = what & _HASH
        if kept in self._open or any(kept in full for full in self._full):
            return True
        self._add({kept})
        return False

    def all_new(self, hashes: list[int]) -> bool:
        """Note hashes if none of them was there before and no two are alike; whether that was so."""
        kept = set(map(_HASH.__and__, hashes))
        if len(kept) < len(hashes) or not self._open.isdisjoint(kept):
            return False
        if not all(full.isdisjoint(kept) for full in self._full):
            return False
        self._add(kept)
        return True

    def _add(self, kept: set[int]) -> None:
        if len(self._open) + len(kept) > _SET:
            self._full.append(self._open)
            self._open = set()
        self._open |= kept
