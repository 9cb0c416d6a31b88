"""A small export is held from its first reading on, so that storage is not asked for it twice."""

from collections.abc import Iterator
from typing import Final

HELD_BYTES: Final = 4 << 20
"""Larger exports, as they lie in storage, are read again."""


class HeldExport:
    """The pieces of one version of one export, once they were read to their end."""

    def __init__(self) -> None:
        self._pieces: list[bytes] | None = None

    def pieces(self) -> list[bytes] | None:
        """All of it; `None` if it was not read to its end, or is too large."""
        return self._pieces

    def watched(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the same, and keep it."""
        pieces: list[bytes] = []
        held = 0
        for chunk in chunks:
            held += len(chunk)
            if held <= HELD_BYTES:
                pieces.append(chunk)
            else:
                pieces.clear()
            yield chunk
        if held <= HELD_BYTES:
            self._pieces = pieces
