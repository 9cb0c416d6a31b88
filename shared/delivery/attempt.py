"""How an attempt begins and the ways it can end: outcome written, message put back, or both."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import msgspec

from shared import __version__
from shared.blob_names import Kind, bare, classify_name
from shared.clock import utc_text
from shared.delivery import outcome_builder
from shared.delivery.collaborators import Collaborators
from shared.delivery.outcome import Export, ExportVersion, Outcome, Resend, error_of
from shared.delivery.outcome_store import OutcomeStore
from shared.delivery.ports import Blob
from shared.delivery.waiting import delay_seconds, should_process
from shared.error_codes import BlockedCode, Status
from shared.errors import (
    ActionRequiredError,
    ConditionError,
    MissingBlobError,
    OutcomeError,
    SecretError,
    StorageError,
)
from shared.messages import Message

LEASE_DELAY_SECONDS: Final = 300
MAX_UNFINISHED_STARTS: Final = 10
SECRET_REQUEUES: Final = 3
YOUNG: Final = timedelta(minutes=1)
_MAX_BEGINNINGS: Final = 10


class Attempt:
    """One message's look at one version of one export.

    Attributes:
        name: the blob's name.
        blob: the blob as it is now; `None` if it is gone or must not be touched.
        outcome: what is known so far, as `InProgress`; the ends complete it.
        resend: the GUID under which known content is sent again, if it is; a request for a version that is gone is none.
    """

    outcome: Outcome

    def __init__(self, at: Collaborators, message: Message, invocation_id: str) -> None:
        self._at = at
        self._invocation_id = invocation_id
        self._started = at.clock.monotonic()
        self.name = message.name
        self.blob = self._head()
        self.version = ExportVersion(
            name=message.name, etag=self.blob.etag if self.blob else bare(message.etag)
        )
        # a request to send known content again is about the version it names, never about one that took its place
        same = self.version.etag == bare(message.etag)
        self._message = message if same else replace(message, resend=None)
        self.resend = self._message.resend
        self._last_error = ""
        self._file = OutcomeStore(at.results, self.version.name, self.version.etag)
        self._rejected_before = 0

    def begin(self) -> bool:
        """Steps 1 and 2; whether there is anything to do.

        Raises:
            ActionRequiredError: `worker-died`.
            StorageError: the outcome cannot be written.
        """
        if classify_name(self.name) is Kind.IGNORED or self._is_no_export_yet():
            return False
        for _ in range(_MAX_BEGINNINGS):
            previous = self._file.load()
            if not should_process(previous, self._message, self._at.clock.now()):
                return False
            self.outcome = self._in_progress(previous)
            self._rejected_before = _rejected(self.outcome)
            try:
                self._file.write(self.outcome)
            except ConditionError:
                continue
            if self.outcome.unfinished_starts >= MAX_UNFINISHED_STARTS:
                message = f"{MAX_UNFINISHED_STARTS} starts in a row did not come to an end."
                raise ActionRequiredError(BlockedCode.WORKER_DIED, message)
            return True
        raise StorageError("an outcome is being rewritten all the time")

    def ended(self, outcome: Outcome, status: Status) -> Outcome:
        """A final end, and the lease's holder writes it."""
        return self._close(msgspec.structs.replace(outcome, status=status), under_lease=True)

    def ended_by(self, error: OutcomeError, *, progress: bool = False, under_lease: bool = False) -> Outcome:
        """An end with an error; one that should pass puts the message back.

        Args:
            error: what ended it.
            progress: whether anything was accepted in this attempt, so that the waits start anew.
            under_lease: whether we hold the ledger's lease.
        """
        # what another fault used up does not count against a secret that is just being rotated
        anew = progress or (isinstance(error, SecretError) and self._last_error != error.code)
        tries = 0 if anew else self._message.tries
        if isinstance(error, SecretError) and tries >= SECRET_REQUEUES:
            error = ActionRequiredError(BlockedCode.SECRET_REFUSED, error.message)
        code = error.code
        outcome = msgspec.structs.replace(
            self.outcome, status=code.status, retry=code.retry, error=error_of(error), next_attempt_at=None
        )
        if code.status is not Status.FAILED:
            return self._close(outcome, under_lease=under_lease)
        delay = delay_seconds(error, tries)
        due = utc_text(self._at.clock.now() + timedelta(seconds=delay))
        # The message first: whoever dies in between leaves one message too many, which `wanted` ends, and not none.
        self._requeue(delay, tries=tries)
        return self._close(msgspec.structs.replace(outcome, next_attempt_at=due), under_lease=under_lease)

    def out_of_time(self, *, progress: bool) -> Outcome:
        """`INVOCATION_SECONDS` are over: the rest comes back at once."""
        outcome = msgspec.structs.replace(self.outcome, unfinished_starts=0)
        outcome = msgspec.structs.replace(outcome, summary=outcome_builder.summary(outcome))
        self._file.overwrite(outcome)
        self._tell(outcome)
        self._requeue(0, tries=0 if progress else self._message.tries)
        return outcome

    def overwritten(self) -> Outcome:
        """The blob became another version while we read it: close this one, and look at the new one."""
        closed = self.ended_by(
            ActionRequiredError(BlockedCode.EXPORT_OVERWRITTEN, "A newer version took the export's place.")
        )
        self.resend = None  # the request was for the older bytes
        self._requeue(0, tries=0)
        return closed

    def stepped_aside(self) -> Outcome:
        """Another worker has the ledger: come back when it should be through."""
        try:
            self._file.write(msgspec.structs.replace(self.outcome, unfinished_starts=0))
        except ConditionError:
            self._file.load()  # the other one has written; its word is the last
        return self.lost()

    def lost(self) -> Outcome:
        """The ledger may be another worker's: write nothing, come back."""
        self._tell_left_open()
        self._requeue(LEASE_DELAY_SECONDS, tries=self._message.tries)
        return self._file.current or self.outcome

    def _head(self) -> Blob | None:
        if classify_name(self.name) not in {Kind.EXPORT, Kind.NOT_AN_EXPORT}:
            return None
        try:
            return self._at.exports.head(self.name)
        except MissingBlobError:
            return None

    def _is_no_export_yet(self) -> bool:
        """A folder, or an empty blob that SFTP or Data Lake announces before its content."""
        blob = self.blob
        return blob is not None and (
            blob.is_folder or (blob.bytes == 0 and self._at.clock.now() - blob.last_modified < YOUNG)
        )

    def _in_progress(self, previous: Outcome | None) -> Outcome:
        """Step 2's document: what is known of earlier attempts stays, unless known content is sent again."""
        known = self._known(previous)
        self._last_error = known.error.code if known.error else ""
        return msgspec.structs.replace(
            known,
            status=Status.IN_PROGRESS,
            retry=None,
            summary="Being worked on.",
            error=None,
            resend_of=self._resend_of(previous),
            attempts=known.attempts + 1,
            unfinished_starts=known.unfinished_starts + 1,
            next_attempt_at=None,
            job_id=self._at.settings.job_id,
            invocation_id=self._invocation_id,
            version=__version__,
            started_at=utc_text(self._at.clock.now()),
            finished_at=None,
            duration_seconds=None,
        )

    def _known(self, previous: Outcome | None) -> Outcome:
        """What earlier attempts at the same request found out; of attempts for another job only that there were some."""
        earlier = previous if previous and not previous.status.final else None
        if earlier and earlier.resend_of and not self.resend:
            self.resend = earlier.resend_of.id
        if earlier and (earlier.resend_of.id if earlier.resend_of else None) != self.resend:
            earlier = None
        if earlier and earlier.job_id.lower() == self._at.settings.job_id.lower():
            return msgspec.structs.replace(earlier, export=self._export(earlier.export.sha256))
        return Outcome(
            status=Status.IN_PROGRESS,
            export=self._export(None),
            attempts=earlier.attempts if earlier else 0,
            unfinished_starts=earlier.unfinished_starts if earlier else 0,
            trigger=earlier.trigger if earlier else self._message.trigger,
            job_id="",
            invocation_id="",
            version="",
            started_at="",
        )

    def _export(self, sha256: str | None) -> Export:
        blob = self.blob
        return Export(
            container=self._at.exports.name,
            name=self.name,
            etag=self.version.etag,
            bytes=blob.bytes if blob else None,
            sha256=sha256,
            last_modified=utc_text(blob.last_modified) if blob else None,
        )

    def _resend_of(self, previous: Outcome | None) -> Resend | None:
        if not self.resend:
            return None
        if previous and previous.resend_of and previous.resend_of.id == self.resend:
            return previous.resend_of
        source = (previous and previous.duplicate_of) or self.version
        return Resend(name=source.name, etag=source.etag, id=self.resend)

    def _close(self, outcome: Outcome, *, under_lease: bool) -> Outcome:
        """Write an end; one that another worker wrote meanwhile stands, unless we hold the lease and know better."""
        outcome = msgspec.structs.replace(
            outcome,
            unfinished_starts=0,
            finished_at=utc_text(self._at.clock.now()),
            duration_seconds=round(self._at.clock.monotonic() - self._started, 3),
        )
        outcome = msgspec.structs.replace(outcome, summary=outcome_builder.summary(outcome))
        try:
            self._file.write(outcome)
        except ConditionError:
            current = self._file.load()
            if current != outcome:  # or else it was ours, and storage's answer got lost
                if current and current.status.final and not (under_lease and outcome.status.final):
                    self._tell_left_open()
                    return current
                self._file.overwrite(outcome)
        self._tell(outcome)
        return outcome

    def _tell(self, outcome: Outcome) -> None:
        self._told(outcome, max(0, _rejected(outcome) - self._rejected_before))

    def _tell_left_open(self) -> None:
        """This attempt leaves the export to another worker, who counts what it comes to."""
        self._told(msgspec.structs.replace(self.outcome, status=Status.IN_PROGRESS), 0)

    def _told(self, outcome: Outcome, newly_rejected: int) -> None:
        seconds = self._at.clock.monotonic() - self._started
        self._at.observer.ended(outcome, seconds=seconds, newly_rejected=newly_rejected)

    def _requeue(self, seconds: int, *, tries: int) -> None:
        message = replace(self._message, etag=self.version.etag, resend=self.resend, tries=tries)
        self._at.queue.put(message.again(after=self.outcome.attempts).encode(), seconds)


def _rejected(outcome: Outcome) -> int:
    return outcome.records.rejected if outcome.records else 0
