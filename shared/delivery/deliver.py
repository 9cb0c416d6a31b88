"""Steps 3 to 6: what ledgers of this content say, pass 1, the plan, pass 2."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec

from shared.clock import utc_text
from shared.delivery import attempt_end, outcome_builder
from shared.delivery.attempt import Attempt
from shared.delivery.delivered import Delivered
from shared.delivery.ledger import Ledger
from shared.delivery.ledger_steps import completed, is_as_planned
from shared.delivery.ledger_store import LedgerStore, StoredLedger, accepted_by, completed_one, is_touched
from shared.delivery.operator_requests import active_resend
from shared.delivery.outcome import Outcome
from shared.delivery.outcome_store import OutcomeStore
from shared.delivery.passes import Passes
from shared.delivery.plan import make_plan, mismatch
from shared.delivery.ports import ABSENT
from shared.delivery.rejected_file import RejectedFile
from shared.delivery.send import Sender, SendResult
from shared.delivery.send_options import SendOptions
from shared.delivery.validate_content import (
    Ledgers,
    ValidatedContent,
    check_starts,
    named_ledgers,
    too_many_invalid,
    validate_content,
)
from shared.error_codes import BlockedCode, Status
from shared.errors import (
    ActionRequiredError,
    ConditionError,
    ExportChangedError,
    ExportError,
    OutcomeError,
    TimeUsedUpError,
)
from shared.exports.batches import Limits


@dataclass(frozen=True, slots=True)
class Delivery:
    """The steps between the outcome that begins an attempt and the one that ends it.

    Attributes:
        attempt: this one.
        passes: read the export.
        ledgers: of the job, under its lease.
        store: of the version's outcome, which names the ledger before the first request leaves.
        options: for sending.
        limits: of a batch, as the settings say.
        max_invalid_percent: above it nothing is sent.
        sending: whether requests are made at all.
    """

    attempt: Attempt
    passes: Passes
    ledgers: LedgerStore
    store: OutcomeStore
    options: SendOptions
    limits: Limits
    max_invalid_percent: int
    sending: bool

    def run(self, begun: Outcome) -> Delivered:
        """Take the steps.

        Args:
            begun: the outcome that begins the attempt.

        Raises:
            LeaseLostError: the lease or a ledger is not ours any more.
            StorageError: something cannot be written.
        """
        known: Ledgers = {}
        try:
            check_starts(begun)
            known = named_ledgers(self.ledgers, begun)
            done = completed_one(known.values())
            if done:
                return self._completed(begun, known, done)
            self.passes.check_readable()
            validated = validate_content(self.passes, self.ledgers, self.limits, begun, known)
            known = validated.ledgers
            done = completed_one(known.values())
            if done:
                return self._completed(begun, known, done, validated)
            return self._send_or_reject(begun, validated)
        except ExportError as error:
            return self._unsendable(begun, known, error)
        except (OutcomeError, TimeUsedUpError, ExportChangedError) as error:
            figures = outcome_builder.with_ledgers(begun, [*known.values()])
            return Delivered(figures, error, touched=is_touched(known.values()))

    def _send_or_reject(self, begun: Outcome, validated: ValidatedContent) -> Delivered:
        found, known = validated.found, validated.ledgers
        path = self.ledgers.path(found.sha256, self.passes.rules.digest, active_resend(begun))
        own = known.get(path, StoredLedger(path, ""))
        decided_before = own.ledger is not None and own.ledger.touched
        reject = not decided_before and found.too_many_invalid(self.max_invalid_percent)
        if reject and (self.sending or is_touched(known.values())):
            error = too_many_invalid(found, self.max_invalid_percent)
            return self._unsendable(begun, known, error, validated)
        if found.read and not self.sending:
            return self._not_sent(begun, validated)
        if not found.read:
            nothing = outcome_builder.with_validation(begun, found)
            return Delivered(attempt_end.finished(nothing, Status.SUCCEEDED))
        own = self._planned(begun, validated, own)
        named = msgspec.structs.replace(begun, ledger=found.sha256)
        if not self.store.replace_own(named):
            raise self.ledgers.lease.lost("another worker has written the outcome")
        return self._sent(named, known, own)

    def _planned(self, begun: Outcome, validated: ValidatedContent, own: StoredLedger) -> StoredLedger:
        """Step 4: the plan into the ledger, then the rejected file."""
        now = utc_text(self.options.clock.now())
        newest = outcome_builder.newest_ledger([*validated.ledgers.values()])
        plan = make_plan(
            validated.found,
            validated.decided,
            self.passes.rules.digest,
            active_resend(begun),
            now,
            number=newest.plan.number + 1 if newest else 1,
        )
        if own.ledger is None or own.ledger is not newest or not is_as_planned(own.ledger, plan):
            own = self.ledgers.plan(own, plan, validated.found.bits)
        self._commit_rejected(validated)
        return own

    def _sent(self, begun: Outcome, known: Ledgers, own: StoredLedger) -> Delivered:
        """Step 6."""
        ledger = own.ledger
        if ledger is None:
            raise AssertionError("it has just been planned")
        others = [one for path, one in known.items() if path != own.path]
        sender = Sender(
            self.options,
            self.ledgers,
            own,
            self.attempt.export.version,
            accepted_before=any(one.ledger.accepted_any for one in others if one.ledger),
        )
        bodies = self.passes.bodies(ledger.entries, own.bits)
        try:
            result = sender.send(bodies)
        finally:
            bodies.close()
        if result.stopped is None:
            result = self._with_refused(result, others)
        outcome = outcome_builder.with_ledgers(begun, [*others, result.stored], result.replies)
        if result.stopped is None:
            outcome = attempt_end.finished(outcome, outcome_builder.status_of(outcome))
        stopped = mismatch() if isinstance(result.stopped, ExportError) else result.stopped
        touched = is_touched([*others, result.stored])
        return Delivered(outcome, stopped, result.progress, touched)

    def _with_refused(self, result: SendResult, others: list[StoredLedger]) -> SendResult:
        """With refused records the rejected file is committed again, before the ledger says that it is complete."""
        ledger = result.stored.ledger
        if ledger is None or ledger.completed_by:
            return result
        refused = {number: entry.http_status or 0 for entry in ledger.entries for number in entry.refused}
        try:
            before = self.passes.rejected_version()
            self._fenced(lambda: self.passes.write_refused(refused, accepted_by(others), before))
        except (ExportChangedError, ExportError, ActionRequiredError):
            pass  # overwritten or gone just now: everything was sent, and the outcome counts what was refused
        except OutcomeError as error:
            return replace(result, stopped=error)
        now = utc_text(self.options.clock.now())
        done = completed(ledger, self.attempt.export.version, now)
        return replace(result, stored=self.ledgers.write(result.stored, done))

    def _completed(
        self, begun: Outcome, known: Ledgers, done: Ledger, validated: ValidatedContent | None = None
    ) -> Delivered:
        """Step 5: all of this content was sent, under this version or another one."""
        outcome = outcome_builder.with_ledgers(begun, [*known.values()])
        if done.completed_by == self.attempt.export.version:
            return Delivered(attempt_end.finished(outcome, outcome_builder.status_of(outcome)), touched=True)
        if validated:
            self._commit(validated.rejected_file, export_rejected=False)
        duplicate = outcome_builder.as_duplicate(begun, done, validated.found if validated else None)
        return Delivered(attempt_end.finished(duplicate, Status.DUPLICATE), touched=True)

    def _unsendable(
        self, begun: Outcome, known: Ledgers, error: ExportError, validated: ValidatedContent | None = None
    ) -> Delivered:
        """Rejected; but what was sent of it under other rules makes it a matter for a person."""
        if is_touched(known.values()):
            message = f"The rules changed after some of the export was sent; by today's it is rejected: {error.message}"
            changed = ActionRequiredError(BlockedCode.RULES_CHANGED, message, place=error.place)
            figures = outcome_builder.with_ledgers(begun, [*known.values()])
            return Delivered(figures, changed, touched=True)
        if validated:
            begun = outcome_builder.with_validation(begun, validated.found)
            self._commit(validated.rejected_file, export_rejected=True)
        return Delivered(
            begun, error if self.sending else _sending_off(f" It will be rejected: {error.message}")
        )

    def _not_sent(self, begun: Outcome, validated: ValidatedContent) -> Delivered:
        """Sending is switched off: everything is done but the requests."""
        known = validated.ledgers
        outcome = outcome_builder.with_validation(begun, validated.found)
        if is_touched(known.values()):
            outcome = outcome_builder.with_ledgers(begun, [*known.values()])
        self._commit_rejected(validated)
        return Delivered(outcome, _sending_off(), touched=is_touched(known.values()))

    def _commit_rejected(self, validated: ValidatedContent) -> None:
        self._commit(validated.rejected_file, export_rejected=False)
        stale = ABSENT if validated.rejected_file.records else self.passes.rejected_version()
        if stale is ABSENT:
            return
        self._fenced(lambda: self.passes.forget_rejected(stale))

    def _commit(self, rejected_file: RejectedFile, *, export_rejected: bool) -> None:
        """Make the rejected file visible, as the one that surely holds the lease."""
        if not rejected_file.records:
            return
        self._fenced(lambda: rejected_file.commit(export_rejected=export_rejected))

    def _fenced(self, change: Callable[[], None]) -> None:
        """Change the rejected file as it was seen before this renewal; lost, if another worker has changed it since."""
        self.ledgers.lease.renew()
        try:
            change()
        except ConditionError:
            raise self.ledgers.lease.lost("another worker has written the rejected file") from None


def _sending_off(then: str = "") -> ActionRequiredError:
    message = "CONNECTOR_SENDING is off: everything was checked, and nothing is sent until it is on again."
    return ActionRequiredError(BlockedCode.SENDING_OFF, message + then)
