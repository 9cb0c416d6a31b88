"""From a blob's bytes to UTF-8: gzip is undone, encodings are told apart, and the unpacked bytes are hashed.

gzip is known by its first two bytes, whatever the name and headers say. Everything is streamed in pieces of at most
`PIECE_BYTES`, so that neither a large export nor a gzip bomb costs memory.
"""

import codecs
import hashlib
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from shared.errors import ExportError, Place

PIECE_BYTES: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UTF32: Final = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


class Unpacked:
    """An export's unpacked bytes, in pieces, counted and hashed on their way.

    Attributes:
        unpacked_bytes: how many have passed so far.
    """

    def __init__(self, chunks: Iterable[bytes], max_bytes: int, *, hashed: bool = True) -> None:
        self._chunks = iter(chunks)
        self._max_bytes = max_bytes
        self._sha256 = hashlib.sha256() if hashed else None
        self.unpacked_bytes = 0

    @property
    def sha256(self) -> str:
        """SHA-256 of what has passed so far, in hexadecimal; empty if it was not asked for."""
        return self._sha256.hexdigest() if self._sha256 else ""

    def __iter__(self) -> Iterator[bytes]:
        """Yield non-empty pieces of at most `PIECE_BYTES`.

        Raises:
            ExportError: `broken-gzip`, or `too-large` as soon as `max_bytes` is passed.
        """
        head = b""
        while len(head) < len(_GZIP) and (chunk := next(self._chunks, None)) is not None:
            head += chunk
        pieces = self._gunzipped(head) if head.startswith(_GZIP) else self._plain(head)
        for piece in pieces:
            self.unpacked_bytes += len(piece)
            if self.unpacked_bytes > self._max_bytes:
                raise ExportError("too-large", f"The export unpacks to more than {self._max_bytes:,} bytes.")
            if self._sha256:
                self._sha256.update(piece)
            yield piece

    def _plain(self, head: bytes) -> Iterator[bytes]:
        yield from _pieces(head)
        for chunk in self._chunks:
            yield from _pieces(chunk)

    def _gunzipped(self, packed: bytes) -> Iterator[bytes]:
        member = zlib.decompressobj(wbits=31)
        while True:
            if member.eof:
                packed = member.unused_data or next(self._chunks, b"")
                if not packed:
                    return
                member = zlib.decompressobj(wbits=31)
            try:
                piece = member.decompress(packed, PIECE_BYTES)
            except zlib.error:
                raise self._broken("is damaged, or something follows its end") from None
            if piece:
                yield piece
            packed = member.unconsumed_tail
            if not packed and not member.eof and len(piece) < PIECE_BYTES:
                packed = next(self._chunks, b"")
                if not packed:
                    raise self._broken("ends too early; the upload may have been cut short")

    def _broken(self, what: str) -> ExportError:
        return ExportError(
            "broken-gzip", f"The gzip file {what} (after {self.unpacked_bytes:,} unpacked bytes)."
        )


def _pieces(chunk: bytes) -> Iterator[bytes]:
    if len(chunk) <= PIECE_BYTES:
        if chunk:
            yield chunk
        return
    for start in range(0, len(chunk), PIECE_BYTES):
        yield chunk[start : start + PIECE_BYTES]


class Utf8:
    """Pieces of valid UTF-8 without a byte order mark; UTF-16 with one is recoded.

    Attributes:
        encoding: `utf-8`, `utf-16-le` or `utf-16-be`; known once the first piece is out.
        bom_bytes: length of the byte order mark that was taken off.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self.encoding = "utf-8"
        self.bom_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        """Yield whole characters only, up to the last good one before an error.

        Raises:
            ExportError: `wrong-encoding`, with the byte at which the text stops making sense, or `truncated`.
        """
        first = self._first()
        decoder = codecs.getincrementaldecoder(self.encoding)()
        offset = self.bom_bytes
        for piece in chain((first,), self._pieces):
            pending = decoder.getstate()[0]
            if self.encoding == "utf-8" and not pending and piece.isascii():
                offset += len(piece)
                yield piece
                continue
            try:
                text = decoder.decode(piece)
            except UnicodeDecodeError as error:
                yield (pending + piece)[: error.start].decode(self.encoding).encode()
                raise _not_utf8(
                    offset - len(pending) + error.start, "another encoding, perhaps Windows-1252"
                ) from None
            offset += len(piece)
            yield text.encode()
        if decoder.getstate()[0]:
            raise ExportError(
                "truncated", "The export ends in the middle of a character.", place=Place(offset=offset)
            )

    def _first(self) -> bytes:
        first = b""
        while len(first) < len(codecs.BOM_UTF32_LE) and (piece := next(self._pieces, None)) is not None:
            first += piece
        if first.startswith(_UTF32):
            raise _not_utf8(0, "UTF-32")
        for mark, encoding in ((codecs.BOM_UTF8, "utf-8"), *_UTF16.items()):
            if first.startswith(mark):
                self.encoding, self.bom_bytes = encoding, len(mark)
                return first[len(mark) :]
        if b"\0" in first[:4]:
            raise _not_utf8(first.index(b"\0"), "UTF-16 without a byte order mark")
        return first


def _not_utf8(offset: int, what: str) -> ExportError:
    message = f"The export is not UTF-8: from byte {offset} on it looks like {what}."
    return ExportError("wrong-encoding", message, place=Place(offset=offset))
