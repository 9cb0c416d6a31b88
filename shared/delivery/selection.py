"""Which records of a pass are sent, rejected, left out, or out of question: the one place that every record passes. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from shared.delivery.decided import Decided
from shared.delivery.export_rules import RecordReader
from shared.delivery.outcome import Ignored
from shared.delivery.record_bits import RecordBits
from shared.delivery.rejected_file import RejectedFile
from shared.events.repeat_filter import Left, RepeatFilter
from shared.exports.items import BEFORE_START, REPEATED, Item, LeftOut, RecordRun
from shared.exports.record_values import EventValues, joined_values

MAX_INVALID_RECORDS: Final = 1_000_000
"""Once so many records are rejected, reading goes on only while their share is one that may be."""

_MANY_RECORDS: Final = 200
_CODES: Final = {Left.EARLY: BEFORE_START, Left.REPEATED: REPEATED}


class Selection:
    """Sorts the records of pass 1.

    By its number first: what a closed batch of our ledger has decided stays so, and what another ledger of this content
    says was accepted is sent. Then by its values, and last by its event.

    Attributes:
        bits: the records that are sent.
        left_out: records that are not sent although nothing is wrong with them, by code.
        sent_elsewhere: how many records are out of question, since they were accepted under another ledger.
        stopped: whether it was not read to its end.
    """

    def __init__(self, decided: Decided, rejected_file: RejectedFile, repeats: RepeatFilter) -> None:
        self.decided = decided
        self._rejected_file = rejected_file
        self._repeats = repeats
        self._taken = decided.taken
        self._any_taken = bool(self._taken)
        self._any_closed = bool(decided.closed)
        self._any_decided = self._any_taken or self._any_closed
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
                of_records = judged(reader.read, self.sent_elsewhere, self.ignored)
                self.stopped = exceeds(rejected, of_records, max_invalid_percent)
                if self.stopped:
                    return

    @property
    def ignored(self) -> list[Ignored]:
        """What was left out on purpose, most frequent first."""
        return ignored_of({code: records for code, records in self.left_out.items() if code != REPEATED})

    def sent(self, items: Iterable[Item]) -> Iterator[RecordRun]:
        """The valid records that are sent under our ledger; short runs are looked at many at a time."""
        waiting: list[RecordRun] = []
        held = 0
        for item in items:
            if isinstance(item, RecordRun):
                for run, is_closed in self._left_of(item) if self._any_decided else ((item, False),):
                    if is_closed:
                        yield from self._free(waiting)
                        waiting, held = [], 0
                        yield from self._closed(run)
                    else:
                        waiting.append(run)
                        held += len(run.records)
                if held >= _MANY_RECORDS:
                    yield from self._free(waiting)
                    waiting, held = [], 0
            elif self._any_taken and item.number in self._taken:
                self.sent_elsewhere += 1
            elif isinstance(item, LeftOut):
                self.left_out[item.code] += 1
            else:
                self._rejected_file.add(item)
        yield from self._free(waiting)

    def _left_of(self, run: RecordRun) -> Iterator[tuple[RecordRun, bool]]:
        """The parts of a run that are not out of question; with each, whether a closed batch has decided about it."""
        for part, is_closed in (one for some in run.unbroken() for one in self._parted(some)):
            if self._any_taken and not self._taken.holds_none(part.first, part.last):
                left = list(self._taken.runs(part.first, part.last, absent=True))
                self._take(part)
            else:
                left = [(part.first, part.last)]
            for first, end in left:
                yield part.part(first, end), is_closed

    def _parted(self, run: RecordRun) -> Iterator[tuple[RecordRun, bool]]:
        """Cut a run where closed batches of our ledger begin and end; with each part, whether it is in one."""
        if not self._any_closed:
            yield run, False
            return
        first, last = run.first, run.last
        for entry in self.decided.closed:
            if entry.last < first:
                continue
            if entry.first > last:
                break
            if entry.first > first:
                yield run.part(first, entry.first - 1), False
            first = max(first, entry.first)
            yield run.part(first, min(last, entry.last)), True
            first = entry.last + 1
        if first <= last:
            yield run.part(first, last), False

    def _take(self, part: RecordRun) -> None:
        """Count the records that were accepted under another ledger."""
        for first, end in self._taken.runs(part.first, part.last):
            self.sent_elsewhere += end - first + 1
            self._repeats.see(part.part(first, end))

    def _closed(self, run: RecordRun) -> Iterator[RecordRun]:
        """Records in the range of a closed batch: those that are its own go, the others were repeated when it was planned."""
        for first, end in self.decided.own.runs(run.first, run.last, absent=True):
            early = self._repeats.leave(run.part(first, end))
            self.left_out[BEFORE_START] += early
            self.left_out[REPEATED] += end - first + 1 - early
        for first, end in self.decided.own.runs(run.first, run.last):
            part = run.part(first, end)
            self._repeats.note(part)
            self.bits.add(first, end)
            yield part

    def _free(self, runs: list[RecordRun]) -> Iterator[RecordRun]:
        """Records that nothing has decided yet: by their events."""
        if not runs:
            return
        left = self._repeats.left_out(*_all_of(runs))
        self.left_out.update(_CODES[why] for why in left.values())
        for run in runs:
            if some := run.without(left):
                self.bits.add_each(some.numbers)
                yield some


def _all_of(runs: list[RecordRun]) -> tuple[Sequence[int], Sequence[bytes], EventValues | None]:
    """Numbers and values of all records; their bytes, if the values of any run are not known."""
    if len(runs) == 1:
        return runs[0].numbers, runs[0].records, runs[0].values
    numbers = [number for run in runs for number in run.numbers]
    values = [run.values for run in runs if run.values]
    if len(values) == len(runs):
        return numbers, (), joined_values(values)
    return numbers, [record for run in runs for record in run.records], None


def ignored_of(counts: Mapping[str, int]) -> list[Ignored]:
    """Why so many records were left out on purpose, most frequent first.

    Args:
        counts: by code.
    """
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Ignored(code=code, records=records) for code, records in ordered if records]


def judged(read: int, sent_elsewhere: int, ignored: Iterable[Ignored]) -> int:
    """The records of which a share may be rejected."""
    return read - sent_elsewhere - sum(one.records for one in ignored if one.code != BEFORE_START)


def exceeds(rejected: int, of_records: int, percent: int) -> bool:
    """Whether more records are rejected than may be."""
    return rejected * 100 > of_records * percent
