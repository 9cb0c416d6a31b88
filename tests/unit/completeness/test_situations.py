"""Eight situations that people meet, each with the line that they must read first."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from shared.completeness.due import Expected
from shared.completeness.history import histories
from shared.completeness.sentences import verdict_line
from shared.completeness.verdict import State, judge_day
from shared.delivery.outcome_listing import ListedOutcome
from shared.error_codes import Status

_DAY = date(2026, 11, 24)
_NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
_SIZES = {"bergen": 9_000, "munich": 12_000, "oslo": 6_000}
_DAILY = Expected(UTC, timedelta(days=1), by=time(6))
_NO_SCHEDULES: dict[str, Expected] = {}


def _export(source: str, day: date, records: int) -> ListedOutcome:
    night = datetime.combine(day + timedelta(days=1), time(5, 30), tzinfo=UTC)
    name = f"{source}/{day}.csv"
    return ListedOutcome(
        path=f"outcomes/{name}/1.json", name=name, etag="1", status=Status.SUCCEEDED, retry=None, code="",
        sent=records, rejected=0, finished_at=night, next_attempt_at=None, source=source,
        last_modified=night, events=f"{day}={records}",
    )  # fmt: skip


def _weeks(last: date = _DAY, weeks: int = 9) -> Iterator[ListedOutcome]:
    """Every night of some weeks, each source; weekends have a twentieth, and no two days are the same."""
    for back in range(weeks * 7):
        day = last - timedelta(days=back)
        for source, size in _SIZES.items():
            jitter = 1 + ((day.toordinal() * 7 + len(source)) % 9 - 4) / 200
            yield _export(source, day, int(size * jitter * (0.05 if day.weekday() >= 5 else 1)))


def _line(
    arrivals: Iterable[ListedOutcome], expected: dict[str, Expected] = _NO_SCHEDULES, day: date = _DAY
) -> tuple[State, str]:
    known = histories(sorted(arrivals, key=lambda one: one.name), day - timedelta(weeks=9))
    verdict = judge_day(day, known, expected, UTC, _NOW)
    return verdict.state, verdict_line(verdict, UTC, {f"outcomes/bergen/{_DAY}.csv/1.json": 100})


def _without(source: str, days: int) -> list[ListedOutcome]:
    """All but the last nights of one source."""
    missing = {_DAY - timedelta(days=n) for n in range(days)}
    return [one for one in _weeks() if not (one.source == source and missing & set(one.days or ()))]


def _with(status: Status, code: str = "", *, days: bool = True) -> list[ListedOutcome]:
    """Last night's exports did not go through."""
    return [
        replace(one, status=status, code=code, events=f"{_DAY}=0" if days else "")
        if one.days == {_DAY: (one.days or {}).get(_DAY, 0)}
        else one
        for one in _weeks()
    ]


def test_healthy() -> None:
    """Everything came: the sources, the records, and what is usual."""
    state, line = _line(_weeks())
    assert state is State.COMPLETE
    assert line == (
        "Tue 24 Nov: complete. 3 of 3 sources, 27,210 records (usual for a Tuesday: 24,186 to 29,559)."
    )


def test_last_night_is_missing() -> None:
    """No export came at all."""
    state, line = _line(one for one in _weeks() if _DAY not in (one.days or ()))
    assert state is State.MISSING
    assert line.startswith("Tue 24 Nov: not complete. bergen: nothing since 24 Nov. munich: nothing since 24")


def test_three_days_are_missing() -> None:
    """Since when is said, not only that."""
    gone = {_DAY - timedelta(days=n) for n in range(3)}
    state, line = _line(one for one in _weeks() if not gone & set(one.days or ()))
    assert state is State.MISSING
    assert "nothing since 22 Nov." in line
    assert "In all 0 records (usual for a Tuesday:" in line


@pytest.mark.parametrize("expected", [{}, {"oslo": _DAILY}], ids=["no schedule", "schedule"])
def test_one_of_three_sources_is_missing(expected: dict[str, Expected]) -> None:
    """The one that is missing is named, the others are not."""
    state, line = _line(_without("oslo", 2), expected)
    assert state is State.MISSING
    assert "not complete. oslo: nothing since 23 Nov. In all" in line
    assert "munich" not in line


def test_half_a_day() -> None:
    """All exports came and were sent, but one holds half of what is usual."""
    halved = [
        replace(one, events=f"{_DAY}={(one.days or {}).get(_DAY, 0) // 2}")
        if one.source == "munich" and _DAY in (one.days or ())
        else one
        for one in _weeks()
    ]
    state, line = _line(halved)
    assert state is State.FEWER
    assert (
        "Tue 24 Nov: fewer records than usual. munich: 6,060 records (usual for a Tuesday: 10,773 to 13,167)"
        in line
    )


def test_the_secret_has_expired_and_records_are_stuck() -> None:
    """What waits is a figure, and why it waits is a code that can be explained."""
    state, line = _line(_with(Status.BLOCKED, "secret-expired"))
    assert state is State.STUCK
    assert "bergen: 1 export Blocked (secret-expired), 100 records not sent." in line


@pytest.mark.parametrize("days", [True, False], ids=["days known", "unreadable"])
def test_rejected_and_not_replaced(*, days: bool) -> None:
    """A rejected export is open until a newer one has its days."""
    state, line = _line(_with(Status.REJECTED, "broken-json", days=days))
    assert state is State.STUCK
    assert "1 export Rejected (broken-json)" in line


def test_rejected_and_replaced() -> None:
    """The corrected export under another name, or a newer version of it: the day is complete."""
    replaced = [*_with(Status.REJECTED, "broken-json"), *(_corrected(one) for one in _weeks())]
    assert _line(replaced)[0] is State.COMPLETE


def _corrected(one: ListedOutcome) -> ListedOutcome:
    if _DAY not in (one.days or ()):
        return replace(one, events="-", finished_at=one.moment - timedelta(days=400))
    return replace(one, name=one.name + ".new", finished_at=one.moment + timedelta(hours=1))


def test_a_holiday() -> None:
    """All came, all with a few records: it is not called missing, and the usual range says why it is not complete."""
    quiet = [replace(one, events=f"{_DAY}=12") if _DAY in (one.days or ()) else one for one in _weeks()]
    state, line = _line(quiet)
    assert state is State.FEWER
    assert line.endswith(
        "In all 36 records (usual for a Tuesday: 24,186 to 29,559). Every export came; on a holiday this is normal."
    )


def test_a_holiday_without_any_event() -> None:
    """Empty exports came: nobody is told that they are missing."""
    quiet = [replace(one, events="-") if _DAY in (one.days or ()) else one for one in _weeks()]
    assert _line(quiet)[0] is State.FEWER


def test_an_ordinary_sunday_is_complete() -> None:
    """A weekend is compared with weekends."""
    assert _line(_weeks(), day=date(2026, 11, 22))[0] is State.COMPLETE


def test_an_office_that_is_closed_on_weekends() -> None:
    """Where nothing ever comes on a Sunday, nothing is missing on one."""
    weekdays = [one for one in _weeks() if min(one.days or ()).weekday() < 5]
    state, line = _line(weekdays, day=date(2026, 11, 22))
    assert state is State.COMPLETE
    assert "0 records (usual for a Sunday: 0 to 0)" in line


def test_a_folder_that_was_used_once_decides_nothing() -> None:
    """Too little is known of it; the day is complete all the same, unless something of it is stuck."""
    monday = _DAY - timedelta(days=1)
    once = _export("trial", monday, 3)
    assert _line([*_weeks(), once], day=monday)[0] is State.COMPLETE
    assert _line([*_weeks(), replace(once, status=Status.BLOCKED)], day=monday)[0] is State.STUCK
    assert _line([once], day=monday)[0] is State.NO_HISTORY


def test_days_without_anything_are_no_history() -> None:
    """One export a long time ago says nothing about what a Tuesday usually has."""
    monday = _DAY - timedelta(days=1)
    lonely = [_export("oslo", monday - timedelta(weeks=8), 5), _export("oslo", monday, 5)]
    assert _line(lonely, day=monday)[0] is State.NO_HISTORY
