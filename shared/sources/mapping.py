"""Maps the rows of one export to what the readers of connector-format exports yield, and counts the rest."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress

import msgspec

from shared.errors import Place
from shared.events.once import Once
from shared.exports.reader import BEFORE_START, REPEATED, Item, LeftOut, RecordRun, Rejected
from shared.exports.validate import Invalid, Valid
from shared.sources.compiled import Compiled, Made
from shared.sources.doors import event_text
from shared.sources.getters import Row, Sight
from shared.sources.source import Source
from shared.sources.steps import Ended, Steps, Whole
from shared.sources.tally import Counts, Tally
from shared.sources.texts import SPACE
from shared.sources.times import Doubtful


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that follow each other.

    Attributes:
        rows: a text for each column or path; of another length, a row is too short or too long.
        content: of the row at an index, as it stands in the rejected file.
        place: of the row at an index, in the export.
    """

    rows: Sequence[Row]
    content: Callable[[int], bytes]
    place: Callable[[int], Place]


class Mapper:
    """Maps the rows of one export.

    Attributes:
        read: rows so far, without empty ones.
        earliest_event: the earliest EventTime among the records so far, in UTC; empty if none.
        latest_event: the latest.
    """

    def __init__(  # noqa: PLR0913  (what a pass over rows begins with)
        self, source: Source, sight: Sight, start: str, width: int, *, tables: bool, once: bool = True
    ) -> None:
        """Begin.

        Args:
            source: of format csv or json.
            sight: where its values are looked up.
            start: events before it are ignored; empty: none are.
            width: how many texts a row has.
            tables: whether rows come from a table, where empty ones are passed over.
            once: whether of records of one event only the first is yielded.

        Raises:
            ValueError: if the source has nothing to map.
        """
        mapping = source.profile.mapping
        if mapping is None:
            raise ValueError("a source of connector format has nothing to map")
        self._tally = Tally()
        self._steps = Steps(source, mapping, sight, self._tally)
        self._compiled = Compiled(mapping, sight, self._steps)
        self._nothing = [""] * width
        self._once = Once() if once else None
        self._start = start
        self._width = width
        self._tables = tables
        self.read = 0
        self.earliest_event = ""
        self.latest_event = ""

    def counts(self, warnings: dict[str, int]) -> Counts:
        """What became of the rows so far; `warnings` are those of the reading itself."""
        return self._tally.counts(self.read, warnings)

    def items(self, batch: Rows) -> Iterator[Item]:
        """Map rows; valid records that follow each other come out in one run."""
        width = self._width
        fit = batch.rows
        if set(map(len, fit)) - {width}:
            fit = [row if len(row) == width else self._fitted(row) for row in fit]
        made = self._compiled.made(fit)
        plain = self._all_plain(made, len(fit))
        bodies = "\n".join(made.records).encode().split(b"\n")  # in JSON no line break stands inside a text
        begin = 0
        for index in (*made.odd, len(fit)):
            if begin < index and plain:
                self._tally.valid += index - begin
                yield RecordRun(self.read + 1, bodies[begin:index])
                self.read += index - begin
            elif begin < index:
                times, events = made.times[begin:index], made.events[begin:index]
                yield from self._one_by_one(bodies[begin:index], times, events)
            if index < len(fit):
                yield from self._odd(batch, index)
            begin = index + 1

    def _all_plain(self, made: Made, rows: int) -> bool:
        """Whether all records are new, none is early and no time doubtful; then their events and times are noted."""
        times, events = made.times, made.events
        if made.odd:
            fine = [True] * rows
            for index in made.odd:
                fine[index] = False
            times, events = list(compress(times, fine)), list(compress(events, fine))
        if not times:
            return True
        earliest = min(times)
        if earliest < self._start or Doubtful in set(map(type, times)):
            return False
        if self._once is not None and not self._once.all_new(events):
            return False
        self._note(earliest, max(times))
        return True

    def _one_by_one(self, bodies: list[bytes], times: list[str], events: list[int]) -> Iterator[Item]:
        """Take in records that follow each other, some of them early, doubtful, or in the export before."""
        for body, time, event in zip(bodies, times, events, strict=True):
            self.read += 1
            self._tally.warnings["time-ambiguous"] += isinstance(time, Doubtful)
            early = time < self._start
            if early or (self._once is not None and self._once.again(event)):
                self._tally.left_out(early=early)
                yield LeftOut(self.read, BEFORE_START if early else REPEATED)
            else:
                self._note(time, time)
                self._tally.valid += 1
                yield RecordRun(self.read, [body])

    def _fitted(self, row: Row) -> Row:
        """A row of another width as the quick way takes it: cut if what is too much is empty, else without anything."""
        if len(row) > self._width and not "".join(row[self._width :]).strip(SPACE):
            return row[: self._width]
        return self._nothing

    def _note(self, earliest: str, latest: str) -> None:
        self.latest_event = max(self.latest_event, latest)
        self.earliest_event = min(self.earliest_event or earliest, earliest)

    def _odd(self, batch: Rows, index: int) -> Iterator[Item]:
        """A row about which there is something to say."""
        settled = self._settled(batch.rows[index])
        if settled is None:
            return
        if isinstance(settled, Ended):
            self.read += 1
            yield from self._ended(settled, batch, index)
            return
        record, upn, time, door = settled
        yield from self._one_by_one([record.encode()], [time], [self._compiled.event(upn, time, door)])

    def given(self, found: Valid | Invalid, place: Callable[[], Place]) -> Iterator[Item]:
        """Take in a record in the connector's own form, such as a person writes into a rejected file's line."""
        if isinstance(found, Invalid):
            self.read += 1
            self._tally.reject(found.violations)
            yield Rejected(self.read, found, place)
            return
        yield from self._one_by_one([found.body], [found.event_time[:19]], [self._event(found)])

    def _event(self, valid: Valid) -> int:
        """The hash of a record's event, as for a row that is mapped."""
        value = msgspec.json.decode(valid.body)
        time = valid.event_time
        shown = time.rstrip("0").rstrip(".") if "." in time else time
        return self._compiled.event(
            value["UserId"], shown, event_text(value["AssetId"], value["AccessStatus"])
        )

    def _ended(self, ended: Ended, batch: Rows, index: int) -> Iterator[LeftOut | Rejected]:
        if ended.ignored:
            self._tally.ignored[ended.ignored] += 1
            yield LeftOut(self.read, ended.ignored)
            return
        self._tally.reject(ended.violations)
        invalid = Invalid(ended.violations, batch.content(index))
        yield Rejected(self.read, invalid, lambda: batch.place(index))

    def _settled(self, row: Row) -> Whole | Ended | None:
        """What the steps say about a row; `None` if it is empty."""
        if self._tables and not "".join(row).strip(SPACE):
            return None
        misfit = ""
        if len(row) < self._width:
            misfit = "row-too-short"
            row = [*row, *[""] * (self._width - len(row))]
        elif len(row) > self._width:
            misfit = "row-too-long" if "".join(row[self._width :]).strip(SPACE) else ""
            row = row[: self._width]
        return self._steps.settle(row, self._compiled.door(row), misfit)
