"""What rows become, column by column, and how that is put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import Final

from shared.exports.joined_records import JoinedRecords
from shared.exports.record_values import EventValues
from shared.sources.doors import BEGIN, Part
from shared.sources.persons import Upn

type MadeRow = tuple[Upn, Part, str]
"""What a single row gives: account, door and time."""

_HEAD: Final = BEGIN.encode()


@dataclass(frozen=True, slots=True)
class Made:
    """What rows give, each as far as it is known.

    Attributes:
        persons: the account of each; empty: there is more to say about it.
        doors: what its door and outcome give, value by value of a `Part`; likewise.
        times: in UTC; likewise.
    """

    persons: list[Upn]
    doors: tuple[Sequence[str], Sequence[str], Sequence[str], Sequence[str]]
    times: list[str]

    @property
    def odd(self) -> list[int]:
        """The indexes of rows about which there is something to say."""
        return sorted({*empty_of(self.persons), *empty_of(self.times), *empty_of(self.doors[1])})

    def where(self, wanted: Sequence[object]) -> "Made":
        """What some of the rows give.

        Args:
            wanted: for each row whether it is.
        """
        before, after, asset_ids, statuses = (list(compress(column, wanted)) for column in self.doors)
        doors = before, after, asset_ids, statuses
        return Made(list(compress(self.persons, wanted)), doors, list(compress(self.times, wanted)))

    def with_rows(self, rows: dict[int, MadeRow]) -> "Made":
        """The same, but for some rows: account, door and time by their indexes."""
        persons, times = list(self.persons), list(self.times)
        before, after, asset_ids, statuses = map(list, self.doors)
        for index, (persons[index], part, times[index]) in rows.items():
            before[index], after[index], asset_ids[index], statuses[index] = part
        return Made(persons, (before, after, asset_ids, statuses), times)

    def records(self) -> JoinedRecords:
        """The rows as records; of none there must be anything else to say."""
        before, after, _, _ = self.doors
        text = "".join(chain.from_iterable(zip(self.persons, before, self.times, after, strict=True)))
        joined = f"{BEGIN}{text[: -len(BEGIN) - 1]}".encode()
        return JoinedRecords(joined, _HEAD, len(self.persons))

    def values(self, records: JoinedRecords) -> EventValues | None:
        """What makes their events; `None` if JSON writes something in these records otherwise."""
        if b"\\" in records.joined:
            return None
        return EventValues(self.persons, self.doors[2], self.times, self.doors[3])


def empty_of(texts: Sequence[str]) -> list[int]:
    """The indexes of empty texts."""
    found: list[int] = []
    index = -1
    try:
        while True:
            index = texts.index("", index + 1)
            found.append(index)
    except ValueError:
        return found
