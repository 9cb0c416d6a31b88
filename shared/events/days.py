"""The date of an event in UTC, and its day where people count days: both out of its EventTime."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Final

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

    def numbers_of(self, times: Sequence[str]) -> list[int]:
        """The number of each time's pair; many share their minute."""
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
        pair = (minute[:10], _day(minute, self._zone))
        number = self._numbers.setdefault(pair, len(self.pairs))
        if number == len(self.pairs):
            self.pairs.append(pair)
        return number


@lru_cache(maxsize=4096)
def _day(minute: str, zone: tzinfo) -> str:
    if zone is UTC:
        return minute[:10]
    return datetime.fromisoformat(minute).replace(tzinfo=UTC).astimezone(zone).date().isoformat()
