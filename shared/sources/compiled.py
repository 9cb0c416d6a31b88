"""The quick way from a row to a record, compiled for one profile: what groups of columns mean is remembered.

Most rows share their door and outcome with many others, and their person with some. A row about which there is nothing to say
is put together from three texts; for every other row the quick way gives nothing, and `steps` decides.
"""

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Final

from shared.sources.doors import Part, part_of, rule
from shared.sources.getters import Row, Sight
from shared.sources.paths import NOT_TEXT
from shared.sources.persons import Known, known_as
from shared.sources.profile import Mapping
from shared.sources.steps import Steps
from shared.sources.values import Value, names_in

_REMEMBERED: Final = 1 << 14

type Quick = Callable[[Row], tuple[str, str, int] | None]
"""From a row to its record, its time and the hash of its event; `None` if something is to be said about it."""

type _Pick = Callable[[Row], object]
type _Rule = Callable[[Row], bool | None]


def compiled(mapping: Mapping, sight: Sight, steps: Steps, width: int) -> Quick:
    """The quick way of a profile.

    Args:
        mapping: what the profile maps.
        sight: where its values are looked up.
        steps: the way of every row, out of which the remembered parts are worked out.
        width: how many texts a row has.
    """
    person_names = _names(person.value for person in mapping.persons)
    with_person = tuple(one for one in mapping.ignores if person_names & _names([one.value]))
    with_door = tuple(one for one in mapping.ignores if one not in with_person)
    values = (mapping.asset_id, mapping.asset_name, mapping.outcome.value, *(one.value for one in with_door))
    pick_door = _pick(_names(value for value in values if value is not None), sight)
    pick_person = _pick(person_names | _names(one.value for one in with_person), sight)
    doors: dict[object, Part | None] = {}
    persons: dict[object, Known | None] = {}
    new_door = _new_door(steps, rule(with_door, sight), doors)
    new_person = _new_person(steps, rule(with_person, sight), persons)
    when, dated = _when(steps), steps.persons.dated

    def quick(row: Row) -> tuple[str, str, int] | None:
        if len(row) != width:
            return None
        key = pick_door(row)
        door = doors[key] if key in doors else new_door(key, row)
        if door is None:
            return None
        time = ""
        key = pick_person(row)
        if dated:
            time = when(row)
            key = (key, time[:10])
        known = persons[key] if key in persons else new_person(key, row, time[:10])
        if known is None:
            return None
        time = time or when(row)
        if not time:
            return None
        begin, lowered = known
        before, after, event = door
        return f"{begin}{before}{time}{after}", time, hash((lowered, time, event))

    return quick


def _new_door(
    steps: Steps, left_out: _Rule, doors: dict[object, Part | None]
) -> Callable[[object, Row], Part | None]:
    def new(key: object, row: Row) -> Part | None:
        if len(doors) >= _REMEMBERED:
            doors.clear()
        door = doors[key] = part_of(steps.doors.door(row)) if left_out(row) is False else None
        return door

    return new


def _new_person(
    steps: Steps, left_out: _Rule, persons: dict[object, Known | None]
) -> Callable[[object, Row, str], Known | None]:
    find, keys_of = steps.persons.find, steps.persons.keys

    def new(key: object, row: Row, day: str) -> Known | None:
        if len(persons) >= _REMEMBERED:
            persons.clear()
        known = None
        if left_out(row) is False:
            keys = keys_of(row)
            found = find(keys, day) if NOT_TEXT not in keys else None
            known = known_as(found) if isinstance(found, str) and found else None
        persons[key] = known
        return known

    return new


def _when(steps: Steps) -> Callable[[Row], str]:
    """The row's time; where it is one column, without the steps before the reading if nothing stands around it."""
    at, column, convert = steps.whens.at, steps.whens.column, steps.whens.convert
    if column is None:
        return at

    def when(row: Row) -> str:
        return convert(row[column]) or at(row)

    return when


def _names(values: Iterable[Value]) -> set[str]:
    return {name for value in values for name in names_in(value)}


def _pick(names: set[str], sight: Sight) -> _Pick:
    """What a row says in these columns, as something that can be remembered by."""
    columns = sorted({sight.columns[name] for name in names if name in sight.columns})
    return itemgetter(*columns) if columns else lambda _: None
