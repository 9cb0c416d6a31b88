"""Maps the rows of one export to what the readers of connector-format exports yield, and counts the rest."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress

from shared.errors import Place
from shared.exports.items import BEFORE_START, Item, LeftOut, RecordRun, Rejected
from shared.exports.validate import Invalid, Valid
from shared.sources.compiled import Compiled, Made
from shared.sources.getters import Columns, Sight
from shared.sources.source import Source
from shared.sources.steps import Ended, Steps
from shared.sources.tally import Counts, Tally
from shared.sources.times import Doubtful


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that follow each other.

    Attributes:
        columns: for each column or path its texts, row by row.
        count: of rows.
        content: of the row at an index, as it stands in the rejected file.
        place: of the row at an index, in the export.
        misfits: the codes of rows that had more or fewer cells, by index.
        empty: whether the row at an index has nothing in any cell, and so is none.
    """

    columns: Columns
    count: int
    content: Callable[[int], bytes]
    place: Callable[[int], Place]
    misfits: Mapping[int, str] = field(default_factory=dict)
    empty: Callable[[int], bool] = lambda _: False


class Mapper:
    """Maps the rows of one export.

    Attributes:
        read: rows so far, without empty ones.
    """

    def __init__(self, source: Source, sight: Sight, start: str) -> None:
        """Begin.

        Args:
            source: of format csv or json.
            sight: where its values are looked up.
            start: events before it are ignored; empty: none are.

        Raises:
            ValueError: if the source has nothing to map.
        """
        mapping = source.profile.mapping
        if mapping is None:
            raise ValueError("a source of connector format has nothing to map")
        self._tally = Tally()
        self._compiled = Compiled(source, mapping, sight)
        self._steps = Steps(source.profile.policy, self._compiled, self._tally)
        self._start = start.encode()
        self._earliest = self._latest = b""
        self.read = 0

    @property
    def earliest_event(self) -> str:
        """The earliest EventTime among the records so far, in UTC; empty if none."""
        return self._earliest.decode()

    @property
    def latest_event(self) -> str:
        """The latest one."""
        return self._latest.decode()

    def counts(self, warnings: dict[str, int]) -> Counts:
        """What became of the rows so far; `warnings` are those of the reading itself."""
        return self._tally.counts(self.read, warnings)

    def items(self, batch: Rows) -> Iterator[Item]:
        """Map rows; valid records that follow each other come out in one run."""
        if not batch.count:
            return
        made = self._compiled.made(batch.columns, batch.count)
        odd = sorted({*made.odd, *batch.misfits}) if batch.misfits else made.odd
        plain = self._all_plain(made, odd)
        begin = 0
        for index in (*odd, batch.count):
            if begin < index and plain:
                self._tally.valid += index - begin
                yield RecordRun.from_first(self.read + 1, made.records[begin:index])
                self.read += index - begin
            elif begin < index:
                run = slice(begin, index)
                yield from self._one_by_one(made.records[run], made.times[run])
            if index < batch.count and not batch.empty(index):
                yield from self._odd(batch, index)
            begin = index + 1

    def _all_plain(self, made: Made, odd: Sequence[int]) -> bool:
        """Whether no record is early; then their times are noted."""
        times = made.times
        if odd:
            fine = bytearray(b"\1") * len(times)
            for index in odd:
                fine[index] = 0
            times = list(compress(times, fine))
        if not times:
            return True
        earliest, latest = min(times), max(times)
        if earliest < self._start:
            return False
        self._note(earliest, latest)
        return True

    def _one_by_one(self, bodies: list[bytes], times: list[bytes]) -> Iterator[Item]:
        """Take in records that follow each other, some of them early."""
        for body, time in zip(bodies, times, strict=True):
            self.read += 1
            if time < self._start:
                self._tally.ignored[BEFORE_START] += 1
                yield LeftOut(self.read, BEFORE_START)
            else:
                self._note(time, time)
                self._tally.valid += 1
                yield RecordRun.from_first(self.read, [body])

    def _note(self, earliest: bytes, latest: bytes) -> None:
        self._latest = max(self._latest, latest)
        self._earliest = min(self._earliest or earliest, earliest)

    def _odd(self, batch: Rows, index: int) -> Iterator[Item]:
        """A row about which there is something to say."""
        settled = self._steps.settle(*self._compiled.seen(batch.columns, index), batch.misfits.get(index, ""))
        if isinstance(settled, Ended):
            self.read += 1
            yield from self._ended(settled, batch, index)
            return
        self._tally.warnings["time-ambiguous"] += isinstance(settled.time, Doubtful)
        yield from self._one_by_one([settled.record], [settled.time.encode()])

    def given(self, found: Valid | Invalid, place: Callable[[], Place]) -> Iterator[Item]:
        """Take in a record in the connector's own form, such as a person writes into a rejected file's line."""
        if isinstance(found, Invalid):
            self.read += 1
            self._tally.reject(found.violations)
            yield Rejected(self.read, found, place)
            return
        yield from self._one_by_one([found.body], [found.event_time[:19].encode()])

    def _ended(self, ended: Ended, batch: Rows, index: int) -> Iterator[LeftOut | Rejected]:
        if ended.ignored:
            self._tally.ignored[ended.ignored] += 1
            yield LeftOut(self.read, ended.ignored)
            return
        self._tally.reject(ended.violations)
        invalid = Invalid(ended.violations, batch.content(index))
        yield Rejected(self.read, invalid, lambda: batch.place(index))
