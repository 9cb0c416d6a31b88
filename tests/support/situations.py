"""Eight situations that people meet, as results containers, each with what the first line must say about Tuesday."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from shared.completeness.verdict import State
from shared.delivery.event_days import DayRecords, Events
from shared.delivery.outcome import Records
from shared.error_codes import Status
from tests.support.fake_clock import FakeClock
from tests.support.fake_storage import FakeContainer
from tests.support.reports import written

TUESDAY: Final = date(2026, 11, 24)
WEDNESDAY_MORNING: Final = datetime(2026, 11, 25, 9, 10, tzinfo=UTC)
SIZES: Final = {"bergen": 9_000, "munich": 12_000, "oslo": 6_000}
_DAYS: Final = 63

type Change = Callable[[str, date, int], dict[str, Any] | None]
"""What differs in one source's night: parts of the outcome, `records`, or `None` for no export at all."""


@dataclass(frozen=True, slots=True)
class Situation:
    """One situation: `said` stands in the first line, `state` is how Tuesday stands."""

    name: str
    state: State
    said: tuple[str, ...]
    change: Change

    def container(self) -> FakeContainer:
        """The results container on Wednesday morning, after nine weeks of nightly exports from three sources."""
        results = FakeContainer("badging-results", FakeClock(WEDNESDAY_MORNING))
        for back in range(_DAYS, -1, -1):
            day = TUESDAY - timedelta(days=back)
            for source in SIZES:
                self._night(results, source, day)
        return results

    def _night(self, results: FakeContainer, source: str, day: date) -> None:
        size = usual_records(source, day)
        change = self.change(source, day, size)
        if change is None:
            return
        status = change.pop("status", Status.SUCCEEDED)
        sent = change.pop("sent", size)
        finished = datetime.combine(day + timedelta(days=1), time(5, 30), tzinfo=UTC)
        waiting = size if status in {Status.BLOCKED, Status.REJECTED} else 0
        days = {day.isoformat(): DayRecords(sent=0 if waiting else sent)} if size else {}
        written(
            results,
            f"{source}/{day}.csv",
            status,
            finished,
            events=change.pop("events", Events(by_day=days)),
            records=Records(read=sent or waiting, sent=0 if waiting else sent, unsent=waiting),
            **change,
        )


def usual_records(source: str, day: date) -> int:
    """A weekend has a twentieth, and no two days are the same."""
    jitter = 1 + ((day.toordinal() * 7 + len(source)) % 9 - 4) / 200
    return int(SIZES[source] * jitter * (0.05 if day.weekday() >= 5 else 1))


def _on(*days: date, source: str = "", **change: Any) -> Change:
    """The change holds on these days, for one source or for all; `gone=True`: no export."""

    def changed(its: str, day: date, _: int) -> dict[str, Any] | None:
        if day not in days or source not in {"", its}:
            return {}
        return None if change.get("gone") else dict(change)

    return changed


def _back(days: int) -> list[date]:
    return [TUESDAY - timedelta(days=n) for n in range(days)]


def _half(source: str, day: date, size: int) -> dict[str, Any]:
    return {"sent": size // 2} if (source, day) == ("munich", TUESDAY) else {}


SITUATIONS: Final = (
    Situation("healthy", State.COMPLETE, ("Tue 24 Nov: complete. 3 of 3 sources,",), lambda *_: {}),
    Situation(
        "last night missing",
        State.MISSING,
        ("Tue 24 Nov: not complete.", "bergen: nothing since 24 Nov.", "oslo: nothing since 24 Nov."),
        _on(TUESDAY, gone=True),
    ),
    Situation(
        "three days missing",
        State.MISSING,
        ("Tue 24 Nov: not complete.", "munich: nothing since 22 Nov."),
        _on(*_back(3), gone=True),
    ),
    Situation(
        "one of three sources missing",
        State.MISSING,
        ("Tue 24 Nov: not complete. oslo: nothing since 23 Nov. In all",),
        _on(*_back(2), source="oslo", gone=True),
    ),
    Situation(
        "half a day",
        State.FEWER,
        (
            "Tue 24 Nov: fewer records than usual. munich: 6,060 records (usual for a Tuesday: 10,773 to 13,167).",
        ),
        _half,
    ),
    Situation(
        "secret expired",
        State.STUCK,
        ("Tue 24 Nov: not complete.", "bergen: 1 export Blocked (secret-refused), 9,090 records not sent."),
        _on(TUESDAY, status=Status.BLOCKED, code="secret-refused"),
    ),
    Situation(
        "rejected and not replaced",
        State.STUCK,
        ("Tue 24 Nov: not complete. munich: 1 export Rejected (broken-json)",),
        _on(TUESDAY, source="munich", status=Status.REJECTED, code="broken-json", events=None),
    ),
    Situation(
        "a holiday",
        State.FEWER,
        ("Tue 24 Nov: fewer records than usual.", "Every export came; on a holiday this is normal."),
        _on(TUESDAY, sent=12),
    ),
)
