"""The date of an event in UTC, and its day where people count days: both out of its EventTime."""

from array import array
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from shared.exports.record_values import Period

_MINUTE: Final = 16
"""Characters of a time up to its minute."""

_MOST_REMEMBERED: Final = 1 << 14


class Days:
    """Numbers the pairs of date and day that an export's events have.

    Attributes:
        pairs: date in UTC and day in the zone, by their numbers.
    """

    def __init__(self, zone: tzinfo = UTC) -> None:
        self._zone = zone
        self._numbers: dict[tuple[str, str], int] = {}
        self._remembered: dict[str, int] = {}
        self.pairs: list[tuple[str, str]] = []

    def numbers_of(self, times: Sequence[str], one_day: Period | None = None) -> Sequence[int]:
        """The number of each time's pair; many share their minute.

        Args:
            times: in UTC.
            one_day: their period, if they are known to be of one day in UTC.
        """
        if one_day and _is_one_day(one_day, self._zone):
            return array("I", [self._number(one_day.earliest[:_MINUTE])]) * len(times)
        minutes = [time[:_MINUTE] for time in times]
        remembered = self._remembered
        try:
            return list(map(remembered.__getitem__, minutes))
        except KeyError:
            missing = set(minutes).difference(remembered)
        if len(remembered) + len(missing) > _MOST_REMEMBERED:
            remembered.clear()
            missing = set(minutes)
        remembered.update((minute, self._number(minute)) for minute in sorted(missing))
        return list(map(remembered.__getitem__, minutes))

    def _number(self, minute: str) -> int:
        pair = (minute[:10], _local(minute, self._zone)[0])
        number = self._numbers.setdefault(pair, len(self.pairs))
        if number == len(self.pairs):
            self.pairs.append(pair)
        return number


def _is_one_day(period: Period, zone: tzinfo) -> bool:
    """Whether one day in UTC is one day in the zone, too: its clocks have shown one date, and were not put forward or back."""
    return zone is UTC or _local(period.earliest[:_MINUTE], zone) == _local(period.latest[:_MINUTE], zone)


@lru_cache(maxsize=4096)
def _local(minute: str, zone: tzinfo) -> tuple[str, timedelta | None]:
    """The day in a zone, and what its clocks are ahead of UTC."""
    if zone is UTC:
        return minute[:10], None
    there = datetime.fromisoformat(minute).replace(tzinfo=UTC).astimezone(zone)
    return there.date().isoformat(), there.utcoffset()
