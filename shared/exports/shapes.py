r"""The fast path: runs of records proven valid from their bytes, without building a Python object for any of them.

A badging system writes every record of an export alike. Once the exact path has accepted a record, its *shape* (keys,
order, white space) becomes a regular expression in which each value is replaced by a pattern that only accepts what
the judge surely accepts. One match then proves thousands of records; what does not match goes the exact way.

Why the bytes may be cut without parsing them: the patterns admit no raw `"` inside a text, so a quote followed by a
known key, a quote and a colon is that key and nothing else. A record begins where the separator and the record's
opening (`{`, white space, first key) stand together, and EventTime's value is what follows its key.
"""

import re
from typing import Final

from shared.exports.decoding import members
from shared.exports.records import REQUIRED
from shared.exports.times import to_utc

_MAX_SHAPES: Final = 8
_MAX_MEMBERS: Final = 15
_MAX_SAMPLE_BYTES: Final = 1 << 13
_MAX_LESSONS: Final = 64
_NUL: Final = b"\0"

# Bounded repetition keeps a record of _MAX_MEMBERS texts under the limit of 1 MiB; `++` and `{..}+` never backtrack.
_TEXT: Final = rb'"(?:[^"\\\x00-\x1f]{1,4096}+|\\["\\/bfnrt]|\\u(?:[0-9a-ce-fA-CE-F][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2})){0,15}+"'
_NUMBER: Final = rb"-?(?:0|[1-9][0-9]{0,7})(?:\.[0-9]{1,6})?+|-?[1-9][0-9]{8,14}"
_MONTH_AND_DAY: Final = (
    rb"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_CLOCK: Final = rb"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,7})?+"
_ZONED: Final = re.compile(rb"Z|[+-][0-9]{2}:[0-9]{2}")
_ZONE: Final = rb"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"

_VALUES: Final = {
    "UserId": rb'"[!#-?A-\[\]-~]{1,64}+@[!#-?A-\[\]-~]{1,255}+"',
    "AssetId": rb'"(?=[!-~])[^"\\\x00-\x1f\x7f]{1,4096}+(?<=[!-~])"',
    "AssetName": _TEXT,
    "AccessStatus": rb'"(?:Success|Failed)"',
}


class Shapes:
    """The shapes an export's records have shown so far; all of them begin alike."""

    def __init__(self) -> None:
        self._shapes: list[bytes] = []
        self._marks = self._opening, self._separator, self._before_time = b"", b"", b""
        self._lessons = 0
        self._zoned = False
        self._run: re.Pattern[bytes] | None = None

    def learn(self, raw: bytes, separator: bytes) -> None:
        """Remember the shape of a record the judge accepted, and what stood between it and the next one."""
        self._lessons += 1
        if self._lessons > _MAX_LESSONS or len(self._shapes) >= _MAX_SHAPES or len(raw) > _MAX_SAMPLE_BYTES:
            return
        places = list(members(raw))
        keys = [key for key, _, _ in places]
        if not set(keys) >= REQUIRED or len(set(keys)) < len(keys) or len(keys) > _MAX_MEMBERS:
            return
        opening = raw[: places[0][1]]
        time_at = keys.index("EventTime")
        before_time = (
            raw[places[time_at][1] - len(_key_and_colon(raw, places, time_at)) : places[time_at][1]] + b'"'
        )
        marks = opening, separator, before_time
        shape = _shape(raw, places)
        if shape is None or shape in self._shapes or (self._shapes and marks != self._marks):
            return
        self._shapes.append(shape)
        self._marks = self._opening, self._separator, self._before_time = marks
        self._zoned |= _ZONE in shape
        self._run = re.compile(rb"(?:(?:" + rb"|".join(self._shapes) + rb")" + re.escape(separator) + rb")*+")

    def run(self, data: bytes, at: int) -> int:
        """Where the proven records that begin at `at` end, with the separator behind the last one; `at` if none."""
        match = self._run.match(data, at) if self._run else None
        return match.end() if match else at

    def cut(self, run: bytes) -> tuple[list[bytes], str]:
        """The records of a proven run as bytes to send, and the latest EventTime among them, to the second."""
        run = run[: len(run) - len(self._separator)] if self._separator else run
        if self._zoned:
            run = re.sub(re.escape(self._before_time) + rb'([^"]*)', self._time_in_utc, run)
        latest = max(run.split(self._before_time)[1:])[:19].decode()
        if self._separator:
            run = run.replace(self._separator + self._opening, _NUL + self._opening)
        else:
            run = run.replace(b"}" + self._opening, b"}" + _NUL + self._opening)
        return run.split(_NUL), latest

    def _time_in_utc(self, match: re.Match[bytes]) -> bytes:
        return self._before_time + to_utc(match[1].decode()).encode()


def _key_and_colon(raw: bytes, places: list[tuple[str, int, int]], index: int) -> bytes:
    """The bytes from the opening quote of a member's key to the start of its value."""
    start = places[index - 1][2] if index else 0
    between = raw[start : places[index][1]]
    return between[between.index(b'"') :]


def _shape(raw: bytes, places: list[tuple[str, int, int]]) -> bytes | None:
    """The regular expression of a record's shape; `None` if it cannot be proven this way."""
    pattern, passed = b"", 0
    for key, start, end in places:
        literal = raw[passed:start]
        value = _value(key, raw[start:end])
        if value is None or b"\\" in literal:
            return None
        pattern += re.escape(literal) + value
        passed = end
    return pattern + re.escape(raw[passed:])


def _value(key: str, sample: bytes) -> bytes | None:
    if key == "EventTime":
        zoned = _ZONED.search(sample, 20)
        year = rb"20(?:0[1-9]|[1-8][0-9]|9[0-8])-" if zoned else rb"20[0-9][0-9]-"
        return b'"' + year + _MONTH_AND_DAY + _CLOCK + (_ZONE if zoned else b"") + b'"'
    if key in _VALUES:
        return _VALUES[key]
    if sample[:1] in b"{[":
        return None
    return rb"(?:" + _TEXT + rb"|" + _NUMBER + rb"|true|false|null)"
