"""A year of alerts: each incident is told when it should be and stays told as long as it lasts, and nothing else is."""

from tests.support.alert_incidents import INCIDENTS
from tests.support.alert_rules import Firing, firings
from tests.support.alert_year import END, START, Expected, telemetry


def _is(firing: Firing, expected: Expected) -> bool:
    first, last = expected.fires
    same = (firing.alert, firing.dimensions) == (expected.alert, expected.dimensions)
    return same and first <= firing.fired <= last


def test_a_year_of_alerts() -> None:
    """Weekends, holidays, an outage, a poison message on Friday night, a blocked export: told once, closed in time."""
    found, evaluated = firings(telemetry(INCIDENTS), START, END)
    unexpected, wrong = list(found), []
    print(f"\n{evaluated} evaluations of the year 2026")
    for incident in INCIDENTS:
        print(f"\n{incident.what}")
        for expected in incident.expected:
            told = next((firing for firing in unexpected if _is(firing, expected)), None)
            if told is None:
                wrong.append(f"{incident.what}: {expected.alert} did not fire")
                continue
            unexpected.remove(told)
            first, last = expected.closes
            shown = " ".join([told.alert, *told.dimensions])
            closed = told.closed.strftime("%a %d %b %H:%M") if told.closed else "open"
            print(f"  {shown:<60} fired {told.fired:%a %d %b %H:%M}  closed {closed}")
            if told.closed is None or not first <= told.closed <= last:
                wrong.append(f"{incident.what}: {expected.alert} closed {closed}")
        if not incident.expected:
            print("  nothing told")
    assert [*wrong, *unexpected] == []
