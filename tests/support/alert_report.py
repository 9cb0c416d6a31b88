"""What the alerts tell of the made-up year, as a table: `python -m tests.support.alert_report` writes docs/alerts.md anew."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tests.support.alert_incidents import INCIDENTS
from tests.support.alert_rules import Firing, firings
from tests.support.alert_sources import source_rows
from tests.support.alert_year import END, START, Expected, ended, telemetry
from tests.support.guides import DOCS

PAGE: Final = DOCS / "alerts.md"
OF_SOURCES: Final = "source-late"
_HEAD: Final = """# A year of alerts

Every alert's query of `infra/queries/alerts/`, run as Azure runs it (at its frequency, over its look-back, an alert open until its
row is missing twice) over a made-up year: an office whose badging system exports from Monday to Friday at 06:00 UTC, with an empty
export on holidays, a sweep every day at 05:30, and what goes wrong below. Another office has three sources with schedules, for three
weeks. Whatever fires beside these, too late, or closes too early fails the test. `make soak` runs it; `python -m
tests.support.alert_report` writes this page.

Times are UTC. An alert that the sweep's figures hold closes with the first sweep after the cause is gone.

| What happened | Alert | Fired | Closed |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Told:
    """What was told of one incident: alert with its dimensions, and the firing, or none where there should be one."""

    what: str
    alert: str
    firing: Firing | None


@dataclass(frozen=True)
class Report:
    """What was told, what was told wrongly or not at all or for nothing, and for how many evaluations that stands."""

    told: tuple[Told, ...]
    wrong: tuple[str, ...]
    evaluations: int


def report(start: datetime, end: datetime, names: Collection[str] = ()) -> Report:
    """Hold what the rules tell between two times against what they must.

    Args:
        start: from when.
        end: until when.
        names: of the rules; all, if none is named.
    """
    found, evaluations = firings(telemetry(INCIDENTS), start, end, names)
    if not names or OF_SOURCES in names:
        of_sources, more = firings(source_rows(ended), start, end, {OF_SOURCES})
        found, evaluations = sorted([*found, *of_sources], key=lambda one: one.fired), evaluations + more
    left, told, wrong = list(found), [], []
    for incident in INCIDENTS:
        for expected in incident.expected:
            if not start <= expected.fires[0] < end or (names and expected.alert not in names):
                continue
            firing = next((one for one in left if _is(one, expected)), None)
            told.append(Told(incident.what, " ".join([expected.alert, *expected.dimensions]), firing))
            if firing:
                left.remove(firing)
            if firing is None or not _closes(firing, expected):
                wrong.append(f"{incident.what}: {expected.alert}: {firing}")
        if not incident.expected:
            told.append(Told(incident.what, "", None))
    return Report(tuple(told), (*wrong, *(f"for nothing: {one}" for one in left)), evaluations)


def _is(firing: Firing, expected: Expected) -> bool:
    first, last = expected.fires
    same = (firing.alert, firing.dimensions) == (expected.alert, expected.dimensions)
    return same and first <= firing.fired <= last


def _closes(firing: Firing, expected: Expected) -> bool:
    first, last = expected.closes
    return firing.closed is not None and first <= firing.closed <= last


def rows(found: Report) -> Iterator[str]:
    """The table's lines."""
    before = ""
    for told in found.told:
        what = "" if told.what == before else told.what
        before = told.what
        if told.firing:
            closed = f"{told.firing.closed:%a %d %b %H:%M}" if told.firing.closed else "open"
            yield f"| {what} | {told.alert} | {told.firing.fired:%a %d %b %H:%M} | {closed} |"
        else:
            yield f"| {what} | {told.alert or 'nothing is told'} | - | - |"


def page(found: Report) -> str:
    """The whole page."""
    return f"{_HEAD}" + "".join(f"{row}\n" for row in rows(found))


if __name__ == "__main__":
    PAGE.write_text(page(report(START, END)), encoding="utf-8")
