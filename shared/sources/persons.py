"""Whose row it is: the keys of a row, tried in turn, and the account that a people file gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shared.sources.accounts import is_account
from shared.sources.getters import Row, Sight
from shared.sources.paths import NOT_TEXT
from shared.sources.people_index import Ambiguous, PeopleIndex, comparable
from shared.sources.profile_model import Lookup, Person
from shared.sources.rules import Rule, Ruling, ruling
from shared.sources.texts import quoted
from shared.sources.values import Named

type Found = str | Ambiguous | None
"""A UPN; empty for a person without an account; two accounts at once; or nobody."""


type Find = Callable[[str, str], Found]
type Upn = str
"""A UPN as it stands in a JSON text; empty if there is more to say about whose row it is."""


@dataclass(frozen=True, slots=True)
class First:
    """The first table, where its column alone may say who it is: that column, and what gives the UPNs of its texts."""

    column: str
    upns: Callable[[Sequence[str]], list[Upn]]


@dataclass(frozen=True, slots=True)
class Who:
    """What a row says about its person.

    Attributes:
        keys: table by table; empty where it is missing.
        found: whom the first key that is known belongs to; `None` if one of them is no text.
        ruling: of the rules that look at the person.
    """

    keys: tuple[str, ...]
    found: Found
    ruling: Ruling

    @property
    def upn(self) -> Upn:
        """The account, if there is nothing else to say."""
        if self.ruling.code or not isinstance(self.found, str) or not self.found:
            return ""
        return upn_in_json(self.found) if is_account(self.found) else ""


class Persons:
    """The `[[person]]` tables of a profile, and rules.

    Attributes:
        dated: whether an account may depend on the event's day, which must then be read first.
        first: the first table, if its column alone may say who it is.
    """

    def __init__(
        self,
        persons: Sequence[Person],
        sight: Sight,
        indexes: Mapping[Lookup, PeopleIndex],
        rules: Sequence[Rule] = (),
    ) -> None:
        """Begin.

        Args:
            persons: the tables.
            sight: where values are looked up.
            indexes: what the people files say.
            rules: those that look at the person.
        """
        self._getters = [sight.getter(person.value) for person in persons]
        self._finders = [_finder(person, indexes) for person in persons]
        self._ruling = ruling(rules, sight)
        used = [indexes[person.lookup] if person.lookup else None for person in persons]
        self.dated = any(index is not None and index.dated for index in used)
        self.first = None if rules else _first(persons[0], sight, indexes)

    def who(self, row: Row, day: str) -> Who:
        """Whose row it is.

        Args:
            row: with what the tables look at.
            day: of the event, in UTC; only used where people files have dates.
        """
        keys = self.keys(row)
        found = None if NOT_TEXT in keys else self.find(keys, day)
        return Who(keys, found, self._ruling(row))

    def keys(self, row: Row) -> tuple[str, ...]:
        """What the row says about its person, table by table; empty where it is missing."""
        return tuple([get(row) for get in self._getters])

    def find(self, keys: Sequence[str], day: str) -> Found:
        """Who the first key that is known belongs to.

        Args:
            keys: one for each table.
            day: of the event, in UTC; only used where people files have dates.
        """
        for find, key in zip(self._finders, keys, strict=True):
            if key and (found := find(key, day)) is not None:
                return found
        return None


def upn_in_json(upn: str) -> Upn:
    """An account as it stands in a JSON text."""
    return quoted(upn)[1:-1]


def _first(person: Person, sight: Sight, indexes: Mapping[Lookup, PeopleIndex]) -> First | None:
    """The first table, if it is as simple as that."""
    if person.lookup is None or not isinstance(person.value, Named) or person.value.name not in sight.columns:
        return None
    index = indexes[person.lookup]
    # A key that is found is its own comparable form. One that stands for a missing value must not be found.
    return None if index.knows_one_of(sight.missing) else First(person.value.name, index.upns)


def _finder(person: Person, indexes: Mapping[Lookup, PeopleIndex]) -> Find:
    """The function that finds whom a key belongs to, on the day of the event."""
    if person.lookup is None:
        return lambda key, _: key if "@" in key else None
    index, compare = indexes[person.lookup], person.lookup.compare
    if index.dated:
        return lambda key, day: index.find_at(comparable(key, compare), day)
    find = index.find
    if compare == "exact":
        return lambda key, _: find(key)
    return lambda key, _: find(comparable(key, compare))
