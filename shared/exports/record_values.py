"""What stands in records: the values of one, and column by column those that make an event."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import Any, Self

import msgspec


class RecordValues(msgspec.Struct, gc=False, rename="pascal"):
    """What stands in a record's known properties; `UNSET` where it lacks one.

    Attributes:
        user_id: of a valid record a text, like all the others.
        asset_id: the door.
        asset_name: the door's name.
        event_time: of a valid record in UTC, as it is sent.
        access_status: whether the door opened.
    """

    user_id: Any = msgspec.UNSET
    asset_id: Any = msgspec.UNSET
    asset_name: Any = msgspec.UNSET
    event_time: Any = msgspec.UNSET
    access_status: Any = msgspec.UNSET


@dataclass(frozen=True, slots=True)
class EventValues:
    """The four values that make an event, of valid records that follow each other: for each value a text a record.

    Attributes:
        user_ids: as they are sent, like all the others.
        asset_ids: the doors.
        event_times: in UTC.
        access_statuses: whether the doors opened.
    """

    user_ids: Sequence[str]
    asset_ids: Sequence[str]
    event_times: Sequence[str]
    access_statuses: Sequence[str]

    @classmethod
    def of_record(cls, record: Mapping[str, Any], event_time: str) -> Self:
        """Those of one valid record, with its time in UTC."""
        return cls([record["UserId"]], [record["AssetId"]], [event_time], [record["AccessStatus"]])

    def part(self, begin: int, end: int) -> Self:
        """Those of the records from one place to another."""
        return type(self)(*(column[begin:end] for column in self._columns))

    def where(self, wanted: Sequence[object]) -> Self:
        """Those of some records.

        Args:
            wanted: for each record whether it is.
        """
        return type(self)(*(list(compress(column, wanted)) for column in self._columns))

    @property
    def _columns(self) -> tuple[Sequence[str], ...]:
        return self.user_ids, self.asset_ids, self.event_times, self.access_statuses


def joined_values(parts: Iterable[EventValues]) -> EventValues:
    """The values of records that stand one behind the other; there must be some."""
    columns = zip(*(one._columns for one in parts), strict=True)  # noqa: SLF001  (of this module)
    return EventValues(*(list(chain.from_iterable(column)) for column in columns))
