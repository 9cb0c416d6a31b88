"""Steps 3 to 6: what ledgers of this content say, pass 1, the plan, pass 2."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec

from shared.clock import utc_text
from shared.delivery import attempt_end, outcome_builder
from shared.delivery.delivered import Delivered, completed_before, stopped_by
from shared.delivery.ledger_cursor import LedgerCursor
from shared.delivery.ledger_steps import completed
from shared.delivery.ledger_store import LedgerStore, StoredLedger, accepted_by, completed_one, is_touched
from shared.delivery.mapping_figures import unread
from shared.delivery.on_purpose import held, on_purpose
from shared.delivery.operator_requests import active_resend
from shared.delivery.outcome import ExportVersion, Outcome
from shared.delivery.outcome_rejections import naming_plan
from shared.delivery.outcome_store import OutcomeStore
from shared.delivery.passes import Passes
from shared.delivery.plan import mismatch
from shared.delivery.plan_content import own_ledger, planned
from shared.delivery.rejected_commits import RejectedCommits
from shared.delivery.send import Sender
from shared.delivery.send_options import SendOptions
from shared.delivery.send_result import SendResult
from shared.delivery.validate_content import (
    Ledgers,
    ValidatedContent,
    check_starts,
    named_ledgers,
    validate_content,
)
from shared.delivery.validate_export import unfit
from shared.error_codes import BlockedCode, Status
from shared.errors import (
    ActionRequiredError,
    ExportChangedError,
    ExportError,
    OutcomeError,
    TimeUsedUpError,
)
from shared.exports.batches import Limits


def deliver(
    begun: Outcome, version: ExportVersion, ledgers: LedgerStore, start: Callable[[], "Delivery"]
) -> Delivered:
    """Take the steps between the outcome that begins an attempt and the one that ends it.

    What ledgers say comes before anything of the export or of its source is read.

    Args:
        begun: the outcome that begins the attempt.
        version: of the export.
        ledgers: of the job, under its lease.
        start: loads the export's source, and gives the steps that read it.

    Raises:
        LeaseLostError: the lease or a ledger is not ours any more.
        StorageError: something cannot be written.
    """
    known: Ledgers = {}
    try:
        check_starts(begun)
        known = named_ledgers(ledgers, begun)
        done = completed_one(known.values())
        if done:
            return completed_before(begun, known.values(), done, version)
        return start().run(begun, known)
    except OutcomeError as error:
        return stopped_by(begun, known.values(), error)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The steps that read an export.

    Attributes:
        version: of the export.
        passes: read it.
        ledgers: of the job, under its lease.
        store: of the version's outcome, which names the ledger before the first request leaves.
        options: for sending.
        limits: of a batch, as the settings say.
        max_invalid_percent: above it nothing is sent.
        sending: whether requests are made at all.
    """

    version: ExportVersion
    passes: Passes
    ledgers: LedgerStore
    store: OutcomeStore
    options: SendOptions
    limits: Limits
    max_invalid_percent: int
    sending: bool

    @property
    def rejected(self) -> RejectedCommits:
        """Makes the rejected file visible."""
        return RejectedCommits(self.passes, self.ledgers.lease)

    def run(self, begun: Outcome, known: Ledgers) -> Delivered:
        """Take the steps.

        Args:
            begun: the outcome that begins the attempt.
            known: the ledgers that it names.

        Raises:
            LeaseLostError: the lease or a ledger is not ours any more.
            StorageError: something cannot be written.
        """
        try:
            self.passes.check_readable()
            validated = validate_content(self.passes, self.ledgers, self.limits, begun, known)
            known = validated.ledgers or known  # under another profile the same bytes may have another key
            done = completed_one(validated.ledgers.values())
            if done:
                if done.completed_by != self.version:
                    self.rejected.commit(validated.rejected_file)
                return completed_before(
                    begun, validated.ledgers.values(), done, self.version, validated.found
                )
            return self._send_or_reject(begun, validated, known)
        except ExportError as error:
            return self._unsendable(begun, known, error)
        except (OutcomeError, TimeUsedUpError, ExportChangedError) as error:
            return stopped_by(begun, known.values(), error)

    def _send_or_reject(self, begun: Outcome, validated: ValidatedContent, known: Ledgers) -> Delivered:
        found, rules = validated.found, self.passes.rules
        own = own_ledger(self.ledgers, validated, rules.digest, active_resend(begun))
        decided_before = own.ledger is not None and own.ledger.touched
        error = None if decided_before else unfit(found, rules.max_invalid_percent(self.max_invalid_percent))
        waits = on_purpose(rules, sending=self.sending)
        if error and (is_touched(known.values()) or not waits):
            return self._unsendable(begun, known, error, validated)
        if waits and (found.read or rules.on_trial):
            return self._held(begun, validated, waits, error)
        if not found.read:
            nothing = outcome_builder.with_validation(begun, found)
            return Delivered(attempt_end.finished(nothing, Status.SUCCEEDED))
        own = self._planned(begun, validated)
        named = naming_plan(begun, found)
        if not self.store.replace_own(named):
            raise self.ledgers.lease.lost("another worker has written the outcome")
        return self._sent(named, validated, own)

    def _planned(self, begun: Outcome, validated: ValidatedContent) -> StoredLedger:
        """Step 4: the plan into the ledger, then the rejected file."""
        now = utc_text(self.options.clock.now())
        own = planned(self.ledgers, validated, self.passes.rules.digest, active_resend(begun), now)
        self.rejected.commit_or_forget(validated.rejected_file)
        return own

    def _sent(self, begun: Outcome, validated: ValidatedContent, own: StoredLedger) -> Delivered:
        """Step 6."""
        ledger = own.ledger
        if ledger is None:
            raise AssertionError("it has just been planned")
        others = [one for path, one in validated.ledgers.items() if path != own.path]
        sent_events = self.passes.repeats.sent_events
        ahead = sent_events.ahead(own.path, validated.found.events)
        accepted_before = any(one.ledger.accepted_any for one in others if one.ledger)
        cursor = LedgerCursor(self.ledgers, own, accepted_before=accepted_before)
        sender = Sender(self.options, self.ledgers.lease, cursor, self.version, ahead)
        ahead_of_requests, stands = self.options.parallel_requests, validated.found.as_it_stands
        bodies = self.passes.bodies(ledger.entries, own.bits, ahead_of_requests, as_it_stands=stands)
        result = sender.send(bodies)
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
        cut = ledger.rejected_cut
        try:
            cut = self.rejected.commit_refused(ledger.refused, accepted_by(others))
        except (ExportChangedError, ExportError, ActionRequiredError):
            pass  # overwritten or gone just now: everything was sent, and the outcome counts what was refused
        except OutcomeError as error:
            return replace(result, stopped=error)
        ledger = msgspec.structs.replace(ledger, rejected_cut=cut)
        done = completed(ledger, self.version, utc_text(self.options.clock.now()))
        return replace(result, stored=self.ledgers.write(result.stored, done))

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
            found = replace(validated.found, cut=validated.rejected_file.cut_early)
            begun = outcome_builder.with_validation(begun, found)
            self.rejected.commit(validated.rejected_file, export_rejected=True)
        else:
            if begun.rejections.blob:  # by an earlier profile it could be read
                self.rejected.forget()
            begun = unread(begun, self.passes.rules.source)
        waits = on_purpose(self.passes.rules, sending=self.sending)
        return Delivered(begun, held(waits, error) if waits else error)

    def _held(
        self, begun: Outcome, validated: ValidatedContent, waits: BlockedCode, error: ExportError | None
    ) -> Delivered:
        """It waits on purpose: everything is done but the requests.

        Args:
            begun: the outcome that begins the attempt.
            validated: by pass 1.
            waits: why nothing is sent.
            error: why it would be rejected, if it would be.
        """
        known = validated.ledgers
        outcome = outcome_builder.with_validation(begun, validated.found)
        if is_touched(known.values()):
            outcome = outcome_builder.with_ledgers(begun, [*known.values()])
        self.rejected.commit_or_forget(validated.rejected_file)
        return Delivered(outcome, held(waits, error), touched=is_touched(known.values()))
