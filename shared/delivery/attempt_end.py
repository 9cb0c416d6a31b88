"""The ways an attempt can end, as functions from one outcome to the next. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from shared.clock import utc_text
from shared.delivery import outcome_texts
from shared.delivery.attempt import Attempt
from shared.delivery.operator_requests import active_resend, with_resend_ended
from shared.delivery.outcome import Notice, Outcome
from shared.delivery.outcome_error import error_of
from shared.delivery.waiting import SECRET_REQUEUES, failed_delay_seconds
from shared.error_codes import FailedCode, Status
from shared.errors import ActionRequiredError, CredentialRefusedError, OutcomeError, TransientError


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
    anew = progress or (isinstance(error, CredentialRefusedError) and previous_code != error.code)
    tries = 0 if anew else attempt.message.tries
    if isinstance(error, CredentialRefusedError) and tries >= SECRET_REQUEUES:
        error = ActionRequiredError(error.settles_as, error.message)
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


def finished(outcome: Outcome, status: Status) -> Outcome:
    """An end that is no error."""
    return msgspec.structs.replace(outcome, status=status, retry=None, error=None, next_attempt_at=None)


def ended(outcome: Outcome, now: datetime, duration_seconds: float, *, touched: bool) -> Outcome:
    """An end as it is written; a resend that is over is marked so, and one that sent nothing gives back what was before.

    Args:
        outcome: with its status, error and figures.
        now: UTC.
        duration_seconds: how long this attempt took.
        touched: whether its ledgers say that anything was accepted or may have been.
    """
    first = outcome.first_finished_at or utc_text(now)
    outcome = msgspec.structs.replace(
        outcome,
        unfinished_starts=0,
        first_finished_at=first,
        finished_at=utc_text(now),
        duration_seconds=round(duration_seconds, 3),
    )
    outcome = msgspec.structs.replace(outcome, summary=outcome_texts.summary(outcome))
    if not active_resend(outcome) or outcome.status in {Status.FAILED, Status.IN_PROGRESS}:
        return outcome
    if outcome.before and not touched:
        return _put_back(outcome, outcome.before)
    # a resend that is blocked or given up goes on under its own ledgers, should it be retried
    over = outcome.status.final and outcome.status is not Status.GIVEN_UP
    return with_resend_ended(outcome) if over else outcome


def paused(outcome: Outcome) -> Outcome:
    """An orderly stop before the end: still `InProgress`, but no start that did not come to an end."""
    outcome = msgspec.structs.replace(outcome, unfinished_starts=0)
    return msgspec.structs.replace(outcome, summary=outcome_texts.summary(outcome) or outcome.summary)


def due_at(outcome: Outcome, now: datetime, delay_seconds: int) -> Outcome:
    """A failed end with the time of its next attempt.

    Args:
        outcome: the end.
        now: UTC.
        delay_seconds: until the next attempt is due.
    """
    due = utc_text(now + timedelta(seconds=delay_seconds))
    return msgspec.structs.replace(outcome, next_attempt_at=due)


def _put_back(outcome: Outcome, before: Outcome) -> Outcome:
    """The end that a resend took the place of, with a warning that the resend sent nothing, and why."""
    message = f"A resend was asked for and nothing of it was sent. {outcome.summary}"
    notice = Notice(code="resend-sent-nothing", message=message)
    return msgspec.structs.replace(
        before,
        next_attempt_at=None,  # the message that was to come is known for a stray by now
        warnings=[*(one for one in before.warnings if one.code != notice.code), notice],
        requests=with_resend_ended(outcome).requests,
        attempts=outcome.attempts,
        unfinished_starts=0,
        invocation_id=outcome.invocation_id,
    )
