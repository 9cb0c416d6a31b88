"""Steps 1 and 2, under the job's lease: answer an operator's request, close what needs no attempt, or begin one."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from shared.delivery import attempt as attempts
from shared.delivery import attempt_end, outcome_builder
from shared.delivery.attempt import Attempt
from shared.delivery.ledger_store import LedgerStore, StoredLedger, completed_one, is_touched
from shared.delivery.operator_requests import active_resend, answer, is_new, with_answer
from shared.delivery.outcome import Outcome
from shared.delivery.outcome_store import OutcomeStore
from shared.delivery.waiting import MAX_CONFLICTS, retries_exhausted, should_process
from shared.error_codes import BlockedCode, Status
from shared.errors import ActionRequiredError, ConditionError, StorageError


@dataclass(frozen=True, slots=True)
class Opening:
    """What was decided before the first step that costs anything.

    Attributes:
        outcome: as it was written; `None`: there was nothing to do.
        previous: as it was before.
        begun: whether the attempt goes on; if not, the outcome is an end, or only a request was answered in it.
        closed: whether the outcome is an end that this write made.
    """

    outcome: Outcome | None
    previous: Outcome | None
    begun: bool = False
    closed: bool = False


def open_attempt(
    attempt: Attempt, store: OutcomeStore, ledgers: LedgerStore, now: datetime, retry_days: int
) -> Opening:
    """Read the outcome again and write what begins, closes, or answers; every conflict is decided anew.

    Args:
        attempt: this one.
        store: of the version's outcome.
        ledgers: say what was accepted of a version that is closed without its bytes.
        now: UTC.
        retry_days: how long a failing export is tried.

    Raises:
        LeaseLostError: the lease is not ours any more; nothing was written.
        StorageError: the outcome cannot be written.
        TransientError: storage cannot be read.
    """
    for _ in range(MAX_CONFLICTS):
        opening, write = _decide(attempt, store.load(), ledgers, now, retry_days)
        try:
            if write and opening.outcome:
                ledgers.lease.check()  # after the reading: another worker that has the lease by now changes it
                store.write(opening.outcome)
        except ConditionError:
            if store.load() != opening.outcome:  # or else it was ours, and storage's answer got lost
                continue
        return opening
    raise StorageError("an outcome is being rewritten all the time")


def _decide(
    attempt: Attempt, previous: Outcome | None, ledgers: LedgerStore, now: datetime, retry_days: int
) -> tuple[Opening, bool]:
    """What is to be written, and whether anything is."""
    request = attempt.message.request
    if request is None or not is_new(previous, request):
        current = attempt.export.is_current_or_unsafe
        if not should_process(previous, attempt.message, now, is_current=current, mapping=attempt.mapping):
            return Opening(previous, previous), False
        request, result = None, None
    else:
        result = answer(previous, request, is_current=attempt.export.is_current)
        if previous and result in {"refused", "overtaken"}:
            return Opening(with_answer(previous, request, result), previous), True
    known = attempts.of_this_invocation(previous, attempt)
    if request and result:
        known = with_answer(known, request, result)
    error = _closing_error(attempt, previous, now, retry_days if request is None else None)
    if error or result == "done":
        given_up = result == "done"
        closed = _closed(attempt, known, ledgers, None if given_up else error, now)
        return Opening(closed, previous, closed=True), True
    return Opening(attempts.begun(previous, attempt, request), previous, begun=True), True


def _closing_error(
    attempt: Attempt, previous: Outcome | None, now: datetime, retry_days: int | None
) -> ActionRequiredError | None:
    """Why a version is closed without an attempt, if it is."""
    if attempt.export.state == "overwritten":
        return overwritten()
    if attempt.export.state == "gone":
        message = "The export was deleted before all of it was sent."
        return ActionRequiredError(BlockedCode.EXPORT_DELETED, message)
    tried = not attempts.waits_on_purpose(previous)
    if previous and tried and retry_days is not None and retries_exhausted(previous, now, retry_days):
        message = f"It could not be sent for {retry_days} days and is not tried any more."
        return ActionRequiredError(BlockedCode.RETRIES_EXHAUSTED, message)
    return None


def _closed(
    attempt: Attempt,
    known: Outcome,
    ledgers: LedgerStore,
    error: ActionRequiredError | None,
    now: datetime,
) -> Outcome:
    """The end of a version by what its ledgers say; without an error an operator gives it up."""
    try:
        stored = ledgers_of(known, ledgers)
        outcome = closed_by(known, attempt, ledgers, stored, error)
    except ActionRequiredError as unreadable:
        if error:
            return attempt_end.ended(attempt_end.stopped_by(known, unreadable), now, 0.0, touched=True)
        return attempt_end.ended(attempt_end.finished(known, Status.GIVEN_UP), now, 0.0, touched=True)
    return attempt_end.ended(outcome, now, 0.0, touched=is_touched(stored))


def overwritten() -> ActionRequiredError:
    """Another version has taken the export's place."""
    message = "A newer version took the export's place before all of it was sent."
    return ActionRequiredError(BlockedCode.EXPORT_OVERWRITTEN, message)


def ledgers_of(known: Outcome, ledgers: LedgerStore) -> list[StoredLedger]:
    """The ledgers of the content that an outcome names.

    Raises:
        ActionRequiredError: one of them cannot be used.
        TransientError: storage cannot be reached.
    """
    if not known.ledger:
        return []
    return [*ledgers.of_content(known.ledger, active_resend(known)).values()]


def closed_by(
    known: Outcome,
    attempt: Attempt,
    ledgers: LedgerStore,
    stored: list[StoredLedger],
    error: ActionRequiredError | None,
) -> Outcome:
    """What a version without its bytes comes to.

    Args:
        known: its outcome so far.
        attempt: this one.
        ledgers: of the job.
        stored: those of its content that this attempt works with.
        error: why it is closed; `None`: an operator gives it up.

    Raises:
        ActionRequiredError: a ledger cannot be used.
        TransientError: storage cannot be reached.
    """
    outcome = outcome_builder.with_ledgers(known, stored)
    done = completed_one(stored)
    if done and done.completed_by == attempt.export.version:
        return attempt_end.finished(outcome, outcome_builder.status_of(outcome))
    if done:
        return attempt_end.finished(outcome_builder.as_duplicate(known, done), Status.DUPLICATE)
    if error is None:
        given_up = attempt_end.finished(outcome, Status.GIVEN_UP)
        return msgspec.structs.replace(given_up, error=known.error)
    if error.code is BlockedCode.EXPORT_OVERWRITTEN and not (
        known.ledger and ledgers.was_touched(known.ledger)
    ):
        return attempt_end.finished(outcome, Status.SUPERSEDED)
    return attempt_end.stopped_by(outcome, error)
