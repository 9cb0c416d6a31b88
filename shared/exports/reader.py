"""Reads an export's records one after another, whatever accepted form it has.

The first character decides: `[` is one array and nothing after it; `{` is one or more objects with white space
between them (one object alone, which is what PowerShell writes for one record, and one a line). What the fast path proves
comes out in long runs, everything else record by record.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, NoReturn

from shared.counted import counted
from shared.error_codes import RejectedCode
from shared.errors import ExportError, Place
from shared.exports import messages
from shared.exports.decoding import Decoded, RecordDecoder
from shared.exports.envelopes import begins_like_one, holds_objects, holds_records, wrapped
from shared.exports.fast_path import RecordPatterns
from shared.exports.rules import RULES, Rules
from shared.exports.unpacking import Unpacked, damage_or
from shared.exports.validate import Invalid, validate_record
from shared.exports.window import Window

_JOINED: Final = "more records follow the list; files were probably joined. Put all records into one list"


@dataclass(frozen=True, slots=True)
class RecordRun:
    """Valid records that follow each other in the export: the first one's number (from 1), and the bytes to send."""

    first: int
    records: list[bytes]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record to reject.

    Attributes:
        number: counts from 1.
        record: what is wrong with it, and its content.
        place: where it begins; may be asked only before the next item is read.
    """

    number: int
    record: Invalid
    place: Callable[[], Place] = Place


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that is not sent although nothing is wrong with it: its number, and `REPEATED` or why it is ignored."""

    number: int
    code: str


REPEATED: Final = "repeated"
"""The same event stands earlier in the export, or was sent before."""

BEFORE_START: Final = "before-start"
"""It is valid, and earlier than what is to be sent at all."""

type Item = RecordRun | Rejected | LeftOut
"""What a pass over an export yields: every record is in exactly one item, in order."""


class Reader:
    """One pass over an export.

    Attributes:
        read: records seen so far, valid or not.
        latest_event: the latest EventTime in UTC among the valid ones so far, to the second; empty if none.
        rules: by which records are judged.
    """

    def __init__(self, unpacked: Unpacked | Iterable[bytes], rules: Rules = RULES) -> None:
        self._unpacked = unpacked
        self.rules = rules
        self._pieces = iter(unpacked)
        self._window = Window(self._pieces)
        self._decoder = RecordDecoder(rules)
        self._patterns = RecordPatterns(rules)
        self._array_expected = False
        self._envelope: Place | None = None
        self.read = 0
        self.latest_event = ""

    @property
    def sha256(self) -> str:
        """Of the unpacked bytes, once all were read; empty if nobody hashed them."""
        return self._unpacked.sha256 if isinstance(self._unpacked, Unpacked) else ""

    def __iter__(self) -> Iterator[RecordRun | Rejected]:
        """Yield everything in the export, in order.

        Raises:
            ExportError: if the export cannot be read as a whole; what was yielded before must then not be used.
        """
        try:
            yield from self._items()
        except ExportError as error:
            raise damage_or(error, self._unpacked, self._pieces) from None

    def _items(self) -> Iterator[RecordRun | Rejected]:
        match self._window.skip_space():
            case b"[":
                self._window.at += 1
                self._array_expected = True
                yield from self._array()
            case b"{":
                yield from self._sequence()
            case b"":
                raise ExportError(RejectedCode.EMPTY_EXPORT, "The file is empty.")
            case _:
                raise messages.not_json(self._window)

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
                return self._no_envelope()
            sample = yield from self._one()
            data, end, read_bytes = window.data, window.at, window.read_bytes
            match window.skip_space():
                case b"{" if window.read_bytes == read_bytes:
                    self._broken("a line break is missing between two records")
                case _:
                    self._learn(sample, data, end)

    def _proven(self) -> Iterator[RecordRun]:
        run = self._patterns.proven(self._window.data, self._window.at)
        if run:
            self._window.at = run.end
            yield self._record_run(run.records, run.latest_event)

    def _one(self) -> Generator[RecordRun | Rejected, None, bytes]:
        """Read one record the exact way; its bytes if it is fit to learn from, else nothing."""
        first = self._window.skip_space()
        if first != b"{":
            self._no_record(first)
        begin = self._window.read_bytes
        decoded = self._decoded()
        result = validate_record(decoded, self.rules)
        if isinstance(result, Invalid):
            self.read += 1
            begin -= self._window.passed_bytes
            yield Rejected(self.read, result, partial(self._window.place, begin, self.read))
            return b""
        yield self._record_run([result.body], result.event_time[:19])
        return b"" if decoded.repeated else decoded.raw

    def _decoded(self) -> Decoded:
        """Decode a record; the first object may be an envelope around the records instead."""
        if self.read:
            return self._decoder.read(self._window, self.read + 1)
        place, in_list, required = self._window.place(), self._array_expected, self.rules.required
        try:
            decoded = self._decoder.read(self._window, 1)
        except ExportError as error:
            data = self._window.data[self._window.at :]
            if error.code is RejectedCode.RECORD_TOO_LARGE and begins_like_one(
                data, required, in_list=in_list
            ):
                raise wrapped(place, in_list=in_list) from None
            raise
        if holds_records(decoded.value, required):
            raise wrapped(place, in_list=in_list)
        if holds_objects(decoded.value, required):
            self._envelope = place
        return decoded

    def _no_envelope(self) -> None:
        """An object with a list in it that is the whole file is an envelope; the first of several lines is a record."""
        if self._envelope and self.read == 1:
            raise wrapped(self._envelope)

    def _record_run(self, records: list[bytes], latest: str) -> RecordRun:
        run = RecordRun(self.read + 1, records)
        self.read += len(records)
        self.latest_event = max(self.latest_event, latest)
        return run

    def _learn(self, sample: bytes, data: bytes, end: int) -> None:
        """Learn from a record and the separator behind it, if both are still in view and another record follows.

        Args:
            sample: the record's bytes; empty if it is not fit to learn from.
            data: what was in view when it had been read.
            end: where in `data` it ended.
        """
        window = self._window
        if sample and window.skip_space() == b"{" and window.data is data:
            self._patterns.learn(sample, data[end : window.at])

    def _no_record(self, first: bytes) -> NoReturn:
        """Something else than a record, or nothing, stands where one should begin."""
        if not first:
            self._truncated("another record should follow")
        if first == b"]" and self._array_expected:
            self._broken("extra comma before ]")
        if first == b"," and not self._array_expected:
            self._broken(
                "a comma between records that have no [ and ] around them. Write one record a line, or a list"
            )
        if first == b"[" and not self._array_expected:
            self._broken(_JOINED)
        self._broken("a record should begin here with {")

    def _nothing_more(self) -> None:
        match self._window.skip_space():
            case b"":
                return
            case b"[" | b"{":
                self._broken(_JOINED)
            case _:
                self._broken("something follows the closing ] of the list")

    def _broken(self, why: str) -> NoReturn:
        raise messages.unexpected(self._window, self.read + 1, why)

    def _truncated(self, why: str) -> NoReturn:
        place = self._window.place()
        records = counted(self.read, "record")
        raise ExportError(
            RejectedCode.TRUNCATED, f"The file ends after {records}, at {place}: {why}.", place=place
        )
