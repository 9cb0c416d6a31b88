"""How many records a day usually has: from the same weekday of the weeks before, so that one bad day changes little."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, sqrt
from statistics import median
from typing import Final

WEEKS: Final = 8
MIN_SAME_WEEKDAYS: Final = 4
MIN_SAME_KIND: Final = 5
_SATURDAY: Final = 5
_SCALED_MAD: Final = 1.4826
_WIDTH: Final = 3.0
_SHARE: Final = 0.1


@dataclass(frozen=True, slots=True)
class UsualRange:
    """Records from `low` to `high` are usual."""

    low: int
    high: int


def usual_range(day: date, first: date, records_of: Callable[[date], int]) -> UsualRange | None:
    """What is usual for a day; `None`: too little is known of the days before it.

    The middle is the median, the width three times the (normal-scaled) median of the distances from it, at least a tenth
    of the middle and three times its root, which is the chance of counts.

    Args:
        day: the day in question; not counted itself.
        first: the first day of which anything is known; days before it are not counted.
        records_of: how many records a day had; 0 for a day without.
    """
    counts = [records_of(one) for one in _alike(day, first)]
    if not counts:
        return None
    middle = median(counts)
    spread = median(abs(count - middle) for count in counts)
    width = max(_WIDTH * _SCALED_MAD * spread, _SHARE * middle, _WIDTH * sqrt(middle))
    return UsualRange(max(0, ceil(middle - width)), int(middle + width))


def _alike(day: date, first: date) -> list[date]:
    """The same weekdays of the last weeks; where these are too few, the days of the last two weeks of the same kind."""
    weekdays = [one for one in _before(day, WEEKS * 7) if one >= first and one.weekday() == day.weekday()]
    if len(weekdays) >= MIN_SAME_WEEKDAYS:
        return weekdays
    weekend = day.weekday() >= _SATURDAY
    kind = [one for one in _before(day, 14) if one >= first and (one.weekday() >= _SATURDAY) == weekend]
    return kind if len(kind) >= MIN_SAME_KIND or (weekend and len(kind) >= MIN_SAME_WEEKDAYS) else []


def _before(day: date, days: int) -> Iterator[date]:
    return (day - timedelta(days=n) for n in range(1, days + 1))
