"""The quick way from columns to records, compiled for one profile: what groups of columns mean is remembered.

Most rows share their door and outcome with many others, their person with some, their second with the rows around. Rows about
which there is nothing to say are put together from remembered texts, many at a time, by functions that loop in C. Of every
other row the quick way only gathers what is known, and `steps` decides.
"""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Final

from shared.sources.doors import Door, Doors, Part, part_of
from shared.sources.ends import Ended, ended_by
from shared.sources.getters import Columns, Row, Sight, row_of
from shared.sources.made import Made, Mapped
from shared.sources.memo import Key, Memo
from shared.sources.persons import Persons, Upn, Who
from shared.sources.profile_model import Mapping
from shared.sources.rules import Rule, rules_of
from shared.sources.source import Source
from shared.sources.texts import SPACE, empty_of
from shared.sources.times import Doubtful
from shared.sources.values import names_in
from shared.sources.whens import Whens

_MB: Final = 1 << 20
_DOOR_BYTES: Final = 500
_PERSON_BYTES: Final = 80
_WHO_BYTES: Final = 300
_MANY: Final = 4


type Seen = tuple[Door, Who, Row]
"""All that a row says: its door and outcome, its person, and the texts from which its time is read."""


class Compiled:
    """The quick way of a profile.

    Attributes:
        dated: whether a person's account may depend on the event's day.
        whens: reads times.
    """

    def __init__(self, source: Source, mapping: Mapping, sight: Sight) -> None:
        personal, rules = _parted(mapping)
        values = (
            mapping.asset_id,
            mapping.asset_name,
            mapping.outcome.value,
            *(one.ignore.value for one in rules),
        )
        self._door_view = sight.view(value for value in values if value is not None)
        self._person_view = sight.view(
            (*(one.value for one in mapping.persons), *(one.ignore.value for one in personal))
        )
        time_values = (mapping.time.value, mapping.time.zone_value)
        self._time_view = sight.view(value for value in time_values if value is not None)
        self.whens = Whens(mapping.time, self._time_view.sight)
        self._persons = Persons(mapping.persons, self._person_view.sight, source.indexes, personal)
        doors = Doors(mapping, self._door_view.sight, rules)
        self.dated = self._persons.dated
        self._first = self._persons.first
        self._first_column = sight.columns[self._first.column] if self._first else 0
        self._rules_look_at_doors_alone = not personal
        self._doors = Memo[Key, Door](lambda key: doors.door(row_of(key)), 4 * _MB, _DOOR_BYTES)
        self._parts = Memo[Key, Part](
            lambda key: self._part(doors.door(row_of(key)), key), 4 * _MB, _DOOR_BYTES
        )
        self._whos = Memo[Key, Who](self._who, 4 * _MB, _WHO_BYTES)
        self._upns = Memo[Key, Upn](lambda key: self._who(key).upn, 24 * _MB, _PERSON_BYTES)

    def mapped(self, columns: Columns, count: int) -> Mapped:
        """Map rows, each as wide as it should be; there must be at least one."""
        doors = list(map(self._parts.__getitem__, self._door_view.keys(columns, count)))
        times, untimed = self._times_of(columns, count)
        persons, unknown = self._persons_of(columns, count, times)
        odd = [index for index, part in enumerate(doors) if part.__class__ is not tuple]
        ended = {index: part for index in odd if isinstance(part := doors[index], Ended)}
        return Mapped(Made(persons, doors, times), ended, sorted({*unknown, *untimed, *odd} - ended.keys()))

    def rows(self, columns: Columns, indexes: Sequence[int]) -> Iterable[tuple[str, ...]]:
        """What some rows say, each about its door, its outcome and its person."""
        places = (*self._door_view.places, *self._person_view.places)
        texts = [map(columns[at].__getitem__, indexes) for at in places]
        return zip(*texts, strict=True) if texts else repeat((), len(indexes))

    def door_and_person(self, row: Row) -> tuple[Door, Who]:
        """What a `row` means, on no day."""
        doors = len(self._door_view.places)
        return self._doors[tuple(row[:doors])], self._persons.who(row[doors:], "")

    def seen(self, columns: Columns, index: int) -> Seen:
        """All that a single row says."""
        row = row_of(self._time_view.key(columns, index))
        who = self._person_view.key(columns, index)
        if self.dated:
            who = (*row_of(who), self.whens.at(row)[:10])
        return self._doors[self._door_view.key(columns, index)], self._whos[who], row

    def _part(self, door: Door, key: Key) -> Part:
        """What a door gives to its rows; of one about which they say nothing a row may be empty, and then it has no end."""
        if self._rules_look_at_doors_alone and any(text.strip(SPACE) for text in row_of(key)):
            return ended_by(door.ruling) or part_of(door)
        return part_of(door)

    def _times_of(self, columns: Columns, count: int) -> tuple[list[str], list[int]]:
        """The times of the rows, and the indexes of those that are empty."""
        keys = list(self._time_view.keys(columns, count))
        known = {key: self._time(key) for key in set(keys)}
        times = list(map(known.__getitem__, keys))
        return times, [] if all(known.values()) else empty_of(times)

    def _persons_of(self, columns: Columns, count: int, times: list[str]) -> tuple[list[Upn], list[int]]:
        """The accounts of the rows, and the indexes of those that are empty."""
        keys = self._person_view.keys(columns, count)
        if self.dated:
            keys = [(*row_of(key), time[:10]) for key, time in zip(keys, times, strict=True)]
        if self._first is None or self.dated:
            upns = list(map(self._upns.__getitem__, keys))
            return upns, empty_of(upns)
        texts = columns[self._first_column]
        upns = self._first.upns(texts)
        left = empty_of(upns)
        if _MANY * len(left) > count:  # they may have blanks around them
            upns = self._first.upns(list(map(str.strip, texts)))
            left = empty_of(upns)
        for index in left:
            upns[index] = self._upns[self._person_view.key(columns, index)]
        return upns, [index for index in left if not upns[index]]

    def _who(self, key: Key) -> Who:
        if not self.dated:
            return self._persons.who(row_of(key), "")
        *row, day = row_of(key)
        return self._persons.who(row, day)

    def _time(self, key: Key) -> str:
        text = self.whens.at(row_of(key))
        return "" if isinstance(text, Doubtful) else text


def _parted(mapping: Mapping) -> tuple[list[Rule], list[Rule]]:
    """The rules that look at something of the person, and the others."""
    names = {name for person in mapping.persons for name in names_in(person.value)}
    rules = rules_of(mapping)
    personal = [rule for rule in rules if not names.isdisjoint(names_in(rule.ignore.value))]
    return personal, [rule for rule in rules if rule not in personal]
