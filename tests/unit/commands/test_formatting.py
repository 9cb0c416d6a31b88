"""Counts, times and reasons are written in one way everywhere."""

from datetime import UTC, datetime, timedelta

import pytest

from commands.console import formatting
from shared.delivery.outcome import Reason

NOW = datetime(2026, 11, 22, 20, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 records"), (1, "1 record"), (2, "2 records"), (12_345, "12,345 records")]
)
def test_exactly_one_is_singular(number: int, text: str) -> None:
    """Thousands have a comma."""
    assert formatting.records(number) == text


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(minutes=59), "less than an hour ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=47), "47 hours ago"),
        (timedelta(hours=48), "2 days ago"),
        (timedelta(days=5), "5 days ago"),
    ],
)
def test_an_age_is_in_hours_up_to_two_days(age: timedelta, text: str) -> None:
    """Minutes are of no interest here."""
    assert formatting.ago(age) == text


def test_a_time_has_its_date_only_on_another_day() -> None:
    """Today the hour is enough."""
    here = datetime.now().astimezone().tzinfo or UTC
    noon = datetime(2026, 11, 22, 12, 0, tzinfo=here)
    assert formatting.local_minute(noon + timedelta(minutes=7), noon) == "12:07"
    assert formatting.local_minute(noon + timedelta(days=1), noon) == "2026-11-23 12:00"
    assert formatting.utc_minute(NOW) == "2026-11-22 20:59 UTC"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, ""),
        (1, "UserId is missing"),
        (2, "UserId is missing (and 1 other reason)"),
        (4, "UserId is missing (and 3 other reasons)"),
    ],
)
def test_one_reason_of_several_is_not_taken_for_all(number: int, text: str) -> None:
    """The number of the others is said."""
    reasons = [Reason(property="UserId", code="missing", reason="is missing", records=5)] * number
    assert formatting.main_reason(reasons) == text
