r"""The fast path: runs of records proven valid from their bytes, without building a Python object for any of them.

A badging system writes every record of an export alike: the same properties in the same order with the same white space
between them. So each record that the exact path has accepted is turned into a *record pattern*: a regular expression of its
bytes in which every value is replaced by what `proven_values` accepts for that property. One search of the learned patterns
over the bytes in view then proves and cuts thousands of records; what matches none takes the exact path.

Why EventTime can be found without parsing: the patterns admit no raw `"` inside a text, and in a proven record a text
that is no key is never followed by a colon; so `"EventTime":"` with its white space is the key and nothing else. Records with
an EventTime inside another property take the exact path.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.exports.decoding import members
from shared.exports.proven_values import ANY_SCALAR, proven_values, zoned
from shared.exports.rules import PropertyRule, Rules
from shared.exports.times import to_utc

_MAX_PATTERNS: Final = 8
_MAX_MEMBERS: Final = 15
_MAX_SAMPLE_BYTES: Final = 1 << 11
_EAGER_SAMPLES: Final = 64  # so many are all looked at,
_LATER_SAMPLES: Final = 16  # then only every so many: looking costs more than it may win
_NUL: Final = b"\0"
_REMEMBERED_BYTES: Final = 1 << 18  # of expressions; compiled they are some ten times as large


@dataclass(frozen=True, slots=True)
class ProvenRun:
    """Proven records that follow each other.

    Attributes:
        records: the bytes to send of each.
        latest_event: the latest EventTime among them in UTC, to the second.
        end: where in the window the next record begins.
    """

    records: list[bytes]
    latest_event: str
    end: int


class RecordPatterns:
    """The patterns learned from an export so far; they share what stands before a time and between records."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._zoned_time = zoned(rules.properties["EventTime"])
        self._patterns: list[bytes] = []
        self._separator = b""
        self._before_time = b""
        self._samples = 0
        self._any_zoned = False
        self._search: re.Pattern[bytes] | None = None

    def learn(self, raw: bytes, separator: bytes) -> None:
        """Learn the pattern of a record that the exact path accepted, and in which no property is repeated.

        Args:
            raw: the record's bytes.
            separator: what stood between it and the next record.
        """
        self._samples += 1
        if self._samples > _EAGER_SAMPLES and self._samples % _LATER_SAMPLES:
            return
        if len(self._patterns) >= _MAX_PATTERNS or len(raw) > _MAX_SAMPLE_BYTES:
            return
        pattern, before_time = _record_pattern(raw, self._rules), _before_time(raw)
        shared = separator, before_time
        if not (pattern and before_time) or pattern in self._patterns:
            return
        if self._patterns and shared != (self._separator, self._before_time):
            return
        self._patterns.append(pattern)
        self._separator, self._before_time = shared
        self._any_zoned |= bool(self._zoned_time) and self._zoned_time in pattern
        # What matches no pattern is swallowed whole, as an empty record: the search ends there, it never skips anything.
        self._search = _compiled(
            rb"(" + rb"|".join(self._patterns) + rb")" + re.escape(separator) + rb"|(?s:.+)"
        )

    def proven(self, data: bytes, at: int) -> ProvenRun | None:
        """The proven records that begin at `at`, each with the separator behind it; `None` if there is none."""
        if not self._search:
            return None
        records: list[bytes] = self._search.findall(data, at)
        if records and not records[-1]:
            records.pop()
        if not records:
            return None
        end = at + sum(map(len, records)) + len(records) * len(self._separator)
        text = data[at:end]
        if self._any_zoned:
            text = self._in_utc(_NUL.join(records))  # NUL stands in no proven record
            records = text.split(_NUL)
        latest = max(text.split(self._before_time)[1:])[:19].decode()
        return ProvenRun(records, latest, end)

    def _in_utc(self, text: bytes) -> bytes:
        return re.sub(
            re.escape(self._before_time) + rb'([^"]*)',
            lambda match: self._before_time + to_utc(match[1].decode()).encode(),
            text,
        )


class _Remembered:
    """How many bytes of expressions made from exports `re` may still hold: it keeps hundreds, however large."""

    total_bytes = 0


def _compiled(expression: bytes) -> re.Pattern[bytes]:
    _Remembered.total_bytes += len(expression)
    if _Remembered.total_bytes > _REMEMBERED_BYTES:
        re.purge()
        _Remembered.total_bytes = len(expression)
    return re.compile(expression)


def _before_time(raw: bytes) -> bytes:
    """What stands before EventTime's value: key, colon, opening quote; empty if that could be another property's."""
    found = re.findall(rb'"EventTime"[ \t\r\n]*:[ \t\r\n]*"', raw)
    return found[0] if len(found) == 1 else b""


def _record_pattern(raw: bytes, rules: Rules) -> bytes | None:
    """The regular expression of records written like this one; `None` if they cannot be proven this way."""
    if not rules.required.issubset(key for key, _, _ in members(raw)):
        return None
    names: list[str] = []
    pattern = _object_pattern(raw, names, rules.properties)
    return pattern if len(names) <= _MAX_MEMBERS else None


def _object_pattern(raw: bytes, names: list[str], rules: Mapping[str, PropertyRule]) -> bytes | None:
    """The pattern of a record, or of an object inside one.

    Args:
        raw: the object's bytes.
        names: gathers the names of all members, at every depth.
        rules: the rules of its members; none inside another property.
    """
    pattern, passed = b"", 0
    for key, start, end in members(raw):
        literal, sample = raw[passed:start], raw[start:end]
        if b"\\" in literal:
            return None
        names.append(key)
        if key == "EventTime" and not rules:
            return None  # would be taken for the record's own
        value = _value_pattern(sample, names, rules.get(key))
        if value is None:
            return None
        pattern += re.escape(literal) + value
        passed = end
    return pattern + re.escape(raw[passed:])


def _value_pattern(sample: bytes, names: list[str], rule: PropertyRule | None) -> bytes | None:
    """The pattern of values like the sample; of a known property, the one of its rule that the sample matches."""
    if rule:
        return next((one for one in proven_values(rule) if re.fullmatch(one, sample)), None)
    if sample.startswith(b"{"):
        return _object_pattern(sample, names, {})
    return None if sample.startswith(b"[") else ANY_SCALAR
