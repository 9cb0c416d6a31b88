"""The events' days and the newest event, as an outcome's metadata carry them for a listing."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

from shared.clock import utc_time
from shared.delivery.event_days import OTHER, Events

_LAST: Final = "last"
"""Stands for the time of the newest event."""
_MAX_DIGITS: Final = 20


def as_metadata(events: Events | None) -> str:
    """`2026-11-21=12 2026-11-22=0 last=2026-11-22T04:58:40`: the days, what was sent of each, and the newest event.

    `-` for no events; empty if not known.
    """
    if events is None:
        return ""
    days = [f"{day}={records.sent}" for day, records in sorted(events.by_day.items())]
    return " ".join([*days, *([f"{_LAST}={events.last}"] if events.last else [])]) or "-"


@lru_cache(maxsize=1_024)
def from_metadata(text: str) -> Mapping[date, int] | None:
    """The days that `as_metadata` wrote, without `OTHER`; `None` if they are not known or damaged."""
    if not text:
        return None
    days: dict[date, int] = {}
    for part in text.split() if text != "-" else ():
        day, _, sent = part.partition("=")
        if day == _LAST:
            continue
        if not (sent.isascii() and sent.isdecimal() and len(sent) < _MAX_DIGITS):
            return None
        try:
            if day != OTHER:
                days[date.fromisoformat(day)] = int(sent)
        except ValueError:
            return None
    return days


def newest_event(text: str) -> datetime | None:
    """The time of the newest event that `as_metadata` wrote, UTC; `None` if there is none, or it is not known."""
    said = next((part for part in text.split() if part.startswith(f"{_LAST}=")), "")
    try:
        return utc_time(said.removeprefix(f"{_LAST}=")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
