"""One attempt on one version of one export: the order of these steps is what keeps records from being lost or doubled.

1. Read the outcome; a final one ends the attempt, unless a person asks for more.
2. Write the outcome as `InProgress`.
3. Pass 1: read, check, cut, hash and count everything. What cannot be sent is `Rejected` and gets no ledger.
4. Create the ledger if it is absent, take its lease, then read it.
5. If it is complete, the outcome follows from it.
6. Pass 2: post the batches, each noted before and after.
7. Write the outcome, from the ledger, while the lease is still ours.

Steps 1, 2 and every end are in `shared.delivery.attempt`; this module has what lies between.
"""

import sys
from contextlib import closing

from shared.blob_names import Kind, classify_name, ledger_path, rejected_path
from shared.clock import utc_text
from shared.delivery import outcome_builder
from shared.delivery.attempt import Attempt
from shared.delivery.collaborators import Collaborators
from shared.delivery.job_lease import JobLease
from shared.delivery.ledger import Ledger
from shared.delivery.outcome import Outcome
from shared.delivery.plan import frozen, planned, replan
from shared.delivery.ports import Blob
from shared.delivery.prefetch import prefetch
from shared.delivery.rejected_file import RejectedFile, write_with_refused
from shared.delivery.send import Sending, SendOptions
from shared.delivery.validate_export import ValidationResult, valid_only, validate_export
from shared.error_codes import BlockedCode, RejectedCode, Status
from shared.errors import (
    ActionRequiredError,
    ExportChangedError,
    ExportError,
    LeaseLostError,
    LeaseTakenError,
    MissingBlobError,
    OutcomeError,
    TimeUsedUpError,
)
from shared.exports.batches import Limits, cut
from shared.exports.reader import Reader
from shared.exports.unpacking import Unpacked
from shared.exports.validate import RULES_DIGEST
from shared.messages import Message


def process_export(at: Collaborators, message: Message, invocation_id: str) -> Outcome | None:
    """Look at the export a message names, and do what is due.

    Args:
        at: everything to work with.
        message: what to look at; the blob's newest version is what is looked at.
        invocation_id: goes into the outcome.

    Returns:
        The outcome as it was left; `None` if there was nothing to do.

    Raises:
        StorageError: the outcome, the ledger or a message cannot be written.
    """
    deadline = at.clock.monotonic() + at.settings.invocation_seconds
    attempt = Attempt(at, message, invocation_id)
    try:
        if not attempt.begin():
            return None
        return _Delivery(at, attempt, deadline).run()
    except OutcomeError as error:
        return attempt.ended_by(error)
    except ExportChangedError:
        return attempt.overwritten()
    except LeaseTakenError:
        return attempt.stepped_aside()
    except LeaseLostError:
        return attempt.lost()


class _Delivery:
    """What lies between the first and the last write of an outcome."""

    def __init__(self, at: Collaborators, attempt: Attempt, deadline: float) -> None:
        self._at = at
        self._attempt = attempt
        self._deadline = deadline
        self._limits = Limits(at.settings.batch_max_records, at.settings.batch_max_bytes)

    def run(self) -> Outcome:
        """Steps 3 to 7.

        Raises:
            OutcomeError: the attempt ends with this.
            RequeueError: the attempt stops here.
        """
        blob = self._readable()
        outcome = self._attempt.outcome
        if outcome.export.sha256:
            try:
                return self._under_lease(outcome.export.sha256, None)
            except MissingBlobError:
                if any(batch.requests for batch in outcome.batches):
                    raise ActionRequiredError(
                        BlockedCode.LEDGER_GONE, "The ledger of this export is gone."
                    ) from None
        rejected_file = RejectedFile(self._at.results.block_writer(rejected_path(blob.name, blob.etag)))
        validation = self._validated(blob, rejected_file)
        too_many = validation.too_many_invalid(self._at.settings.max_invalid_percent)
        if too_many and not self._is_decided(validation.sha256):
            rejected_file.commit(export_rejected=True)
            raise self._all_rejected(validation)
        rejected_file.commit(export_rejected=False)
        if too_many:
            return self._under_lease(validation.sha256, None)
        if not validation.batches:
            return self._attempt.ended(outcome_builder.with_validation(outcome, validation), Status.SUCCEEDED)
        plan = planned(
            validation, self._at.settings.job_id, self._limits.max_bytes, utc_text(self._at.clock.now())
        )
        return self._under_lease(validation.sha256, plan)

    def _is_decided(self, sha256: str) -> bool:
        """Whether the decision to send this content was taken before; what is judged differently since does not undo it."""
        try:
            self._at.state.head(ledger_path(self._at.settings.job_id, sha256, self._attempt.resend))
        except MissingBlobError:
            return False
        return True

    def _all_rejected(self, validation: ValidationResult) -> ExportError:
        self._attempt.outcome = outcome_builder.with_validation(self._attempt.outcome, validation)
        return ExportError(
            RejectedCode.TOO_MANY_INVALID, _too_many(validation, self._at.settings.max_invalid_percent)
        )

    def _readable(self) -> Blob:
        """The blob, if its name, size and tier let it be read.

        Raises:
            OutcomeError: they do not.
        """
        blob = self._attempt.blob
        kind = classify_name(self._attempt.name)
        if kind is Kind.UNSAFE:
            raise ExportError(
                RejectedCode.UNSAFE_NAME, "The file's name cannot be handled safely, so it was not read."
            )
        if blob is None:
            raise ActionRequiredError(BlockedCode.EXPORT_GONE, "The export is gone from the container.")
        if kind is not Kind.EXPORT:
            raise ExportError(
                RejectedCode.NOT_AN_EXPORT,
                "The file's name does not end like an export's, so it was not read.",
            )
        if blob.is_archived:
            raise ActionRequiredError(
                BlockedCode.EXPORT_ARCHIVED, "The export is in the archive tier and cannot be read."
            )
        limit = self._at.settings.max_export_bytes
        if blob.bytes > limit and not self._attempt.outcome.export.sha256:
            raise ExportError(
                RejectedCode.TOO_LARGE, f"The export has {blob.bytes:,} bytes; the limit is {limit:,}."
            )
        return blob

    def _validated(
        self, blob: Blob, rejected_file: RejectedFile, ledger: Ledger | None = None
    ) -> ValidationResult:
        chunks = prefetch(self._at.exports.chunks(blob.name, blob.etag))
        with closing(chunks):
            limit = self._at.settings.max_export_bytes
            return validate_export(
                chunks, rejected_file, self._limits, limit, frozen(ledger) if ledger else ()
            )

    def _under_lease(self, sha256: str, plan: Ledger | None) -> Outcome:
        """Steps 4 to 7; the lease is given back at the end, whatever happens."""
        path = ledger_path(self._at.settings.job_id, sha256, self._attempt.resend)
        with JobLease(self._at.state, path, self._at.clock) as lease:
            ledger = lease.open(plan)
            if not ledger.completed_by and ledger.rules != RULES_DIGEST:
                ledger = self._cut_anew(ledger)
                lease.write(ledger)
            if ledger.completed_by:
                return self._completed(ledger, {})
            return self._sent(lease, ledger)

    def _cut_anew(self, ledger: Ledger) -> Ledger:
        blob = self._readable()
        rejected_file = RejectedFile(self._at.results.block_writer(rejected_path(blob.name, blob.etag)))
        try:
            validation = self._validated(blob, rejected_file, ledger)
        except ExportError as error:
            raise (_decided(error) if frozen(ledger) else error) from None
        anew = replan(ledger, validation)
        rejected_file.commit(export_rejected=not anew.entries)
        if not anew.entries:  # nothing was sent, and by today's rules there is nothing to send
            raise self._all_rejected(validation)
        return anew

    def _sent(self, lease: JobLease, ledger: Ledger) -> Outcome:
        at, blob = self._at, self._readable()
        line = SendOptions(
            at.connector, at.tokens, at.clock, at.settings.retry_max_seconds, self._deadline, at.observer
        )
        sending = Sending(line, lease, ledger, self._attempt.version)
        chunks = at.exports.chunks(blob.name, blob.etag)
        ranges = [(entry.first, entry.last) for entry in ledger.entries]
        reader = Reader(Unpacked(chunks, sys.maxsize, hashed=False))  # pass 1 has found the size acceptable
        try:
            with closing(prefetch(cut(valid_only(reader), self._limits, ranges))) as bodies:
                sending.run(bodies)
        except OutcomeError as error:
            self._note(sending)
            return self._attempt.ended_by(_decided(error), progress=sending.progress, under_lease=True)
        except ExportChangedError:
            self._note(sending)
            raise
        except TimeUsedUpError:
            self._note(sending)
            return self._attempt.out_of_time(progress=sending.progress)
        return self._completed(sending.ledger, sending.replies)

    def _note(self, sending: Sending) -> None:
        self._attempt.outcome = outcome_builder.with_ledger(
            self._attempt.outcome, sending.ledger, sending.replies
        )

    def _completed(self, ledger: Ledger, replies: dict[str, str]) -> Outcome:
        """Step 7: what a complete ledger means for this version of this export."""
        attempt = self._attempt
        outcome = outcome_builder.with_ledger(attempt.outcome, ledger, replies)
        if ledger.completed_by != attempt.version:
            return attempt.ended(outcome_builder.as_duplicate(outcome, ledger), Status.DUPLICATE)
        if outcome.records and outcome.records.refused:
            attempt.outcome = outcome  # should the export be overwritten just now, its figures are known
            self._add_refused(ledger)
        return attempt.ended(outcome, outcome_builder.status_of(ledger))

    def _add_refused(self, ledger: Ledger) -> None:
        """Write the rejected file anew, with what the connector refused; a third reading, and rare."""
        blob = self._attempt.blob
        refused = {number: entry.http_status or 0 for entry in ledger.entries for number in entry.refused}
        if blob is None:
            return
        chunks = self._at.exports.chunks(blob.name, blob.etag)
        items = Reader(Unpacked(chunks, sys.maxsize, hashed=False))
        write_with_refused(self._at.results.block_writer(rejected_path(blob.name, blob.etag)), items, refused)


def _decided(error: OutcomeError) -> OutcomeError:
    """After the decision to send, an export that cannot be read is no longer rejected: some of it may be sent."""
    if error.code.status is not Status.REJECTED:
        return error
    message = f"The export could be read before, and now cannot: {error.message}"
    return ActionRequiredError(BlockedCode.LEDGER_MISMATCH, message, place=error.place)


def _too_many(validation: ValidationResult, limit: int) -> str:
    counts = f"{validation.rejected:,} of {validation.read:,} records are invalid"
    if validation.valid == 0:
        return f"{counts}, so there is nothing to send."
    return f"{counts}, more than the {limit} % that may be; nothing was sent."
