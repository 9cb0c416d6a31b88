"""Maps the rows of one export to what the readers of connector-format exports yield, and counts the rest."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, compress
from typing import Final

from shared.errors import Place
from shared.exports.items import BEFORE_START, Item, LeftOut, RecordRun, Rejected
from shared.exports.validate import Invalid, Valid
from shared.sources.compiled import Compiled
from shared.sources.ends import Ended
from shared.sources.getters import Columns, Sight
from shared.sources.made import Made, MadeRow
from shared.sources.memo import Memo
from shared.sources.source import Source
from shared.sources.steps import Steps
from shared.sources.tally import Counts, Tally
from shared.sources.texts import SPACE
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


type _Ends = dict[int, Ended | None]
"""How rows end that are no records, by their indexes; `None` for an empty one."""

_NOTHING: Final = Ended("")
_EARLY: Final = Ended(BEFORE_START)
_COMMON_BYTES: Final = 4 << 20


class Mapper:
    """Maps the rows of one export.

    Attributes:
        read: rows so far, without empty ones.
        earliest_event: the earliest EventTime among the records so far, in UTC, to the second; empty if none.
        latest_event: the latest one.
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
        self._start = start
        self._common = Memo(self._common_end, _COMMON_BYTES)
        self.earliest_event = self.latest_event = ""
        self.read = 0

    def counts(self, warnings: dict[str, int]) -> Counts:
        """What became of the rows so far; `warnings` are those of the reading itself."""
        return self._tally.counts(self.read, warnings)

    def items(self, batch: Rows) -> Iterator[Item]:
        """Map rows: first a run of those that are valid records, then what became of the others."""
        if not batch.count:
            return
        mapped = self._compiled.mapped(batch.columns, batch.count)
        misfits = batch.misfits.keys() - mapped.ended.keys()
        ended, whole = self._settled(batch, sorted(misfits.union(mapped.odd)) if misfits else mapped.odd)
        ended |= mapped.ended
        made = mapped.made.with_rows(whole) if whole else mapped.made
        if self._start and min(made.times) < self._start:
            ended |= self._early(made.times, ended)
        numbers = self._numbers(batch.count, ended)
        if run := self._run(made, numbers, ended):
            self.read += len(run.records)
            yield run
        for index, end in sorted(ended.items()):
            if end is None:
                continue
            self.read += 1
            if end.ignored:
                self._tally.ignored[end.ignored] += 1
                yield LeftOut(numbers[index], end.ignored)
            else:
                yield self._rejected(end, batch, index, numbers[index])

    def _settled(self, batch: Rows, odd: Sequence[int]) -> tuple[_Ends, dict[int, MadeRow]]:
        """Decide about rows of which there is something to say: how some end, and what the others give."""
        fit = [index for index in odd if index not in batch.misfits] if batch.misfits else odd
        common = map(self._common.__getitem__, self._compiled.rows(batch.columns, fit))
        ended: _Ends = {index: end for index, end in zip(fit, common, strict=True) if end is not _NOTHING}
        whole: dict[int, MadeRow] = {}
        for index in odd if len(ended) < len(odd) else ():
            if index in ended:
                continue
            if batch.empty(index):
                ended[index] = None
                continue
            misfit = batch.misfits.get(index, "")
            settled = self._steps.settle(*self._compiled.seen(batch.columns, index), misfit)
            if isinstance(settled, Ended):
                ended[index] = settled
            else:
                self._tally.warnings["time-ambiguous"] += isinstance(settled.time, Doubtful)
                whole[index] = settled.upn, settled.door, settled.time
        return ended, whole

    def _common_end(self, row: tuple[str, ...]) -> Ended:
        """How all rows end that say this about door and person; not of one that may be empty."""
        if not any(text.strip(SPACE) for text in row):
            return _NOTHING
        return self._steps.common(*self._compiled.door_and_person(row)) or _NOTHING

    def _early(self, times: Sequence[str], ended: _Ends) -> _Ends:
        return {
            index: _EARLY for index, time in enumerate(times) if time < self._start and index not in ended
        }

    def _numbers(self, count: int, ended: _Ends) -> Sequence[int]:
        """The number of each row; one that is empty has none of its own."""
        if None not in ended.values():
            return range(self.read + 1, self.read + count + 1)
        counted = (ended.get(index, _NOTHING) is not None for index in range(count))
        return [*accumulate(counted, initial=self.read)][1:]

    def _run(self, made: Made, numbers: Sequence[int], ended: _Ends) -> RecordRun | None:
        """The rows that are records."""
        if ended:
            fits = bytearray(b"\1") * len(numbers)
            for index in ended:
                fits[index] = 0
            made, numbers = made.where(fits), list(compress(numbers, fits))
        if not numbers:
            return None
        times = set(made.times)  # few beside the records
        self._note(min(times), max(times))
        self._tally.valid += len(numbers)
        return RecordRun(numbers, *made.records())

    def _note(self, earliest: str, latest: str) -> None:
        self.latest_event = max(self.latest_event, latest)
        self.earliest_event = min(self.earliest_event or earliest, earliest)

    def given(self, found: Valid | Invalid, place: Callable[[], Place]) -> Iterator[Item]:
        """Take in a record in the connector's own form, such as a person writes into a rejected file's line."""
        self.read += 1
        if isinstance(found, Invalid):
            self._tally.reject(found.violations)
            yield Rejected(self.read, found, place)
            return
        time = found.event_time[:19]
        if time < self._start:
            self._tally.ignored[BEFORE_START] += 1
            yield LeftOut(self.read, BEFORE_START)
            return
        self._note(time, time)
        self._tally.valid += 1
        yield RecordRun.from_first(self.read, [found.body])

    def _rejected(self, ended: Ended, batch: Rows, index: int, number: int) -> Rejected:
        self._tally.reject(ended.violations)
        invalid = Invalid(ended.violations, batch.content(index))
        return Rejected(number, invalid, lambda: batch.place(index))
