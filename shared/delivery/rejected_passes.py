"""The readings of a rejected file: pass 1 finds out what its source's mapping says today, pass 2 yields the bodies."""

import sys
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace

from shared.clock import Clock
from shared.delivery.decided import Decided
from shared.delivery.export_rules import ExportRules
from shared.delivery.ledger import Entry
from shared.delivery.planned_records import planned_bodies
from shared.delivery.ports import Blob, BlockWriter, Container
from shared.delivery.record_bits import RecordBits
from shared.delivery.rejected_file import RejectedFile, write_remaining
from shared.delivery.rejected_lines import PassReader, RejectedLines
from shared.delivery.repeats import Repeats
from shared.delivery.validate_export import ValidationResult, validate_export, with_mapping
from shared.errors import TimeUsedUpError
from shared.exports.batches import Body, Limits
from shared.exports.unpacking import Unpacked


class _Nowhere:
    """Takes what is only counted: what is left over is written once it is known."""

    def add(self, data: bytes) -> None:
        """Nothing to do."""

    def mark(self) -> None:
        """Nothing to do."""

    def commit(self, *, marked_only: bool = False) -> None:
        """Nothing to do."""


@dataclass(slots=True)
class RejectedPasses:
    """Reads one rejected file, always with If-Match.

    Attributes:
        results: where it is.
        blob: the file.
        rules: of the export that its lines are from.
        repeats: knows the events that were accepted before.
        clock: for the deadline.
        deadline: monotonic seconds.
        lines: those that pass 1 has seen.
    """

    results: Container
    blob: Blob
    rules: ExportRules
    repeats: Repeats
    clock: Clock
    deadline: float
    lines: RejectedLines = field(default_factory=RejectedLines)

    def validate(
        self, limits: Limits, decided: Decided, ledger: str
    ) -> tuple[ValidationResult, RejectedFile]:
        """Pass 1; what is rejected is only counted.

        Args:
            limits: of a batch.
            decided: what ledgers have decided before.
            ledger: path of our own ledger; empty while it is not known.

        Raises:
            ExportError: the file cannot be read.
            TimeUsedUpError: the deadline is over.
            ExportChangedError: it is another one by now.
            OutcomeError: storage.
        """
        lines = self.lines = RejectedLines()
        rejected = RejectedFile(_Nowhere())
        mapped = self.rules.reader(self._unpacked(lines))
        found = validate_export(
            PassReader(mapped, lines),
            rejected,
            limits,
            decided,
            repeats=self.repeats.filter(ledger, decided.closed),
        )
        found = replace(found, cut=False, index_warnings=self.repeats.sent_events.warnings)
        return with_mapping(found, self.rules, mapped), rejected

    def bodies(self, entries: Sequence[Entry], bits: RecordBits, ahead: int) -> Generator[Body]:
        """Pass 2: the request bodies, cut exactly as the ledger says.

        Args:
            entries: of the ledger.
            bits: of its plan.
            ahead: how many are made ready while others are on their way, if they are not too large for that.

        Raises:
            TimeUsedUpError: while it is read: the deadline is over.
        """
        return planned_bodies(self._items(RejectedLines()), entries, bits, ahead)

    def write_remaining(self, writer: BlockWriter, refused: dict[int, int], accepted: RecordBits) -> bool:
        """Write what is still rejected, or was refused, as a rejected file; whether there was no room for all of it.

        Args:
            writer: where to.
            refused: the connector's HTTP status by line.
            accepted: lines that were accepted, under whatever mapping.
        """
        lines = RejectedLines(keep=True)
        return write_remaining(writer, self._items(lines), refused, accepted, lines)

    def _items(self, lines: RejectedLines) -> PassReader:
        return PassReader(self.rules.reader(self._unpacked(lines)), lines)

    def _unpacked(self, lines: RejectedLines) -> Unpacked:
        return Unpacked(lines.watched(self._chunks()), sys.maxsize, each_piece=self._check_deadline)

    def _chunks(self) -> Iterator[bytes]:
        return self.results.chunks(self.blob.name, self.blob.etag)

    def _check_deadline(self) -> None:
        if self.clock.monotonic() >= self.deadline:
            raise TimeUsedUpError
