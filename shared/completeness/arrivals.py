"""Exports as the question "is this day complete?" sees them: of which days, and how they ended."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from shared.delivery.outcome_listing import ListedOutcome
from shared.error_codes import Status

ENDED_WELL: Final = frozenset({Status.SUCCEEDED, Status.PARTIALLY_SUCCEEDED, Status.DUPLICATE})
UNFINISHED: Final = frozenset({Status.FAILED, Status.IN_PROGRESS})
NEEDS_ACTION: Final = frozenset({Status.REJECTED, Status.BLOCKED})


def holds(export: ListedOutcome, day: date, zone: tzinfo) -> bool:
    """Whether an export has events of that day; where that is not known: whether it came on it or on the day after."""
    if export.days is not None:
        return day in export.days
    return export.moment.astimezone(zone).date() in {day, day + timedelta(days=1)}


def at_midnight(day: date, zone: tzinfo) -> datetime:
    """When a day begins in a zone, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
