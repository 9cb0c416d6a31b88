"""The quick way from rows to records, compiled for one profile: what groups of columns mean is remembered.

Most rows share their door and outcome with many others, their person with some, their second with the row before. Rows about which
there is nothing to say are put together from remembered texts, many at a time, by functions that loop in C. Of every
other row the quick way says nothing, and `steps` decides.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from shared.sources.doors import Door, Part, part_of, rule
from shared.sources.getters import Row, Sight
from shared.sources.profile_model import Mapping
from shared.sources.steps import Steps
from shared.sources.texts import ascii_lower, quoted
from shared.sources.values import Value, names_in

_DOORS: Final = 1 << 14
_PERSONS: Final = 1 << 17
_TIMES: Final = 1 << 13
_NO_DOOR: Final = ("", "", "")

type _Pick = Callable[[Row], object]


@dataclass(frozen=True, slots=True)
class Made:
    """What rows give: for each one its record, its time and the hash of its event.

    Attributes:
        records: as JSON.
        times: in UTC.
        events: hashes; the same event has the same one.
        odd: the indexes of rows about which there is something to say; what the lists hold for them means nothing.
    """

    records: list[str]
    times: list[str]
    events: list[int]
    odd: list[int]


class Compiled:
    """The quick way of a profile."""

    def __init__(self, mapping: Mapping, sight: Sight, steps: Steps) -> None:
        person_names = _names(person.value for person in mapping.persons)
        with_person = tuple(one for one in mapping.ignores if person_names & _names([one.value]))
        with_door = tuple(one for one in mapping.ignores if one not in with_person)
        values = (
            mapping.asset_id,
            mapping.asset_name,
            mapping.outcome.value,
            *(one.value for one in with_door),
        )
        self._steps = steps
        self._dated = steps.persons.dated
        self._pick_door = _pick(_names(value for value in values if value is not None), sight)
        self._pick_person = _pick(person_names | _names(one.value for one in with_person), sight)
        self._door_rule = rule(with_door, sight)
        self._person_ruled = bool(with_person)
        self._person_rule = rule(with_person, sight)
        self._doors: dict[object, Part] = {}
        self._odd_doors: dict[object, Door] = {}
        several = len(mapping.persons) > 1 and not with_person
        self._first = steps.persons.first_column if several else None
        self._firsts: dict[str, str] = {}
        self._persons: dict[object, str] = {}
        self._times: dict[str, str] = {}
        self._column = steps.whens.column

    def made(self, rows: Sequence[Row]) -> Made:
        """Map rows, each as wide as it should be."""
        doors = self._read_doors(rows)
        if self._dated:
            times = self._read_times(rows)
            persons = [self._known(row, time[:10]) for row, time in zip(rows, times, strict=True)]
        else:
            persons, times = self._read_persons(rows), self._read_times(rows)
        before, after, events = zip(*doors, strict=True)
        who = list(map(ascii_lower, persons)) if self._steps.persons.mixed_case else persons
        odd: list[int] = []
        if "" in persons or "" in times or "" in after:
            odd = [
                index for index, parts in enumerate(zip(persons, times, after, strict=True)) if "" in parts
            ]
        return Made(
            list(map("".join, zip(persons, before, times, after, strict=True))),
            times,
            list(map(hash, zip(who, times, events, strict=True))),
            odd,
        )

    def door(self, row: Row) -> Door:
        """What the row says besides its person and time."""
        key = self._pick_door(row)
        door = self._odd_doors.get(key)
        if door is None:
            if len(self._odd_doors) >= _DOORS:
                self._odd_doors.clear()
            door = self._odd_doors[key] = self._steps.doors.door(row)
        return door

    def event(self, upn: str, time: str, event: str) -> int:
        """The hash of an event that came another way."""
        begin = f'{{"UserId":{quoted(upn)},'
        return hash((ascii_lower(begin) if self._steps.persons.mixed_case else begin, time, event))

    def _read_doors(self, rows: Sequence[Row]) -> list[Part]:
        return _known_or_new(self._doors, _DOORS, list(map(self._pick_door, rows)), rows, self._new_doors)

    def _read_persons(self, rows: Sequence[Row]) -> list[str]:
        if self._first is None:
            return self._persons_of(rows)
        known_many = self._steps.persons.known_many
        keys = list(map(itemgetter(self._first), rows))
        found = _known_or_new(self._firsts, _PERSONS, keys, rows, known_many)
        if "" in found:
            rest = [index for index, begin in enumerate(found) if not begin]
            for index, begin in zip(rest, self._persons_of([rows[index] for index in rest]), strict=True):
                found[index] = begin
        return found

    def _persons_of(self, rows: Sequence[Row]) -> list[str]:
        """The persons of rows by everything that may say who they are."""
        keys = list(map(self._pick_person, rows))
        return _known_or_new(self._persons, _PERSONS, keys, rows, self._new_persons)

    def _read_times(self, rows: Sequence[Row]) -> list[str]:
        if self._column is None:
            return list(map(self._steps.whens.at, rows))
        texts = list(map(itemgetter(self._column), rows))
        if len(self._times) > _TIMES:
            self._times.clear()
        return _known_or_new(self._times, 2 * _TIMES, texts, rows, self._new_times)

    def _new_doors(self, rows: list[Row]) -> list[Part]:
        parts = [
            part_of(self._steps.doors.door(row)) if self._door_rule(row) is False else None for row in rows
        ]
        return [part or _NO_DOOR for part in parts]

    def _new_persons(self, rows: list[Row]) -> list[str]:
        if self._person_ruled:
            return [self._known(row, "") for row in rows]
        many = self._steps.persons.known_many(rows)
        return [begin or self._known(row, "") for begin, row in zip(many, rows, strict=True)]

    def _new_times(self, rows: list[Row]) -> list[str]:
        column, convert, at = self._column, self._steps.whens.convert, self._steps.whens.at
        return [(column is not None and convert(row[column])) or at(row) for row in rows]

    def _known(self, row: Row, day: str) -> str:
        return self._steps.persons.known(row, day) if self._person_rule(row) is False else ""


def _known_or_new[K, V](
    known: dict[K, V],
    limit: int,
    keys: Sequence[K],
    rows: Sequence[Row],
    new: Callable[[list[Row]], Sequence[V]],
) -> list[V]:
    """What is remembered by each key, or is found out about one of its rows; beyond the limit nothing more is kept."""
    try:
        return list(map(known.__getitem__, keys))
    except KeyError:  # something new is among them
        fresh = {key: row for key, row in zip(keys, rows, strict=True) if key not in known}
    found = dict(zip(fresh, new(list(fresh.values())), strict=True))
    if len(known) + len(found) <= limit:
        known.update(found)
        return list(map(known.__getitem__, keys))
    return [found[key] if key in found else known[key] for key in keys]


def _names(values: Iterable[Value]) -> set[str]:
    return {name for value in values for name in names_in(value)}


def _pick(names: set[str], sight: Sight) -> _Pick:
    """What a row says in these columns, as something that can be remembered by."""
    columns = sorted({sight.columns[name] for name in names if name in sight.columns})
    return itemgetter(*columns) if columns else lambda _: None
