"""A pass over an export's rejected records after the mapping of its source has changed, under the job's lease.

The app reads its own rejected file as if it had been uploaded again: what the mapping of today takes is sent, with a ledger
of its own; all other records of the export are left alone. Of the outcome nothing is touched before the pass has ended:

1. Pass 1 over the rejected file: map, check, leave out events that were sent before.
2. The plan, the batches, as for any export. What any ledger of this file says was accepted is sent.
3. What is still rejected, and all that was refused, becomes a rejected file under a new name.
4. One write of the outcome names it, and lets every other record leave `rejected` for what became of it.

Who dies on the way leaves a ledger, and at most a file that no outcome names; the pass is made again from its beginning.
"""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from shared import __version__
from shared.blob_names import remaining_path
from shared.clock import utc_text
from shared.delivery import outcome_builder
from shared.delivery.ledger_cursor import LedgerCursor
from shared.delivery.ledger_steps import completed
from shared.delivery.ledger_store import LedgerStore, StoredLedger, accepted_by
from shared.delivery.outcome import ExportVersion, Outcome
from shared.delivery.plan_content import planned
from shared.delivery.ports import ABSENT
from shared.delivery.rejected_passes import RejectedPasses
from shared.delivery.remap_figures import Passed, healed, tried
from shared.delivery.send import Sender
from shared.delivery.send_options import SendOptions
from shared.delivery.send_result import SendResult
from shared.delivery.validate_content import ValidatedContent, validate_content
from shared.error_codes import Status
from shared.errors import ExportChangedError, OutcomeError, TimeUsedUpError
from shared.exports.batches import Limits

type Stop = OutcomeError | TimeUsedUpError | ExportChangedError


@dataclass(frozen=True, slots=True)
class RemapResult:
    """How far a pass came.

    Attributes:
        outcome: as it is to be written; as it was, if the pass was stopped.
        passed: what a pass that came to its end found; `None` if there was nothing to look at, or it was stopped.
        progress: whether anything was accepted in this invocation.
        stopped: what ended it; `None`: it came to its end.
    """

    outcome: Outcome
    passed: Passed | None = None
    progress: bool = False
    stopped: Stop | None = None


@dataclass(frozen=True, slots=True)
class Remapping:
    """The steps of a pass.

    Attributes:
        outcome: of the export, from before the pass.
        mapping: digest of the source's files, by which the pass maps.
        passes: read the rejected file.
        ledgers: of the job, under its lease.
        options: for sending.
        limits: of a batch, as the settings say.
        begin: notes that the pass begins to send.
    """

    outcome: Outcome
    mapping: str
    passes: RejectedPasses
    ledgers: LedgerStore
    options: SendOptions
    limits: Limits
    begin: Callable[[], None]

    def run(self) -> RemapResult:
        """Make the pass.

        Raises:
            LeaseLostError: the lease or a ledger is not ours any more.
            StorageError: something cannot be written.
        """
        try:
            nothing = msgspec.structs.replace(self.outcome, ledger=None)
            validated = validate_content(
                self.passes, self.ledgers, self.limits, nothing, {}, any_complete=False
            )
            if not validated.found.batches and not validated.ledgers:
                return self._ended(outcome_builder.with_validation(self._blank(), validated.found), [], {})
            return self._sent(validated)
        except (OutcomeError, TimeUsedUpError, ExportChangedError) as error:
            return RemapResult(self.outcome, stopped=error)

    def _sent(self, validated: ValidatedContent) -> RemapResult:
        self.begin()
        now = utc_text(self.options.clock.now())
        own = planned(self.ledgers, validated, self.passes.rules.digest, None, now)
        others = [one for path, one in validated.ledgers.items() if path != own.path]
        result = self._send(validated, own)
        if result.stopped:
            return RemapResult(self.outcome, progress=result.progress, stopped=result.stopped)
        stored = [*others, result.stored]
        figures = outcome_builder.with_ledgers(self._blank(), stored, result.replies)
        newest = outcome_builder.newest_ledger(stored)
        ended = self._ended(figures, stored, newest.refused if newest else {})
        if result.stored.ledger and not result.stored.ledger.completed_by:
            done = completed(result.stored.ledger, self._version, utc_text(self.options.clock.now()))
            self.ledgers.write(result.stored, done)
        return ended

    def _send(self, validated: ValidatedContent, own: StoredLedger) -> SendResult:
        """Send what is open; of a ledger that is complete nothing is."""
        if own.ledger is None or own.ledger.completed_by:
            return SendResult(own, progress=False)
        ahead = self.passes.repeats.sent_events.ahead(own.path, validated.found.events)
        cursor = LedgerCursor(self.ledgers, own, accepted_before=True)
        sender = Sender(self.options, self.ledgers.lease, cursor, self._version, ahead)
        return sender.send(self.passes.bodies(own.ledger.entries, own.bits, self.options.parallel_requests))

    def _ended(self, figures: Outcome, stored: list[StoredLedger], refused: dict[int, int]) -> RemapResult:
        """The outcome after the pass; what is left over is written down before."""
        lines = self.passes.lines
        at = utc_text(self.options.clock.now())
        passed = Passed(figures, lines.refused.count(), lines.reasons, self.mapping, at)
        if not passed.gained:
            return RemapResult(tried(self.outcome, self.mapping), passed)
        blob, cut = None, False
        if passed.records.rejected or refused or passed.refused_before:
            export = self.outcome.export
            blob = remaining_path(
                export.name, export.etag, len(self.outcome.passes) + 1, self.ledgers.lease.holder
            )
            writer = self.passes.results.block_writer(blob, ABSENT)
            cut = self.passes.write_remaining(writer, refused, accepted_by(stored))
        return RemapResult(healed(self.outcome, passed, blob, cut=cut), passed)

    @property
    def _version(self) -> ExportVersion:
        return ExportVersion(name=self.outcome.export.name, etag=self.outcome.export.etag)

    def _blank(self) -> Outcome:
        """The rejected file as an export of which nothing is known yet."""
        old = self.outcome
        return Outcome(
            status=Status.IN_PROGRESS,
            export=old.export,
            job_id=old.job_id,
            invocation_id=old.invocation_id,
            version=__version__,
            started_at=old.started_at,
        )
