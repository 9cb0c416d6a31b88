"""From when a day can be judged: it is over, and what brings its events is due."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from shared.completeness.arrivals import at_midnight
from shared.completeness.history import SourceHistory
from shared.sources.silence import GRACE, Owing

_LONGEST_DELAY: Final = timedelta(hours=36)
_UNKNOWN_DELAY: Final = timedelta(hours=10)
_WEEK: Final = 7
_HISTORY_DAYS: Final = 28
_EARLY: Final = 0.8


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of a source beside its exports.

    Attributes:
        zone: in which its days are meant.
        every: the time between two exports; `None`: it has no schedule.
        days: weekdays on which an export is due, 0 is Monday; only where `every` is one day.
        by: local time of day by which it must be there; `None`: the end of the day.
        owing: what its profile says of silence; `None`: it has no profile.
    """

    zone: tzinfo
    every: timedelta | None = None
    days: frozenset[int] = frozenset(range(_WEEK))
    by: time | None = None
    owing: Owing | None = None


def due_at(day: date, expected: Expected, history: SourceHistory) -> datetime:
    """When the events of a day must be there, UTC: by the schedule, else by when they usually are.

    Args:
        day: in the source's zone.
        expected: the source's schedule and zone.
        history: of the source.
    """
    over = at_midnight(day + timedelta(days=1), expected.zone)
    if expected.every is None:
        return over + _usual_delay(day, expected.zone, history)
    if expected.every != timedelta(days=1):
        return over + expected.every + GRACE
    due = next(
        one for n in range(1, _WEEK + 1) if (one := day + timedelta(days=n)).weekday() in expected.days
    )
    if expected.by is None:
        return at_midnight(due + timedelta(days=1), expected.zone)
    return datetime.combine(due, expected.by, tzinfo=expected.zone).astimezone(UTC)


def _usual_delay(day: date, zone: tzinfo, history: SourceHistory) -> timedelta:
    """How long after a day's end the last of its records was usually sent; four of five days are faster. At most 36 h."""
    since = day - timedelta(days=_HISTORY_DAYS)
    delays = sorted(
        min(max(known.last_sent - at_midnight(one + timedelta(days=1), zone), timedelta()), _LONGEST_DELAY)
        for one, known in history.days.items()
        if since <= one < day and known.last_sent
    )
    usual = delays[min(int(len(delays) * _EARLY), len(delays) - 1)] if delays else _UNKNOWN_DELAY
    return usual + GRACE
