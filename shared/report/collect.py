"""Collects the report's figures from the results container.

Almost everything comes from one listing, whose metadata show status, records, days and times. Documents are read only
for the rows that show a summary, for what waits and for the reasons, newest first, within the bound of `Documents`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from heapq import nlargest
from typing import Final

from shared.clock import utc_text
from shared.completeness.arrivals import NEEDS_ACTION
from shared.completeness.due import Expected
from shared.completeness.history import SourceHistory, histories
from shared.completeness.source_notes import source_notes
from shared.completeness.usual import WEEKS
from shared.completeness.verdict import judge_day
from shared.delivery.outcome import Outcome
from shared.delivery.outcome_listing import ListedOutcome, list_outcomes
from shared.delivery.ports import Container
from shared.error_codes import Status, error_code
from shared.printable import printable
from shared.report.documents import Documents
from shared.report.figures import Day, ExportRow, Figures, TopReason

DAYS: Final = 35
ROWS: Final = 25
REASONS: Final = 10
MAX_OPEN_READ: Final = 100
BEFORE: Final = timedelta(weeks=WEEKS + 1)
"""What is listed beyond the report's days, for what is usual on the first of them."""

_TELLING: Final = frozenset({Status.REJECTED, Status.BLOCKED, Status.FAILED, Status.PARTIALLY_SUCCEEDED})


@dataclass(frozen=True, slots=True)
class Scope:
    """What the report is about.

    Attributes:
        now: the current time, in UTC.
        days: how many days it covers, today among them; at least 1.
        zone: of days, where a source has none of its own.
        expected: schedules and zones of sources, by name.
    """

    now: datetime
    days: int = DAYS
    zone: tzinfo = UTC
    expected: Mapping[str, Expected] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The day on which the report is made."""
        return self.now.astimezone(self.zone).date()

    @property
    def first(self) -> date:
        """The first day of the report."""
        return self.today - timedelta(days=self.days - 1)


@dataclass(slots=True)
class _Listing:
    """What one pass over the listing leaves: rows of the report's days, and the latest time anything was sent."""

    scope: Scope
    within: list[ExportRow] = field(default_factory=list)
    last_sent_at: datetime | None = None

    def noting(self, listed: Iterable[ListedOutcome]) -> Iterator[ListedOutcome]:
        """Each export in turn."""
        for one in listed:
            if one.moment.astimezone(self.scope.zone).date() >= self.scope.first:
                self.within.append(_row(one))
            if one.sent and (self.last_sent_at is None or one.moment > self.last_sent_at):
                self.last_sent_at = one.moment
            yield one


def collect(results: Container, scope: Scope) -> Figures:
    """List the outcomes and read the few that are needed.

    Args:
        results: the results container.
        scope: which days, in which zone.

    Raises:
        StorageError: the container cannot be listed.
    """
    listing = _Listing(scope)
    known = histories(listing.noting(list_outcomes(results)), scope.first - BEFORE)
    documents = Documents(results)
    latest = [documents.completed(row) for row in _newest(listing.within, ROWS)]
    still_open = open_rows(known, documents)
    needs_action = [row for row in still_open if row.status in NEEDS_ACTION]
    telling = [
        row for row in _newest(listing.within, len(listing.within)) if row.rejected or row.status in _TELLING
    ]
    outcomes = [outcome for row in telling if (outcome := documents.outcome(row.path))]
    return Figures(
        made_at=scope.now,
        zone=scope.zone,
        container=results.name,
        days=_days(scope, known, still_open),
        statuses=dict(Counter(row.status for row in listing.within)),
        latest=latest,
        open=still_open,
        notes=source_notes(known, scope.expected, scope.now),
        waiting=needs_action[:ROWS],
        waiting_total=len(needs_action),
        reasons=_reasons(outcomes),
        faults=_faults(outcomes),
        read=len(outcomes),
        unread=len(telling) - len(outcomes),
        last_sent_at=listing.last_sent_at,
    )


def open_rows(
    known: Mapping[str, SourceHistory], documents: Documents, wanted: set[str] | None = None
) -> list[ExportRow]:
    """What is not finished or needs action, of any age, newest first; the newest with what their documents say.

    Args:
        known: each source's history.
        documents: reads them; at most `MAX_OPEN_READ` are read here.
        wanted: the paths of those that are asked for; `None`: all.
    """
    rows = [_row(one) for history in known.values() for one in history.open]
    ordered = _newest([row for row in rows if wanted is None or row.path in wanted], len(rows))
    return [documents.completed(row) for row in ordered[:MAX_OPEN_READ]] + ordered[MAX_OPEN_READ:]


def _days(scope: Scope, known: Mapping[str, SourceHistory], still_open: Iterable[ExportRow]) -> list[Day]:
    not_sent = {row.path: row.not_sent for row in still_open if row.not_sent}
    held: Counter[date] = Counter()
    for history in known.values():
        for one in history.open:
            first = min(one.days, default=None) if one.days else None
            held[first or one.moment.astimezone(scope.zone).date()] += not_sent.get(one.path, 0)
    days = (scope.first + timedelta(days=n) for n in range(scope.days))
    return [
        Day(
            judge_day(day, known, scope.expected, scope.zone, scope.now),
            exports=sum(history.days[day].exports for history in known.values() if day in history.days),
            not_sent=held[day],
        )
        for day in days
    ]


def _row(listed: ListedOutcome) -> ExportRow:
    """An outcome as the listing shows it; what is damaged counts as the sweep counts it: as unfinished."""
    due = listed.next_attempt_at
    return ExportRow(
        name=printable(listed.name),
        path=listed.path,
        status=listed.status,
        retry=listed.retry,
        moment=listed.moment,
        sent=listed.sent,
        rejected=listed.rejected,
        next_attempt_at=utc_text(due) if due else "",
    )


def _newest(rows: Sequence[ExportRow], count: int) -> list[ExportRow]:
    return nlargest(count, rows, key=lambda one: (one.moment, one.path))


def _reasons(outcomes: Iterable[Outcome]) -> list[TopReason]:
    records: Counter[str] = Counter()
    exports: Counter[str] = Counter()
    for outcome in outcomes:
        for reason in outcome.rejections.by_reason:
            text = f"{reason.property or 'The record'} {reason.reason}"
            records[text] += reason.records
            exports[text] += 1
    ordered = sorted(exports, key=lambda text: (-records[text], text))
    return [TopReason(text, exports[text], records[text]) for text in ordered[:REASONS]]


def _faults(outcomes: Iterable[Outcome]) -> list[TopReason]:
    codes = Counter(outcome.error.code for outcome in outcomes if outcome.error)
    ordered = sorted(codes, key=lambda code: (-codes[code], code))
    return [TopReason(code, codes[code], help=_help(code)) for code in ordered[:REASONS]]


def _help(code: str) -> str:
    known = error_code(code)
    return known.help if known else "A newer Gatepost wrote this; read its outcome."
