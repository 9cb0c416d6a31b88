"""Whether a source is silent: what its schedule says is due, held against the exports that came. Pure.

With a daily schedule an export is due on each of `days`, between midnight and `by`. Each export counts for one due time,
the earliest that has begun and that none has met, of those of two days: so a file of yesterday that comes after midnight
does not hide that today's is missing, and a day that stays without one is forgotten a day later. All are met if as many
exports came since each of them began as are due from it on. Otherwise one is due within `every` and two hours of the last.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from shared.sources.schedule import Schedule
from shared.sources.uploads import Uploads

GRACE: Final = timedelta(hours=2)
_DAY: Final = timedelta(days=1)
_LOOK_BACK: Final = 9
"""Days in which a schedule of one weekday has had its last due time."""


@dataclass(frozen=True, slots=True)
class Due:
    """An export that is due, and how many of those of two days have not come; times are UTC.

    Attributes:
        begins: from when on an upload counts for it.
        by: from when on it is late, as long as anything is missing.
        missing: 1 if nothing has come since `begins`.
        before: when that of the day before began; `begins`, if none was due on that day.
        missing_before: how many of both have not come since `before`.
    """

    begins: datetime
    by: datetime
    missing: int
    before: datetime
    missing_before: int

    @property
    def is_met(self) -> bool:
        """Whether nothing is missing."""
        return self.missing <= 0 and self.missing_before <= 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source stands.

    Attributes:
        last: when the last export that counts was uploaded; before the first one, since when the source exists; UTC.
        has_exported: whether there was one.
        newest_event: of the exports that count; `None` if there is none.
        due: the last due time that is over, and those that follow as far as was asked for.
        every: the time between two exports with its grace; `None` where days are due, or nothing.
        late: whether something is overdue.
    """

    last: datetime
    has_exported: bool
    newest_event: datetime | None
    due: Sequence[Due]
    every: timedelta | None
    late: bool


@dataclass(frozen=True, slots=True)
class Owing:
    """What a source owes, and since when.

    Attributes:
        schedule: its own; `None`: nothing is due.
        zone: of days, where the schedule names none.
        since: when its profile was uploaded, UTC: from then on it owes, if it never exported.
    """

    schedule: Schedule | None
    zone: tzinfo
    since: datetime


def standing(owing: Owing, uploads: Uploads, now: datetime, until: datetime) -> Standing:
    """Hold a source's exports against its schedule.

    Args:
        owing: its schedule.
        uploads: exports that ended well, as far as they are known.
        now: UTC.
        until: how far into the future owed exports are listed.
    """
    counting = list(uploads.counting())
    last = counting[-1][0] if counting else owing.since
    newest = max((event for _, event in counting if event), default=None)
    schedule = owing.schedule
    if schedule is None:
        return Standing(last, bool(counting), newest, (), None, late=False)
    if not schedule.daily:
        every = timedelta(hours=schedule.every_hours) + GRACE
        due = (Due(last, last + every, 1, last, 1),)
        return Standing(last, bool(counting), newest, due, every, late=last + every <= now)
    uploaded = [uploaded_at for uploaded_at, _ in counting]
    days = list(_days(schedule, owing, min([owing.since, *uploaded]), now, until))
    owed = [
        _owed(time_of, days[place - 1] if place else None, uploaded) for place, time_of in enumerate(days)
    ]
    first = max((place for place, one in enumerate(owed) if one.by <= now), default=0)
    late = bool(owed) and owed[first].by <= now and not owed[first].is_met
    return Standing(last, bool(counting), newest, owed[first:], None, late=late)


def _days(
    schedule: Schedule, owing: Owing, since: datetime, now: datetime, until: datetime
) -> Iterator[tuple[date, datetime, datetime]]:
    """Each day on which an export is due, when it begins and by when it is due, from a week ago on.

    Args:
        schedule: of days.
        owing: has the zone of days.
        since: when the source began to be; a day that had begun by then is not owed.
        now: UTC.
        until: nothing that is due later.
    """
    zone = ZoneInfo(schedule.zone) if schedule.zone else owing.zone
    today = now.astimezone(zone).date()
    for number in range(-_LOOK_BACK, (until - now).days + 2):
        day = today + number * _DAY
        begins, by = _due_on(day, schedule.by, zone)
        if day.weekday() in schedule.days and begins >= since and by <= until:
            yield day, begins, by


def _owed(
    its: tuple[date, datetime, datetime],
    before: tuple[date, datetime, datetime] | None,
    uploaded: Sequence[datetime],
) -> Due:
    """What is missing of a due time, and of that of the day before, if there is one."""
    day, begins, by = its
    missing = 1 - sum(1 for one in uploaded if one >= begins)
    if before is None or before[0] != day - _DAY:
        return Due(begins, by, missing, begins, missing)
    return Due(begins, by, missing, before[1], 2 - sum(1 for one in uploaded if one >= before[1]))


def _due_on(day: date, by: time | None, zone: tzinfo) -> tuple[datetime, datetime]:
    begins = datetime.combine(day, time(), tzinfo=zone)
    ends = datetime.combine(day, by, tzinfo=zone) if by else datetime.combine(day + _DAY, time(), tzinfo=zone)
    return begins.astimezone(UTC), ends.astimezone(UTC)
