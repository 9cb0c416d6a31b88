"""A row's time in UTC, the way the connector wants it: to the second, without a suffix.

An export has few different minutes beside its rows: what stands before and behind the seconds is remembered with its
minute in UTC, and only a new minute is really read.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from shared.sources.time_formats import TimeFormat, Written
from shared.sources.zones import moments, zone

type Ambiguous = Literal["earlier", "later", "reject"]
"""What becomes of a local time that happens twice."""
type Convert = Callable[[str], str]
"""From a time's text, without white space around it, to UTC like `2026-11-22T05:00:00`, years 2000 to 2099; else empty."""

_REMEMBERED: Final = 1 << 15
_SECONDS: Final = frozenset(f"{second:02}" for second in range(60))
_EPOCH: Final = re.compile(r"([0-9]{1,15})(?:\.[0-9]+)?")
_ZERO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS: Final = range(2000, 2100)
_LATEST: Final = 253_402_300_799  # the last second of the year 9999


class Doubtful(str):
    """A time in UTC whose local time happened twice, and of which the profile took one."""

    __slots__ = ()


class Times:
    """Reads times of one format in one zone.

    Attributes:
        convert: the reading itself.
    """

    def __init__(self, form: TimeFormat, zone_name: str | None, ambiguous: Ambiguous) -> None:
        self._form = form
        self._zone = zone(zone_name) if zone_name else None
        self._ambiguous = ambiguous
        self._minutes: dict[str, str] = {}
        self._tails: dict[str, str] = {}
        self.convert: Convert = self._fast()

    def why(self, text: str) -> str:
        """The code of what is wrong with a text for which `convert` gave nothing; empty if only its year is."""
        written = self._form.parse(text)
        if written is None:
            return "time-unreadable"
        if written.offset is None and self._zone is None:
            return "time-zone-missing"
        try:
            found = self._moments(written)
        except OverflowError:
            return "time-unreadable"
        if not found:
            return "time-does-not-exist"
        return "time-ambiguous" if len(found) > 1 and self._ambiguous == "reject" else ""

    def _fast(self) -> Convert:
        if self._form.seconds_at is not None:
            return self._from_start(self._form.seconds_at)
        if self._form.seconds_from_end is not None:
            return self._from_end(self._form.seconds_from_end)
        return self._whole()

    def _from_start(self, at: int) -> Convert:
        slow, tail_of, minute_of, end = self._slow, self._tails.get, self._minutes.get, at + 2

        def convert(text: str) -> str:
            tail = tail_of(text[end:])
            if tail is not None and (second := text[at:end]) in _SECONDS:
                minute = minute_of(text[:at] + tail)
                if minute:
                    return minute + second
            return slow(text)

        return convert

    def _from_end(self, width: int) -> Convert:
        slow, minute_of = self._slow, self._minutes.get

        def convert(text: str) -> str:
            end = len(text) - width
            second = text[end - 2 : end]
            if second in _SECONDS:
                minute = minute_of(text[: end - 2] + text[end:])
                if minute:
                    return minute + second
            return slow(text)

        return convert

    def _whole(self) -> Convert:
        slow, minute_of = self._slow, self._minutes.get

        def convert(text: str) -> str:
            return minute_of(text) or slow(text)

        return convert

    def _slow(self, text: str) -> str:
        """Read a time by its format, and remember its minute if nothing about it needs counting."""
        written = self._form.parse(text)
        if written is None or (written.offset is None and self._zone is None):
            return ""
        try:
            found = self._moments(written)
        except OverflowError:
            return ""
        if not found:
            return ""
        if len(found) > 1:
            if self._ambiguous == "reject":
                return ""
            return Doubtful(_shown(found[-1] if self._ambiguous == "later" else found[0]))
        shown = _shown(found[0])
        if shown and found[0].second == written.local.second:  # in some zones of the past it was not
            self._remember(text, written, shown)
        return shown

    def _moments(self, written: Written) -> list[datetime]:
        if written.offset is not None:
            return [written.local.replace(tzinfo=UTC) - written.offset]
        return moments(written.local, self._zone) if self._zone else []

    def _remember(self, text: str, written: Written, shown: str) -> None:
        """Remember what is before and behind the seconds, where the fast way will look for it."""
        for memory in (self._minutes, self._tails):
            if len(memory) >= _REMEMBERED:
                memory.clear()
        if written.head is None:
            self._minutes[text] = shown
        elif self._form.seconds_at is not None:
            self._tails[text[len(written.head) + 2 :]] = written.tail
            self._minutes[written.head + written.tail] = shown[:17]
        elif len(text) == len(written.head) + 2 + len(
            written.tail
        ):  # no fraction: the seconds stand where they should
            self._minutes[written.head + written.tail] = shown[:17]


class Epochs:
    """Reads seconds or milliseconds since 1970; the face of `Times`."""

    def __init__(self, units_a_second: int) -> None:
        self._units = units_a_second
        self._minutes: dict[int, str] = {}
        self.convert: Convert = self._convert

    def why(self, text: str) -> str:
        """The code of what is wrong with a text for which `convert` gave nothing; empty if only its year is."""
        match = _EPOCH.fullmatch(text)
        return "" if match and int(match[1]) // self._units <= _LATEST else "time-unreadable"

    def _convert(self, text: str) -> str:
        match = _EPOCH.fullmatch(text)
        if not match:
            return ""
        minute, second = divmod(int(match[1]) // self._units, 60)
        shown = self._minutes.get(minute)
        if shown is None:
            if minute * 60 > _LATEST:
                return ""
            if len(self._minutes) >= _REMEMBERED:
                self._minutes.clear()
            shown = self._minutes[minute] = _shown(_ZERO + timedelta(minutes=minute))[:17]
        return f"{shown}{second:02}" if shown else ""


def _shown(moment: datetime) -> str:
    """A moment as an EventTime; empty in years that no record may have."""
    return moment.isoformat()[:19] if moment.year in _YEARS else ""
