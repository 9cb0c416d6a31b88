"""Remembering what texts mean: most rows share their door, person or second with many others."""

from collections.abc import Callable
from sys import intern
from typing import Final, cast

type Key = str | tuple[str, ...]

_LONGEST: Final = 200
"""Characters of a key that is remembered; longer ones are too rare to matter, and an export may have many."""
_FRAME_BYTES: Final = 150
"""What an entry takes besides its characters."""


class Memo[K: Key, V](dict[K, V]):
    """From a key to what a function gives for it; a loop in C finds what is remembered.

    When it holds about so many bytes, the older half is forgotten.
    """

    def __init__(self, give: Callable[[K], V], max_bytes: int, value_bytes: int = 0) -> None:
        """Begin.

        Args:
            give: the function.
            max_bytes: how much is kept.
            value_bytes: what a value takes, roughly.
        """
        super().__init__()
        self._give = give
        self._max_bytes = max_bytes
        self._value_bytes = value_bytes + _FRAME_BYTES
        self._held_bytes = 0

    def __missing__(self, key: K) -> V:
        """Ask the function, and remember what it gives."""
        value = self._give(key)
        characters = len(key) if isinstance(key, str) else sum(map(len, key))
        if characters <= _LONGEST:
            self._held_bytes += characters + self._value_bytes
            if self._held_bytes > self._max_bytes:
                self._forget()
            self[_sharing(key)] = value
        return value

    def _forget(self) -> None:
        for key in list(self)[: len(self) // 2]:
            del self[key]
        self._held_bytes //= 2


def _sharing[K: Key](key: K) -> K:
    """The key, made of texts that other keys share: the fewer there are, the more of them stay in the processor's cache."""
    return cast("K", intern(key) if isinstance(key, str) else tuple(map(intern, key)))
