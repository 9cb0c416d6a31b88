"""Reads an export's records one after another, whatever accepted form it has.

The first character decides: `[` is one array and nothing after it; `{` is one or more objects with white space
between them (one object alone, which is what PowerShell writes for one record, and one a line). What the fast path proves
comes out in long runs, everything else record by record.
"""

import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final, NoReturn

from shared.error_codes import RejectedCode
from shared.errors import ExportError, Place
from shared.exports import messages
from shared.exports.decoding import Decoded, RecordDecoder
from shared.exports.envelopes import begins_like_one, holds_objects, holds_records, wrapped
from shared.exports.fast_path import FastPath, Segment
from shared.exports.items import RecordRun, Rejected
from shared.exports.joined_records import RECORD_HEAD
from shared.exports.record_values import EventValues
from shared.exports.rules import RULES, Rules
from shared.exports.unpacking import Unpacked, damage_or
from shared.exports.validate import Invalid, Valid, validate_record
from shared.exports.window import Window

_SECOND: Final = 19
"""Characters of a time up to its second."""
_HEAD: Final = re.compile(RECORD_HEAD)
_JOINED: Final = "more records follow the list; files were probably joined. Put all records into one list"


class Reader:
    """One pass over an export.

    Attributes:
        read: records seen so far, valid or not.
        latest_event: the latest EventTime in UTC among the valid ones so far, to the second; empty if none.
        rules: by which records are judged.
        as_it_stands: whether all valid records so far are sent with the very bytes that they have in the export.
    """

    def __init__(self, unpacked: Unpacked | Iterable[bytes], rules: Rules = RULES) -> None:
        self._unpacked = unpacked
        self.rules = rules
        self._pieces = iter(unpacked)
        self._window = Window(self._pieces)
        self._decoder = RecordDecoder(rules)
        self._fast = FastPath(rules)
        self._array_expected = False
        self._envelope: Place | None = None
        self.read = 0
        self.latest_event = ""
        self.as_it_stands = True

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
            yield from self._some()
            data, end = window.data, window.at
            match window.skip_space():
                case b",":
                    window.at += 1
                    self._learn(data, end)
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
            if not window.skip_space():
                return self._no_envelope()
            yield from self._some()
            data, end, read_bytes = window.data, window.at, window.read_bytes
            match window.skip_space():
                case b"{" if window.read_bytes == read_bytes:
                    self._broken("a line break is missing between two records")
                case _:
                    self._learn(data, end)

    def _some(self) -> Iterator[RecordRun | Rejected]:
        """Read a segment, or one record if it must be."""
        window = self._window
        segment = self._fast.segment(window.data, window.at, in_array=self._array_expected)
        if segment is None:
            yield from self._one()
            return
        begin = window.read_bytes
        self.as_it_stands &= not segment.rewritten
        run = RecordRun.from_first(self.read + 1, segment.records, segment.values)
        if not segment.odd:
            yield self._record_run(run)
        elif all(segment.odd.values()):
            yield from self._with_gaps(segment, run)
        else:
            yield from self._one_by_one(segment, run)
        window.at = begin + segment.size - window.passed_bytes

    def _with_gaps(self, segment: Segment, run: RecordRun) -> Iterator[RecordRun | Rejected]:
        """A segment of which each record is known to be valid or not: the valid ones in one run, then the others."""
        odd, begin = segment.odd, self._window.read_bytes
        if valid := run.where([index not in odd for index in range(len(segment.records))]):
            yield self._record_run(valid)
        for index in sorted(odd):
            yield self._rejected(run.first + index, segment.invalid(index), begin + segment.starts[index])

    def _one_by_one(self, segment: Segment, run: RecordRun) -> Iterator[RecordRun | Rejected]:
        """A segment of which some records must be read the exact way: all in their order."""
        window, count = self._window, len(segment.records)
        begin, place = window.read_bytes, 0
        for index in (*sorted(segment.odd), count):
            if place < index:
                yield self._record_run(run.part(run.first + place, run.first + index - 1))
            if index < count:
                window.at = begin + segment.starts[index] - window.passed_bytes
                if segment.odd[index]:
                    yield self._rejected(self.read + 1, segment.invalid(index), window.read_bytes)
                else:
                    yield from self._one()
            place = index + 1

    def _one(self) -> Iterator[RecordRun | Rejected]:
        """Read one record the exact way."""
        first = self._window.skip_space()
        if first != b"{":
            self._no_record(first)
        begin = self._window.read_bytes
        decoded = self._decoded()
        result = validate_record(decoded, self.rules)
        self._fast.learn_record(decoded.value, valid=isinstance(result, Valid))
        if isinstance(result, Invalid):
            yield self._rejected(self.read + 1, result, begin)
        else:
            self.as_it_stands &= result.body is decoded.raw
            values = EventValues.of_record(decoded.value, result.event_time)
            yield self._record_run(RecordRun.from_first(self.read + 1, [result.body], values))

    def _rejected(self, number: int, record: Invalid, begin: int) -> Rejected:
        self.read += 1
        at = begin - self._window.passed_bytes
        return Rejected(number, record, partial(self._window.place, at, number))

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

    def _record_run(self, run: RecordRun) -> RecordRun:
        self.read += len(run.records)
        if run.values:
            self.latest_event = max(self.latest_event, run.values.period.latest[:_SECOND])
        return run

    def _learn(self, data: bytes, end: int) -> None:
        """Learn how a record ends and the next one begins, if both are in view.

        Args:
            data: what was in view when a record had been read.
            end: where in `data` it ended.
        """
        window = self._window
        window.skip_space()
        if window.data is data and (head := _HEAD.match(data, window.at)):
            self._fast.learn(data[end - 1 : head.end()])

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
        raise messages.truncated(self._window, self.read, why)
