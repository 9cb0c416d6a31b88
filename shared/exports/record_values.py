"""What stands in records: the values of one, and column by column those that make an event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import Any, Final, Self

import msgspec

_SECONDS: Final = 19
"""Characters of a time without a fraction."""
_DATE: Final = 10
"""Characters of a time up to its date."""


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
class Period:
    """From the earliest to the latest of some EventTimes in UTC, both as they are sent."""

    earliest: str
    latest: str

    @classmethod
    def of(cls, times: Sequence[str]) -> Self:
        """Of times; there must be some."""
        return cls(min(times), max(times))


@dataclass(frozen=True, slots=True)
class EventValues:
    """The four values that make an event, of valid records that follow each other: for each value a text a record.

    Attributes:
        user_ids: as they are sent, like all the others.
        asset_ids: the doors.
        event_times: in UTC.
        access_statuses: whether the doors opened.
        one_day: the times' period, if they are known to be whole seconds of one day in UTC.
    """

    user_ids: Sequence[str]
    asset_ids: Sequence[str]
    event_times: Sequence[str]
    access_statuses: Sequence[str]
    one_day: Period | None = None

    @property
    def period(self) -> Period:
        """Of the times; there must be some."""
        return self.one_day or Period.of(self.event_times)

    @classmethod
    def of_record(cls, record: Mapping[str, Any], event_time: str) -> Self:
        """Those of one valid record, with its time in UTC."""
        one_day = Period(event_time, event_time) if len(event_time) == _SECONDS else None
        return cls([record["UserId"]], [record["AssetId"]], [event_time], [record["AccessStatus"]], one_day)

    def part(self, begin: int, end: int) -> Self:
        """Those of the records from one place to another."""
        return self._some([column[begin:end] for column in self._columns])

    def where(self, wanted: Sequence[object]) -> Self:
        """Those of some records.

        Args:
            wanted: for each record whether it is.
        """
        return self._some([list(compress(column, wanted)) for column in self._columns])

    def _some(self, columns: Sequence[Sequence[str]]) -> Self:
        user_ids, asset_ids, times, access_statuses = columns
        one_day = Period.of(times) if self.one_day and times else None
        return type(self)(user_ids, asset_ids, times, access_statuses, one_day)

    @property
    def _columns(self) -> Sequence[Sequence[str]]:
        return self.user_ids, self.asset_ids, self.event_times, self.access_statuses


def joined_values(parts: Sequence[EventValues]) -> EventValues:
    """The values of records that stand one behind the other; there must be some."""
    columns = zip(*(one._columns for one in parts), strict=True)  # noqa: SLF001  (of this module)
    user_ids, asset_ids, times, access_statuses = (list(chain.from_iterable(column)) for column in columns)
    return EventValues(user_ids, asset_ids, times, access_statuses, _joined([one.one_day for one in parts]))


def _joined(days: Sequence[Period | None]) -> Period | None:
    """The period of all, if they are of one and the same day."""
    known = [one for one in days if one]
    if len(known) < len(days) or len({one.earliest[:_DATE] for one in known}) > 1:
        return None
    return Period(min(one.earliest for one in known), max(one.latest for one in known))
