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

from shared.clock import utc_time
from shared.delivery.outcome import Outcome, decode
from shared.delivery.ports import Blob, Container
from shared.errors import StorageError
from shared.faults import FAULTS, Retry, Status
from shared.names import printable
from shared.report.figures import Day, Figures, Seen, TopReason

DAYS: Final = 35
MAX_DOCUMENTS: Final = 200
ROWS: Final = 25
REASONS: Final = 10

_FOLDER: Final = "outcomes/"
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
    within: list[Seen] = []
    waiting: list[Seen] = []
    last_sent_at: datetime | None = None
    for seen in map(_seen, results.blobs(_FOLDER)):
        if seen.moment.date() >= first:
            within.append(seen)
        if seen.status is Status.BLOCKED:
            waiting.append(seen)
        if seen.sent and (last_sent_at is None or seen.moment > last_sent_at):
            last_sent_at = seen.moment
    reading = _Reading(results)
    latest = [_with_document(seen, reading) for seen in _newest(within, ROWS)]
    shown = [_with_document(seen, reading) for seen in _newest(waiting, ROWS)]
    telling = [seen for seen in _newest(within, len(within)) if seen.rejected or seen.status in _TELLING]
    outcomes = [outcome for seen in telling if (outcome := reading.outcome(seen.path))]
    return Figures(
        made_at=now,
        container=results.name,
        days=_days(within, first, now.date()),
        statuses=dict(Counter(seen.status for seen in within)),
        latest=latest,
        waiting=shown,
        waiting_total=len(waiting),
        reasons=_reasons(outcomes),
        faults=_faults(outcomes),
        read=len(outcomes),
        unread=len(telling) - len(outcomes),
        last_sent_at=last_sent_at,
    )


def _seen(listed: Blob) -> Seen:
    """An outcome as the listing shows it; what is damaged counts as the sweep counts it: as unfinished."""
    known = listed.metadata
    status = known.get("status", "")
    return Seen(
        name=printable(listed.name.removeprefix(_FOLDER).rpartition("/")[0]),
        path=listed.name,
        status=Status(status) if status in set(Status) else Status.IN_PROGRESS,
        retry=_retry(known.get("retry", "")),
        moment=_moment(known.get("finishedat", "")) or listed.last_modified,
        sent=_count(known.get("recordssent", "")),
        rejected=_count(known.get("recordsrejected", "")),
        next_attempt_at=known.get("nextattemptat", ""),
    )


def _retry(text: str) -> Retry:
    if text == "auto":
        return "auto"
    return "person" if text == "person" else None


def _moment(text: str) -> datetime | None:
    try:
        return utc_time(text) if text else None
    except ValueError:
        return None


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() else None


def _newest(seen: Iterable[Seen], count: int) -> list[Seen]:
    return nlargest(count, seen, key=lambda one: (one.moment, one.path))


def _with_document(seen: Seen, reading: _Reading) -> Seen:
    outcome = reading.outcome(seen.path)
    if outcome is None:
        return seen
    return replace(
        seen,
        name=printable(outcome.export.name),
        summary=outcome.summary,
        error=outcome.error.code if outcome.error else "",
    )


def _read(results: Container, path: str) -> Outcome | None:
    try:
        document = results.read(path)
        return decode(document.data) if document else None
    except (StorageError, msgspec.MsgspecError):
        logging.getLogger("gatepost").warning("an outcome cannot be read: %s", printable(path))
        return None


def _days(within: Iterable[Seen], first: date, last: date) -> list[Day]:
    days = {first + timedelta(days=n): Day(first + timedelta(days=n)) for n in range((last - first).days + 1)}
    for seen in within:
        when = min(seen.moment.date(), last)  # a clock that is ahead of ours adds no day of its own
        day = days[when]
        days[when] = replace(
            day,
            exports=day.exports + 1,
            sent=day.sent + (seen.sent or 0),
            rejected=day.rejected + (seen.rejected or 0),
            partly=day.partly + (seen.status is Status.PARTIALLY_SUCCEEDED),
            troubled=day.troubled + (seen.status in _TROUBLE),
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
    return [TopReason(code, codes[code], help=_way_out(code)) for code in ordered[:REASONS]]


def _way_out(code: str) -> str:
    return FAULTS[code].help if code in FAULTS else "A newer Gatepost wrote this; look into its outcome."
