"""When a source is silent: its schedule held against the exports that came."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.sources.schedule import Schedule
from shared.sources.silence import Owing, Standing, standing
from shared.sources.uploads import MAX_KEPT, Uploads

DAY = timedelta(days=1)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
WEEKDAYS = frozenset(range(5))


def at(text: str) -> datetime:
    """A time in November 2026, UTC: `23 05:00` is a Monday."""
    day, clock = text.split()
    return datetime.combine(date(2026, 11, int(day)), time.fromisoformat(clock), tzinfo=UTC)


def daily(
    days: frozenset[int] = frozenset(range(7)), by: time | None = time(6), zone: str = "UTC"
) -> Schedule:
    """A schedule of one day."""
    return Schedule(24, daily=True, days=days, by=by, zone=zone)


def came(*times: str) -> Uploads:
    """Exports uploaded at these times, each with events until an hour before."""
    uploads = Uploads()
    for one in times:
        uploads.add(at(one), at(one) - timedelta(hours=1))
    return uploads


def stands(
    schedule: Schedule | None, uploads: Uploads, now: str, since: datetime = SINCE, ahead: timedelta = 2 * DAY
) -> Standing:
    """How the source stands."""
    return standing(Owing(schedule, UTC, since), uploads, at(now), at(now) + ahead)


def test_a_day_is_owed_until_its_export_comes() -> None:
    """Before `by` it is only due; after it, late; when it has come, the next two are due."""
    before = stands(daily(), came("22 05:00", "23 05:00"), "24 05:30")
    days = [(at(f"{day} 00:00"), at(f"{day} 06:00")) for day in (23, 24, 25)]
    assert [(due.begins, due.by) for due in before.due] == days
    assert [due.is_met for due in before.due] == [True, False, False]
    assert (before.late, before.last) == (False, at("23 05:00"))
    after = stands(daily(), came("22 05:00", "23 05:00"), "24 06:00")
    assert (after.late, after.due[0].by) == (True, at("24 06:00"))
    there = stands(daily(), came("22 05:00", "23 05:00", "24 05:40"), "24 06:00")
    assert (there.late, [due.is_met for due in there.due]) == (False, [True, False, False])


def test_a_file_that_comes_after_midnight_is_yesterdays() -> None:
    """So that today's is noticed when it does not come."""
    late_file = came("22 05:00", "23 05:00", "25 00:10")
    assert not stands(daily(), late_file, "25 05:30").late
    assert stands(daily(), late_file, "25 06:00").late
    both = came("22 05:00", "23 05:00", "25 00:10", "25 05:00")
    assert not stands(daily(), both, "25 06:00").late


def test_a_day_without_export_is_owed_for_two_days_and_then_forgotten() -> None:
    """Tuesday has none, Wednesday's and Thursday's come in time."""
    uploads = came("22 05:00", "23 05:00")
    assert stands(daily(), uploads, "24 06:00").late
    uploads.add(at("25 05:00"), at("25 04:00"))
    assert not stands(daily(), uploads, "25 05:59").late
    assert stands(daily(), uploads, "25 06:00").late
    uploads.add(at("26 05:00"), at("26 04:00"))
    assert not stands(daily(), uploads, "26 06:00").late


def test_weekends_by_schedule_are_not_owed_and_do_not_close_anything() -> None:
    """An export of Monday to Friday: nothing is due on Saturday; a missing Friday stays owed over the weekend."""
    weekdays = daily(WEEKDAYS)
    fine = came("26 05:00", "27 05:00")
    assert not any(stands(weekdays, fine, f"{day} 23:00").late for day in (27, 28, 29))
    assert [(due.by, due.is_met) for due in stands(weekdays, fine, "29 23:00", ahead=DAY).due] == [
        (at("27 06:00"), True),
        (at("30 06:00"), False),
    ]
    assert stands(weekdays, fine, "30 06:00").late
    silent = came("25 05:00", "26 05:00")
    assert all(stands(weekdays, silent, f"{day} 06:00").late for day in (27, 28, 29, 30))


def test_a_source_that_never_exported_owes_from_its_profile_on() -> None:
    """The day on which it was put does not count: it had begun."""
    put = at("24 10:00")
    assert not stands(daily(), Uploads(), "25 05:59", since=put).late
    found = stands(daily(), Uploads(), "25 06:00", since=put)
    assert (found.late, found.last, found.has_exported) == (True, put, False)
    assert not stands(daily(), came("25 05:00"), "25 06:00", since=put).late
    every = Schedule(12, daily=False, days=frozenset(range(7)), by=None, zone=None)
    assert [stands(every, Uploads(), now, since=put).late for now in ("24 23:59", "25 00:00")] == [
        False,
        True,
    ]


def test_an_interval_begins_anew_with_each_export() -> None:
    """Twelve hours and two of grace; an hour of delay is no matter the next time."""
    every = Schedule(12, daily=False, days=frozenset(range(7)), by=None, zone=None)
    uploads = came("23 06:00", "23 19:00")
    assert [stands(every, uploads, now).late for now in ("24 08:59", "24 09:00")] == [False, True]
    found = stands(every, uploads, "24 05:30")
    assert (found.due[0].begins, found.due[0].by) == (at("23 19:00"), at("24 09:00"))
    assert found.every == timedelta(hours=14)


def test_without_a_schedule_nothing_is_owed() -> None:
    """Its age is known all the same."""
    found = stands(None, came("1 05:00"), "24 06:00")
    assert (found.late, found.due, found.last) == (False, (), at("1 05:00"))


@pytest.mark.parametrize(
    ("day", "begins", "by"),
    [
        (date(2026, 10, 25), "2026-10-24T22:00", "2026-10-25T05:00"),
        (date(2026, 3, 29), "2026-03-28T23:00", "2026-03-29T04:00"),
    ],
    ids=["back", "forward"],
)
def test_times_are_those_of_the_sources_zone(day: date, begins: str, by: str) -> None:
    """Also on the days on which clocks are changed."""
    local = datetime.combine(day, time(1), tzinfo=ZoneInfo("Europe/Berlin"))
    schedule = daily(zone="Europe/Berlin")
    found = standing(Owing(schedule, UTC, SINCE), Uploads(), local, local + DAY)
    due = next(one for one in found.due if one.by > local)
    assert [due.begins, due.by] == [datetime.fromisoformat(f"{text}Z") for text in (begins, by)]


def test_without_a_time_of_day_the_day_itself_is_given() -> None:
    """It is late when the next one begins, in the zone of the deployment where the schedule names none."""
    schedule = Schedule(24, daily=True, days=frozenset(range(7)), by=None, zone=None)
    owing = Owing(schedule, ZoneInfo("America/New_York"), SINCE)
    found = standing(owing, came("22 12:00", "23 12:00"), at("24 12:00"), at("25 12:00"))
    assert [(due.begins, due.by) for due in found.due] == [
        (at("23 05:00"), at("24 05:00")),
        (at("24 05:00"), at("25 05:00")),
    ]
    assert not found.late


def test_only_newer_events_count() -> None:
    """The same file again, an old one corrected: neither is today's. A quiet day without events is."""
    uploads = came("22 05:00", "23 05:00")
    uploads.add(at("24 05:00"), at("23 04:00"))
    uploads.add(at("24 05:01"), at("20 04:00"))
    assert stands(daily(), uploads, "24 06:00").late
    uploads.add(at("24 05:02"), None)
    assert not stands(daily(), uploads, "24 06:00").late


def test_an_event_of_the_future_does_not_make_a_source_silent_for_ever() -> None:
    """A door's clock that is a year ahead: the event counts as of its upload."""
    uploads = came("22 05:00")
    uploads.add(at("23 05:00"), at("23 05:00") + 365 * DAY)
    uploads.add(at("24 05:00"), at("24 04:00"))
    assert not stands(daily(), uploads, "24 06:00").late


def test_of_many_uploads_only_the_last_are_kept_and_how_new_the_others_were() -> None:
    """A system that exports every few minutes for a year costs no memory; whatever the order of the listing."""
    uploads = Uploads()
    for number in reversed(range(1_000)):
        uploads.add(
            at("1 00:00") + number * timedelta(minutes=5), at("1 00:00") + number * timedelta(minutes=5)
        )
    assert len(uploads.kept) < 2 * MAX_KEPT
    counting = [when for when, _ in uploads.counting()]
    assert counting[-1] == at("1 00:00") + 999 * timedelta(minutes=5)
    assert len(counting) >= MAX_KEPT - 1
    uploads.add(at("9 00:00"), at("2 00:00"))
    assert [when for when, _ in uploads.counting()][-1] == counting[-1]
