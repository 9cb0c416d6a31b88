"""What would become of a file if it were an export of a source: tried on this computer, nothing is sent."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from commands.source.rows import SourceRows, source_rows
from shared.errors import Place
from shared.events.first_of_each import FirstOfEach
from shared.exports.items import Item, LeftOut, RecordRun, Rejected
from shared.exports.unpacking import Unpacked
from shared.exports.validate import Violation
from shared.sources.doors import Doors
from shared.sources.getters import Row
from shared.sources.mapping import Rows
from shared.sources.paths import NOT_TEXT
from shared.sources.persons import Persons
from shared.sources.profile_model import Mapping
from shared.sources.reader import SourceReader
from shared.sources.rules import rules_of, ruling
from shared.sources.source import Source
from shared.sources.tally import Counts
from shared.sources.whens import Whens
from shared.sources.words import Meaning

MAX_KEYS: Final = 100_000
"""So many different keys of persons are told apart."""

type Pieces = Callable[[], Iterable[bytes]]
"""Gives a file's bytes from the beginning, each time it is called."""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One of the first rows: its cells by name, where it stands, and the record or why it is none."""

    cells: dict[str, str]
    place: Place
    record: bytes = b""
    ignored: str = ""
    violations: tuple[Violation, ...] = ()


@dataclass(slots=True)
class People:
    """The keys of persons, by what the people files say about them, and in how many rows each stands."""

    found: Counter[str] = field(default_factory=Counter)
    without_account: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Trial:
    """What became of a file.

    Attributes:
        counts: of all rows.
        examples: where the first row stands that each reason rejected.
        first: the first rows.
        words: each outcome word, and in how many rows with a person it stands.
        alone: outcome words that stand in no row with a person.
        meanings: the list of each word; empty if none has it.
        people: the keys of persons.
        earliest: the first and the last time, as the row says it and in UTC; empty if there is none.
        latest: likewise.
    """

    counts: Counts
    examples: dict[Violation, Place] = field(default_factory=dict)
    first: list[ShownRow] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)
    meanings: dict[str, Meaning] = field(default_factory=dict)
    people: People = field(default_factory=People)
    earliest: tuple[str, str] = ("", "")
    latest: tuple[str, str] = ("", "")


def try_file(
    pieces: Pieces, source: Source, mapping: Mapping, file_name: str, *, shown: int, limit: int
) -> Trial:
    """Map a file, and look at what its rows say.

    Args:
        pieces: the file's bytes.
        source: of format csv or json.
        mapping: the profile's.
        file_name: the file's name below the source's folder, without `.gz`.
        shown: so many of the first rows are kept.
        limit: how many bytes the file may have, unpacked.

    Raises:
        ExportError: it cannot be read as a whole.
    """
    reader = SourceReader(Unpacked(pieces(), limit), source, file_name)
    examples: dict[Violation, Place] = {}
    first = FirstOfEach()
    for item in first.of(reader):
        if isinstance(item, Rejected) and not examples.keys() >= set(item.record.violations):
            examples = dict.fromkeys(item.record.violations, item.place()) | examples
    trial = Trial(reader.counts.first_of_each(first.repeated), examples)
    trial.first = _first(source_rows(Unpacked(pieces(), limit), source, mapping, file_name), shown)
    _Look(source_rows(Unpacked(pieces(), limit), source, mapping, file_name), mapping, trial).at_all()
    return trial


def _first(rows: SourceRows, shown: int) -> list[ShownRow]:
    """The first rows, each mapped by itself."""
    mapper, first = rows.mapper(), FirstOfEach()
    found: list[ShownRow] = []
    for batch in rows.batches:
        for index in range(batch.count):
            if len(found) >= shown:
                return found
            cells, place = rows.cells(batch, index), batch.place(index)
            found += [_shown(cells, place, item) for item in first.of(mapper.items(_single(batch, index)))]
    return found


def _single(batch: Rows, index: int) -> Rows:
    return Rows(
        [[column[index]] for column in batch.columns],
        1,
        lambda _: batch.content(index),
        lambda _: batch.place(index),
        {0: batch.misfits[index]} if index in batch.misfits else {},
        lambda _: batch.empty(index),
    )


def _shown(cells: dict[str, str], place: Place, item: Item) -> ShownRow:
    match item:
        case Rejected():
            return ShownRow(cells, place, violations=item.record.violations)
        case RecordRun():
            return ShownRow(cells, place, record=bytes(item.records[0]))
        case LeftOut():
            return ShownRow(cells, place, ignored=item.code)


class _Look:
    """Goes through all rows once more, for their words, persons and times."""

    def __init__(self, rows: SourceRows, mapping: Mapping, trial: Trial) -> None:
        sight, indexes = rows.sight, rows.source.indexes
        self._rows = rows
        self._trial = trial
        self._persons = Persons(mapping.persons, sight, indexes)
        self._doors = Doors(mapping, sight)
        self._whens = Whens(mapping.time, sight)
        self._time = sight.getter(mapping.time.value)
        self._ruling = ruling(rules_of(mapping), sight)
        self._with_words = mapping.outcome.value is not None

    def at_all(self) -> None:
        """Look at every row that no rule leaves out."""
        for row in self._rows.rows():
            if not self._ruling(row).code and any(row):
                self._at(row)

    def _at(self, row: Row) -> None:
        keys = [key for key in self._persons.keys(row) if key != NOT_TEXT]
        named = any(keys)
        door = self._doors.door(row)
        if self._with_words and door.word and door.word != NOT_TEXT:
            (self._trial.words if named else self._trial.alone)[door.word] += 1
            self._trial.meanings[door.word] = door.meaning
        if not named:
            return
        time = self._whens.at(row)
        if time:
            self._note_time(self._time(row), time)
        if door.meaning in {"success", "failed"}:
            self._note_person(self._persons.keys(row), next(filter(None, keys)), time[:10])

    def _note_person(self, keys: tuple[str, ...], shown: str, day: str) -> None:
        people, found = self._trial.people, self._persons.find(keys, day)
        which = people.unknown if found is None else people.found if found else people.without_account
        if shown in which or len(which) < MAX_KEYS:
            which[shown] += 1

    def _note_time(self, text: str, time: str) -> None:
        utc = str(time)
        if not self._trial.earliest[1] or utc < self._trial.earliest[1]:
            self._trial.earliest = (text, utc)
        if utc > self._trial.latest[1]:
            self._trial.latest = (text, utc)
