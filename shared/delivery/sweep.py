"""The daily sweep: finds what nobody is working on and puts it on the queue, then reports.

It lists, and reads only the few outcomes it has to close: 100,000 exports are compared without a download. One export
is one message, however it was found; what the sweep queues is looked at by the same function as an upload.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from shared.blob_names import Kind, bare, classify_name, outcome_path
from shared.clock import utc_text, utc_time
from shared.delivery import outcome_builder
from shared.delivery.collaborators import Collaborators
from shared.delivery.outcome import Outcome, error_of, metadata
from shared.delivery.outcome_store import OutcomeStore
from shared.delivery.ports import Blob
from shared.delivery.sweep_result import SweepResult
from shared.error_codes import BlockedCode, Status
from shared.errors import ActionRequiredError, ConditionError, MissingBlobError, OutcomeError
from shared.messages import Message

MISSED: Final = timedelta(minutes=15)
DEAD_WORKER: Final = timedelta(hours=2)
OVERDUE: Final = timedelta(hours=1)


def sweep(at: Collaborators) -> SweepResult:
    """Queue what is due, close what can never be finished, then look at the secret's expiry date.

    Raises:
        StorageError: the containers cannot be listed, or the queue or an outcome cannot be written.
    """
    sweep_result = SweepResult()
    now = at.clock.now()
    missing = {outcome_path(blob.name, blob.etag): blob for blob in _exports(at)}
    for listed in at.results.blobs("outcomes/"):
        export = missing.pop(listed.name, None)
        shown = _shown(at, listed)
        status, retry = shown.get("status", ""), shown.get("retry", "")
        _count(sweep_result, shown, status)
        if status in _FINAL:
            continue
        if export is None:
            waits = status == Status.BLOCKED and retry == "person"
            if not waits and (status in _ENDED or now - listed.last_modified > DEAD_WORKER):
                sweep_result.closed += _close_orphan(at, listed)
        elif retry == "auto" and now - export.last_modified > timedelta(days=at.settings.retry_days):
            _give_up(
                at, export, sweep_result
            )  # also when its requeues are on time: they would go on for ever
        elif is_due(status, retry, shown.get("nextattemptat", ""), listed.last_modified, now):
            _queue(at, export, sweep_result)
    for export in missing.values():
        if now - export.last_modified > MISSED:
            _queue(at, export, sweep_result)
    _check_secret_expiry(at, sweep_result, now)
    at.observer.sweep_ended(sweep_result, now)
    return sweep_result


_FINAL: Final = frozenset(status for status in Status if status.final)
_ENDED: Final = frozenset({Status.FAILED, Status.BLOCKED})


def is_due(status: str, retry: str, next_attempt_at: str, modified: datetime, now: datetime) -> bool:
    """Whether an open outcome needs a message: nobody is at it, and its requeue has not come.

    Args:
        status: of the outcome; anything unreadable counts as `InProgress`.
        retry: `auto`, `person` or empty.
        next_attempt_at: when its own requeue should have come; empty if it has none.
        modified: when the outcome was last written.
        now: the current time.
    """
    if status in _ENDED:
        if retry != "auto":
            return False
        due = _moment(next_attempt_at)
        return due is None or now - due > OVERDUE
    return now - modified > DEAD_WORKER


def _exports(at: Collaborators) -> Iterator[Blob]:
    for blob in at.exports.blobs():
        if not blob.is_folder and classify_name(blob.name) is not Kind.IGNORED:
            yield blob


def _shown(at: Collaborators, listed: Blob) -> Mapping[str, str]:
    """What the listing shows of an outcome; where somebody's copy has lost its metadata, the document says it."""
    if listed.metadata.get("status"):
        return listed.metadata
    outcome = OutcomeStore.at_path(at.results, listed.name).current
    return metadata(outcome) if outcome else {}


def _moment(text: str) -> datetime | None:
    """A time out of metadata; anything that is none counts as missing, since one outcome must not stop a sweep."""
    try:
        return utc_time(text)
    except ValueError:
        return None


def _count(sweep_result: SweepResult, shown: Mapping[str, str], status: str) -> None:
    if status not in _FINAL:
        sweep_result.waiting[status or Status.IN_PROGRESS.value] += 1
    moment = _moment(shown.get("finishedat", ""))
    if moment and shown.get("recordssent", "") not in {"", "0"}:
        sweep_result.last_sent_at = max(sweep_result.last_sent_at or moment, moment)


def _queue(at: Collaborators, export: Blob, sweep_result: SweepResult) -> None:
    at.queue.put(Message(export.name, bare(export.etag), trigger="sweep").encode(), 0)
    sweep_result.queued += 1


def _give_up(at: Collaborators, export: Blob, sweep_result: SweepResult) -> None:
    message = f"It could not be sent for {at.settings.retry_days} days and is not tried any more."
    if close(
        at,
        OutcomeStore(at.results, export.name, export.etag),
        ActionRequiredError(BlockedCode.RETRIES_EXHAUSTED, message),
    ):
        sweep_result.given_up.append(export.name)


def _close_orphan(at: Collaborators, listed: Blob) -> bool:
    """Close an open outcome whose export is gone or has another version; looks again before it says so."""
    outcome = OutcomeStore.at_path(at.results, listed.name)
    if outcome.current is None:
        return False
    name, etag = outcome.current.export.name, outcome.current.export.etag
    gone = ActionRequiredError(
        BlockedCode.EXPORT_DELETED, "The export was deleted before all of it was sent."
    )
    if classify_name(name) is Kind.UNSAFE:  # shown to no client; the listing has said that it is gone
        return close(at, outcome, gone)
    try:
        if at.exports.head(name).etag == etag:
            return False
    except MissingBlobError:
        error = gone
    else:
        error = ActionRequiredError(
            BlockedCode.EXPORT_OVERWRITTEN, "A newer version took the export's place before all was sent."
        )
    return close(at, outcome, error)


def close(at: Collaborators, file: OutcomeStore, error: OutcomeError | None) -> bool:
    """Close an open outcome, unless it was written meanwhile; whether it was closed.

    Args:
        at: what delivery works with.
        file: the outcome.
        error: what it ends with; `None` if an operator gave it up.
    """
    outcome: Outcome | None = file.load()
    if outcome is None or outcome.status.final:
        return False
    closed = msgspec.structs.replace(
        outcome,
        status=error.code.status if error else Status.GIVEN_UP,
        retry=error.code.retry if error else None,
        error=error_of(error) if error else outcome.error,
        next_attempt_at=None,
        finished_at=utc_text(at.clock.now()),
    )
    try:
        file.write(msgspec.structs.replace(closed, summary=outcome_builder.summary(closed)))
    except ConditionError:
        return False
    return True


def _check_secret_expiry(at: Collaborators, sweep_result: SweepResult, now: datetime) -> None:
    try:
        expires = at.tokens.secret_expires_on()
    except OutcomeError as error:
        sweep_result.expiry_problem = error.message
        return
    if expires is None:
        sweep_result.expiry_problem = (
            "The app secret in the vault has no expiry date, so nobody is warned before it expires."
        )
        return
    sweep_result.secret_days_left = (expires - now) / timedelta(days=1)
