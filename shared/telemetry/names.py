"""Every name Gatepost shows in Application Insights: metrics, attributes, log events, spans. One place.

The workbook, the alerts and `docs/telemetry.md` are tested against this module. Metrics are declared in
`shared.telemetry.metrics`, beside what records them.
"""

from dataclasses import dataclass
from typing import Final

from shared.delivery.sweep_events import PEOPLE_NOT_REFRESHED, PEOPLE_REFRESHED, SOURCES_UNREADABLE
from shared.log import DAY_JUDGED, OUTCOME_UNREADABLE, REPORT_FAILED, Event
from shared.telemetry.metrics import METRICS as METRICS  # noqa: PLC0414  (given on: every name in one place)


@dataclass(frozen=True, slots=True)
class Span:
    """A span in `dependencies`."""

    name: str
    description: str
    attributes: tuple[str, ...] = ()


ATTRIBUTES: Final[dict[str, str]] = {
    # what and where
    "event": "name of the log event",
    "export": "name of the blob in the exports container, at most 200 characters",
    "invocation_id": "the host's id of the invocation, as in the outcome",
    "trigger": "`upload`, `sweep` or `command`: what brought the export up first",
    "code": "code of the outcome's error or of the fault, such as `secret-refused`; empty if there is none",
    # what an export came to
    "status": "the outcome's status, such as `Succeeded`",
    "final": "`True` if nothing more happens to this version of the export unless a person asks",
    "retry": "`auto`, `person`, or empty: who starts the next try",
    "top_reason": "the most frequent reason for a rejected or refused record: property and fixed sentence",
    "read": "records in the export",
    "sent": "records the connector accepted",
    "rejected": "records that broke a rule",
    "refused": "records the connector refused singly",
    "unconfirmed": "records in batches of which the connector did not say which it took",
    "unsent": "valid records not sent under this name",
    "ignored": "records left out on purpose",
    "repeated": "records whose event goes, or went, by another record",
    "source": "the source that the export belongs to; empty if it belongs to none",
    "profile": "SHA-256 of the source's profile, its first 16 digits",
    "people": "SHA-256 of each of the source's people files, the first 16 digits, separated by commas; of a refresh: how many",
    "disabled": "people whose account is disabled; they stay in the people file",
    "uploaded": "when the export was uploaded, UTC",
    "newest_event": "the newest EventTime of its valid records, UTC; empty if there is none",
    "batches": "batches of the export",
    "requests": "requests to the connector for these batches, over all attempts",
    "possible_copies": "batches that may have been accepted once more than noted",
    "warnings": "codes of the outcome's warnings, separated by commas",
    "attempts": "attempts on this version of the export, this one included",
    "duration_seconds": "how long this attempt took, in seconds",
    "export_bytes": "size of the blob as stored",
    "tried": "records that were rejected before a pass under another mapping",
    # what a sweep found
    "queued": "messages the sweep put on the queue",
    "remaps": "of these, exports whose rejected records are tried under a changed mapping",
    "remaps_left": "such exports that are left for the next sweep: it queues at most 1,000",
    "waiting": "outcomes that are not final",
    "expiring": "exports that wait on purpose (sending is off, or a trial goes on) and will be deleted within 10 days",
    "days_left": "days until the app secret or certificate expires; empty if unknown, or if it has no end",
    # what a source owes
    "from": "an export that is uploaded from this time on counts, UTC",
    "by": "when it is late, UTC",
    "missing": "`1` if nothing has come from then on, else `0`",
    "from_before": "when that of the day before began, UTC; the same as `from` if none was due",
    "missing_before": "how many of both have not come",
    "every_hours": "hours between two exports, with two hours of grace; `0` where days are due",
    "last_upload": "when the last export that counts was uploaded, before the first one the source's profile, UTC",
    "last_event": "the newest event of the exports that count, UTC; empty if there is none",
    # a day of events
    "day": "the day of the events, such as `2026-11-24`",
    "state": "`complete`, `fewer`, `missing`, `stuck`, `so-far` or `no-history`",
    "records": "records of that day that were sent",
    "usual_low": "fewest records that are usual on such a day; empty if not known",
    "usual_high": "most records that are usual on such a day; empty if not known",
    "summary": "the verdict as one sentence, with the sources that explain it",
    "notice": "the verdict as the daily notice shows it",
    # what cannot be read or written
    "outcome": "path of an outcome in the results container",
    # a request to the connector
    "http_status": "status of the connector's reply; `0` if there was none",
    "batch": "number of the batch in the export, from 0, as in the outcome",
    "url.full": "address of the connector, without its query; shown as `target` and `data`",
    "http.request.method": "always `POST`",
    "http.response.status_code": "status of the reply; absent if there was none",
    "error.type": "`no-answer`, or the status if the reply was not a success",
}
"""Every attribute and its meaning. In `traces` and `dependencies` all values are text."""

EXPORT_FINISHED: Final = Event(
    "export finished",
    "the end of an attempt at an export; information, or a warning, or an error by its status",
    (
        "event",
        "status",
        "final",
        "trigger",
        "export",
        "invocation_id",
        "code",
        "retry",
        "top_reason",
        "read",
        "sent",
        "rejected",
        "refused",
        "unconfirmed",
        "unsent",
        "ignored",
        "repeated",
        "source",
        "profile",
        "people",
        "uploaded",
        "newest_event",
        "batches",
        "requests",
        "possible_copies",
        "warnings",
        "attempts",
        "duration_seconds",
        "export_bytes",
    ),
)
REMAP_FINISHED: Final = Event(
    "remap finished",
    "the end of a pass over an export's rejected records, after the mapping of its source has changed; information, or a "
    "warning if it could not be made",
    (
        "event",
        "export",
        "source",
        "status",
        "tried",
        "sent",
        "rejected",
        "warnings",
        "duration_seconds",
    ),
)
SWEEP_FINISHED: Final = Event(
    "sweep finished",
    "the end of a sweep",
    ("event", "queued", "remaps", "remaps_left", "waiting", "expiring", "days_left"),
)
SOURCE_DUE: Final = Event(
    "source due",
    "with every sweep, for each source with a schedule: when an export was due last, and when it is within two days",
    (
        "event",
        "source",
        "from",
        "by",
        "missing",
        "from_before",
        "missing_before",
        "every_hours",
        "last_upload",
        "last_event",
    ),
)
EXPORT_EXPIRING: Final = Event(
    "export expiring",
    "an export that waits on purpose and will be deleted within 10 days; an error",
    ("event", "export"),
)
SECRET_EXPIRY_UNKNOWN: Final = Event(
    "secret expiry unknown", "the sweep could not read when the app secret expires; a warning", ("event",)
)
INVOCATION_FAILED: Final = Event(
    "invocation failed",
    "an invocation ended with an exception: the host tries the message again; an error",
    ("event", "code", "export"),
)
EVENTS: Final = (
    EXPORT_FINISHED,
    REMAP_FINISHED,
    SWEEP_FINISHED,
    SOURCE_DUE,
    SOURCES_UNREADABLE,
    PEOPLE_REFRESHED,
    PEOPLE_NOT_REFRESHED,
    EXPORT_EXPIRING,
    SECRET_EXPIRY_UNKNOWN,
    INVOCATION_FAILED,
    OUTCOME_UNREADABLE,
    DAY_JUDGED,
    REPORT_FAILED,
)

CONNECTOR_REQUEST: Final = Span(
    "POST /api/signals/physicalbadging",
    "one request to the connector; `resultCode` and `success` follow its reply, `target` is its host",
    (
        "url.full",
        "http.request.method",
        "http.response.status_code",
        "error.type",
        "batch",
    ),
)
SPANS: Final = (CONNECTOR_REQUEST,)
