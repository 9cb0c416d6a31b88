"""What rows become, column by column, and how that is put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Final, cast

from shared.exports.joined_records import JoinedRecords
from shared.exports.record_values import EventValues
from shared.sources.doors import BEGIN, GoodPart, Part
from shared.sources.ends import Ended
from shared.sources.persons import Upn

type MadeRow = tuple[Upn, GoodPart, str]
"""What a single row gives: account, door and time."""

_HEAD: Final = BEGIN.encode()


@dataclass(frozen=True, slots=True)
class Made:
    """What rows give, each as far as it is known.

    Attributes:
        persons: the account of each; empty: there is more to say about it.
        doors: what its door and outcome give; likewise if it is no `GoodPart`.
        times: in UTC; likewise if it is empty.
    """

    persons: list[Upn]
    doors: list[Part]
    times: list[str]

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
        doors = cast("list[GoodPart]", self.doors)
        pieces = [""] * (4 * len(doors))
        pieces[0::4], pieces[2::4] = self.persons, self.times
        pieces[1::4], pieces[3::4] = [door[0] for door in doors], [door[1] for door in doors]
        pieces[-1] = pieces[-1].removesuffix(f",{BEGIN}")
        text = BEGIN + "".join(pieces)
        values = None
        if "\\" not in text:
            asset_ids, statuses = [door[2] for door in doors], [door[3] for door in doors]
            values = EventValues(self.persons, asset_ids, self.times, statuses)
        return JoinedRecords(text.encode(), _HEAD, len(doors)), values


@dataclass(frozen=True, slots=True)
class Mapped:
    """Rows after a first look.

    Attributes:
        made: what they give.
        ended: how some end by their door alone, by index.
        odd: the indexes of the others about which there is something to say, rising.
    """

    made: Made
    ended: dict[int, Ended]
    odd: list[int]
