"""Pass 1: read the whole export, check, cut, hash and count everything before anything is sent."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from shared.delivery.export_rules import RecordReader
from shared.delivery.ledger import Entry, Ledger, closed_entries
from shared.delivery.mapping_figures import MappingFigures
from shared.delivery.outcome import Ignored, Reason
from shared.delivery.planned_records import part_of
from shared.delivery.record_bits import RecordBits
from shared.delivery.rejected_file import RejectedFile
from shared.exports.batches import Batch, Limits, cut
from shared.exports.reader import BEFORE_START, REPEATED, Item, LeftOut, RecordRun

MAX_INVALID_RECORDS: Final = 1_000_000
"""Once so many records are rejected, reading goes on only while their share is one that may be."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What ledgers of this content have decided before this attempt, by input record number.

    Attributes:
        closed: batches of our own ledger that are never cut or judged again.
        planned: its other batches, by the SHA-256 of their bodies.
        own: the bits of our own ledger's last plan.
        accepted_elsewhere: records that other ledgers say were accepted: never sent, judged or rejected again.
        in_doubt_elsewhere: records that other ledgers may have had accepted.
    """

    closed: Sequence[Entry] = ()
    planned: Mapping[str, Entry] = field(default_factory=dict)
    own: RecordBits = field(default_factory=RecordBits)
    accepted_elsewhere: RecordBits = field(default_factory=RecordBits)
    in_doubt_elsewhere: RecordBits = field(default_factory=RecordBits)

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """First and last record of each closed batch."""
        return [(entry.first, entry.last) for entry in self.closed]

    @property
    def taken(self) -> RecordBits:
        """Records accepted elsewhere that are none of our own closed batches'."""
        ours = RecordBits()
        for entry in self.closed:
            ours = ours.union(self.own.within(entry.first, entry.last))
        return self.accepted_elsewhere.without(ours)


def decided_by(
    ledger: Ledger | None, own: RecordBits, others: Sequence[tuple[RecordBits, RecordBits]]
) -> Decided:
    """What pass 1 must leave as it is.

    Args:
        ledger: our own, if there is one.
        own: its plan's bits.
        others: of each other ledger of this content, what was accepted and what is in doubt.
    """
    accepted, in_doubt = RecordBits(), RecordBits()
    for theirs, doubtful in others:
        accepted, in_doubt = accepted.union(theirs), in_doubt.union(doubtful)
    planned = {one.sha256: one for one in ledger.entries if not one.closed} if ledger else {}
    return Decided(closed_entries(ledger), planned, own, accepted, in_doubt)


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

    @property
    def key(self) -> str:
        """Names the content in ledgers."""
        return self.mapped_key or self.sha256

    @property
    def left_out(self) -> int:
        """Records that are neither sent nor wrong."""
        return self.repeated + sum(one.records for one in self.ignored)

    @property
    def judged(self) -> int:
        """Records of which a share may be rejected: not those that were sent before, nor those that were to be ignored."""
        return _judged(self.read, self.sent_elsewhere, self.ignored)

    @property
    def valid(self) -> int:
        """Records that keep the rules, whether they go or not."""
        return self.judged - self.rejected

    def too_many_invalid(self, max_invalid_percent: int) -> bool:
        """Whether the export is rejected whole: more invalid records than allowed, or rejected ones and no valid one."""
        too_many = _exceeds(self.rejected, self.judged, max_invalid_percent)
        return too_many or (self.rejected > 0 and self.valid == 0)


def validate_export(
    reader: RecordReader,
    rejected_file: RejectedFile,
    limits: Limits,
    decided: Decided | None = None,
    max_invalid_percent: int = 100,
) -> ValidationResult:
    """Run pass 1; the rejected file is filled but not committed.

    It ends early once a million records are rejected and their share of those read so far is too large.

    Args:
        reader: of the export, from its beginning.
        rejected_file: takes what breaks a rule.
        limits: of a batch that is cut freely.
        decided: what earlier attempts have decided.
        max_invalid_percent: the share of invalid records that may be; 100: reading never ends early.

    Raises:
        ExportError: if the export cannot be read as a whole.
    """
    selection = _Selection(decided or Decided(), rejected_file)
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
    )


class _Selection:
    """Which records of a pass are sent, rejected, left out, or out of question: the one place that every record passes.

    Attributes:
        bits: the records that are sent.
        left_out: records that are not sent although nothing is wrong with them, by code.
        sent_elsewhere: how many records are out of question, since they were accepted under another ledger.
        stopped: whether it was not read to its end.
    """

    def __init__(self, decided: Decided, rejected_file: RejectedFile) -> None:
        self.decided = decided
        self._rejected_file = rejected_file
        self._taken = decided.taken
        self._any_taken = bool(self._taken)
        self.bits = RecordBits()
        self.left_out: Counter[str] = Counter()
        self.sent_elsewhere = 0
        self.stopped = False

    def bearable(self, reader: RecordReader, max_invalid_percent: int) -> Iterator[Item]:
        """What the reader yields, as long as it does not reject far too many records."""
        for item in reader:
            yield item
            rejected = self._rejected_file.records
            if rejected >= MAX_INVALID_RECORDS:
                judged = _judged(reader.read, self.sent_elsewhere, self.ignored)
                self.stopped = _exceeds(rejected, judged, max_invalid_percent)
                if self.stopped:
                    return

    @property
    def ignored(self) -> list[Ignored]:
        """What was left out on purpose, most frequent first."""
        counts = sorted(self.left_out.items(), key=lambda item: (-item[1], item[0]))
        return [Ignored(code=code, records=records) for code, records in counts if code != REPEATED]

    def sent(self, items: Iterable[Item]) -> Iterator[RecordRun]:
        """The valid records that are sent under our ledger."""
        for item in items:
            if isinstance(item, RecordRun):
                yield from self._left_of(item)
            elif self._any_taken and item.number in self._taken:
                self.sent_elsewhere += 1
            elif isinstance(item, LeftOut):
                self.left_out[item.code] += 1
            else:
                self._rejected_file.add(item)

    def _left_of(self, run: RecordRun) -> Iterator[RecordRun]:
        last = run.first + len(run.records) - 1
        if not self._any_taken or self._taken.holds_none(run.first, last):
            self.bits.add(run.first, last)
            yield run
            return
        left = list(self._taken.runs(run.first, last, absent=True))
        self.sent_elsewhere += len(run.records) - sum(end - first + 1 for first, end in left)
        for first, end in left:
            self.bits.add(first, end)
            yield part_of(run, first, end)


def _judged(read: int, sent_elsewhere: int, ignored: Iterable[Ignored]) -> int:
    return read - sent_elsewhere - sum(one.records for one in ignored if one.code != BEFORE_START)


def _exceeds(rejected: int, judged: int, percent: int) -> bool:
    return rejected * 100 > judged * percent
