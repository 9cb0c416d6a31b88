"""One attempt at a pass over rejected records: what it needs is loaded, and its end written or put off.

A pass that cannot be made now is put back like any attempt, with the same waits; its outcome says nothing of that. One that a
person must help leaves a warning in the outcome, and the next sweep queues it again.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from shared.delivery import attempt_end
from shared.delivery.attempt import Attempt
from shared.delivery.dependencies import Dependencies
from shared.delivery.export_rules import ExportRules
from shared.delivery.mapping_figures import version_of
from shared.delivery.on_purpose import held, on_purpose
from shared.delivery.operator_requests import is_new, with_answer
from shared.delivery.outcome import Outcome
from shared.delivery.outcome_metadata import mapping_tried
from shared.delivery.outcome_store import OutcomeStore
from shared.delivery.ports import Blob
from shared.delivery.rejected_passes import RejectedPasses
from shared.delivery.remap import Remapping, RemapResult
from shared.delivery.remap_due import is_due_in_part
from shared.delivery.remap_figures import stopped, tried
from shared.delivery.remap_notes import RemapNote
from shared.delivery.repeats import EventState, Repeats
from shared.delivery.send_options import SendOptions
from shared.delivery.waiting import LEASE_LOST_SECONDS, MAX_REMAP_TRIES
from shared.error_codes import FailedCode
from shared.errors import (
    ConditionError,
    ExportChangedError,
    LeaseLostError,
    MissingBlobError,
    OutcomeError,
    TimeUsedUpError,
    TransientError,
)
from shared.exports.batches import Limits

if TYPE_CHECKING:
    from shared.sources.source import Source


@dataclass(frozen=True, slots=True)
class RemapAttempt:
    """What an attempt at a pass needs.

    Attributes:
        deps: the outside world.
        attempt: this one.
        store: of the version's outcome, which has been loaded.
        events: of the job, folded.
        options: for sending.
        note: that a pass has begun to send.
    """

    deps: Dependencies
    attempt: Attempt
    store: OutcomeStore
    events: EventState
    options: SendOptions
    note: RemapNote

    def run(self) -> Outcome | None:
        """Make the attempt; the outcome if it was written and says something new of its records.

        Raises:
            StorageError: the outcome, a ledger or a message cannot be written.
        """
        outcome, mapping = self.store.current, self.attempt.mapping
        begun = self.note.look()
        if outcome is None or not is_due_in_part(outcome, self.attempt.message, mapping, lambda: begun):
            return None
        try:
            result = self._made(outcome)
            self.events.fold_at_the_end(self.attempt.deadline)
            return self._ended(outcome, result)
        except LeaseLostError:
            self._put(LEASE_LOST_SECONDS, self.attempt.message.tries)
            return None

    def _made(self, outcome: Outcome) -> RemapResult:
        """The pass, or why there is none."""
        deps = self.deps
        nothing = RemapResult(tried(outcome, self.attempt.mapping or mapping_tried(outcome)))
        try:
            source = deps.sources.of_export(outcome.export.name)
            blob = self._rejected_file(outcome)
            ours = outcome.job_id.lower() == deps.settings.job_id.lower()
            if source is None or source.profile.mapping is None or blob is None or not ours:
                return nothing
            rules = ExportRules(outcome.export.name, deps.rules, source, deps.settings.events_not_before)
            waits = on_purpose(rules, sending=deps.settings.connector_sending)
            if waits:
                raise held(waits, None)
        except OutcomeError as error:
            return RemapResult(outcome, stopped=error)
        return self._remapping(outcome, source, rules, blob).run()

    def _remapping(self, outcome: Outcome, source: "Source", rules: ExportRules, blob: Blob) -> Remapping:
        settings = self.deps.settings
        repeats = Repeats(self.events, None, rules.start_of_records, rules.zone(settings.report_zone))
        return Remapping(
            outcome,
            version_of(source).mapping,
            RejectedPasses(self.deps.results, blob, rules, repeats, self.deps.clock, self.attempt.deadline),
            self.events.folding.ledgers,
            self.options,
            Limits(settings.batch_max_records, settings.batch_max_bytes),
            self.note.begin,
        )

    def _rejected_file(self, outcome: Outcome) -> Blob | None:
        """The rejected file; `None` if it was deleted, as it is after its time."""
        try:
            return self.deps.results.head(outcome.rejections.blob) if outcome.rejections.blob else None
        except MissingBlobError:
            return None

    def _ended(self, outcome: Outcome, result: RemapResult) -> Outcome | None:
        """Write the end, or put the message back."""
        match result.stopped:
            case None:
                gained = len(result.outcome.passes) > len(outcome.passes)
                written = self._write(outcome, result.outcome)
                if written:
                    self.note.end()
                return written if gained else None
            case TimeUsedUpError() if result.progress:
                self._put(0, 0)
            case TimeUsedUpError():
                self._fail(outcome, attempt_end.out_of_time(), progress=False)
            case ExportChangedError():
                message = "The rejected file was replaced while it was read."
                error = TransientError(FailedCode.STORAGE_UNAVAILABLE, message)
                self._fail(outcome, error, progress=result.progress)
            case OutcomeError() as error:
                self._fail(outcome, error, progress=result.progress)
        return None

    def _fail(self, outcome: Outcome, error: OutcomeError, *, progress: bool) -> None:
        failure = attempt_end.failure(error, self.attempt, error.code.value, progress=progress)
        message = self.attempt.message
        if failure.delay_seconds is None:
            self._write(outcome, stopped(outcome, failure.error))
        elif message.trigger != "sweep" or failure.tries <= MAX_REMAP_TRIES:
            self._put(failure.delay_seconds, failure.tries)

    def _write(self, before: Outcome, after: Outcome) -> Outcome | None:
        """Write the outcome, unless another worker has written it meanwhile: then the pass is made again."""
        request = self.attempt.message.request
        if request and is_new(before, request):
            after = with_answer(after, request, "begun")
        if after != before:
            try:
                self.events.folding.lease.check()
                self.store.write(after)
            except ConditionError:
                if self.store.load() != after:  # or else it was ours, and storage's answer got lost
                    self._put(LEASE_LOST_SECONDS, self.attempt.message.tries)
                    return None
        seconds = self.deps.clock.monotonic() - self.attempt.started
        self.deps.observer.remapped(before, after, seconds=seconds)
        return after

    def _put(self, delay_seconds: int, tries: int) -> None:
        message = replace(self.attempt.message, tries=tries, waits=0)
        self.deps.queue.put(message.encode(), delay_seconds)
