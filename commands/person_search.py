"""Finds texts in a stream of bytes, whatever encoding they stand in there, packed or not, in little memory."""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

_ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be", "cp1252")
_GZIP: Final = b"\x1f\x8b"
_GZIP_WINDOW: Final = 31
_UNPACKED_AT_ONCE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Patterns:
    """What is searched: each text in each encoding and as JSON escapes, as it is, in capitals and in small letters."""

    forms: tuple[bytes, ...]

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Patterns":
        """Patterns of texts; empty ones are left out."""
        forms: set[bytes] = set()
        for text in filter(None, (one.strip() for one in texts)):
            for cased in (text, text.lower(), text.upper()):
                for written in (cased, json.dumps(cased)[1:-1]):
                    forms |= {form.lower() for form in _encoded(written)}
        return cls(tuple(sorted(forms)))

    @property
    def longest(self) -> int:
        """Bytes of the longest one."""
        return max(map(len, self.forms), default=0)


def is_in(pieces: Iterable[bytes], patterns: Patterns) -> bool:
    """Whether one of the patterns stands in a stream, capital and small letters alike.

    Raises:
        ValueError: the stream is packed and broken, so that its rest cannot be searched.
    """
    tail = b""
    for piece in _unpacked(iter(pieces)):
        searched = tail + piece.lower()
        if any(form in searched for form in patterns.forms):
            return True
        tail = searched[-patterns.longest :]
    return False


def _encoded(text: str) -> Iterator[bytes]:
    for encoding in _ENCODINGS:
        try:
            yield text.encode(encoding)
        except UnicodeEncodeError:
            continue


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = next(pieces, b"")
    if not first.startswith(_GZIP):
        yield first
        yield from pieces
        return
    unpacker = zlib.decompressobj(wbits=_GZIP_WINDOW)
    try:
        for piece in chain([first], pieces):
            rest = piece
            while rest:
                if unpacker.eof:  # several members may follow each other
                    unpacker = zlib.decompressobj(wbits=_GZIP_WINDOW)
                yield unpacker.decompress(rest, _UNPACKED_AT_ONCE)
                rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    except zlib.error as error:
        raise ValueError("broken gzip") from error
