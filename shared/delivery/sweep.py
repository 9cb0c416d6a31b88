"""The daily sweep: finds what nobody is working on and puts it on the queue, then reports.

It lists, and reads only the few outcomes it has to close: 100,000 exports are compared without a download. One export
is one message, however it was found; what the sweep queues is looked at by the same function as an upload.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec

from shared.clock import utc_text, utc_time
from shared.delivery import conclusion
from shared.delivery.collaborators import Collaborators
from shared.delivery.outcome import Outcome, error_of
from shared.delivery.outcome_file import OutcomeFile
from shared.delivery.ports import Blob
from shared.delivery.swept import Swept
from shared.errors import ConditionError, ExportError, MissingBlobError, NeedsPersonError, OutcomeError
from shared.faults import Status
from shared.messages import Message
from shared.names import Kind, bare, kind_of, outcome_path

__all__ = ["Swept", "is_due", "sweep"]

MISSED: Final = timedelta(minutes=15)
DEAD_WORKER: Final = timedelta(hours=2)
OVERDUE: Final = timedelta(hours=1)


def sweep(at: Collaborators) -> Swept:
    """Queue what is due, close what can never be finished, then look at the secret's expiry date.

    Raises:
        StorageError: the containers cannot be listed, or the queue or an outcome cannot be written.
    """
    swept = Swept()
    now = at.clock.now()
    missing = {outcome_path(blob.name, blob.etag): blob for blob in _exports(at)}
    for listed in at.results.blobs("outcomes/"):
        export = missing.pop(listed.name, None)
        status, retry = listed.metadata.get("status", ""), listed.metadata.get("retry", "")
        _count(swept, listed, status)
        if status in _FINAL:
            continue
        if export is None:
            if not (status == Status.BLOCKED and retry == "person"):
                swept.closed += _close_orphan(at, listed)
        elif retry == "auto" and now - export.last_modified > timedelta(days=at.settings.retry_days):
            _give_up(at, export, swept)  # also when its come-backs are on time: they would go on for ever
        elif is_due(status, retry, listed.metadata.get("nextattemptat", ""), listed.last_modified, now):
            _queue(at, export, swept)
    for export in missing.values():
        if now - export.last_modified > MISSED:
            _queue(at, export, swept)
    _look_at_secret(at, swept, now)
    at.observer.swept(swept, now)
    return swept


_FINAL: Final = frozenset(status for status in Status if status.final)


def is_due(status: str, retry: str, next_attempt_at: str, modified: datetime, now: datetime) -> bool:
    """Whether an open outcome needs a message: nobody is at it, and its come-back has not come.

    Args:
        status: of the outcome; anything unreadable counts as `InProgress`.
        retry: `auto`, `person` or empty.
        next_attempt_at: when its own come-back should have come; empty if it has none.
        modified: when the outcome was last written.
        now: the current time.
    """
    if status in {Status.FAILED, Status.BLOCKED}:
        if retry != "auto":
            return False
        return not next_attempt_at or now - utc_time(next_attempt_at) > OVERDUE
    return now - modified > DEAD_WORKER


def _exports(at: Collaborators) -> Iterator[Blob]:
    for blob in at.exports.blobs():
        if not blob.is_folder and kind_of(blob.name) is not Kind.IGNORED:
            yield blob


def _count(swept: Swept, listed: Blob, status: str) -> None:
    if status not in _FINAL:
        swept.waiting[status or Status.IN_PROGRESS.value] += 1
    finished = listed.metadata.get("finishedat", "")
    if finished and listed.metadata.get("recordssent", "") not in {"", "0"}:
        moment = utc_time(finished)
        swept.last_sent_at = max(swept.last_sent_at or moment, moment)


def _queue(at: Collaborators, export: Blob, swept: Swept) -> None:
    at.queue.put(Message(export.name, bare(export.etag), trigger="sweep").encode(), 0)
    swept.queued += 1


def _give_up(at: Collaborators, export: Blob, swept: Swept) -> None:
    message = f"It could not be sent for {at.settings.retry_days} days and is not tried any more."
    if close(at, OutcomeFile(at.results, export.name, export.etag), NeedsPersonError("given-up", message)):
        swept.given_up.append(export.name)


def _close_orphan(at: Collaborators, listed: Blob) -> bool:
    """Close an open outcome whose export is gone or has another version; looks again before it says so."""
    outcome = OutcomeFile.at_path(at.results, listed.name)
    if outcome.current is None:
        return False
    name, etag = outcome.current.export.name, outcome.current.export.etag
    try:
        if at.exports.head(name).etag == etag:
            return False
    except MissingBlobError:
        error = ExportError("export-deleted", "The export was deleted before all of it was sent.")
    else:
        error = ExportError(
            "export-overwritten", "A newer version took the export's place before all was sent."
        )
    return close(at, outcome, error)


def close(at: Collaborators, file: OutcomeFile, error: OutcomeError) -> bool:
    """Write `error` into an open outcome, unless somebody has written it meanwhile; whether it was written."""
    outcome: Outcome | None = file.load()
    if outcome is None or outcome.status.final:
        return False
    closed = msgspec.structs.replace(
        outcome,
        status=error.fault.status,
        retry=error.fault.retry,
        error=error_of(error),
        next_attempt_at=None,
        finished_at=utc_text(at.clock.now()),
    )
    try:
        file.write(msgspec.structs.replace(closed, summary=conclusion.summary(closed)))
    except ConditionError:
        return False
    return True


def _look_at_secret(at: Collaborators, swept: Swept, now: datetime) -> None:
    try:
        expires = at.tokens.secret_expires_on()
    except OutcomeError as error:
        swept.expiry_problem = error.message
        return
    if expires is None:
        swept.expiry_problem = (
            "The app secret in the vault has no expiry date, so nobody is warned before it expires."
        )
        return
    swept.secret_days_left = (expires - now) / timedelta(days=1)
