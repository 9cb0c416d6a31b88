"""Reads JSON events: an array, objects one behind the other or one a line, in flat memory.

Runs of events whose separator was seen before are decoded together; the first of each run, and whatever that way does not
take, go through the exact decoder of connector-format exports, which knows the limits and says where JSON breaks.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import msgspec

from shared.error_codes import RejectedCode
from shared.errors import ExportError, Place
from shared.exports import messages
from shared.exports.decoding import Decoded, RecordDecoder
from shared.exports.joined_records import in_brackets
from shared.exports.window import Window
from shared.sources.event_columns import EventColumns, Found
from shared.sources.getters import Columns
from shared.sources.outline import outline

_SEGMENT: Final = 1 << 19
_MAX_PATIENCE: Final = 1 << 10
_OF_REJECTED_FILE: Final = (b'"record"', b'"errors"', b'"content"')
_RAW: Final = msgspec.json.Decoder(list[msgspec.Raw])
_RAW_LINES: Final = msgspec.json.Decoder(msgspec.Raw)


@dataclass(frozen=True, slots=True)
class Events:
    """Events that follow each other.

    Attributes:
        columns: for each path of the profile its texts.
        count: of events.
        raw: the bytes of the event at an index.
        place: of the first; may be asked only before the next ones are read.
        corrected: whether this is one line of a rejected file, whose `content` the event was.
    """

    columns: Columns
    count: int
    raw: Callable[[int], bytes]
    place: Callable[[], Place]
    corrected: Decoded | None = None


class EventReader:
    """One pass over an export of events."""

    def __init__(self, unpacked: Iterable[bytes], columns: EventColumns) -> None:
        self._window = Window(unpacked)
        self._columns = columns
        self._decoder = RecordDecoder()
        self._separator = b""
        self._in_array = False
        self._patience = self._waiting = 0
        self.read = 0

    def batches(self) -> Iterator[Events]:
        """Yield every event, in order, some at a time.

        Raises:
            ExportError: if the export cannot be read as a whole.
        """
        window = self._window
        match window.skip_space():
            case b"[":
                window.at += 1
                self._in_array = True
                yield from self._array()
            case b"{":
                yield from self._sequence()
            case b"":
                raise ExportError(RejectedCode.EMPTY_EXPORT, "The export is empty.")
            case _:
                raise messages.not_json(window)

    def _array(self) -> Iterator[Events]:
        window = self._window
        if window.skip_space() == b"]":
            window.at += 1
            return self._nothing_more()
        while True:
            yield from self._run()
            yield self._one()
            data, end = window.data, window.at
            match window.skip_space():
                case b",":
                    window.at += 1
                    self._learn(data, end)
                case b"]":
                    window.at += 1
                    return self._nothing_more()
                case b"":
                    raise self._truncated("the closing ] is missing")
                case _:
                    raise self._broken("a comma is missing before this place")

    def _sequence(self) -> Iterator[Events]:
        window = self._window
        while True:
            yield from self._run()
            if not window.skip_space():
                return
            yield self._one()
            data, end, read_bytes = window.data, window.at, window.read_bytes
            if window.skip_space() == b"{" and window.read_bytes == read_bytes:
                raise self._broken("a line break is missing between two events")
            self._learn(data, end)

    def _learn(self, data: bytes, end: int) -> None:
        """Remember what stands between two events, if it is still in view and another one follows."""
        window = self._window
        if window.skip_space() == b"{" and window.data is data:
            self._separator = data[end : window.at]

    def _run(self) -> Iterator[Events]:
        """The events in view that can be decoded together, a segment at a time."""
        if self._waiting:
            self._waiting -= 1
            return
        while self._separator and (events := self._segment()) is not None:
            self.read += events.count
            self._patience = 0
            yield events

    def _segment(self) -> Events | None:
        """The events of a segment, all but its last; `None` if they must be read one by one."""
        window, separator = self._window, self._separator
        window.ensure(_SEGMENT)
        mark = b"}" + separator + b"{"
        last = window.data.rfind(mark, window.at, window.at + _SEGMENT)
        if last < 0 or (not self._in_array and separator not in {b"\n", b"\r\n"}):
            return None
        segment = window.data[window.at : last + 1]
        found, outlined = self._together(segment), outline(segment)
        if found is None or not outlined.is_shallow:
            self._patience = min(2 * self._patience + 1, _MAX_PATIENCE)
            self._waiting = self._patience
            return None
        place = partial(Place, record=self.read + 1)
        window.pass_over(segment, outlined.line_breaks)
        window.at += len(separator)
        raws: list[msgspec.Raw] = []

        def raw(index: int) -> bytes:
            if not raws:
                raws.extend(
                    _RAW.decode(in_brackets(segment)) if self._in_array else _RAW_LINES.decode_lines(segment)
                )
            return bytes(raws[index])

        return Events(found.columns, found.count, raw, place)

    def _together(self, segment: bytes) -> Found | None:
        """The columns of a segment; `None` if it is not made of events that may be taken together."""
        data = in_brackets(segment) if self._in_array else segment
        found = self._columns.of_events(data, lines=not self._in_array)
        if found is None:
            return None
        corrected = not self._columns.surely_events(found.columns) and all(
            key in segment for key in _OF_REJECTED_FILE
        )
        return None if corrected else found

    def _one(self) -> Events:
        """Read one event the exact way."""
        window = self._window
        match window.skip_space():
            case b"{":
                begin = window.read_bytes
                decoded = self._decoder.read(window, self.read + 1)
            case b"":
                raise self._truncated("another event should follow")
            case b"]" if self._in_array:
                raise self._broken("there is an extra comma before this ]")
            case b"," if not self._in_array:
                raise self._broken(
                    "between events that stand one a line there is no comma, or else [ and ] around all"
                )
            case _:
                raise self._broken("an event should begin here with {")
        self.read += 1
        place = partial(window.place, begin - window.passed_bytes, self.read)
        corrected = window.read_bytes - begin > len(decoded.raw)
        columns = [[text] for text in self._columns.of_one(decoded.raw)]
        return Events(columns, 1, lambda _: decoded.raw, place, decoded if corrected else None)

    def _nothing_more(self) -> None:
        if self._window.skip_space():
            raise self._broken("something follows the closing ] of the array")

    def _broken(self, why: str) -> ExportError:
        return messages.unexpected(self._window, self.read + 1, why)

    def _truncated(self, why: str) -> ExportError:
        place = self._window.place()
        return ExportError(
            RejectedCode.TRUNCATED,
            f"The file ends after {self.read:,} events, at {place}: {why}.",
            place=place,
        )
