"""What rows become, column by column, and how that is put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Final

from shared.exports.joined_records import JoinedRecords
from shared.exports.record_values import EventValues
from shared.sources.doors import BEGIN, GoodPart, Part
from shared.sources.persons import Upn
from shared.sources.texts import empty_of

type MadeRow = tuple[Upn, GoodPart, str]
"""What a single row gives: account, door and time."""

_HEAD: Final = BEGIN.encode()


@dataclass(frozen=True, slots=True)
class Made:
    """What rows give, each as far as it is known.

    Attributes:
        persons: the account of each; empty: there is more to say about it.
        doors: what its door and outcome give; likewise.
        times: in UTC; likewise.
    """

    persons: list[Upn]
    doors: list[Part]
    times: list[str]

    @property
    def odd(self) -> list[int]:
        """The indexes of rows about which there is something to say."""
        doors = [] if all(self.doors) else [index for index, part in enumerate(self.doors) if not part]
        return sorted({*empty_of(self.persons), *empty_of(self.times), *doors})

    def where(self, wanted: Sequence[object]) -> "Made":
        """What some of the rows give.

        Args:
            wanted: for each row whether it is.
        """
        doors, times = list(compress(self.doors, wanted)), list(compress(self.times, wanted))
        return Made(list(compress(self.persons, wanted)), doors, times)

    def with_rows(self, rows: dict[int, MadeRow]) -> "Made":
        """The same, but for some rows: account, door and time by their indexes."""
        persons, doors, times = list(self.persons), list(self.doors), list(self.times)
        for index, row in rows.items():
            persons[index], doors[index], times[index] = row
        return Made(persons, doors, times)

    def records(self) -> tuple[JoinedRecords, EventValues | None]:
        """The rows as records, of which there must be nothing else to say, and what makes their events.

        There are no values if JSON writes something in these records otherwise.
        """
        before, after, asset_ids, statuses = zip(*self.doors, strict=True)
        pieces = [""] * (4 * len(self.doors))
        pieces[0::4], pieces[1::4], pieces[2::4], pieces[3::4] = self.persons, before, self.times, after
        pieces[-1] = pieces[-1].removesuffix(f",{BEGIN}")
        text = BEGIN + "".join(pieces)
        values = EventValues(self.persons, asset_ids, self.times, statuses) if "\\" not in text else None
        return JoinedRecords(text.encode(), _HEAD, len(self.doors)), values
