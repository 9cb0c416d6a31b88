"""How an attempt begins and the ways it can end, as functions from one outcome to the next. Pure."""

from dataclasses import dataclass

import msgspec

from shared import __version__
from shared.clock import utc_text
from shared.delivery.found_export import FoundExport
from shared.delivery.on_purpose import ON_PURPOSE
from shared.delivery.operator_requests import with_answer, with_resend_ended
from shared.delivery.outcome import Export, Outcome
from shared.error_codes import Status
from shared.messages import Message, OperatorRequest


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
        mapping: of the export's source, as it is now, where the message asks to try it; `None`: there is none.
    """

    message: Message
    export: FoundExport
    container: str
    invocation: Invocation
    started: float
    deadline: float
    retry_max_seconds: float
    mapping: str | None = None


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


def of_this_invocation(previous: Outcome | None, attempt: Attempt) -> Outcome:
    """What is known of a version, under the name of the invocation that is going to close it."""
    if previous is None:
        return nothing_known(attempt)
    return msgspec.structs.replace(previous, invocation_id=attempt.invocation.id, version=__version__)


def waits_on_purpose(outcome: Outcome | None) -> bool:
    """Whether an outcome says that nothing is sent because sending is switched off."""
    return outcome is not None and outcome.error is not None and outcome.error.code in ON_PURPOSE


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


def _export(export: FoundExport, container: str) -> Export:
    blob = export.blob if export.is_current else None
    return Export(
        container=container,
        name=export.name,
        etag=export.etag,
        bytes=blob.bytes if blob else None,
        last_modified=utc_text(blob.last_modified) if blob else None,
    )
