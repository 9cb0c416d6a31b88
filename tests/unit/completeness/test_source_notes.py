"""What is said of sources beside the verdict: silent by schedule, stopped without one, a doubtful zone."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

import pytest

from shared.completeness.due import Expected
from shared.completeness.history import SourceHistory
from shared.completeness.source_notes import source_notes
from shared.sources.schedule import Schedule
from shared.sources.silence import Owing

NOW = datetime(2026, 11, 25, 7, tzinfo=UTC)
"""A Wednesday."""
DAY = timedelta(days=1)
LAST = datetime(2026, 11, 23, 5, tzinfo=UTC)
"""Two mornings before."""
_DAILY = Schedule(24, daily=True, days=frozenset(range(7)), by=time(7), zone="Europe/Berlin")


def history(uploads: Iterable[datetime], age: timedelta = timedelta(minutes=37)) -> SourceHistory:
    """A source with these uploads, whose newest event was so much older each time."""
    known = SourceHistory()
    for one in uploads:
        known.upload_days.add(one.date())
        known.uploads.add(one, one - age)
    return known


def mornings(last: datetime, days: int, weekdays: range = range(7)) -> list[datetime]:
    """Uploads on the mornings until one."""
    found = (last - number * DAY for number in range(days))
    return [one for one in found if one.weekday() in weekdays]


def expected(schedule: Schedule | None) -> Expected:
    """A source with a profile."""
    return Expected(UTC, owing=Owing(schedule, UTC, NOW - 100 * DAY))


def said(known: SourceHistory, profile: Expected | None = None) -> list[tuple[str, str]]:
    """Kind and text of what is said."""
    notes = source_notes({"munich": known}, {"munich": profile} if profile else {}, NOW)
    return [(note.kind, note.text) for note in notes]


def test_a_source_that_is_late_by_its_schedule_is_named() -> None:
    """Since when there is nothing, and when something was due."""
    assert said(history(mornings(LAST, 10)), expected(_DAILY)) == [
        ("late", "nothing since 23 Nov; an export was due by 25 Nov, 06:00.")
    ]
    assert said(history(mornings(NOW - DAY / 12, 10)), expected(_DAILY)) == []
    assert said(SourceHistory(), expected(_DAILY)) == [
        ("late", "nothing yet; an export was due by 25 Nov, 06:00.")
    ]


def test_a_day_without_export_is_missing_also_after_the_next_one() -> None:
    """It has not come; the source is not silent."""
    today = NOW - DAY / 12
    uploads = [today, *mornings(today - 2 * DAY, 10)]
    assert said(history(uploads), expected(_DAILY)) == [
        ("late", "of the exports of the last two days one is missing.")
    ]


@pytest.mark.parametrize(
    ("uploads", "text"),
    [
        (mornings(LAST, 40), "28 of 28 days"),
        (mornings(LAST, 14), "14 of 14 days"),
        (mornings(LAST, 28, range(5)), "20 of 20 weekdays"),
        (mornings(LAST, 28)[:5] + mornings(LAST, 28)[7:], "26 of 28 days"),
        (mornings(LAST, 13), ""),
        (mornings(LAST, 28)[::2], ""),
        (mornings(LAST + DAY, 28), ""),
        (mornings(LAST - 40 * DAY, 28), ""),
        ([], ""),
    ],
    ids=["days", "two weeks", "weekdays", "gaps", "short", "rare", "yesterday", "long ago", "none"],
)
def test_a_source_that_stopped_without_a_schedule_is_unusual(uploads: list[datetime], text: str) -> None:
    """It came every day, or every weekday, and a day that is over has none; with or without a profile."""
    for profile in (None, expected(None)):
        found = said(history(uploads), profile)
        assert [kind for kind, _ in found] == (["unusual"] if text else [])
        assert all(
            one.startswith(f"unusual: nothing since 23 Nov, after exports on {text}.") for _, one in found
        )


def test_a_weekend_is_no_silence_for_who_exports_on_weekdays() -> None:
    """On Monday morning Friday's export is the last, and nothing is unusual."""
    known = history(mornings(datetime(2026, 11, 20, 5, tzinfo=UTC), 28, range(5)))
    assert source_notes({"munich": known}, {}, datetime(2026, 11, 23, 7, tzinfo=UTC)) == []
    assert source_notes({"munich": known}, {}, datetime(2026, 11, 24, 7, tzinfo=UTC)) != []


@pytest.mark.parametrize(
    ("age", "hours"),
    [
        (timedelta(hours=5, minutes=3), 5),
        (timedelta(hours=1), 1),
        (timedelta(hours=14, minutes=2), 14),
        (timedelta(minutes=4), None),
        (timedelta(hours=5, minutes=20), None),
        (timedelta(hours=15), None),
    ],
)
def test_a_source_west_of_its_zone_is_doubtful(age: timedelta, hours: int | None) -> None:
    """The newest event is the same whole hours older than the upload in five exports; only a profile has a zone."""
    known = history(mornings(NOW - DAY / 12, 6), age)
    found = said(known, expected(None))
    assert [kind for kind, _ in found] == (["zone-doubtful"] if hours else [])
    assert said(known) == []
    assert said(history(mornings(NOW - DAY / 12, 4), age), expected(None)) == []


def test_a_zone_is_not_doubtful_where_the_hours_differ() -> None:
    """A building that is empty at night: its newest event is of the evening, at some time."""
    known = history(mornings(NOW - DAY / 12, 4), timedelta(hours=5))
    known.uploads.add(NOW - DAY / 24, NOW - DAY / 24 - timedelta(hours=6))
    assert said(known, expected(None)) == []
