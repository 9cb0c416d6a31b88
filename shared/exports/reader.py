"""Reads an export's records one after another, whatever accepted form it has.

The first character decides: `[` is one array and nothing after it; `{` is one or more objects with white space
between them (one object alone, one a line). Proven runs come out in one stretch, everything else record by record.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NoReturn

from shared.errors import ExportError, Place
from shared.exports.decoding import Decoded, RecordDecoder
from shared.exports.records import MENDED, REQUIRED, Invalid, judge
from shared.exports.shapes import Shapes
from shared.exports.window import Window

_ZIP: Final = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Valid records that follow each other in the export: the first one's number (from 1), and the bytes to send."""

    first: int
    records: list[bytes]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record to set aside.

    Attributes:
        number: counts from 1.
        place: where it begins; may be asked only before the next item is read.
    """

    number: int
    record: Invalid
    place: Callable[[], Place] = field(default=Place, compare=False)


class Reader:
    """One pass over an export.

    Attributes:
        read: records seen so far, valid or not.
        latest_event: the latest EventTime in UTC among the valid ones so far, to the second; empty if none.
    """

    def __init__(self, unpacked: Iterable[bytes]) -> None:
        self._window = Window(unpacked)
        self._decoder = RecordDecoder()
        self._shapes = Shapes()
        self._array_expected = False
        self.read = 0
        self.latest_event = ""

    def __iter__(self) -> Iterator[Stretch | Rejected]:
        """Yield everything in the export, in order.

        Raises:
            ExportError: if the export cannot be read as a whole; what was yielded before must then not be used.
        """
        match self._window.skip_space():
            case b"[":
                self._window.at += 1
                self._array_expected = True
                yield from self._array()
            case b"{":
                yield from self._sequence()
            case b"":
                raise ExportError("empty-export", "The export is empty.")
            case first:
                hint = _looks_like(self._window.data[self._window.at :], first)
                raise ExportError("not-json", f"The export begins with neither [ nor {{: {hint}.",
                                  place=self._window.place())  # fmt: skip

    def _array(self) -> Iterator[Stretch | Rejected]:
        window = self._window
        if window.skip_space() == b"]":
            window.at += 1
            return self._nothing_more()
        while True:
            yield from self._proven()
            sample = yield from self._one()
            data, end = window.data, window.at
            match window.skip_space():
                case b",":
                    window.at += 1
                    self._learn(sample, data, end)
                case b"]":
                    window.at += 1
                    return self._nothing_more()
                case b"":
                    self._truncated("the closing ] is missing")
                case _:
                    self._broken("a comma is missing before this place")

    def _sequence(self) -> Iterator[Stretch | Rejected]:
        window = self._window
        while True:
            yield from self._proven()
            if not window.skip_space():
                return
            sample = yield from self._one()
            self._learn(sample, window.data, window.at)

    def _proven(self) -> Iterator[Stretch]:
        window = self._window
        end = self._shapes.run(window.data, window.at)
        if end == window.at:
            return
        records, latest = self._shapes.cut(window.data[window.at : end])
        window.at = end
        yield self._stretch(records, latest)

    def _one(self) -> Generator[Stretch | Rejected, None, bytes]:
        """Read one record the exact way; its bytes if it is fit to learn from, else nothing."""
        match self._window.skip_space():
            case b"{":
                begin = self._window.passed_bytes + self._window.at
                decoded = self._decoded()
            case b"":
                self._truncated("another record should follow")
            case b"]":
                self._broken("there is a comma too many before this ]")
            case b"," if not self._array_expected:
                self._broken(
                    "between records that stand one a line there is no comma, or else [ and ] around all of them"
                )
            case _:
                self._broken("a record should begin here with {")
        verdict = judge(decoded)
        if isinstance(verdict, Invalid):
            self.read += 1
            begin -= self._window.passed_bytes
            yield Rejected(self.read, verdict, partial(self._window.place, begin, self.read))
            return b""
        yield self._stretch([verdict.body], verdict.event_time[:19])
        return b"" if decoded.repeated else decoded.raw

    def _decoded(self) -> Decoded:
        try:
            decoded = self._decoder.read(self._window, self.read + 1)
        except ExportError as error:
            if self._array_expected or self.read or error.code != "record-too-large":
                raise
            self._wrapped(error.place)
        if not self._array_expected and not self.read and _wraps_records(decoded.value):
            self._wrapped(Place(1, 1, 0))
        return decoded

    def _stretch(self, records: list[bytes], latest: str) -> Stretch:
        stretch = Stretch(self.read + 1, records)
        self.read += len(records)
        self.latest_event = max(self.latest_event, latest)
        return stretch

    def _learn(self, sample: bytes, data: bytes, end: int) -> None:
        """Learn a record's shape and its separator, if both are still in view and another record follows."""
        window = self._window
        if sample and window.skip_space() == b"{" and window.data is data:
            self._shapes.learn(sample, data[end : window.at])

    def _nothing_more(self) -> None:
        if self._window.skip_space():
            self._broken("something follows the closing ] of the array")

    def _broken(self, why: str) -> NoReturn:
        place = self._window.place(record=self.read + 1)
        raise ExportError("broken-json", f"Broken JSON at {place}: {why}.", place=place)

    def _truncated(self, why: str) -> NoReturn:
        place = self._window.place()
        raise ExportError(
            "truncated", f"The file ends after {self.read:,} records, at {place}: {why}.", place=place
        )

    def _wrapped(self, place: Place) -> NoReturn:
        message = (
            "The records stand inside a property of one object; the export must be the array of records itself "
            "(what now stands between the square brackets, with the brackets)."
        )
        raise ExportError("wrong-top-level", message, place=place)


def _looks_like(data: bytes, first: bytes) -> str:
    """What an export is that is no JSON, as far as its beginning tells."""
    if data.startswith(_ZIP):
        return "it is an Excel workbook or another zip file, whatever its name says"
    if first == b"<":
        return "it looks like XML or HTML"
    if first in b"/#":
        return "it begins with a comment, which JSON does not have"
    if first == b'"' or first.isalnum():
        return "it looks like CSV or plain text"
    return "it is no JSON array and no JSON object"


def _wraps_records(value: dict[str, Any]) -> bool:
    """Whether an object looks like an envelope around the records, such as `{"records": [...]}`."""
    if REQUIRED & value.keys() or value.keys() == MENDED:
        return False
    return any(
        isinstance(inner, list) and all(isinstance(one, dict) for one in inner) for inner in value.values()
    )
