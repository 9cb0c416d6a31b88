"""Pass 1: read the whole export, check, cut, hash and count everything before anything is sent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from shared.delivery.outcome import Reason
from shared.delivery.rejected_file import RejectedFile
from shared.exports.batches import Batch, Limits, cut
from shared.exports.reader import Reader, RecordRun, Rejected
from shared.exports.unpacking import Unpacked


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """What pass 1 found: hash and length of the unpacked bytes, counts of records, reasons, and the batches."""

    sha256: str
    read: int
    rejected: int
    by_reason: list[Reason]
    latest_event: str
    batches: list[Batch]

    @property
    def valid(self) -> int:
        """Records that may be sent."""
        return self.read - self.rejected

    def too_many_invalid(self, max_invalid_percent: int) -> bool:
        """Whether the export is rejected whole: more invalid records than allowed, or no valid one among some."""
        too_many = self.rejected * 100 > self.read * max_invalid_percent
        return too_many or (self.read > 0 and self.valid == 0)


def validate_export(
    chunks: Iterable[bytes],
    rejected_file: RejectedFile,
    limits: Limits,
    max_export_bytes: int,
    frozen: Sequence[tuple[int, int]] = (),
) -> ValidationResult:
    """Run pass 1; the rejected file is filled but not committed.

    Raises:
        ExportError: if the export cannot be read as a whole.
    """
    unpacked = Unpacked(chunks, max_export_bytes)
    reader = Reader(unpacked)
    batches = [body.batch for body in cut(_valid(reader, rejected_file), limits, frozen)]
    return ValidationResult(
        sha256=unpacked.sha256,
        read=reader.read,
        rejected=rejected_file.records,
        by_reason=rejected_file.by_reason,
        latest_event=reader.latest_event,
        batches=batches,
    )


def valid_only(items: Iterable[RecordRun | Rejected]) -> Iterator[RecordRun]:
    """The valid records of a pass; for pass 2, which has nobody to tell about the others."""
    return (item for item in items if isinstance(item, RecordRun))


def _valid(items: Iterable[RecordRun | Rejected], rejected_file: RejectedFile) -> Iterator[RecordRun]:
    for item in items:
        if isinstance(item, RecordRun):
            yield item
        else:
            rejected_file.add(item)
