"""What the report shows, as plain values: collected from the results container, drawn by the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

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


@dataclass(frozen=True, slots=True)
class Day:
    """One day in UTC: exports whose last attempt ended on it, and their records.

    Attributes:
        partly: how many of the exports were accepted with some records rejected.
        troubled: how many of the exports did not come through: rejected, blocked, failed.
    """

    date: date
    exports: int = 0
    sent: int = 0
    rejected: int = 0
    partly: int = 0
    troubled: int = 0


@dataclass(frozen=True, slots=True)
class TopReason:
    """Why `records` were rejected or refused, or (with what to do, `help`) why whole exports did not come through."""

    text: str
    exports: int
    records: int = 0
    help: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything on the page.

    Attributes:
        made_at: when the listing was made, UTC.
        container: the results container's name.
        days: without gaps, oldest first; the last one is today and not over yet.
        statuses: exports of these days by status.
        latest: the newest exports, newest first.
        waiting: exports of any age that wait for a person or for what a person must fix, newest first.
        waiting_total: how many these are, listed or not.
        reasons: why records were rejected, the most frequent first.
        faults: why exports did not come through, the most frequent first.
        read: how many documents the reasons were counted from.
        unread: how many documents with reasons were left out, to keep the reading short.
        last_sent_at: when records were last sent, of whatever age; `None` if never.
    """

    made_at: datetime
    container: str
    days: Sequence[Day]
    statuses: dict[Status, int]
    latest: Sequence[ExportRow]
    waiting: Sequence[ExportRow]
    waiting_total: int
    reasons: Sequence[TopReason]
    faults: Sequence[TopReason]
    read: int
    unread: int
    last_sent_at: datetime | None
