"""A year of alerts: each incident is told when it should be and stays told as long as it lasts, and nothing else is."""

from collections.abc import Collection
from datetime import datetime

import pytest

from tests.support.alert_incidents import INCIDENTS
from tests.support.alert_rules import Firing, firings
from tests.support.alert_year import END, START, Expected, at, telemetry


def _is(firing: Firing, expected: Expected) -> bool:
    first, last = expected.fires
    same = (firing.alert, firing.dimensions) == (expected.alert, expected.dimensions)
    return same and first <= firing.fired <= last


def _compare(start: datetime, end: datetime, names: Collection[str] = ()) -> list[object]:
    """Print what was told of each incident; gives what was told wrongly, too much or not at all."""
    found, evaluated = firings(telemetry(INCIDENTS), start, end, names)
    unexpected: list[object] = list(found)
    wrong: list[object] = []
    print(f"\n{evaluated} evaluations from {start:%d %b} to {end:%d %b %Y}")
    for incident in INCIDENTS:
        print(f"\n{incident.what}")
        for expected in incident.expected:
            told = next((firing for firing in found if _is(firing, expected)), None)
            if told is None:
                if start <= expected.fires[0] < end and (not names or expected.alert in names):
                    wrong.append(f"{incident.what}: {expected.alert} did not fire")
                continue
            unexpected.remove(told)
            first, last = expected.closes
            closed = told.closed.strftime("%a %d %b %H:%M") if told.closed else "open"
            shown = " ".join([told.alert, *told.dimensions])
            print(f"  {shown:<60} fired {told.fired:%a %d %b %H:%M}  closed {closed}")
            if told.closed is None or not first <= told.closed <= last:
                wrong.append(f"{incident.what}: {expected.alert} closed {closed}")
        if not incident.expected:
            print("  nothing told")
    return wrong + unexpected


def test_weeks_with_a_weekend_in_the_middle_of_trouble() -> None:
    """A poison message on Friday night, an export blocked on Friday afternoon: told before the weekend, open after it."""
    of_state = {"export-blocked", "exports-waiting", "failing-invocations", "poison-queue"}
    assert _compare(at(4, 16), at(4, 23), of_state) == []
    assert _compare(at(5, 21), at(5, 28), of_state) == []


@pytest.mark.soak
def test_a_year_of_alerts() -> None:
    """Weekends, holidays, an outage, silence, a secret near its end: told once, closed in time, and nothing else."""
    assert _compare(START, END) == []
