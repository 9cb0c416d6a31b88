"""Pass 1: read the whole export, check, cut, hash and count everything before anything is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from shared.delivery.decided import Decided
from shared.delivery.export_rules import ExportRules, RecordReader, counts_of, is_as_it_stands
from shared.delivery.mapping_figures import MappingFigures, mapping_of
from shared.delivery.outcome import Ignored, Reason
from shared.delivery.record_bits import RecordBits
from shared.delivery.rejected_file import RejectedFile
from shared.delivery.selection import Selection, exceeds, judged
from shared.error_codes import RejectedCode
from shared.errors import ExportError
from shared.events.event_log import EventLog
from shared.events.repeat_filter import Found, RepeatFilter, within_export
from shared.exports.batches import Batch, Limits, cut
from shared.exports.items import REPEATED


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """What pass 1 found.

    Attributes:
        sha256: of the unpacked bytes; empty if they were not read to their end.
        read: input records.
        rejected: records that broke a rule.
        ignored: records that are left out on purpose, by reason.
        repeated: records whose event goes by another record.
        sent_elsewhere: records that other ledgers of this content say were accepted: they count in none of these.
        by_reason: how many records each reason hit.
        latest_event: the latest EventTime in UTC, to the second; empty if there is none.
        batches: what is sent, those of closed batches included, in order.
        bits: the records that are in a batch.
        mapped_key: of the content of a csv or json source; empty: the key is `sha256`.
        mapping: of the export's source, if it belongs to one.
        nothing_mapped: whether the source's profile, not the day, is to blame that no row became a record.
        cut: whether the rejected file had no room for all rejected records.
        stopped: whether reading ended early, because far too many records were rejected.
        events: of the records that are in a batch.
        about_events: what was found about the events of all valid records.
        index_warnings: codes of what was damaged or lost in the index of events.
        as_it_stands: whether all that is sent are the very bytes of the export.
    """

    sha256: str
    read: int
    rejected: int
    by_reason: list[Reason]
    latest_event: str
    batches: list[Batch]
    bits: RecordBits
    sent_elsewhere: int = 0
    ignored: list[Ignored] = field(default_factory=list)
    repeated: int = 0
    mapped_key: str = ""
    mapping: MappingFigures | None = None
    nothing_mapped: bool = False
    cut: bool = False
    stopped: bool = False
    events: EventLog = field(default_factory=EventLog)
    about_events: Found = field(default_factory=Found)
    index_warnings: Sequence[str] = ()
    as_it_stands: bool = False

    @property
    def key(self) -> str:
        """Names the content in ledgers."""
        return self.mapped_key or self.sha256

    @property
    def first_event(self) -> str:
        """The earliest EventTime of a valid record, as it is sent; empty if there is none."""
        return self.about_events.earliest

    @property
    def last_event(self) -> str:
        """The latest one."""
        return self.about_events.latest

    @property
    def repeated_days(self) -> dict[str, int]:
        """How many repeated records have their events on each day."""
        return dict(sorted(self.about_events.repeated.items()))

    @property
    def days(self) -> set[str]:
        """On which there are events of records that go."""
        return self.events.all_days

    @property
    def left_out(self) -> int:
        """Records that are neither sent nor wrong."""
        return self.repeated + sum(one.records for one in self.ignored)

    @property
    def judged(self) -> int:
        """Records of which a share may be rejected: not those that were sent before, nor those that were to be ignored."""
        return judged(self.read, self.sent_elsewhere, self.ignored)

    @property
    def valid(self) -> int:
        """Records that keep the rules, whether they go or not."""
        return self.judged - self.rejected

    def too_many_invalid(self, max_invalid_percent: int) -> bool:
        """Whether the export is rejected whole: more invalid records than allowed, or rejected ones and no valid one."""
        too_many = exceeds(self.rejected, self.judged, max_invalid_percent)
        return too_many or (self.rejected > 0 and self.valid == 0)


def validate_export(  # noqa: PLR0913  (the first three are enough where nothing was sent before)
    reader: RecordReader,
    rejected_file: RejectedFile,
    limits: Limits,
    decided: Decided | None = None,
    *,
    max_invalid_percent: int = 100,
    repeats: RepeatFilter | None = None,
) -> ValidationResult:
    """Run pass 1; the rejected file is filled but not committed.

    It ends early once a million records are rejected and their share of those read so far is too large.

    Args:
        reader: of the export, from its beginning.
        rejected_file: takes what breaks a rule.
        limits: of a batch that is cut freely.
        decided: what earlier attempts have decided; `None`: nothing.
        max_invalid_percent: the share of invalid records that may be; 100: reading never ends early.
        repeats: knows the events that were accepted before; `None`: only those that the export itself repeats are known.

    Raises:
        ExportError: if the export cannot be read as a whole.
    """
    repeats = repeats or within_export()
    selection = Selection(decided or Decided(), rejected_file, repeats)
    records = selection.sent(selection.bearable(reader, max_invalid_percent))
    batches = [body.batch for body in cut(records, limits, selection.decided.ranges)]
    return ValidationResult(
        sha256="" if selection.stopped else reader.sha256,
        read=reader.read,
        rejected=rejected_file.records,
        by_reason=rejected_file.by_reason,
        latest_event=reader.latest_event,
        batches=batches,
        bits=selection.bits,
        sent_elsewhere=selection.sent_elsewhere,
        ignored=selection.ignored,
        repeated=selection.left_out[REPEATED],
        cut=rejected_file.cut,
        stopped=selection.stopped,
        events=repeats.log,
        about_events=repeats.found,
        as_it_stands=is_as_it_stands(reader),
    )


def with_mapping(found: ValidationResult, rules: ExportRules, reader: RecordReader) -> ValidationResult:
    """What pass 1 found, and what the export's source has to say about it.

    Args:
        found: by the pass.
        rules: by which it read.
        reader: that has read.
    """
    source, counts = rules.source, counts_of(reader)
    return replace(
        found,
        mapped_key=rules.key(found.sha256) if counts and not found.stopped else "",
        mapping=mapping_of(source, counts, changed=rules.changed) if source else None,
        nothing_mapped=counts is not None and counts.nothing_mapped and not found.stopped,
    )


def unfit(found: ValidationResult, limit: int) -> ExportError | None:
    """Why an export is rejected whole although it can be read, if it is.

    Args:
        found: by pass 1.
        limit: percent of invalid records that may be.
    """
    if found.nothing_mapped:
        message = (
            "No row became a record; nothing was sent. The source's profile does not fit what the file holds."
        )
        return ExportError(RejectedCode.NOTHING_MAPPED, message)
    return _too_many_invalid(found, limit) if found.too_many_invalid(limit) else None


def _too_many_invalid(found: ValidationResult, limit: int) -> ExportError:
    counts = f"{found.rejected:,} of {found.read:,} records are invalid"
    text = f"{counts}, more than the {limit} % that may be; nothing was sent."
    if found.stopped:
        counts = f"{found.rejected:,} of the first {found.read:,} records are invalid"
        text = f"{counts}, more than the {limit} % that may be; the rest was not read, and nothing was sent."
    elif found.valid == 0:
        text = f"{counts}, so there is nothing to send."
    return ExportError(RejectedCode.TOO_MANY_INVALID, text)
