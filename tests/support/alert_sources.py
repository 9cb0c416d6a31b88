"""Three weeks of another office with three sources: what the sweep logs of them, and their exports.

`bergen` exports every night; `munich` from Monday to Friday; `oslo` every twelve hours.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Final

from shared.delivery.sweep_result import SweepResult
from shared.sources.schedule import Schedule
from shared.sources.silence import Owing, standing
from shared.sources.uploads import Uploads
from shared.telemetry.log_events import sweep_finished
from tests.support.logged_rows import logged_rows
from tests.support.telemetry_tables import Row

FIRST: Final = date(2026, 11, 16)
LAST: Final = date(2026, 12, 6)
MUNICH_SILENT: Final = frozenset({date(2026, 11, 24), date(2026, 11, 25)})
OSLO_STUCK: Final = (datetime(2026, 12, 2, 5, tzinfo=UTC), datetime(2026, 12, 4, 3, tzinfo=UTC))

type Ended = Callable[..., Row]
"""Makes the line at the end of an attempt: when, the export's name, its status, attributes."""

_ALWAYS: Final = frozenset(range(7))
_SCHEDULES: Final = {
    "bergen": Schedule(24, daily=True, days=_ALWAYS, by=time(6), zone="UTC"),
    "munich": Schedule(24, daily=True, days=frozenset(range(5)), by=time(7), zone="Europe/Berlin"),
    "oslo": Schedule(12, daily=False, days=_ALWAYS, by=None, zone=None),
}


def source_rows(ended: Ended) -> list[Row]:
    """All of it."""
    uploads = sorted(_uploads(), key=lambda one: one[1])
    rows = [_export(ended, one) for one in uploads]
    seen = {name: Uploads() for name in _SCHEDULES}
    since = datetime.combine(FIRST, time(), tzinfo=UTC)
    for day in _days():
        now = datetime.combine(day, time(5, 30, 50), tzinfo=UTC)
        while uploads and uploads[0][1] < now:
            name, uploaded_at, stuck = uploads.pop(0)
            if not stuck:
                seen[name].add(uploaded_at, uploaded_at - timedelta(hours=1))
        standings = {
            name: standing(Owing(schedule, UTC, since), seen[name], now, now + timedelta(days=2))
            for name, schedule in _SCHEDULES.items()
        }
        with logged_rows(partial(_same, now)) as logged:
            sweep_finished(SweepResult(standings=standings))
        rows += logged
    return rows


def _same(now: datetime) -> datetime:
    return now


def _days() -> Iterator[date]:
    return (FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1))


def _uploads() -> Iterator[tuple[str, datetime, bool]]:
    """Source, when, and whether it is the same file again."""
    for day in _days():
        yield "bergen", datetime.combine(day, time(5), tzinfo=UTC), False
        if day.weekday() < 5 and day not in MUNICH_SILENT:
            yield "munich", datetime.combine(day, time(5, 10), tzinfo=UTC), False
        for hour in (4, 16):
            uploaded_at = datetime.combine(day, time(hour), tzinfo=UTC)
            yield "oslo", uploaded_at, OSLO_STUCK[0] < uploaded_at < OSLO_STUCK[1]


def _export(ended: Ended, upload: tuple[str, datetime, bool]) -> Row:
    source, uploaded_at, stuck = upload
    return ended(
        uploaded_at + timedelta(minutes=1),
        f"{source}/{uploaded_at:%m%d%H}.json",
        "Duplicate" if stuck else "Succeeded",
        source=source,
        uploaded=uploaded_at.isoformat(),
        newest_event=(uploaded_at - timedelta(hours=1)).isoformat()[:19],
    )
