"""Whose row it is: the keys of a row, tried in turn, and the account that a people file gives."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.sources.accounts import is_account
from shared.sources.getters import Get, Row, Sight
from shared.sources.people_index import Ambiguous, PeopleIndex, comparable
from shared.sources.profile import Lookup, Person
from shared.sources.texts import ascii_lower, quoted

type Found = str | Ambiguous | None
"""A UPN; empty for a person without an account; two accounts at once; or nobody."""


type Known = tuple[str, str]
"""A person whose account passes the rules of records: the beginning of their records, and the account in lower case."""


@dataclass(frozen=True, slots=True)
class _Table:
    get: Get
    lookup: Lookup | None
    index: PeopleIndex | None

    def find(self, key: str, day: str) -> Found:
        """Who a key that is not missing belongs to, on the day of the event."""
        if self.lookup is None or self.index is None:
            return key if "@" in key else None
        sought = comparable(key, self.lookup.compare)
        return self.index.find_at(sought, day) if self.index.dated else self.index.find(sought)


class Persons:
    """The `[[person]]` tables of a profile.

    Attributes:
        dated: whether an account may depend on the event's day, which must then be read first.
    """

    def __init__(
        self, persons: tuple[Person, ...], sight: Sight, indexes: Mapping[Lookup, PeopleIndex]
    ) -> None:
        self._tables = [
            _Table(
                sight.getter(person.value), person.lookup, indexes[person.lookup] if person.lookup else None
            )
            for person in persons
        ]
        self.dated = any(table.index is not None and table.index.dated for table in self._tables)

    def keys(self, row: Row) -> list[str]:
        """What the row says about its person, table by table; empty where it is missing."""
        return [table.get(row) for table in self._tables]

    def find(self, keys: list[str], day: str) -> Found:
        """Who the first key that is known belongs to.

        Args:
            keys: one for each table.
            day: of the event, in UTC; only used where people files have dates.
        """
        for table, key in zip(self._tables, keys, strict=True):
            if key and (found := table.find(key, day)) is not None:
                return found
        return None


def known_as(upn: str) -> Known | None:
    """The beginning of this account's records; `None` if the rules of records do not take it."""
    return (f'{{"UserId":{quoted(upn)},', ascii_lower(upn)) if is_account(upn) else None
