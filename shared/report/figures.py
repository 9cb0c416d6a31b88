"""What the report shows, as plain values: collected from the results container, drawn by the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from shared.completeness.source_notes import SourceNote
from shared.completeness.usual import UsualRange
from shared.completeness.verdict import DayVerdict, State
from shared.error_codes import Retry, Status


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One outcome.

    Attributes:
        name: of the export; of one with an unsafe name, as far as it is known.
        path: of the outcome, in the results container.
        moment: when its last attempt ended, or when it was last written if none has; UTC.
        sent: records sent, `None` if it could not be read.
        rejected: records rejected, `None` if it could not be read.
        summary: what happened, from the document; empty if the document was not read.
        error: the code's text, or empty.
        not_sent: valid records that wait; `None` if the document was not read or says none.
        details: sentences of the document: what went wrong, what to do, warnings.
    """

    name: str
    path: str
    status: Status
    retry: Retry
    moment: datetime
    sent: int | None
    rejected: int | None
    next_attempt_at: str = ""
    summary: str = ""
    error: str = ""
    not_sent: int | None = None
    details: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """One day of events.

    Attributes:
        verdict: whether it is complete.
        exports: that hold events of it.
        not_sent: valid records of exports that wait, counted on the first day that they hold.
    """

    verdict: DayVerdict
    exports: int = 0
    not_sent: int = 0

    @property
    def date(self) -> date:
        """The day, in the source's zone or else that of the report."""
        return self.verdict.day

    @property
    def records(self) -> int:
        """Records sent."""
        return self.verdict.records

    @property
    def usual(self) -> UsualRange | None:
        """How many are usual; `None`: too little history."""
        return self.verdict.usual

    @property
    def state(self) -> State:
        """How it stands."""
        return self.verdict.state


@dataclass(frozen=True, slots=True)
class TopReason:
    """Why `records` were rejected or refused, or (with what to do, `help`) why whole exports were not sent."""

    text: str
    exports: int
    records: int = 0
    help: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything on the page.

    Attributes:
        made_at: when the listing was made, UTC.
        zone: of days and times on the page.
        container: the results container's name.
        days: without gaps, oldest first; the last one is today and not over yet.
        statuses: exports of these days by status.
        latest: the newest exports, newest first.
        open: exports of any age that are not finished or need action, newest first.
        notes: what should be known of sources, late ones first.
        waiting: the newest of those that need action: `Blocked`, or `Rejected` and not replaced.
        waiting_total: how many these are, listed or not.
        reasons: why records were rejected, the most frequent first.
        faults: why exports were not sent, the most frequent first.
        read: how many documents the reasons were counted from.
        unread: how many documents with reasons were left out, to keep the reading short.
        last_sent_at: when records were last sent, of whatever age; `None` if never.
        retries: whether what is `Failed` is tried again without being asked; pushes from a computer are not.
    """

    made_at: datetime
    zone: tzinfo
    container: str
    days: Sequence[Day]
    statuses: dict[Status, int]
    latest: Sequence[ExportRow]
    open: Sequence[ExportRow]
    notes: Sequence[SourceNote]
    waiting: Sequence[ExportRow]
    waiting_total: int
    reasons: Sequence[TopReason]
    faults: Sequence[TopReason]
    read: int
    unread: int
    last_sent_at: datetime | None
    retries: bool = True

    @property
    def not_sent(self) -> dict[str, int]:
        """Valid records that wait, by the path of their outcome, as far as it is known."""
        return {row.path: row.not_sent for row in self.open if row.not_sent is not None}
