r"""The fast path: runs of records proven valid from their bytes, without building a Python object for any of them.

A badging system writes every record of an export alike. Once the exact path has accepted a record, its *shape* (keys,
order, white space) becomes a regular expression in which each value is replaced by a pattern that only accepts what
the judge surely accepts. One sweep of that expression over the window proves and cuts thousands of records; what does
not match goes the exact way.

Why EventTime can be found without parsing: the patterns admit no raw `"` inside a text, and in a proven record a text
that is no key is never followed by a colon; so `"EventTime":"` with its white space is the key and nothing else. Records with
an EventTime inside another property go the exact way.
"""

import re
from dataclasses import dataclass
from typing import Final

from shared.exports.decoding import members
from shared.exports.times import to_utc
from shared.exports.validate import REQUIRED

_MAX_SHAPES: Final = 8
_MAX_MEMBERS: Final = 15
_MAX_SAMPLE_BYTES: Final = 1 << 13
_MAX_LESSONS: Final = 64
_LATER_LESSONS: Final = 16  # after _MAX_LESSONS only every so many records are worth a lesson
_NUL: Final = b"\0"

# Every repetition is bounded, so that a record of _MAX_MEMBERS texts stays under the limit of 1 MiB (a text is at most
# 66 kB), and possessive, so that nothing is tried twice.
# Sets are written as what they hold (one lookup a byte), and a text's closing quote is tried before any escape.
_PLAIN: Final = rb"[ !#-\[\]-\xff]"
_PLAIN_IN_ID: Final = rb"[ !#-\[\]-~\x80-\xff]"
_ESCAPES: Final = (
    rb'(?:\\(?:["\\/bfnrt]|u(?:[0-9a-ce-fA-CE-F][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}))){1,85}+'
)
_TEXT: Final = rb'"' + _PLAIN + rb'{0,4096}+(?:"|(?:' + _ESCAPES + _PLAIN + rb'{0,512}+){1,60}+")'
_NUMBER: Final = rb"-?(?:0|[1-9][0-9]{0,14}+)|-?(?:0|[1-9][0-9]{0,7}+)\.[0-9]{1,6}+"
_ANY: Final = rb"(?:" + _TEXT + rb"|" + _NUMBER + rb"|true|false|null)"
_MONTH_AND_DAY: Final = (
    rb"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_CLOCK: Final = rb"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,7})?+"
_ZONE: Final = rb"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_ZONED: Final = re.compile(rb"Z|[+-][0-9]{2}:[0-9]{2}")
_TIME: Final = rb'"20[0-9][0-9]-' + _MONTH_AND_DAY + _CLOCK + rb'"'
# Not the years at the ends: in UTC they could become 1999 or 2100.
_ZONED_TIME: Final = rb'"20(?:0[1-9]|[1-8][0-9]|9[0-8])-' + _MONTH_AND_DAY + _CLOCK + _ZONE + rb'"'
_ATOM: Final = rb"[!#-?A-\[\]-~]"
# Beyond ASCII only blocks of UTF-8 that hold no white space: U+00C0 to U+07FF, U+3040 to U+CFFF.
_ATOM_OR_LETTER: Final = (
    rb"(?:" + _ATOM + rb"|[\xc3-\xdf][\x80-\xbf]|\xe3[\x81-\xbf][\x80-\xbf]|[\xe4-\xec][\x80-\xbf]{2})"
)
_VALUES: Final = {
    "UserId": rb'"(?:%b{1,64}+@%b{1,255}+"|%b{1,64}+@%b{1,200}+")'
    % (_ATOM, _ATOM, _ATOM_OR_LETTER, _ATOM_OR_LETTER),
    "AssetId": rb'"(?=[!#-~])%b{0,4096}+(?:\\["\\/]%b{0,4096}+){0,15}+(?<=[!-~])"'
    % (_PLAIN_IN_ID, _PLAIN_IN_ID),
    "AssetName": _TEXT,
    "AccessStatus": rb'"(?:Success|Failed)"',
}


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


class Shapes:
    """The shapes an export's records have shown so far; they share what stands before a time and between records."""

    def __init__(self) -> None:
        self._shapes: list[bytes] = []
        self._separator = b""
        self._before_time = b""
        self._lessons = 0
        self._zoned = False
        self._pattern: re.Pattern[bytes] | None = None

    def learn(self, raw: bytes, separator: bytes) -> None:
        """Remember the shape of a record the judge accepted, and what stood between it and the next one."""
        self._lessons += 1
        if self._lessons > _MAX_LESSONS and self._lessons % _LATER_LESSONS:
            return
        if len(self._shapes) >= _MAX_SHAPES or len(raw) > _MAX_SAMPLE_BYTES:
            return
        shape, before_time = _shape(raw), _before_time(raw)
        marks = separator, before_time
        if not (shape and before_time) or shape in self._shapes:
            return
        if self._shapes and marks != (self._separator, self._before_time):
            return
        self._shapes.append(shape)
        self._separator, self._before_time = marks
        self._zoned |= _ZONED_TIME in shape
        # What matches no shape is swallowed whole, as an empty record: the sweep ends there, it never skips anything.
        self._pattern = re.compile(
            rb"(" + rb"|".join(self._shapes) + rb")" + re.escape(separator) + rb"|(?s:.+)"
        )

    def run(self, data: bytes, at: int) -> ProvenRun | None:
        """The proven records that begin at `at`, each with the separator behind it; `None` if there is none."""
        if not self._pattern:
            return None
        records: list[bytes] = self._pattern.findall(data, at)
        if records and not records[-1]:
            records.pop()
        if not records:
            return None
        end = at + sum(map(len, records)) + len(records) * len(self._separator)
        text = data[at:end]
        if self._zoned:
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


def _before_time(raw: bytes) -> bytes:
    """What stands before EventTime's value: key, colon, opening quote; empty if that could be another property's."""
    found = re.findall(rb'"EventTime"[ \t\r\n]*:[ \t\r\n]*"', raw)
    return found[0] if len(found) == 1 else b""


def _shape(raw: bytes) -> bytes | None:
    """The regular expression of a record's shape; `None` if it cannot be proven this way."""
    keys = [key for key, _, _ in members(raw)]
    if not REQUIRED.issubset(keys):
        return None
    names: list[str] = []
    pattern = _object(raw, names, _VALUES)
    return pattern if len(names) <= _MAX_MEMBERS else None


def _object(raw: bytes, names: list[str], values: dict[str, bytes]) -> bytes | None:
    """The pattern of an object, or of one inside it; `names` gathers those of all members."""
    pattern, passed, own = b"", 0, set()
    for key, start, end in members(raw):
        literal, sample = raw[passed:start], raw[start:end]
        if key in own or b"\\" in literal:
            return None
        own.add(key)
        names.append(key)
        if key == "EventTime":
            if not values:
                return None  # one inside another property would be taken for the record's own
            value: bytes | None = _ZONED_TIME if _ZONED.search(sample, 20) else _TIME
        elif key in values:
            value = values[key]
        elif sample.startswith(b"{"):
            value = _object(sample, names, {})
        else:
            value = None if sample.startswith(b"[") else _ANY
        if value is None:
            return None
        pattern += re.escape(literal) + value
        passed = end
    return pattern + re.escape(raw[passed:])
