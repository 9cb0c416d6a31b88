"""A year of alerts: each incident is told when it should be and stays told as long as it lasts, and nothing else is."""

import pytest

from tests.support.alert_incidents import INCIDENTS
from tests.support.alert_report import PAGE, page, report, rows
from tests.support.alert_year import END, START, at


def test_weeks_with_a_weekend_in_the_middle_of_trouble() -> None:
    """A poison message on Friday night, an export blocked on Friday afternoon: told before the weekend, open after it."""
    of_state = {"export-blocked", "exports-waiting", "failing-invocations", "poison-queue"}
    for start, end in ((at(4, 16), at(4, 23)), (at(5, 21), at(5, 28))):
        found = report(start, end, of_state)
        assert found.wrong == ()
        assert sum(1 for told in found.told if told.firing) == 2


@pytest.mark.unmeasured
def test_weeks_in_which_sources_are_silent() -> None:
    """Told in the hour after it is due, though the sweep ran before; weekends by schedule are not."""
    for start, end in ((at(11, 21), at(11, 28)), (at(12, 2), at(12, 5))):
        found = report(start, end, {"source-late"})
        assert found.wrong == ()
        assert sum(1 for told in found.told if told.firing) == 1


def test_the_page_tells_of_every_incident() -> None:
    """The year itself is run by `make soak`, which compares the whole page."""
    text = PAGE.read_text()
    for incident in INCIDENTS:
        assert f"| {incident.what} |" in text
        for expected in incident.expected:
            assert " ".join([expected.alert, *expected.dimensions]) in text


@pytest.mark.soak
def test_a_year_of_alerts() -> None:
    """Weekends, holidays, an outage, silence, a secret near its end: told once, closed in time, and nothing else."""
    found = report(START, END)
    print(f"\n{found.evaluations} evaluations of a year, {len(found.wrong)} wrong")
    for row in rows(found):
        print(row)
    assert found.wrong == ()
    assert PAGE.read_text() == page(found)
