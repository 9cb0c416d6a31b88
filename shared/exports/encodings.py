"""From a file's bytes to valid UTF-8: encodings are told apart, and what is none has a place and a name."""

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from shared.error_codes import RejectedCode
from shared.errors import ExportError, Place
from shared.exports.foreign import refuse_binary
from shared.exports.unpacking import GZIP

_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UTF32: Final = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_TAIL_BYTES: Final = 15


class Utf8:
    """Pieces of valid UTF-8 without a byte order mark; UTF-16 with one is recoded.

    Attributes:
        encoding: `utf-8`, `utf-16-le` or `utf-16-be`; known once the first piece is out.
        bom_bytes: length of the byte order mark that was taken off.
    """

    def __init__(self, unpacked: Iterable[bytes]) -> None:
        self._pieces = iter(unpacked)
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
            self._beyond_ascii |= not text.isascii()
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
        elif bad.startswith(tuple(_UTF16)) or (good + bad[:1]).endswith(GZIP):
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
                break
        if self.encoding == "utf-8":
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
