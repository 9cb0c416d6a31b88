"""From a blob's bytes to UTF-8: gzip is undone, encodings are told apart, and the unpacked bytes are hashed.

gzip is known by its first two bytes, whatever the name and headers say. Everything is streamed in pieces of at most
`PIECE_BYTES`, so that neither a large export nor a gzip bomb costs memory.
"""

import codecs
import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Final

from shared.error_codes import RejectedCode
from shared.errors import ExportError, Place
from shared.exports.foreign import refuse_binary

PIECE_BYTES: Final = 1 << 18
"""Small enough for a processor's cache, which is where the time of a pass is won."""

_PACKED_BYTES: Final = 1 << 16  # fed to zlib at a time: it copies what it leaves over, at every member's end
_GZIP: Final = b"\x1f\x8b"
_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_TAIL_BYTES: Final = 15
_UTF32: Final = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


class Unpacked:
    """An export's unpacked bytes, in pieces, counted and hashed on their way.

    Attributes:
        unpacked_bytes: how many have passed so far.
    """

    def __init__(
        self,
        chunks: Iterable[bytes],
        max_bytes: int,
        *,
        hashed: bool = True,
        each_piece: Callable[[], None] | None = None,
    ) -> None:
        """Begin; nothing is read yet.

        Args:
            chunks: the blob's bytes, in pieces of any size.
            max_bytes: how many unpacked bytes are allowed.
            hashed: whether `sha256` will be asked for.
            each_piece: called before each piece is given out; may raise what ends the reading.
        """
        self._chunks = filter(None, chunks)
        self._max_bytes = max_bytes
        self._sha256 = hashlib.sha256() if hashed else None
        self._each_piece = each_piece
        self.unpacked_bytes = 0

    @property
    def sha256(self) -> str:
        """SHA-256 of what has passed so far, in hexadecimal; empty if it was not asked for."""
        return self._sha256.hexdigest() if self._sha256 else ""

    def __iter__(self) -> Iterator[bytes]:
        """Yield pieces of `PIECE_BYTES`, the last one shorter.

        Raises:
            ExportError: `broken-gzip`, or `too-large` as soon as `max_bytes` is passed.
        """
        head = b""
        while len(head) < len(_GZIP) and (chunk := next(self._chunks, None)) is not None:
            head += chunk
        chunks = chain((head,), self._chunks)
        for piece in _even(self._gunzipped(chunks) if head.startswith(_GZIP) else chunks):
            if piece.startswith(_GZIP) and not self.unpacked_bytes:
                raise _broken_gzip("The export is compressed twice; compress it once.")
            self.unpacked_bytes += len(piece)
            if self.unpacked_bytes > self._max_bytes:
                raise ExportError(
                    RejectedCode.TOO_LARGE, f"The export unpacks to more than {self._max_bytes:,} bytes."
                )
            if self._sha256:
                self._sha256.update(piece)
            if self._each_piece:
                self._each_piece()
            yield piece

    def _gunzipped(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The unpacked bytes of one gzip member after another."""
        member = zlib.decompressobj(wbits=31)
        for packed in _slices(chunks, _PACKED_BYTES):
            left = packed
            while left:
                if member.eof:
                    member = zlib.decompressobj(wbits=31)
                yield from _inflated(member, left)
                left = member.unused_data
        if not member.eof:
            raise _broken_gzip("The gzip file ends too early; the upload may have been cut short.")


def _inflated(member: "zlib._Decompress", packed: bytes) -> Iterator[bytes]:
    """What a member makes of packed bytes, in pieces of at most `PIECE_BYTES`."""
    try:
        piece = member.decompress(packed, PIECE_BYTES)
        yield piece
        while len(piece) == PIECE_BYTES and not member.eof:
            piece = member.decompress(member.unconsumed_tail, PIECE_BYTES)
            yield piece
    except zlib.error:
        raise _broken_gzip("The gzip file is damaged, or something follows its end.") from None


def _broken_gzip(message: str) -> ExportError:
    return ExportError(RejectedCode.BROKEN_GZIP, message)


def _slices(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), size):
            yield chunk[start : start + size]


def _even(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of one size: a stream of tiny chunks must not cost more than one of large ones."""
    waiting: list[bytes] = []
    waiting_bytes = 0
    try:
        for chunk in filter(None, chunks):
            waiting.append(chunk)
            waiting_bytes += len(chunk)
            if waiting_bytes >= PIECE_BYTES:
                whole = b"".join(waiting)
                even_bytes = waiting_bytes - waiting_bytes % PIECE_BYTES
                yield from _slices((whole[:even_bytes],), PIECE_BYTES)
                waiting, waiting_bytes = [whole[even_bytes:]], waiting_bytes - even_bytes
    except ExportError:
        yield b"".join(waiting)  # what came before the error still has a line and a column
        raise
    if waiting_bytes:
        yield b"".join(waiting)


class Utf8:
    """Pieces of valid UTF-8 without a byte order mark; UTF-16 with one is recoded.

    Attributes:
        encoding: `utf-8`, `utf-16-le` or `utf-16-be`; known once the first piece is out.
        bom_bytes: length of the byte order mark that was taken off.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._beyond_ascii = False
        self.encoding = "utf-8"
        self.bom_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        """Yield whole characters only, up to the last good one before an error.

        Raises:
            ExportError: `wrong-encoding` or `truncated`; its place is the byte at which the text stops making sense, and
                its message ends there, for the place to be added. Of a file that is another encoding (or NUL bytes) from
                its beginning on there is no place.
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
                good, bad = error.object[: error.start], error.object[error.start :]
                yield good.decode(self.encoding).encode()
                self._beyond_ascii |= not good.isascii()
                raise self._wrong(offset - len(pending) + error.start, good, bad) from None
            self._beyond_ascii = True
            offset += len(piece)
            yield text.encode()
        if decoder.getstate()[0]:
            raise self._half(offset, piece)

    def _half(self, offset: int, last: bytes) -> ExportError:
        """The error of a file that ends in the middle of a character; `last` is its last piece."""
        tail = last[-_TAIL_BYTES:]
        if self.encoding != "utf-8" and tail.isascii() and b"\0" not in tail:
            message = "The file begins as UTF-16, but does not end as UTF-16; files were probably joined"
            return ExportError(RejectedCode.WRONG_ENCODING, message, place=Place(offset=offset))
        message = "The file ends in the middle of a character"
        return ExportError(RejectedCode.TRUNCATED, message, place=Place(offset=offset))

    def _wrong(self, offset: int, good: bytes, bad: bytes) -> ExportError:
        """The error of text that stops making sense.

        Args:
            offset: where.
            good: what stands before it.
            bad: what stands there.
        """
        begins = "The file is not UTF-8; it may be Windows-1252 or another encoding"
        if self.encoding != "utf-8":
            begins = "The file begins as UTF-16, but does not go on as UTF-16"
        elif bad.startswith(tuple(_UTF16)) or (good + bad[:1]).endswith(_GZIP):
            what = "UTF-16" if bad.startswith(tuple(_UTF16)) else "gzip"
            begins = f"A file in {what} begins in the middle of this one; files were probably joined"
        elif self._beyond_ascii:
            begins = "The file begins as UTF-8, but does not go on as UTF-8; it may be joined of files in different encodings"
        return ExportError(
            RejectedCode.WRONG_ENCODING, f"{begins}. First such character", place=Place(offset=offset)
        )

    def _first(self) -> bytes:
        """The first bytes without a byte order mark; from here on the encoding is known."""
        first = b""
        while len(first) < len(codecs.BOM_UTF32_LE) and (piece := next(self._pieces, None)) is not None:
            first += piece
        if first.startswith(_UTF32):
            raise ExportError(RejectedCode.WRONG_ENCODING, "The file is UTF-32, not UTF-8.")
        refuse_binary(first)
        for mark, encoding in ((codecs.BOM_UTF8, "utf-8"), *_UTF16.items()):
            if first.startswith(mark):
                self.encoding, self.bom_bytes = encoding, len(mark)
                first = first[len(mark) :]
                if encoding == "utf-8":
                    _no_nul(first[: len(codecs.BOM_UTF32_LE)])
                return first
        _no_nul(first[: len(codecs.BOM_UTF32_LE)])
        return first


def _no_nul(head: bytes) -> None:
    """Whether one half of [ or { is NUL, or everything is."""
    if head and not head.strip(b"\0"):
        message = "The file begins with NUL bytes: it was not written completely, or is damaged."
        raise ExportError(RejectedCode.TRUNCATED, message)
    if b"\0" in head[:2]:
        width = 32 if head.count(b"\0") > len(head) // 2 else 16
        message = f"The file is not UTF-8; it looks like UTF-{width} without a byte order mark."
        raise ExportError(RejectedCode.WRONG_ENCODING, message)
