"""Reads an export's records one after another, whatever accepted form it has.

The first character decides: `[` is one array and nothing after it; `{` is one or more objects with white space
between them (one object alone, which is what PowerShell writes for one record, and one a line). Proven runs come out in one
stretch, everything else record by record.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NoReturn

from shared.error_codes import RejectedCode
from shared.errors import ExportError, Place
from shared.exports import messages
from shared.exports.decoding import Decoded, RecordDecoder
from shared.exports.fast_path import Shapes
from shared.exports.validate import Invalid, validate_record
from shared.exports.window import Window


@dataclass(frozen=True, slots=True)
class RecordRun:
    """Valid records that follow each other in the export: the first one's number (from 1), and the bytes to send."""

    first: int
    records: list[bytes]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record to rejected.

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

    def __iter__(self) -> Iterator[RecordRun | Rejected]:
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
                raise ExportError(RejectedCode.EMPTY_EXPORT, "The export is empty.")
            case first:
                raise messages.not_json(self._window, first)

    def _array(self) -> Iterator[RecordRun | Rejected]:
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

    def _sequence(self) -> Iterator[RecordRun | Rejected]:
        window = self._window
        while True:
            yield from self._proven()
            if not window.skip_space():
                return
            sample = yield from self._one()
            data, end, read_bytes = window.data, window.at, window.read_bytes
            match window.skip_space():
                case b"{" if window.read_bytes == read_bytes:
                    self._broken("a line break is missing between two records")
                case _:
                    self._learn(sample, data, end)

    def _proven(self) -> Iterator[RecordRun]:
        run = self._shapes.run(self._window.data, self._window.at)
        if run:
            self._window.at = run.end
            yield self._record_run(run.records, run.latest_event)

    def _one(self) -> Generator[RecordRun | Rejected, None, bytes]:
        """Read one record the exact way; its bytes if it is fit to learn from, else nothing."""
        match self._window.skip_space():
            case b"{":
                begin = self._window.read_bytes
                decoded = self._decoded()
            case b"":
                self._truncated("another record should follow")
            case b"]" if self._array_expected:
                self._broken("there is a comma too many before this ]")
            case b"," if not self._array_expected:
                self._broken(
                    "between records that stand one a line there is no comma, or else [ and ] around all of them"
                )
            case _:
                self._broken("a record should begin here with {")
        result = validate_record(decoded)
        if isinstance(result, Invalid):
            self.read += 1
            begin -= self._window.passed_bytes
            yield Rejected(self.read, result, partial(self._window.place, begin, self.read))
            return b""
        yield self._record_run([result.body], result.event_time[:19])
        return b"" if decoded.repeated else decoded.raw

    def _decoded(self) -> Decoded:
        """Decode a record; the first object of a sequence may be an envelope around the records instead."""
        if self._array_expected or self.read:
            return self._decoder.read(self._window, self.read + 1)
        place = self._window.place()
        try:
            decoded = self._decoder.read(self._window, 1)
        except ExportError as error:
            if error.code is RejectedCode.RECORD_TOO_LARGE and messages.begins_like_envelope(self._window):
                raise messages.wrapped(place) from None
            raise
        if messages.is_envelope(decoded.value):
            raise messages.wrapped(place)
        return decoded

    def _record_run(self, records: list[bytes], latest: str) -> RecordRun:
        run = RecordRun(self.read + 1, records)
        self.read += len(records)
        self.latest_event = max(self.latest_event, latest)
        return run

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
        raise ExportError(RejectedCode.BROKEN_JSON, f"Broken JSON at {place}: {why}.", place=place)

    def _truncated(self, why: str) -> NoReturn:
        place = self._window.place()
        raise ExportError(
            RejectedCode.TRUNCATED,
            f"The file ends after {self.read:,} records, at {place}: {why}.",
            place=place,
        )
