"""The events' days in an outcome's metadata: small, and whatever is damaged is unknown."""

from datetime import UTC, date, datetime

import pytest

from shared.delivery.event_days import DayRecords, Events, events_of
from shared.delivery.event_metadata import as_metadata, from_metadata, newest_event


def test_days_come_back_as_they_were_written() -> None:
    """In order; repeated records are not counted, and neither is what stands for further days."""
    events = Events(
        first="2026-11-21T22:03:11",
        last="2026-11-22T04:58:40",
        by_day={
            "2026-11-22": DayRecords(sent=1, repeated=7),
            "2026-11-21": DayRecords(sent=12),
            "other": DayRecords(sent=3),
        },
    )
    assert as_metadata(events) == "2026-11-21=12 2026-11-22=1 other=3 last=2026-11-22T04:58:40"
    assert from_metadata(as_metadata(events)) == {date(2026, 11, 21): 12, date(2026, 11, 22): 1}
    assert newest_event(as_metadata(events)) == datetime(2026, 11, 22, 4, 58, 40, tzinfo=UTC)


def test_no_events_is_not_the_same_as_not_known() -> None:
    """An empty export is a quiet day; one that could not be read may hold anything."""
    assert from_metadata(as_metadata(Events())) == {}
    assert as_metadata(None) == ""
    assert from_metadata("") is None
    assert [newest_event(text) for text in ("", "-", "2026-11-22=1", "last=", "last=soon")] == [None] * 5


def test_a_count_has_at_most_nineteen_digits() -> None:
    """Metadata that were written by nobody here cost no time to read."""
    assert from_metadata("2026-11-22=" + "9" * 19) == {date(2026, 11, 22): 10**19 - 1}
    assert from_metadata("2026-11-22=" + "9" * 20) is None


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22",
        "2026-11-22=",
        "2026-11-22=-1",
        "2026-11-22=\u0663",
        "2026-13-01=1",
        "monday=1",
        "=1",
        "x",
    ],
)
def test_what_is_damaged_is_not_known(text: str) -> None:
    """Never an exception: a listing holds thousands of others."""
    assert from_metadata(text) is None


def test_days_beyond_the_sixtieth_count_together() -> None:
    """An export of a year has an outcome of two months' length; nothing is left out of its sums."""
    days = [date.fromordinal(739_000 + n).isoformat() for n in range(62)]
    assert [*events_of("", "", dict.fromkeys(days[:60], 1), {}).by_day] == days[:60]
    events = events_of("", "", dict.fromkeys(days, 2), {days[61]: 3, days[0]: 4})
    assert [*events.by_day] == [*days[:60], "other"]
    assert events.by_day[days[0]] == DayRecords(sent=2, repeated=4)
    assert events.by_day["other"] == DayRecords(sent=4, repeated=3)


def test_the_newest_event_may_stand_anywhere_among_the_days() -> None:
    """Metadata of another order are read like our own."""
    assert from_metadata("last=2026-11-22T04:58:40 2026-11-22=1") == {date(2026, 11, 22): 1}


def test_metadata_stay_small() -> None:
    """Storage takes 8 kB in all."""
    days = {date.fromordinal(739_000 + n).isoformat(): DayRecords(sent=50_000_000) for n in range(60)}
    assert len(as_metadata(Events(by_day=days | {"other": DayRecords(sent=50_000_000)}))) < 2_000
