"""The readings of an export's blob: pass 1 finds everything out, pass 2 yields the bodies, a third one is rare."""

import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from shared.blob_names import rejected_path
from shared.clock import Clock
from shared.delivery.attempt import Attempt
from shared.delivery.decided import Decided
from shared.delivery.export_rules import ExportRules
from shared.delivery.held_export import HeldExport
from shared.delivery.ledger import Entry
from shared.delivery.planned_records import as_planned, planned_bodies, unjudged_as_planned
from shared.delivery.ports import ABSENT, Condition, Container
from shared.delivery.prefetch import prefetch
from shared.delivery.record_bits import RecordBits
from shared.delivery.rejected_file import RejectedFile, write_with_refused
from shared.delivery.repeats import Repeats
from shared.delivery.validate_export import ValidationResult, validate_export, with_mapping
from shared.error_codes import BlockedCode, RejectedCode
from shared.errors import ActionRequiredError, ExportError, MissingBlobError, TimeUsedUpError
from shared.exports.batches import Body, Limits
from shared.exports.unpacking import Unpacked


@dataclass(frozen=True, slots=True)
class Passes:
    """Reads one version of one export, always with If-Match.

    Attributes:
        exports: where it is.
        results: where its rejected file goes.
        clock: for the deadline.
        attempt: names the export and the deadline.
        max_export_bytes: packed or unpacked.
        max_invalid_percent: of the app; above its share reading ends early, once very many records are rejected.
        rules: by which its bytes become records.
        repeats: knows the events that were accepted before.
        is_first: whether no attempt has begun before, so that there can be no rejected file.
        held: what was read of it already.
    """

    exports: Container
    results: Container
    clock: Clock
    attempt: Attempt
    max_export_bytes: int
    max_invalid_percent: int
    rules: ExportRules
    repeats: Repeats
    is_first: bool
    held: HeldExport = field(default_factory=HeldExport)

    def check_readable(self) -> None:
        """Look at name, size and tier before anything is read.

        Raises:
            ExportError: `unsafe-name`, `not-an-export`, `too-large`.
            ActionRequiredError: `export-archived`.
        """
        export = self.attempt.export
        if export.state == "unsafe":
            message = "The file's name cannot be handled safely, so it was not read."
            raise ExportError(RejectedCode.UNSAFE_NAME, message)
        self.rules.check_name()
        blob = export.blob
        if blob and blob.is_archived:
            message = "The export is in the archive tier and cannot be read."
            raise ActionRequiredError(BlockedCode.EXPORT_ARCHIVED, message)
        if blob and blob.bytes > self.max_export_bytes:
            message = f"The export has {blob.bytes:,} bytes; the limit is {self.max_export_bytes:,}."
            raise ExportError(RejectedCode.TOO_LARGE, message)

    def validate(
        self, limits: Limits, decided: Decided, ledger: str
    ) -> tuple[ValidationResult, RejectedFile]:
        """Pass 1; the rejected file is staged and not committed.

        Args:
            limits: of a batch.
            decided: what ledgers have decided before. Where anything was sent by our own, nothing ends reading early.
            ledger: path of our own ledger; empty while it is not known.

        Raises:
            ExportError: it cannot be read as a whole.
            TimeUsedUpError: the deadline is over.
            ExportChangedError: it was overwritten.
            OutcomeError: storage.
        """
        repeats = self.repeats.filter(ledger, decided.closed)
        rejected_file = RejectedFile(
            self.results.block_writer(self._rejected_path, self.earlier_rejected_version())
        )
        percent = 100 if decided.closed else self.rules.max_invalid_percent(self.max_invalid_percent)
        with closing(prefetch(self._chunks(), 1)) as chunks:
            unpacked = Unpacked(chunks, self.max_export_bytes, each_piece=self._check_deadline)
            reader = self.rules.reader(unpacked)
            found = validate_export(
                reader, rejected_file, limits, decided, max_invalid_percent=percent, repeats=repeats
            )
        found = replace(found, index_warnings=self.repeats.sent_events.warnings)
        return with_mapping(found, self.rules, reader), rejected_file

    def bodies(
        self, entries: Sequence[Entry], bits: RecordBits, ahead: int, *, as_it_stands: bool
    ) -> Generator[Body]:
        """Pass 2: the request bodies, cut exactly as the ledger says.

        Args:
            entries: of the ledger.
            bits: of its plan.
            ahead: how many are made ready while others are on their way, if they are not too large for that.
            as_it_stands: whether pass 1 found that all that is sent are the very bytes of the export.

        Raises:
            TimeUsedUpError: while it is read: the deadline is over.
        """

        def careful() -> Generator[Body]:
            reader = self.rules.reader(self._unpacked(self._check_deadline))
            return planned_bodies(reader, entries, bits, ahead)

        if not as_it_stands:
            return careful()
        quick = unjudged_as_planned(self._unpacked(self._check_deadline), entries, bits, ahead)
        return as_planned(quick, careful, entries)

    def write_refused(self, refused: dict[int, int], accepted: RecordBits, version: Condition) -> bool:
        """Commit the rejected file anew, with the records that the connector refused; a third reading, and rare.

        Args:
            refused: the connector's HTTP status by input record number.
            accepted: records that were accepted under other rules.
            version: the file that is replaced, as it was before the lease was last renewed.

        Returns:
            Whether there was no room for all of them.

        Raises:
            ConditionError: it is another one by now.
        """
        writer = self.results.block_writer(self._rejected_path, version)
        return write_with_refused(writer, iter(self.rules.reader(self._unpacked())), refused, accepted)

    def forget_rejected(self, version: Condition) -> None:
        """Delete the rejected file of an earlier attempt: by today's rules nothing is rejected.

        Args:
            version: as it was before the lease was last renewed.

        Raises:
            ConditionError: it is another one by now.
        """
        self.results.delete(self._rejected_path, version)

    def earlier_rejected_version(self) -> Condition:
        """The rejected file that an earlier attempt left."""
        return ABSENT if self.is_first else self.rejected_version()

    def rejected_version(self) -> Condition:
        """The rejected file that is there now, as a condition: a worker that slept must not replace a newer one."""
        try:
            return self.results.head(self._rejected_path).etag
        except MissingBlobError:
            return ABSENT

    @property
    def _rejected_path(self) -> str:
        return rejected_path(self.attempt.export.name, self.attempt.export.etag, self.repeats.request_id)

    def _unpacked(self, each_piece: Callable[[], None] | None = None) -> Unpacked:
        # pass 1 found the size acceptable
        return Unpacked(self._chunks(), sys.maxsize, hashed=False, each_piece=each_piece)

    def _chunks(self) -> Iterator[bytes]:
        held = self.held.pieces()
        if held is not None:
            return iter(held)
        return self.held.watched(self.exports.chunks(self.attempt.export.name, self.attempt.export.etag))

    def _check_deadline(self) -> None:
        """Asked of what the blob's chunks unpack to: a few bytes may unpack to very much."""
        if self.clock.monotonic() >= self.attempt.deadline:
            raise TimeUsedUpError
