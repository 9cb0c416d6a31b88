"""The values that make events: of one record, and of which times it is known that they are of one day."""

from typing import Any

import pytest

from shared.exports.record_values import EventValues, Period, joined_values
from tests.support.exports import record


def of(time: str) -> EventValues:
    """Those of one record."""
    made: dict[str, Any] = record(1)
    return EventValues.of_record(made, time)


@pytest.mark.parametrize(("time", "known"), [("2026-11-21T08:00:00", True), ("2026-11-21T08:00:00.5", False)])
def test_only_whole_seconds_are_known_to_be(time: str, *, known: bool) -> None:
    """An event is named by its time without needless zeros; one with a fraction must be looked at."""
    assert of(time).one_day == (Period(time, time) if known else None)
    assert of(time).period == Period(time, time)


def test_records_of_one_day_are_of_that_day_together() -> None:
    """Of two days, or where one is not known, they are of none."""
    early, late, next_day = of("2026-11-21T08:00:00"), of("2026-11-21T09:00:00"), of("2026-11-22T08:00:00")
    assert joined_values([late, early]).one_day == Period("2026-11-21T08:00:00", "2026-11-21T09:00:00")
    assert joined_values([early, next_day]).one_day is None
    assert joined_values([early, of("2026-11-21T08:00:00.5")]).one_day is None
    assert joined_values([late, early]).event_times == ["2026-11-21T09:00:00", "2026-11-21T08:00:00"]
