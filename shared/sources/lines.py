"""From unpacked bytes to lines of text, in the encoding that the profile declares; a byte order mark always wins."""

import codecs
import io
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Final

from shared.error_codes import RejectedCode
from shared.errors import ExportError, Place
from shared.exports.rules import RULES
from shared.sources.foreign import refuse_binary, refuse_text

_CODECS: Final = {"shift_jis": "cp932", "euc-kr": "cp949", "big5": "cp950"}
"""What Windows writes under these names; each takes more characters than the codec of that name."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_UTF32: Final = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


def codec_of(encoding: str) -> str:
    """The name under which Python knows an encoding of a profile."""
    return _CODECS.get(encoding, encoding.replace("windows-", "cp"))


class Lines:
    """The lines of an export, in pieces of text.

    Attributes:
        bom_bytes: length of the byte order mark that was taken off.
    """

    def __init__(
        self, unpacked: Iterable[bytes], encoding: str, rows: Callable[[], int], lines: Callable[[], int]
    ) -> None:
        """Begin; nothing is read yet.

        Args:
            unpacked: the export's bytes.
            encoding: as the profile names it.
            rows: how many rows were made of the lines so far.
            lines: how many lines were taken, asked only when something is wrong.
        """
        self._pieces = iter(unpacked)
        self._encoding = codec_of(encoding)
        self._rows = rows
        self._lines = lines
        self._offset = 0
        self.bom_bytes = 0

    def __iter__(self) -> Iterator[str]:
        """Yield pieces of text, each made of whole lines with their ends.

        Raises:
            ExportError: `wrong-encoding` with the place; `record-too-large` for a line, or for many without the end of
                a row among them; `truncated`; `not-a-table`.
        """
        first = self._first()
        decoder = codecs.getincrementaldecoder(self._encoding)()
        waiting, rows, without_row = "", 0, 0
        for piece in chain((first,), self._pieces, (b"",)):
            text = waiting + self._decoded(decoder, piece, final=not piece)
            end = _last_line_end(text) if piece else len(text)
            text, waiting = text[:end], text[end:]
            without_row = 0 if rows != self._rows() else without_row + len(text)
            rows = self._rows()
            if len(waiting) > RULES.max_record_bytes or without_row > RULES.max_record_bytes + 2 * len(piece):
                raise self._too_large()
            if text:
                yield text

    def _first(self) -> bytes:
        """The first bytes without a byte order mark, by which the encoding is known."""
        first = b""
        while len(first) < len(_UTF32[0]) and (piece := next(self._pieces, None)) is not None:
            first += piece
        refuse_binary(first)
        if first.startswith(_UTF32):
            raise ExportError(
                RejectedCode.WRONG_ENCODING, "The export is UTF-32, which is not read.", place=Place(1, 1, 0)
            )
        for mark, encoding in _MARKS:
            if first.startswith(mark):
                self._encoding, self.bom_bytes = encoding, len(mark)
                self._offset = len(mark)
                first = first[len(mark) :]
                break
        return first

    def _decoded(self, decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool) -> str:
        kept = len(decoder.getstate()[0])
        try:
            text = decoder.decode(piece, final)
        except UnicodeDecodeError as error:
            offset = self._offset - kept + error.start
            before = error.object[: error.start].decode(self._encoding, "replace")
            raise self._wrong(offset, before, final=final) from None
        if self._offset == self.bom_bytes:
            if not text.strip():
                raise ExportError(RejectedCode.EMPTY_EXPORT, "The export is empty.")
            refuse_text(text)
        self._offset += len(piece)
        return text

    def _wrong(self, offset: int, before: str, *, final: bool) -> ExportError:
        line = self._lines() + 1 + before.count("\n")
        place = Place(line, len(before) - before.rfind("\n"), offset)
        if final:
            return ExportError(
                RejectedCode.TRUNCATED, "The export ends in the middle of a character.", place=place
            )
        message = f"The export is not {self._encoding.upper()} from {place} on; the profile's encoding may be wrong."
        return ExportError(RejectedCode.WRONG_ENCODING, message, place=place)

    def _too_large(self) -> ExportError:
        place = Place(self._lines() + 1, 1, None)
        message = f"The row that begins at or before line {place.line:,} has more than 1 MiB; a quote may be missing in it."
        return ExportError(RejectedCode.RECORD_TOO_LARGE, message, place=place)


class CountedLines:
    """Single lines of pieces of text, counted.

    Attributes:
        before: lines that were read elsewhere.
        given: lines of the pieces begun so far.
    """

    def __init__(self, texts: Iterable[str], before: int) -> None:
        self._texts = iter(texts)
        self.before = before
        self._lines = iter(list[str]())
        self.given = 0

    def __iter__(self) -> Iterator[str]:
        """The lines."""
        return self

    def __next__(self) -> str:
        """The next line, with its end."""
        for line in self._lines:
            return line
        lines = list(io.StringIO(next(self._texts), newline=""))
        self.given += len(lines)
        self._lines = iter(lines)
        return next(self._lines)

    def rest(self) -> str:
        """What is left of the piece that was begun."""
        return "".join(self._lines)


def line_breaks(text: str) -> int:
    """How many lines end in a text, whatever the line ends are."""
    return text.count("\n") + (text.count("\r") - text.count("\r\n") if "\r" in text else 0)


def _last_line_end(text: str) -> int:
    """Where the last whole line ends; a carriage return at the very end may be half of a line end."""
    return max(text.rfind("\n"), text.rfind("\r", 0, len(text) - 1)) + 1


def recoded(pieces: Iterable[bytes], encoding: str) -> Iterable[bytes]:
    """JSON in another encoding made UTF-8, unless a byte order mark says what it is.

    Raises:
        ExportError: `wrong-encoding`, while it is read.
    """
    if encoding in {"utf-8", "utf-16"}:  # the reader of JSON knows these
        return pieces
    return _recoded(iter(pieces), codec_of(encoding))


def _recoded(pieces: Iterator[bytes], codec: str) -> Iterator[bytes]:
    first = next(pieces, b"")
    if first.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield from chain((first,), pieces)
        return
    decoder = codecs.getincrementaldecoder(codec)()
    offset = 0
    for piece in chain((first,), pieces, (b"",)):
        try:
            yield decoder.decode(piece, not piece).encode()
        except UnicodeDecodeError as error:
            place = Place(offset=offset + error.start)
            message = f"The export is not {codec.upper()} from about byte {place.offset} on; the profile's encoding may be wrong."
            raise ExportError(RejectedCode.WRONG_ENCODING, message, place=place) from None
        offset += len(piece)
