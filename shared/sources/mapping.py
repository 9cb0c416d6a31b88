"""Maps the rows of one export to what the readers of connector-format exports yield, and counts the rest."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from shared.errors import Place
from shared.exports.reader import Rejected, Stretch
from shared.exports.records import Invalid, Valid
from shared.sources.compiled import compiled
from shared.sources.getters import Row, Sight
from shared.sources.profile import Mapping
from shared.sources.source import Source
from shared.sources.steps import Ended, Steps
from shared.sources.tally import Counts, Once, Tally
from shared.sources.texts import SPACE, ascii_lower
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

    def __init__(self, source: Source, mapping: Mapping, sight: Sight, width: int, *, tables: bool) -> None:
        self._tally = Tally()
        self._steps = Steps(source, mapping, sight, self._tally)
        self._quick = compiled(mapping, sight, self._steps, width)
        self._once = Once()
        self._start = source.profile.policy.not_before or ""
        self._width = width
        self._tables = tables
        self.read = 0
        self.earliest_event = ""
        self.latest_event = ""

    def counts(self, warnings: dict[str, int]) -> Counts:
        """What became of the rows so far; `warnings` are those of the reading itself."""
        return self._tally.counts(self.read, warnings)

    def items(self, batch: Rows) -> Iterator[Stretch | Rejected]:
        """Map rows; valid records that follow each other come out in one stretch."""
        quick, again, start = self._quick, self._once.again, self._start
        records: list[str] = []
        times: list[str] = []
        for index, row in enumerate(batch.rows):
            made = quick(row) or self._settled(row)
            if made is None:  # an empty row
                continue
            self.read += 1
            if isinstance(made, Ended):
                yield from self._flushed(records, times, behind=1)
                yield from self._ended(made, batch, index)
                continue
            record, time, event = made
            if time.__class__ is Doubtful:
                self._tally.warnings["time-ambiguous"] += 1
            if time < start or again(event):
                yield from self._flushed(records, times, behind=1)
                self._tally.left_out(early=time < start)
                continue
            records.append(record)
            times.append(time)
        yield from self._flushed(records, times, behind=0)

    def given(self, found: Valid | Invalid, place: Callable[[], Place]) -> Iterator[Stretch | Rejected]:
        """Take in a record in the connector's own form, such as somebody has written into a rejected file's line."""
        self.read += 1
        if isinstance(found, Invalid):
            self._tally.reject(found.violations)
            yield Rejected(self.read, found, place)
            return
        time = found.event_time
        early = time < self._start
        if early or self._once.again(_event(found)):
            self._tally.left_out(early=early)
            return
        yield from self._flushed([found.body.decode()], [time[:19]], behind=0)

    def _flushed(self, records: list[str], times: list[str], *, behind: int) -> Iterator[Stretch]:
        """The records gathered so far, the last of them `behind` rows back."""
        if not records:
            return
        self._tally.valid += len(records)
        self.latest_event = max(self.latest_event, *times)
        earliest = min(times)
        self.earliest_event = min(self.earliest_event or earliest, earliest)
        whole = "\n".join(records).encode()  # in JSON no line break stands inside a text
        yield Stretch(self.read - behind - len(records) + 1, whole.split(b"\n"))
        records.clear()
        times.clear()

    def _ended(self, ended: Ended, batch: Rows, index: int) -> Iterator[Rejected]:
        if ended.ignored:
            self._tally.ignored[ended.ignored] += 1
            return
        self._tally.reject(ended.violations)
        invalid = Invalid(ended.violations, batch.content(index))
        yield Rejected(self.read, invalid, lambda: batch.place(index))

    def _settled(self, row: Row) -> tuple[str, str, int] | Ended | None:
        """What the steps say about a row; `None` if it is empty."""
        if self._tables and not any(cell.strip(SPACE) for cell in row):
            return None
        misfit = ""
        if len(row) < self._width:
            misfit = "row-too-short"
            row = [*row, *[""] * (self._width - len(row))]
        elif len(row) > self._width:
            misfit = "row-too-long" if any(cell.strip(SPACE) for cell in row[self._width :]) else ""
            row = row[: self._width]
        return self._steps.settle(row, misfit)


def _event(valid: Valid) -> int:
    """The hash of a record's event, as the quick way makes it."""
    value = msgspec.json.decode(valid.body)
    time = valid.event_time
    shown = time.rstrip("0").rstrip(".") if "." in time else time
    return hash((ascii_lower(value["UserId"]), shown, f"{value['AssetId']}\n{value['AccessStatus']}"))
