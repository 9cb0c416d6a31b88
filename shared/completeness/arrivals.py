"""Exports as the question "is this day complete?" sees them: from where, of which days, and how they ended."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from shared.error_codes import Status

ENDED_WELL: Final = frozenset({Status.SUCCEEDED, Status.PARTIALLY_SUCCEEDED, Status.DUPLICATE})
_UNDER_WAY: Final = frozenset({Status.FAILED, Status.IN_PROGRESS})
_NEEDS_ACTION: Final = frozenset({Status.REJECTED, Status.BLOCKED})


@dataclass(frozen=True, slots=True)
class Arrival:
    """One version of one export.

    Attributes:
        name: of the export.
        source: its source; of an export that has none, its first folder; empty for one in no folder.
        status: how it stands.
        days: records sent of each day that it has events of; `None`: not known, since it could not be read.
        moment: when its last attempt ended, UTC.
        code: of the error, or empty.
        not_sent: valid records that wait; `None` if it is not known.
    """

    name: str
    source: str
    status: Status
    days: Mapping[date, int] | None
    moment: datetime
    code: str = ""
    not_sent: int | None = None

    def holds(self, day: date, zone: tzinfo) -> bool:
        """Whether it has events of that day; where that is not known: whether it came on it or on the day after."""
        if self.days is not None:
            return day in self.days
        return self.moment.astimezone(zone).date() in {day, day + timedelta(days=1)}

    def sent_on(self, day: date) -> int:
        """Records of that day that were sent."""
        return self.days.get(day, 0) if self.days else 0


def open_arrivals(arrivals: Iterable[Arrival]) -> list[Arrival]:
    """Those of one source that keep a day from being complete: unfinished, or `Rejected` or `Blocked` and not resolved."""
    known = list(arrivals)
    well = [one for one in known if one.status in ENDED_WELL]
    return [
        one
        for one in known
        if one.status in _UNDER_WAY or (one.status in _NEEDS_ACTION and not _resolved(one, well))
    ]


def by_source(arrivals: Iterable[Arrival]) -> dict[str, list[Arrival]]:
    """Grouped, in the order of the sources' names."""
    found: dict[str, list[Arrival]] = {}
    for one in arrivals:
        found.setdefault(one.source, []).append(one)
    return dict(sorted(found.items()))


def first_day(arrivals: Sequence[Arrival]) -> date:
    """The first day of which anything is known."""
    return min(
        min(one.days, default=one.moment.date()) if one.days else one.moment.date() for one in arrivals
    )


def at_midnight(day: date, zone: tzinfo) -> datetime:
    """When a day begins in a zone, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _resolved(arrival: Arrival, well: Iterable[Arrival]) -> bool:
    """Whether a newer version of that name, or later exports of its source with events of the same days, ended well."""
    later = [one for one in well if one.moment > arrival.moment]
    if any(one.name == arrival.name for one in later):
        return True
    if arrival.days is None:
        return bool(later)
    covered = {day for one in later for day in one.days or ()}
    return bool(later) and covered.issuperset(arrival.days)
