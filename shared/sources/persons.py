"""Whose row it is: the keys of a row, tried in turn, and the account that a people file gives."""

from collections.abc import Callable, Mapping, Sequence

from shared.sources.accounts import is_account
from shared.sources.getters import Row, Sight
from shared.sources.paths import NOT_TEXT
from shared.sources.people_index import Ambiguous, Compare, PeopleIndex, comparable
from shared.sources.profile_model import Lookup, Person
from shared.sources.texts import quoted, stripped
from shared.sources.values import Named

type Found = str | Ambiguous | None
"""A UPN; empty for a person without an account; two accounts at once; or nobody."""


type Find = Callable[[str, str], Found]
type Known = str
"""A person whose account passes the rules of records, as the beginning of their records; empty for any other."""


class Persons:
    """The `[[person]]` tables of a profile.

    Attributes:
        dated: whether an account may depend on the event's day, which must then be read first.
        first_column: where the first table's key stands, if `known_many` can find anybody by it.
        mixed_case: whether two spellings of an account may occur.
    """

    def __init__(
        self, persons: tuple[Person, ...], sight: Sight, indexes: Mapping[Lookup, PeopleIndex]
    ) -> None:
        self._getters = [sight.getter(person.value) for person in persons]
        self._finders = [_finder(person, indexes) for person in persons]
        self._first = _first(persons[0], sight, indexes)
        self.first_column = self._first[0] if self._first else None
        checked = [person.lookup is not None and not indexes[person.lookup].escaped for person in persons]
        self._quick = list(zip(self._getters, self._finders, checked, strict=True))
        used = [indexes[person.lookup] if person.lookup else None for person in persons]
        self.dated = any(index is not None and index.dated for index in used)
        self.mixed_case = any(index is None or index.mixed_case for index in used)

    def keys(self, row: Row) -> list[str]:
        """What the row says about its person, table by table; empty where it is missing."""
        return [get(row) for get in self._getters]

    def find(self, keys: list[str], day: str) -> Found:
        """Who the first key that is known belongs to.

        Args:
            keys: one for each table.
            day: of the event, in UTC; only used where people files have dates.
        """
        for find, key in zip(self._finders, keys, strict=True):
            if key and (found := find(key, day)) is not None:
                return found
        return None

    def known_many(self, rows: Sequence[Row]) -> list[Known]:
        """The persons of rows as far as the first table knows them; empty for any other."""
        if self._first is None:
            return [""] * len(rows)
        column, missing, compare, index = self._first
        texts = [stripped(row[column]) for row in rows]
        keys = texts if compare == "exact" else [comparable(text, compare) for text in texts]
        return [
            f'{{"UserId":"{upn}",' if upn and text.casefold() not in missing else ""
            for upn, text in zip(index.find_many(keys), texts, strict=True)
        ]

    def known(self, row: Row, day: str) -> Known:
        """The row's person, if there is nothing to say about them; else empty."""
        for get, find, checked in self._quick:
            key = get(row)
            if not key:
                continue
            if key == NOT_TEXT:
                return ""
            found = find(key, day)
            if found is not None:
                if not found or not isinstance(found, str):
                    return ""
                return f'{{"UserId":"{found}",' if checked else known_as(found)
        return ""


def known_as(upn: str) -> Known:
    """The beginning of this account's records; empty if the rules of records do not take it."""
    return f'{{"UserId":{quoted(upn)},' if is_account(upn) else ""


def _first(
    person: Person, sight: Sight, indexes: Mapping[Lookup, PeopleIndex]
) -> tuple[int, frozenset[str], Compare, PeopleIndex] | None:
    """Column, missing words, comparison and index of the first table, if it is as simple as that."""
    if person.lookup is None or not isinstance(person.value, Named):
        return None
    column, index = sight.columns.get(person.value.name), indexes[person.lookup]
    if column is None or not index.plain:
        return None
    return column, sight.missing, person.lookup.compare, index


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
