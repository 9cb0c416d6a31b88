"""Days in words, the same in sentences and in the report."""

from datetime import date
from typing import Final

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def named_day(day: date) -> str:
    """`Tue 24 Nov`."""
    return f"{WEEKDAYS[day.weekday()][:3]} {short_day(day)}"


def short_day(day: date) -> str:
    """`24 Nov`."""
    return f"{day.day} {_MONTHS[day.month - 1]}"
