"""The fast path: segments of an export decoded whole, and judged column by column.

A typed decoder gives what stands in the properties of some hundred records at a time; `columns` judges that, and remembers.
What such a decoder does not tell (repeated properties, inexact numbers, nesting) is found out by `certainty`. A record of which
one cannot be sure, and a segment that does not decode, take the exact path.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from shared.exports.certainty import all_certain, is_certain
from shared.exports.columns import TextColumn, TimeColumn, Wrong
from shared.exports.decoding import CORRECTED
from shared.exports.joined_records import JoinedRecords, in_brackets
from shared.exports.record_structs import KNOWN, Columns, Shape, any_shape, types_of
from shared.exports.record_values import EventValues
from shared.exports.rules import Rules
from shared.exports.validate import Invalid, Violation, violations_of
from shared.exports.written_times import with_times

_MAX_SEGMENT: Final = 1 << 17
_MIN_SEGMENT: Final = 1 << 12
_MAX_NAMES: Final = 64
_MAX_SHAPES: Final = 8
_ODD_NAME: Final = re.compile(r'[\x00-\x1f"\\\ud800-\udfff]')
_TIME: Final = "EventTime"
_RAW: Final = msgspec.json.Decoder(list[msgspec.Raw])
_RAW_LINES: Final = msgspec.json.Decoder(msgspec.Raw)


@dataclass(frozen=True, slots=True)
class Segment:
    """Records that follow each other.

    Attributes:
        size: bytes from the first one's beginning to the last one's end.
        records: the bytes of each; of a valid one those to send.
        values: what makes their events; those of records that are not valid mean nothing.
        odd: what is wrong with those that are not valid, by index; nothing: the exact path must read it.
        starts: where each begins; empty if none is odd.
        rewritten: whether records to send may differ from those of the export.
    """

    size: int
    records: Sequence[bytes]
    values: EventValues
    odd: Wrong
    starts: list[int]
    rewritten: bool

    def invalid(self, index: int) -> Invalid:
        """The record at an index that is known to break a rule."""
        return Invalid(self.odd[index], self.records[index].translate(None, b"\r\n"))


class FastPath:
    """Reads segments by what it has learned from an export: what stands between records, and their properties."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._texts = {name: TextColumn(rules.properties[name]) for name in KNOWN if name != _TIME}
        self._times = TimeColumn(rules.properties[_TIME])
        self._mark = self._head = b""
        self._largest = min(_MAX_SEGMENT, rules.max_record_bytes)
        self._smallest = min(_MIN_SEGMENT, self._largest)
        self._size = self._smallest  # a segment is best when the names in it are known
        self._names: list[str] = []
        self._any_shape = any_shape(())
        self._shapes: dict[tuple[tuple[str, type], ...], Shape] = {}
        self._shape: Shape | None = None

    def learn(self, mark: bytes) -> None:
        """Learn how the end of a record and the beginning of the next one look: `}`, white space and commas, `{"UserId"`."""
        self._mark, self._head = mark, mark[mark.index(b"{") :]

    def learn_record(self, record: Mapping[str, Any], *, valid: bool) -> None:
        """Learn how records look.

        Args:
            record: decoded.
            valid: whether it keeps the rules; if not, only its names can be learned.
        """
        new = [name for name in record if name not in self._names and name not in KNOWN]
        new = [name for name in new if not _ODD_NAME.search(name)]
        if new and len(self._names) + len(new) <= _MAX_NAMES:
            self._names += new
            self._any_shape = any_shape(self._names)
        types = types_of(record) if valid and set(self._names).issuperset(record.keys() - KNOWN) else None
        if types:
            self._learn_shape(types)

    def segment(self, data: bytes, at: int, *, in_array: bool) -> Segment | None:
        """The records that begin at a place, some of them; `None` if they must be read one by one.

        Args:
            data: in view.
            at: where the first one begins.
            in_array: whether there are commas between them.
        """
        last = data.rfind(self._mark, at, at + self._size) if self._mark else -1
        if last < 0:
            return None
        try:
            found = self._decoded(data[at : last + 1], in_array=in_array)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            found = None
        self._size = min(2 * self._size, self._largest) if found else max(self._size // 4, self._smallest)
        return found

    def _learn_shape(self, types: dict[str, type]) -> None:
        key = tuple(types.items())
        if key not in self._shapes and len(self._shapes) < _MAX_SHAPES:
            self._shapes[key] = Shape(types, self._rules)
        self._shape = self._shapes.get(key, self._shape)

    def _decoded(self, data: bytes, *, in_array: bool) -> Segment | None:
        text = in_brackets(data) if in_array else data
        columns, proven = self._of_shape(data, text, in_array=in_array)
        certain = bool(columns)
        if not columns:
            columns = self._any_shape.columns(self._any_shape.values(text, in_array=in_array))
            certain = all_certain(data, columns.values())
        joined = self._joined(data, len(columns[_TIME])) if certain else None
        if joined is None and not in_array and b"}{" in data:
            return None  # perhaps a line break is missing, which decoders do not mind
        records: Sequence[bytes] = joined or _apart(text, in_array=in_array)
        one_day = self._times.one_day(columns[_TIME])
        times, wrong_times = (columns[_TIME], {}) if one_day else self._times.in_utc(columns[_TIME])
        odd = self._odd({name: columns[name] for name in columns if name not in proven}, wrong_times)
        if not certain:
            odd |= self._uncertain(records, columns)
        starts = _starts(data, records) if odd else []
        if times is not columns[_TIME]:
            records = with_times(records, columns[_TIME], times, odd)
        values = EventValues(columns["UserId"], columns["AssetId"], times, columns["AccessStatus"], one_day)
        return Segment(len(data), records, values, odd, starts, rewritten=times is not columns[_TIME])

    def _joined(self, data: bytes, count: int) -> JoinedRecords | None:
        """Records of which each is flat, with commas between them, if they all begin and end alike.

        What stands between two has quotes in it. So it is in no text, unless a text may hold quotes.
        """
        if b"\\" in data or data.count(self._mark) != count - 1 or not data.startswith(self._head):
            return None
        with_comma = b"}," + self._head
        joined = data if self._mark == with_comma else data.replace(self._mark, with_comma)
        return JoinedRecords(joined, self._head, count)

    def _of_shape(self, data: bytes, text: bytes, *, in_array: bool) -> tuple[Columns, frozenset[str]]:
        """The columns of records that are all of the usual shape, and which need no judge; else nothing."""
        if self._shape:
            with suppress(msgspec.ValidationError):
                values = self._shape.decoder.values(text, in_array=in_array)
                if self._shape.is_all(data, len(values)):
                    return self._shape.decoder.columns(values), self._shape.proven
        return {}, frozenset()

    def _odd(self, columns: Columns, wrong_times: Wrong) -> Wrong:
        """What is wrong with each record, in the order of the rules."""
        wrong = {name: text.wrong(columns[name]) for name, text in self._texts.items() if name in columns}
        wrong[_TIME] = wrong_times
        odd: Wrong = {}
        for name in self._rules.properties:
            for index, found in wrong.get(name, {}).items():
                odd[index] = odd.get(index, ()) + found
        for index in {index for some in wrong.values() for index, found in some.items() if not found}:
            odd[index] = self._without_all(
                {
                    name: column[index]
                    for name, column in columns.items()
                    if column[index] is not msgspec.UNSET
                }
            )
        return odd

    def _without_all(self, value: dict[str, Any]) -> tuple[Violation, ...]:
        """What is wrong with a record that lacks a property; nothing for a line of a rejected file, which may hold one."""
        return () if value.keys() == CORRECTED else violations_of(value, self._rules)

    def _uncertain(self, records: Sequence[bytes], columns: Columns) -> Wrong:
        depth = self._rules.max_depth
        rows = zip(*columns.values(), strict=True)
        return {
            index: ()
            for index, (raw, row) in enumerate(zip(records, rows, strict=True))
            if not is_certain(raw, row, depth)
        }


def _apart(text: bytes, *, in_array: bool) -> list[bytes]:
    """The bytes of each record."""
    return list(map(bytes, _RAW.decode(text) if in_array else _RAW_LINES.decode_lines(text)))


def _starts(data: bytes, records: Sequence[bytes]) -> list[int]:
    """Where in the data each record begins."""
    starts: list[int] = []
    end = 0
    for record in records:
        starts.append(data.index(b"{", end))
        end = starts[-1] + len(record)
    return starts
