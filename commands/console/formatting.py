"""Counts, times and plurals as people read them; written down once for all commands."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.counted import counted
from shared.delivery.outcome import Reason

_HOUR: Final = timedelta(hours=1)
_HOURS_BEFORE_DAYS: Final = 48


count = counted
"""`1 record`, `2,000 records`: the report's own way to write a number with its noun."""


def records(number: int) -> str:
    """`1 record`, `2,000 records`."""
    return count(number, "record")


def ago(age: timedelta) -> str:
    """`less than an hour ago`, `5 hours ago`, `3 days ago`."""
    hours = age / _HOUR
    if hours < 1:
        return "less than an hour ago"
    if hours < _HOURS_BEFORE_DAYS:
        return f"{count(round(hours), 'hour')} ago"
    return f"{round(hours / 24):,} days ago"


def utc_minute(moment: datetime) -> str:
    """`2026-11-22 05:30 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def local_minute(moment: datetime, now: datetime) -> str:
    """`21:07`, or `2026-11-23 06:00` on another day than `now`; in this computer's time zone."""
    there, here = moment.astimezone(), now.astimezone()
    return f"{there:%H:%M}" if there.date() == here.date() else f"{there:%Y-%m-%d %H:%M}"


def reason(one: Reason) -> str:
    """`AccessStatus must be Success or Failed`."""
    return f"{one.property or 'the record'} {one.reason}"


def main_reason(reasons: Sequence[Reason]) -> str:
    """The most frequent reason, and how many others there are; empty if there is none."""
    if not reasons:
        return ""
    others = len(reasons) - 1
    return reason(reasons[0]) + (f" (and {count(others, 'other reason')})" if others else "")
