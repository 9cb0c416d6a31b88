"""When a source owes an export, and from when on its events count: the times that a profile itself says."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_BY: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?")
_START: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """`[schedule]`.

    Attributes:
        every_hours: the time between two exports.
        daily: whether it was said as one day, so that `days` and `by` hold.
        days: weekdays on which an export is due, 0 is Monday.
        by: local time of day at which it must be there; `None`: by the end of the day.
        zone: IANA name of the zone of `days` and `by`; `None`: the app's.
    """

    every_hours: int
    daily: bool
    days: frozenset[int]
    by: time | None
    zone: str | None


def as_schedule(said: dict[str, Any], zone: str | None) -> Schedule:
    """What a checked `[schedule]` says; `zone` is the one of `[time]`, if that is one name."""
    number, unit = said["every"].split()
    hours = int(number) * (24 if unit.startswith("day") else 1)
    days = said.get("days")
    return Schedule(
        every_hours=hours,
        daily=unit.startswith("day") and number == "1",
        days=frozenset(WEEKDAYS.index(day[:3].lower()) for day in days) if days else frozenset(range(7)),
        by=as_time_of_day(said["by"]) if "by" in said else None,
        zone=said.get("zone", zone),
    )


def as_time_of_day(said: Any) -> time:
    """A time of day, as TOML's own or as text.

    Raises:
        ValueError: if it is neither.
    """
    if isinstance(said, time):
        return said
    if not isinstance(said, str) or not _BY.fullmatch(said):
        raise ValueError("no time of day")
    return time.fromisoformat(said)


def as_start(said: Any) -> str:
    """A date and time with an offset, as an EventTime in UTC.

    Raises:
        ValueError: if it is none, or has no offset.
    """
    if isinstance(said, str) and _START.fullmatch(said):
        said = datetime.fromisoformat(said)
    if not isinstance(said, datetime) or said.tzinfo is None:
        raise ValueError("no date and time with an offset")
    try:
        return said.astimezone(UTC).isoformat()[:19]
    except OverflowError:
        raise ValueError("out of range") from None
