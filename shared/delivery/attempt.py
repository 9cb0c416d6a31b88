"""How an attempt begins and the ways it can end, as functions from one outcome to the next. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from shared import __version__
from shared.blob_names import Kind, classify_name
from shared.clock import utc_text
from shared.delivery import outcome_builder
from shared.delivery.operator_requests import active_resend, with_answer, with_resend_ended
from shared.delivery.outcome import Export, ExportVersion, Notice, Outcome, error_of
from shared.delivery.ports import Blob, Container
from shared.delivery.waiting import SECRET_REQUEUES, YOUNG, failed_delay_seconds
from shared.error_codes import BlockedCode, FailedCode, Status
from shared.errors import ActionRequiredError, MissingBlobError, OutcomeError, SecretError, TransientError
from shared.messages import Message, OperatorRequest


@dataclass(frozen=True, slots=True)
class FoundExport:
    """The version of an export that a message is about, and what the container holds now.

    Attributes:
        name: the blob's name.
        etag: of the version; the current one where the message named none.
        state: `current`: it is there; `overwritten`: another version is; `gone`: none is; `unsafe`: its name must not
            be touched.
        blob: as it is now, of whatever version; `None` if there is none.
    """

    name: str
    etag: str
    state: Literal["current", "overwritten", "gone", "unsafe"]
    blob: Blob | None = None

    @property
    def version(self) -> ExportVersion:
        """Name and ETag."""
        return ExportVersion(name=self.name, etag=self.etag)

    @property
    def is_current(self) -> bool:
        """Whether the container holds this very version."""
        return self.state == "current"

    def is_not_filled_yet(self, now: datetime) -> bool:
        """Whether it is an empty blob that SFTP or Data Lake may have announced before its content."""
        blob = self.blob
        return self.is_current and blob is not None and blob.bytes == 0 and now - blob.last_modified < YOUNG


@dataclass(frozen=True, slots=True)
class Invocation:
    """What an outcome says of the invocation that wrote it: ids of host and job, and when it started."""

    id: str
    job_id: str
    started_at: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """What stays the same during one attempt.

    Attributes:
        message: what asked for it.
        export: what it is about.
        container: the exports container's name.
        invocation: which invocation this is.
        started: monotonic seconds.
        deadline: monotonic seconds; after it no request leaves and pass 1 reads no further.
        retry_max_seconds: how long a batch is retried within the invocation.
    """

    message: Message
    export: FoundExport
    container: str
    invocation: Invocation
    started: float
    deadline: float
    retry_max_seconds: float


def find_export(exports: Container, message: Message) -> FoundExport:
    """Ask for the blob that a message names.

    Raises:
        TransientError: storage cannot be reached.
        StorageError: the container may not be read.
    """
    name, etag = message.name, message.etag or "unknown"
    if classify_name(name) is Kind.UNSAFE:
        return FoundExport(name, etag, "unsafe")
    try:
        blob = exports.head(name)
    except MissingBlobError:
        return FoundExport(name, etag, "gone")
    if message.etag in {"", blob.etag}:
        return FoundExport(name, blob.etag, "current", blob)
    return FoundExport(name, etag, "overwritten", blob)


def begun(previous: Outcome | None, attempt: Attempt, request: OperatorRequest | None) -> Outcome:
    """The outcome that begins an attempt: `InProgress`, one attempt more, and what earlier ones found out.

    Args:
        previous: the stored outcome.
        attempt: this one.
        request: of an operator, if it is carried out by this write.
    """
    invocation = attempt.invocation
    known = _known(previous, attempt)
    if request and request.kind == "resend":
        known = _anew_for_resend(known, previous)
    if request or waits_on_purpose(previous):
        known = msgspec.structs.replace(known, retry_from=invocation.started_at)
    outcome = msgspec.structs.replace(
        known,
        status=Status.IN_PROGRESS,
        retry=None,
        summary="In progress.",
        error=None,
        attempts=known.attempts + 1,
        unfinished_starts=known.unfinished_starts + 1,
        next_attempt_at=None,
        job_id=invocation.job_id,
        invocation_id=invocation.id,
        version=__version__,
        started_at=invocation.started_at,
        finished_at=None,
        duration_seconds=None,
    )
    return with_answer(outcome, request, "begun") if request else outcome


def nothing_known(attempt: Attempt) -> Outcome:
    """The outcome of a version that no attempt has met yet."""
    invocation = attempt.invocation
    return Outcome(
        status=Status.IN_PROGRESS,
        export=_export(attempt.export, attempt.container),
        trigger=attempt.message.trigger,
        job_id=invocation.job_id,
        invocation_id=invocation.id,
        version=__version__,
        started_at=invocation.started_at,
    )


def waits_on_purpose(outcome: Outcome | None) -> bool:
    """Whether an outcome says that nothing is sent because somebody has switched sending off."""
    on_purpose = {BlockedCode.SENDING_OFF, BlockedCode.SOURCE_ON_TRIAL}
    return outcome is not None and outcome.error is not None and outcome.error.code in on_purpose


@dataclass(frozen=True, slots=True)
class Failure:
    """How an error ends an attempt: as what, and after how many seconds the message is to be tried again.

    Attributes:
        error: what the outcome says.
        delay_seconds: until the next attempt; `None`: there is none by itself.
        tries: of the message that is put back.
    """

    error: OutcomeError
    delay_seconds: int | None
    tries: int


def failure(error: OutcomeError, attempt: Attempt, previous_code: str, *, progress: bool) -> Failure:
    """What an error leads to.

    Args:
        error: what stopped the attempt.
        attempt: this one.
        previous_code: how the attempt before this one ended; empty if it did not fail.
        progress: whether anything was accepted, so that the waits start anew.
    """
    # what another fault used up does not count against a secret that is just being rotated
    anew = progress or (isinstance(error, SecretError) and previous_code != error.code)
    tries = 0 if anew else attempt.message.tries
    if isinstance(error, SecretError) and tries >= SECRET_REQUEUES:
        error = ActionRequiredError(BlockedCode.SECRET_REFUSED, error.message)
    if not isinstance(error, TransientError):
        return Failure(error, None, tries)
    delay = failed_delay_seconds(error, tries, attempt.retry_max_seconds)
    return Failure(error, delay, tries + 1)


def out_of_time() -> TransientError:
    """Time was used up before anything was accepted."""
    return TransientError(FailedCode.OUT_OF_TIME, "INVOCATION_SECONDS were over before anything was sent.")


def stopped_by(outcome: Outcome, error: OutcomeError) -> Outcome:
    """The end that an error makes; `nextAttemptAt` is still empty."""
    return msgspec.structs.replace(
        outcome,
        status=error.code.status,
        retry=error.code.retry,
        error=error_of(error),
        next_attempt_at=None,
    )


def ended(outcome: Outcome, now: datetime, duration_seconds: float, *, touched: bool) -> Outcome:
    """An end as it is written; a resend that is over is marked so, and one that sent nothing gives back what was before.

    Args:
        outcome: with its status, error and figures.
        now: UTC.
        duration_seconds: how long this attempt took.
        touched: whether its ledgers say that anything was accepted or may have been.
    """
    outcome = msgspec.structs.replace(
        outcome,
        unfinished_starts=0,
        finished_at=utc_text(now),
        duration_seconds=round(duration_seconds, 3),
    )
    outcome = msgspec.structs.replace(outcome, summary=outcome_builder.summary(outcome))
    if not active_resend(outcome) or outcome.status in {Status.FAILED, Status.IN_PROGRESS}:
        return outcome
    if outcome.before and not touched:
        return _put_back(outcome, outcome.before)
    # a resend that is blocked or given up goes on under its own ledgers, should somebody retry it
    over = outcome.status.final and outcome.status is not Status.GIVEN_UP
    return with_resend_ended(outcome) if over else outcome


def paused(outcome: Outcome) -> Outcome:
    """An orderly stop before the end: still `InProgress`, but no start that did not come to an end."""
    outcome = msgspec.structs.replace(outcome, unfinished_starts=0)
    return msgspec.structs.replace(outcome, summary=outcome_builder.summary(outcome) or outcome.summary)


def due_at(outcome: Outcome, now: datetime, delay_seconds: int) -> Outcome:
    """A failed end whose next attempt is due after so many seconds."""
    due = utc_text(now + timedelta(seconds=delay_seconds))
    return msgspec.structs.replace(outcome, next_attempt_at=due)


def new_version(message: Message) -> Message:
    """The message for the version that took an export's place while it was read, whichever it is by then."""
    return Message(message.name, tries=message.tries + 1)


def _known(previous: Outcome | None, attempt: Attempt) -> Outcome:
    """What earlier attempts found out; of attempts for another job only that there were some."""
    fresh = nothing_known(attempt)
    if previous is None:
        return fresh
    if previous.job_id.lower() == attempt.invocation.job_id.lower():
        sha256 = previous.export.sha256
        return msgspec.structs.replace(
            previous, export=msgspec.structs.replace(fresh.export, sha256=sha256), duplicate_of=None
        )
    return msgspec.structs.replace(
        with_resend_ended(_with_requests_of(fresh, previous)),
        attempts=previous.attempts,
        unfinished_starts=previous.unfinished_starts,
        trigger=previous.trigger,
        retry_from=previous.retry_from,
    )


def _with_requests_of(fresh: Outcome, previous: Outcome) -> Outcome:
    """An outcome that begins anew; requests are kept through every replacement."""
    return msgspec.structs.replace(fresh, requests=previous.requests)


def _anew_for_resend(known: Outcome, previous: Outcome | None) -> Outcome:
    """A resend begins with ledgers of its own, and keeps the end that was there."""
    ended_before = previous is not None and previous.status is not Status.IN_PROGRESS
    return Outcome(
        status=Status.IN_PROGRESS,
        export=known.export,
        retry_from=known.retry_from,
        requests=with_resend_ended(known).requests,
        before=msgspec.structs.replace(previous, before=None, requests=[])
        if previous and ended_before
        else known.before,
        attempts=known.attempts,
        unfinished_starts=known.unfinished_starts,
        trigger=known.trigger,
        job_id=known.job_id,
        invocation_id=known.invocation_id,
        version=known.version,
        started_at=known.started_at,
    )


def _put_back(outcome: Outcome, before: Outcome) -> Outcome:
    """The end that a resend took the place of, with a warning that the resend sent nothing, and why."""
    why = outcome.error.message if outcome.error else outcome.summary
    notice = Notice(
        code="resend-sent-nothing", message=f"A resend was asked for and nothing of it was sent. {why}"
    )
    return msgspec.structs.replace(
        before,
        next_attempt_at=None,  # the message that was to come is known for a stray by now
        warnings=[*(one for one in before.warnings if one.code != notice.code), notice],
        requests=with_resend_ended(outcome).requests,
        attempts=outcome.attempts,
        unfinished_starts=0,
        invocation_id=outcome.invocation_id,
    )


def _export(export: FoundExport, container: str) -> Export:
    blob = export.blob if export.is_current else None
    return Export(
        container=container,
        name=export.name,
        etag=export.etag,
        bytes=blob.bytes if blob else None,
        last_modified=utc_text(blob.last_modified) if blob else None,
    )
