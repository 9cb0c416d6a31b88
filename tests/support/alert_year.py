"""A year of an office's telemetry, 2026: what an ordinary day leaves, holidays, weekends, and what goes wrong.

The badging system uploads at 06:00 UTC from Monday to Friday; on a holiday it uploads an empty export. The sweep runs at
05:30 every day. Three sources of another office have rows of their own (`alert_sources`). An incident changes what its days leave, and says what has to be told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from tests.support.telemetry_tables import Row, line, metric, request

YEAR: Final = 2026
START: Final = datetime(YEAR, 1, 5, tzinfo=UTC)
END: Final = datetime(YEAR, 12, 31, tzinfo=UTC)
HOLIDAYS: Final = frozenset(
    date(YEAR, month, day) for month, day in ((4, 3), (4, 6), (5, 1), (5, 14), (5, 25), (12, 24), (12, 25))
)
SECRET_ENDS: Final = datetime(YEAR, 10, 20, tzinfo=UTC)
SECRET_RENEWED: Final = datetime(YEAR, 10, 16, 9, tzinfo=UTC)


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A time of that year, UTC."""
    return datetime(YEAR, month, day, hour, minute, tzinfo=UTC)


@dataclass(frozen=True)
class Expected:
    """An alert that an incident must raise: between which times it fires, and between which it closes."""

    alert: str
    fires: tuple[datetime, datetime]
    closes: tuple[datetime, datetime]
    dimensions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Incident:
    """What happened, what it leaves instead of or beside the ordinary, and what must be told (nothing, for some).

    Attributes:
        no_export: days without the ordinary export.
        no_sweep: days without the ordinary sweep.
        rows: what it leaves besides.
        waiting: from, to, status: exports that the sweeps in between see waiting.
        poison: from, to: a message that the sweeps in between see in the poison queue.
    """

    what: str
    expected: tuple[Expected, ...] = ()
    no_export: frozenset[date] = frozenset()
    no_sweep: frozenset[date] = frozenset()
    rows: tuple[Row, ...] = ()
    waiting: tuple[datetime, datetime, str] | None = None
    poison: tuple[datetime, datetime] | None = None


def ended(when: datetime, name: str, status: str, **attributes: object) -> Row:
    """The line at the end of an attempt."""
    final = status in {"Succeeded", "PartiallySucceeded", "Duplicate", "Rejected"}
    figures = {"code": "", "retry": "", "read": 100, "rejected": 0, "refused": 0}
    values = figures | {"export": name, "status": status, "final": final} | attributes
    return line(when, f"export finished: {status} {name}: what happened.", **values)


@dataclass(frozen=True)
class Observed:
    """What a sweep measures."""

    age_hours: float
    blocked: int
    rejected: int
    poison: int


def swept(when: datetime, seen: Observed) -> Iterator[Row]:
    """What a sweep leaves: the timer's invocation, its own, its gauges, its line."""
    yield request(when, "TimerUploadTrigger", success=True)
    yield request(when + timedelta(seconds=40), "BlobUploadTrigger", success=True)
    after = when + timedelta(seconds=50)
    counts = {"Blocked": seen.blocked, "Failed": 0, "InProgress": 0, "Rejected": seen.rejected}
    for status, count in counts.items():
        yield metric(after, "gatepost.exports.waiting", count, status=status)
    yield metric(after, "gatepost.queue.poison", seen.poison)
    yield metric(after, "gatepost.export.age", round(seen.age_hours, 3))
    ends = SECRET_ENDS if when < SECRET_RENEWED else SECRET_ENDS + timedelta(days=365)
    yield metric(after, "gatepost.secret.days_left", (ends - when) / timedelta(days=1))
    yield line(after + timedelta(seconds=5), "sweep finished: 0 queued, 0 waiting")


def telemetry(incidents: tuple[Incident, ...]) -> list[Row]:
    """All rows of the year."""
    rows = [row for incident in incidents for row in incident.rows]
    no_export = frozenset[date]().union(*(incident.no_export for incident in incidents))
    no_sweep = frozenset[date]().union(*(incident.no_sweep for incident in incidents))
    last_end = datetime(YEAR, 1, 1, 6, 5, tzinfo=UTC)
    well = sorted(row.at for row in rows if row.table == "traces" and "Succeeded" in row.values[0])
    for number in range(365):
        day = date(YEAR, 1, 2) + timedelta(days=number)
        sweep_at = datetime(day.year, day.month, day.day, 5, 30, tzinfo=UTC)
        last_end = max([last_end, *(when for when in well if when < sweep_at)])
        if day not in no_sweep:
            rows.extend(_sweep(sweep_at, last_end, incidents))
        if day.weekday() < 5 and day not in no_export:
            last_end = sweep_at + timedelta(minutes=35)
            read = 0 if day in HOLIDAYS else 100
            rows.append(request(last_end, "BlobUploadTrigger", success=True))
            rows.append(ended(last_end, f"{day:%a}.json", "Succeeded", read=read))
    return rows


def _sweep(when: datetime, last_end: datetime, incidents: tuple[Incident, ...]) -> Iterator[Row]:
    seen = [
        status
        for incident in incidents
        if incident.waiting
        for since, until, status in [incident.waiting]
        if since < when < until
    ]
    found = Observed(
        age_hours=(when - last_end) / timedelta(hours=1),
        blocked=seen.count("Blocked"),
        rejected=seen.count("Rejected"),
        poison=sum(1 for one in incidents if one.poison and one.poison[0] < when < one.poison[1]),
    )
    return swept(when, found)
