"""EventTime to UTC: real dates only, the same on every machine."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.exports.times import to_utc
from tests.support.exports import array, record
from tests.support.read_export import read

HOST_ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Pacific/Chatham")

CONVERTED = [
    ("2026-11-21T08:00:00", "2026-11-21T08:00:00"),
    ("2026-11-21T08:00:00Z", "2026-11-21T08:00:00"),
    ("2026-11-21T08:00:00+00:00", "2026-11-21T08:00:00"),
    ("2026-11-21T08:00:00-00:00", "2026-11-21T08:00:00"),
    ("2026-11-21T08:00:00+01:00", "2026-11-21T07:00:00"),
    ("2026-11-21T08:10:00+05:30", "2026-11-21T02:40:00"),
    ("2026-11-21T08:10:00+05:45", "2026-11-21T02:25:00"),
    ("2026-11-21T23:30:59-01:00", "2026-11-22T00:30:59"),
    ("2026-12-31T23:59:59-00:01", "2027-01-01T00:00:59"),
    ("2024-02-28T23:00:00-03:00", "2024-02-29T02:00:00"),
    ("2026-11-21T08:00:00+23:59", "2026-11-20T08:01:00"),
    ("2026-11-21T08:00:00.1Z", "2026-11-21T08:00:00.1"),
    ("2026-11-21T08:00:00.1234567+01:00", "2026-11-21T07:00:00.1234567"),
    ("2026-11-21T08:00:00.0000000", "2026-11-21T08:00:00.0000000"),
    ("2024-02-29T00:00:00", "2024-02-29T00:00:00"),
    ("2000-01-01T00:00:00", "2000-01-01T00:00:00"),
    ("2099-12-31T23:59:59.9999999", "2099-12-31T23:59:59.9999999"),
    # Hours that do not exist, or exist twice, on clocks in Europe and America: with an offset they are one moment.
    ("2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00"),
    ("2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00"),
    ("2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00"),
    ("2026-03-08T02:30:00-05:00", "2026-03-08T07:30:00"),
    ("2026-03-08T02:30:00", "2026-03-08T02:30:00"),
]
IMPOSSIBLE = [
    "2026-02-29T08:00:00",
    "2026-04-31T08:00:00",
    "2026-13-01T08:00:00",
    "2026-00-01T08:00:00",
    "2026-01-00T08:00:00",
    "2026-01-01T24:00:00",
    "2026-01-01T23:60:00",
    "2026-12-31T23:59:60",
    "2026-12-31T23:59:60Z",
    "2100-02-29T00:00:00Z",
    "2026-11-21",
    "2026-11-21T08:00",
    "0001-01-01T00:00:00+00:01",
]
OUT_OF_RANGE = ["2000-01-01T00:59:59+01:00", "2099-12-31T23:00:00-01:00", "2099-12-31T23:59:59-00:01"]


@pytest.fixture(params=HOST_ZONES)
def host_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """The machine's own time zone, for once another."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.parametrize(("text", "utc"), CONVERTED)
def test_a_time_comes_out_in_utc_without_a_suffix(text: str, utc: str) -> None:
    """Z and offsets are converted, fractions copied, times without a zone left alone."""
    assert to_utc(text) == utc


@pytest.mark.parametrize("text", IMPOSSIBLE)
def test_a_time_that_does_not_exist_is_refused(text: str) -> None:
    """No such day, hour or second."""
    with pytest.raises((ValueError, OverflowError), match=r"."):
        to_utc(text)


@settings(deadline=None)
@given(
    st.datetimes(datetime(2000, 1, 3), datetime(2099, 12, 29)),  # noqa: DTZ001  (local times, without a zone)
    st.integers(-1439, 1439),
    st.sampled_from(["", ".5", ".0000001"]),
)
def test_an_offset_is_subtracted(local: datetime, minutes: int, fraction: str) -> None:
    """For every moment and every offset there is."""
    local = local.replace(microsecond=0)
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    utc = (local.replace(tzinfo=UTC) - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S")
    assert to_utc(local.isoformat() + fraction + zone) == utc + fraction


def test_the_host_time_zone_changes_nothing(host_zone: str) -> None:
    """The same bytes, verdicts and latest event on machines in four time zones, fast path or not."""
    assert time.tzname[0] != "UTC" or host_zone == "UTC"
    export = array(
        record(number, EventTime=text)
        for number, text in enumerate([text for text, _ in CONVERTED] * 3 + IMPOSSIBLE + OUT_OF_RANGE)
    )
    for fast in (True, False):
        found = read(export, fast=fast)
        assert [one["EventTime"] for one in found.records] == [utc for _, utc in CONVERTED] * 3
        assert len(found.rejected) == len(IMPOSSIBLE + OUT_OF_RANGE)
        assert found.latest_event == "2099-12-31T23:59:59"
