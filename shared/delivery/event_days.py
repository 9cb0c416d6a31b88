"""The events' days, as the outcome says them."""

from collections.abc import Mapping
from typing import Final

import msgspec

MAX_DAYS: Final = 60
OTHER: Final = "other"
"""Stands for all days beyond the first `MAX_DAYS`."""


class DayRecords(msgspec.Struct, frozen=True, kw_only=True):
    """Valid records of one day: `sent`, and `repeated`, which another export or an earlier record has sent."""

    sent: int = 0
    repeated: int = 0


class Events(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """When the valid records' events were.

    Attributes:
        first: the earliest EventTime in UTC, as it is sent; `None` if there is none.
        last: the latest one.
        by_day: records by the events' day, as `2026-11-22`, in the source's zone or else `REPORT_ZONE`; at most
            `MAX_DAYS` days, the rest as `OTHER`. A day of which nothing was sent (yet) is there with 0.
    """

    first: str | None = None
    last: str | None = None
    by_day: dict[str, DayRecords] = {}


def events_of(first: str, last: str, sent: Mapping[str, int], repeated: Mapping[str, int]) -> Events:
    """When events were.

    Args:
        first: the earliest EventTime; empty if there is none.
        last: the latest one.
        sent: how many records were sent of each day, 0 where none were yet.
        repeated: how many repeated records each day has.
    """
    by_day: dict[str, DayRecords] = {}
    for place, day in enumerate(sorted({*sent, *repeated})):
        name = day if place < MAX_DAYS else OTHER
        known = by_day.get(name, DayRecords())
        by_day[name] = DayRecords(
            sent=known.sent + sent.get(day, 0), repeated=known.repeated + repeated.get(day, 0)
        )
    return Events(first=first or None, last=last or None, by_day=by_day)


def without_repeats(events: Events | None) -> Events | None:
    """The same events where no record counts as repeated."""
    if events is None:
        return None
    by_day = {day: DayRecords(sent=records.sent) for day, records in events.by_day.items()}
    return msgspec.structs.replace(events, by_day=by_day)
