"""Step 7: the outcome is written, the message is put back where it is to be tried again, and observers are told."""

from dataclasses import dataclass, replace

import msgspec

from shared.clock import Clock
from shared.delivery import attempt as attempts
from shared.delivery import attempt_end
from shared.delivery.attempt import Attempt
from shared.delivery.delivered import Delivered
from shared.delivery.ledger_store import LedgerStore
from shared.delivery.observer import Observer
from shared.delivery.open_attempt import Opening, closed_by, ledgers_of, overwritten
from shared.delivery.outcome import Outcome
from shared.delivery.outcome_store import OutcomeStore
from shared.delivery.ports import Queue
from shared.delivery.waiting import FAILED_DELAYS_SECONDS, LEASE_LOST_SECONDS, growing_seconds
from shared.error_codes import Status
from shared.errors import ExportChangedError, OutcomeError, TimeUsedUpError
from shared.messages import Message


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends need.

    Attributes:
        attempt: this one.
        store: of the version's outcome.
        ledgers: of the job.
        queue: takes the message that is put back.
        clock: for times.
        observer: is told.
    """

    attempt: Attempt
    store: OutcomeStore
    ledgers: LedgerStore
    queue: Queue
    clock: Clock
    observer: Observer

    def closed(self, opening: Opening) -> Outcome | None:
        """The opening has closed the version, answered a request, or found nothing to do."""
        if opening.closed and opening.outcome:
            self._tell(opening.outcome, opening.previous)
        return opening.outcome if opening.closed else None

    def finish(self, opening: Opening, delivered: Delivered) -> Outcome:
        """Write the end that the steps came to.

        The message is queued before the outcome promises it: who dies in between leaves one message too many, which is
        known by its `after`, and not none.

        Args:
            opening: how the attempt began.
            delivered: how far it came.

        Raises:
            StorageError: the outcome or a message cannot be written.
        """
        match delivered.stopped:
            case None:
                return self._write(opening, delivered.outcome, touched=delivered.touched)
            case TimeUsedUpError() if delivered.progress:
                return self._pause(opening, delivered.outcome)
            case TimeUsedUpError():
                return self._fail(opening, delivered, attempt_end.out_of_time())
            case ExportChangedError():
                return self._overwritten(opening, delivered)
            case OutcomeError() as error:
                return self._fail(opening, delivered, error)

    def lost(self, begun: Outcome) -> Outcome:
        """The lease is lost: of the outcome only `unfinishedStarts` is written, if it is still our own `InProgress`."""
        again = self.attempt.message.requeue(after=begun.attempts, tries=self.attempt.message.tries)
        self._put(again, LEASE_LOST_SECONDS)
        current = self.store.load() or begun
        orderly = msgspec.structs.replace(current, unfinished_starts=0)
        if current.invocation_id == begun.invocation_id and current.status is Status.IN_PROGRESS:
            self.store.replace_own(orderly)
        self._tell(msgspec.structs.replace(begun, records=None), None)
        return self.store.current or begun

    def _fail(self, opening: Opening, delivered: Delivered, error: OutcomeError) -> Outcome:
        previous = opening.previous
        previous_code = previous.error.code if previous and previous.error else ""
        failure = attempt_end.failure(error, self.attempt, previous_code, progress=delivered.progress)
        outcome = attempt_end.stopped_by(delivered.outcome, failure.error)
        if failure.delay_seconds is not None:
            again = self.attempt.message.requeue(after=outcome.attempts, tries=failure.tries)
            self._put(again, failure.delay_seconds)
            outcome = attempt_end.due_at(outcome, self.clock.now(), failure.delay_seconds)
        return self._write(opening, outcome, touched=delivered.touched)

    def _pause(self, opening: Opening, outcome: Outcome) -> Outcome:
        """`INVOCATION_SECONDS` are over and something was accepted: the rest follows at once."""
        self._put(self.attempt.message.requeue(after=outcome.attempts, tries=0), 0)
        outcome = attempt_end.paused(outcome)
        self.store.replace_own(outcome)
        self._tell(outcome, opening.previous)
        return outcome

    def _overwritten(self, opening: Opening, delivered: Delivered) -> Outcome:
        """The blob became another version while it was read: this one is closed, and the new one queued."""
        tries = self.attempt.message.tries
        self.queue.put(attempts.new_version(self.attempt.message).encode(), growing_seconds(tries))
        try:
            stored = ledgers_of(delivered.outcome, self.ledgers)
            closed = closed_by(delivered.outcome, self.attempt, self.ledgers, stored, overwritten())
        except OutcomeError as unreadable:
            return self._fail(opening, replace(delivered, touched=True), unreadable)
        return self._write(opening, closed, touched=delivered.touched)

    def _write(self, opening: Opening, outcome: Outcome, *, touched: bool) -> Outcome:
        """Write an end over our own `InProgress`; what another attempt wrote meanwhile stands, and is its to tell."""
        took = self.clock.monotonic() - self.attempt.started
        outcome = attempt_end.ended(outcome, self.clock.now(), took, touched=touched)
        if self.attempt.message.remap and outcome.status is Status.REJECTED:  # it waits since its first end
            outcome = msgspec.structs.replace(outcome, finished_at=outcome.first_finished_at)
        self._try_what_it_repeats(outcome)
        if outcome.status is Status.FAILED and outcome.next_attempt_at is None:  # given back by a resend
            self._put(self.attempt.message.requeue(after=outcome.attempts, tries=0), FAILED_DELAYS_SECONDS[0])
            outcome = attempt_end.due_at(outcome, self.clock.now(), FAILED_DELAYS_SECONDS[0])
        if self.store.replace_own(outcome):
            self._tell(outcome, opening.previous)
            return outcome
        self._tell(msgspec.structs.replace(outcome, status=Status.IN_PROGRESS, records=None), None)
        return self.store.current or outcome

    def _try_what_it_repeats(self, outcome: Outcome) -> None:
        """The same bytes again: of the export that sent them, what was rejected is tried under today's mapping."""
        sent = outcome.duplicate_of
        if outcome.status is Status.DUPLICATE and outcome.source and sent:
            again = Message(sent.name, sent.etag, self.attempt.message.trigger, remap=True)
            self.queue.put(again.encode(), 0)

    def _put(self, message: Message, delay_seconds: int) -> None:
        named = replace(message, etag=message.etag or self.attempt.export.etag)
        self.queue.put(named.encode(), delay_seconds)

    def _tell(self, outcome: Outcome, previous: Outcome | None) -> None:
        seconds = self.clock.monotonic() - self.attempt.started
        newly = max(0, _rejected(outcome) - _rejected(previous))
        self.observer.ended(outcome, seconds=seconds, newly_rejected=newly)


def _rejected(outcome: Outcome | None) -> int:
    return outcome.records.rejected if outcome and outcome.records else 0
