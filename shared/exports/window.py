"""The part of an export that is in view, and where in the file it lies."""

from collections.abc import Iterable
from typing import Final

from shared.errors import ExportError, Place
from shared.exports.encodings import Utf8

_SPACE: Final = b" \t\r\n"


class Window:
    """A sliding buffer of valid UTF-8.

    Attributes:
        data: the bytes in view; replaced, never changed, so a slice of it stays good.
        at: index into `data` of the next byte to read.
        passed_bytes: how many bytes were let go of before `data`.
    """

    def __init__(self, unpacked: Iterable[bytes]) -> None:
        self._utf8 = Utf8(unpacked)
        self._pieces = iter(self._utf8)
        self._ended = False
        self._line = 1
        self._column = 1
        self._offset = 0
        self._counted_to = 0
        self.data = b""
        self.at = 0
        self.passed_bytes = 0

    @property
    def encoding(self) -> str:
        """Of the file: `utf-8`, `utf-16-le` or `utf-16-be`; what is in view is UTF-8 all the same."""
        return self._utf8.encoding

    @property
    def read_bytes(self) -> int:
        """How many bytes of UTF-8 lie before the next one to be read."""
        return self.passed_bytes + self.at

    def more(self) -> bool:
        """Let go of what was read and bring the next piece into view; whether there was one.

        Raises:
            ExportError: what `Unpacked` and `Utf8` raise, with line and column added where a place is known.
        """
        if self._ended:
            return False
        self._let_go()
        try:
            piece = next(self._pieces, None)
        except ExportError as error:
            raise self._placed(error) from None
        if piece is None:
            self._ended = True
            return False
        self.data += piece
        return True

    def ensure(self, count: int) -> bool:
        """Bring at least `count` unread bytes into view; whether the export has that many left."""
        while len(self.data) - self.at < count:
            if not self.more():
                return False
        return True

    def skip_space(self) -> bytes:
        """Move on to the next byte that is no white space and give it; empty at the end of the export."""
        lookahead = 64
        while True:
            seen = self.data[self.at : self.at + lookahead]
            rest = seen.lstrip(_SPACE)
            self.at += len(seen) - len(rest)
            if rest:
                return rest[:1]
            lookahead = len(self.data)
            if self.at == len(self.data) and not self.more():
                return b""

    def pass_over(self, passed: bytes, line_breaks: int) -> None:
        """Move on over these bytes, which are the next ones, and of which the caller has counted the line breaks."""
        self._count(self.data[self._counted_to : self.at])
        self._count(passed, line_breaks)
        self.at += len(passed)
        self._counted_to = self.at

    def place(self, at: int | None = None, record: int | None = None) -> Place:
        """Where in the file a byte in view stands, none before one that was passed over; by default the next one to be read."""
        line, column, offset = self._counted(self.data[self._counted_to : self.at if at is None else at])
        return Place(line, column, offset + self._utf8.bom_bytes, record)

    def _placed(self, error: ExportError) -> ExportError:
        """An error about the byte behind what is in view, with line and column; one that has a line, or no place, as it is."""
        if error.place.offset is None or error.place.line is not None:
            return error
        shown = self.place(len(self.data))
        place = Place(shown.line, shown.column, error.place.offset)
        return ExportError(error.code, f"{error.message}: {place}.", place=place)

    def _let_go(self) -> None:
        self._count(self.data[self._counted_to : self.at])
        self.data = self.data[self.at :]
        self.passed_bytes += self.at
        self.at = self._counted_to = 0

    def _count(self, passed: bytes, line_breaks: int | None = None) -> None:
        self._line, self._column, self._offset = self._counted(passed, line_breaks)

    def _counted(self, passed: bytes, line_breaks: int | None = None) -> tuple[int, int, int]:
        """Line, column and offset after these bytes; an offset counts bytes of the file's own encoding."""
        width = (
            len(passed)
            if self._utf8.encoding == "utf-8"
            else len(passed.decode().encode(self._utf8.encoding))
        )
        last = passed.rfind(b"\n")
        if line_breaks is None:  # a file of one line is looked through more quickly
            line_breaks = passed.count(b"\n") if last >= 0 else 0
        on_line = passed[last + 1 :]
        characters = len(on_line) if on_line.isascii() else len(on_line.decode())
        column = characters + 1 if line_breaks else self._column + characters
        return self._line + line_breaks, column, self._offset + width
