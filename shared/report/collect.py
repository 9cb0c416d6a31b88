"""Collects the report's figures from the results container.

Almost everything comes from one listing, whose metadata show status, records and times. Documents are read only for
the rows that show a summary and for the reasons, newest first, at most `MAX_DOCUMENTS` of them.
"""

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from heapq import nlargest
from typing import Final

import msgspec

from shared.clock import utc_text
from shared.delivery.outcome import Outcome, decode
from shared.delivery.outcome_listing import ListedOutcome, list_outcomes
from shared.delivery.ports import Container
from shared.error_codes import Status, error_code
from shared.errors import StorageError
from shared.log import OUTCOME_UNREADABLE, say
from shared.printable import printable
from shared.report.figures import Day, ExportRow, Figures, TopReason

DAYS: Final = 35
MAX_DOCUMENTS: Final = 200
ROWS: Final = 25
REASONS: Final = 10

_TROUBLE: Final = frozenset({Status.REJECTED, Status.BLOCKED, Status.FAILED})
_TELLING: Final = _TROUBLE | {Status.PARTIALLY_SUCCEEDED}


@dataclass(slots=True)
class _Reading:
    """Documents read so far, each at most once, and how many more may be."""

    results: Container
    left: int = MAX_DOCUMENTS
    known: dict[str, Outcome | None] = field(default_factory=dict)

    def outcome(self, path: str) -> Outcome | None:
        """The document; `None` if it cannot be read or too many were."""
        if path not in self.known and self.left > 0:
            self.left -= 1
            self.known[path] = _read(self.results, path)
        return self.known.get(path)


def collect(results: Container, now: datetime, *, days: int = DAYS) -> Figures:
    """List the outcomes and read the few that are needed.

    Args:
        results: the results container.
        now: the current time, in UTC.
        days: how many days the report covers, today among them; at least 1.

    Raises:
        StorageError: the container cannot be listed.
    """
    first = now.date() - timedelta(days=days - 1)
    within: list[ExportRow] = []
    waiting: list[ExportRow] = []
    last_sent_at: datetime | None = None
    for row in map(_row, list_outcomes(results)):
        if row.moment.date() >= first:
            within.append(row)
        if row.status is Status.BLOCKED:
            waiting.append(row)
        if row.sent and (last_sent_at is None or row.moment > last_sent_at):
            last_sent_at = row.moment
    reading = _Reading(results)
    latest = [_with_document(row, reading) for row in _newest(within, ROWS)]
    shown = [_with_document(row, reading) for row in _newest(waiting, ROWS)]
    telling = [row for row in _newest(within, len(within)) if row.rejected or row.status in _TELLING]
    outcomes = [outcome for row in telling if (outcome := reading.outcome(row.path))]
    return Figures(
        made_at=now,
        container=results.name,
        days=_days(within, first, now.date()),
        statuses=dict(Counter(row.status for row in within)),
        latest=latest,
        waiting=shown,
        waiting_total=len(waiting),
        reasons=_reasons(outcomes),
        faults=_faults(outcomes),
        read=len(outcomes),
        unread=len(telling) - len(outcomes),
        last_sent_at=last_sent_at,
    )


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


def _newest(row: Iterable[ExportRow], count: int) -> list[ExportRow]:
    return nlargest(count, row, key=lambda one: (one.moment, one.path))


def _with_document(row: ExportRow, reading: _Reading) -> ExportRow:
    outcome = reading.outcome(row.path)
    if outcome is None:
        return row
    return replace(
        row,
        name=printable(outcome.export.name),
        summary=outcome.summary,
        error=outcome.error.code if outcome.error else "",
    )


def _read(results: Container, path: str) -> Outcome | None:
    try:
        document = results.read(path)
        return decode(document.data) if document else None
    except (StorageError, msgspec.MsgspecError):
        shown = printable(path)
        say(logging.WARNING, OUTCOME_UNREADABLE, shown, outcome=shown)
        return None


def _days(within: Iterable[ExportRow], first: date, last: date) -> list[Day]:
    days = {first + timedelta(days=n): Day(first + timedelta(days=n)) for n in range((last - first).days + 1)}
    for row in within:
        when = min(row.moment.date(), last)  # a clock that is ahead of ours adds no day of its own
        day = days[when]
        days[when] = replace(
            day,
            exports=day.exports + 1,
            sent=day.sent + (row.sent or 0),
            rejected=day.rejected + (row.rejected or 0),
            partly=day.partly + (row.status is Status.PARTIALLY_SUCCEEDED),
            troubled=day.troubled + (row.status in _TROUBLE),
        )
    return list(days.values())


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
