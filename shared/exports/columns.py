"""Judges the values of one property of many records at once, and remembers: an export repeats its persons, doors and minutes."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from shared.exports.one_day import one_day
from shared.exports.record_values import Period
from shared.exports.rules import PropertyRule
from shared.exports.times import ANY_MOMENT, to_utc, without_zone
from shared.exports.validate import Violation, violation

type Wrong = dict[int, tuple[Violation, ...]]
"""What is wrong with values, by their index: an empty tuple for one that is missing."""

_MAX_REMEMBERED: Final = 1 << 15
_MINUTE: Final = 16
"""Characters of a time up to its minute."""
_SOME_MINUTE: Final = "2049-01-01T00:00"
_SOME_SECOND: Final = ":00"
_NO_ZONE: Final = "?"


class TextColumn:
    """Judges values by the rule of their property."""

    def __init__(self, rule: PropertyRule) -> None:
        self._rule = rule
        self._forget()

    def wrong(self, values: Sequence[Any]) -> Wrong:
        """What is wrong with values, one of each record."""
        try:
            if self._good.issuperset(values):
                return {}
            self._judge(set(values))
        except TypeError:  # lists and objects are never right, and cannot be remembered
            return self._one_by_one(values)
        known = self._wrong
        return {index: known[value] for index, value in enumerate(values) if value in known}

    def _judge(self, values: set[Any]) -> None:
        if len(self._good) + len(self._wrong) + len(values) > _MAX_REMEMBERED:
            self._forget()
        for value in values.difference(self._good, self._wrong):
            wrong = () if value is msgspec.UNSET else tuple(violation(self._rule, value))
            if wrong or value is msgspec.UNSET:
                self._wrong[value] = wrong
            else:
                self._good.add(value)

    def _one_by_one(self, values: Sequence[Any]) -> Wrong:
        found: Wrong = {}
        for index, value in enumerate(values):
            if isinstance(value, list | dict):
                found[index] = tuple(violation(self._rule, value))
            else:
                found.update((index, wrong) for wrong in self.wrong([value]).values())
        return found

    def _forget(self) -> None:
        self._good: set[Any] = set() if self._rule.required else {msgspec.UNSET}
        self._wrong: dict[Any, tuple[Violation, ...]] = {}


class TimeColumn:
    """Judges times and brings them to UTC, each in two parts: the minute, and what follows it.

    That is enough where the rule writes a moment as `ANY_MOMENT`: then no part of it depends on another, a date is in the
    minute, and an offset moves nothing but the minute. A time of which a part is in doubt is looked at whole.
    """

    def __init__(self, rule: PropertyRule) -> None:
        self._rule = rule
        self._whole = TextColumn(rule)
        self._has_parts = ANY_MOMENT in (rule.pattern or "")
        self._forget()

    def one_day(self, values: Sequence[Any]) -> Period | None:
        """The period of times that are known to be right, whole seconds of one day, and in UTC as they stand."""
        return one_day(values, self._keeps_whole) if self._has_parts else None

    def in_utc(self, values: Sequence[Any]) -> tuple[Sequence[Any], Wrong]:
        """The times in UTC as they are sent, and what is wrong with those that are none."""
        if not self._has_parts or set(map(type, values)) != {str}:
            return self._whole_in_utc(values, range(len(values)))
        minutes, ends = [time[:_MINUTE] for time in values], [time[_MINUTE:] for time in values]
        parts = () if self._plain_ends.issuperset(ends) else self._parts_of(ends)
        if self._plain_ends.issuperset(ends) and self._all_plain(minutes):
            return values, {}
        parts = parts or self._parts_of(ends)
        moved = self._moved_of([minute + zone for minute, (_, zone) in zip(minutes, parts, strict=True)])
        times = [minute and minute + end for minute, (end, _) in zip(moved, parts, strict=True)]
        doubtful = [index for index, time in enumerate(times) if not time]
        return self._whole_in_utc(values, doubtful, times) if doubtful else (times, {})

    def _whole_in_utc(
        self, values: Sequence[Any], which: Sequence[int], times: Sequence[str] = ()
    ) -> tuple[Sequence[Any], Wrong]:
        """Look at some times whole; the others are known."""
        found = list[Any](times or values)
        some = self._whole.wrong([values[index] for index in which])
        wrong = {which[place]: what for place, what in some.items()}
        for index in which:
            found[index] = values[index] if index in wrong else to_utc(values[index])
        return found, wrong

    def _all_plain(self, minutes: list[str]) -> bool:
        """Whether there are all these minutes in UTC."""
        if not self._plain_minutes.issuperset(minutes):
            self._moved_of(minutes)
        return self._plain_minutes.issuperset(minutes)

    def _parts_of(self, ends: list[str]) -> list[tuple[str, str]]:
        """Seconds with their fraction, and the zone, of what follows minutes; a zone that is none where they break the rule."""
        distinct = set(ends)
        if len(self._ends) + len(distinct) > _MAX_REMEMBERED:
            self._forget()
        for end in distinct.difference(self._ends):
            second = without_zone(end)
            zone = end[len(second) :]
            self._ends[end] = second, zone if self._keeps(_SOME_MINUTE + end) else _NO_ZONE
            if self._ends[end] == (end, ""):
                self._plain_ends.add(end)
        return list(map(self._ends.__getitem__, ends))

    def _moved_of(self, minutes: list[str]) -> list[str]:
        """Minutes with their zone in UTC; empty where they break the rule."""
        distinct = set(minutes)
        if len(self._moved) + len(distinct) > _MAX_REMEMBERED:
            self._forget()
        for minute in distinct.difference(self._moved):
            whole = minute[:_MINUTE] + _SOME_SECOND + minute[_MINUTE:]
            self._moved[minute] = to_utc(whole)[:_MINUTE] if self._keeps(whole) else ""
            if self._moved[minute] == minute:
                self._plain_minutes.add(minute)
        return list(map(self._moved.__getitem__, minutes))

    def _keeps_whole(self, time: str) -> bool:
        return not self._whole.wrong([time])

    def _keeps(self, time: str) -> bool:
        return not any(violation(self._rule, time))

    def _forget(self) -> None:
        self._plain_minutes: set[str] = set()
        self._plain_ends: set[str] = set()
        self._moved: dict[str, str] = {}
        self._ends: dict[str, tuple[str, str]] = {}
