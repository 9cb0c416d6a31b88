"""What is known of each source, day by day, out of one listing of all outcomes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from shared.completeness.arrivals import ENDED_WELL, NEEDS_ACTION, UNFINISHED
from shared.delivery.outcome_listing import ListedOutcome
from shared.delivery.source_watch import counts
from shared.sources.uploads import Uploads


@dataclass(slots=True)
class KnownDay:
    """One day of one source.

    Attributes:
        exports: that hold events of it, whatever became of them.
        sent: records.
        last_sent: when the last of them were sent, UTC; `None` if none were.
        ended_well: when the last export with events of this day ended well, UTC; `None` if none did.
    """

    exports: int = 0
    sent: int = 0
    last_sent: datetime | None = None
    ended_well: datetime | None = None


@dataclass(slots=True)
class SourceHistory:
    """One source.

    Attributes:
        days: what is known of each day.
        empty: when exports without any record ended well, UTC.
        ended_well: when the last export ended well, UTC; `None` if none did.
        open: exports that have not ended well and were not replaced, oldest first.
        uploads: what its schedule is held against.
        upload_days: days on which exports were uploaded, UTC, whatever became of them.
    """

    days: dict[date, KnownDay] = field(default_factory=dict)
    empty: list[datetime] = field(default_factory=list)
    ended_well: datetime | None = None
    open: list[ListedOutcome] = field(default_factory=list)
    uploads: Uploads = field(default_factory=Uploads)
    upload_days: set[date] = field(default_factory=set)

    @property
    def first_day(self) -> date | None:
        """The first day of which anything is known."""
        return min(self.days, default=None)

    def sent(self, day: date) -> int:
        """Records of that day that were sent."""
        known = self.days.get(day)
        return known.sent if known else 0

    def add(self, one: ListedOutcome) -> None:
        """Count an export, however it ended."""
        if one.uploaded_at:
            self.upload_days.add(one.uploaded_at.date())
            if counts(one):
                self.uploads.add(one.uploaded_at, one.newest_event)
        well, days = one.status in ENDED_WELL, one.days
        for day, sent in (days or {}).items():
            known = self.days.setdefault(day, KnownDay())
            known.exports += 1
            known.sent += sent
            if sent:
                known.last_sent = _later(known.last_sent, one.moment)
            if well:
                known.ended_well = _later(known.ended_well, one.moment)
        if well:
            self.ended_well = _later(self.ended_well, one.moment)
            if days is not None and not days:
                self.empty.append(one.moment)

    def replaced(self, one: ListedOutcome) -> bool:
        """Whether later exports with events of the same days ended well; days unknown: whether any later one did."""
        if one.days is None:
            return self.ended_well is not None and self.ended_well > one.moment
        ended = [known.ended_well if (known := self.days.get(day)) else None for day in one.days]
        return bool(ended) and all(moment is not None and moment > one.moment for moment in ended)


def histories(exports: Iterable[ListedOutcome], since: date) -> dict[str, SourceHistory]:
    """Each source's, by name.

    Args:
        exports: of any age, all versions of a name one after another, as a listing has them.
        since: days before it are not counted; exports that need action are kept, however old they are.
    """
    found: dict[str, SourceHistory] = {}
    trouble: list[ListedOutcome] = []
    for _, group in groupby(exports, key=lambda one: one.name):
        versions = list(group)
        for one in versions:
            if one.moment.date() >= since:
                found.setdefault(one.source, SourceHistory()).add(one)
        trouble += _not_replaced_by_name(versions)
    for one in sorted(trouble, key=lambda one: (one.moment, one.path)):
        history = found.setdefault(one.source, SourceHistory())
        if one.status in UNFINISHED or not history.replaced(one):
            history.open.append(one)
    return found


def _not_replaced_by_name(versions: Sequence[ListedOutcome]) -> list[ListedOutcome]:
    """Those that are unfinished, or need action while no newer version of that name ended well."""
    well = max((one.moment for one in versions if one.status in ENDED_WELL), default=None)
    return [
        one
        for one in versions
        if one.status in UNFINISHED or (one.status in NEEDS_ACTION and (well is None or well < one.moment))
    ]


def _later(known: datetime | None, moment: datetime) -> datetime:
    return moment if known is None else max(known, moment)
