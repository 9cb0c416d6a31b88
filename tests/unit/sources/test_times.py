"""Times: what is written exactly so, and nothing else; zones by an independent computation."""

import functools
import hashlib
import importlib.resources
import os
import subprocess
import sys
import typing
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from shared.sources.time_formats import ISO, strptime_format
from shared.sources.times import Ambiguous, Doubtful, Epochs, Times
from shared.sources.zones import ZoneNameError, zone, zone_names

FORMAT = "%Y-%m-%d %H:%M:%S"


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        (FORMAT, "2026-11-22 07:58:12", "2026-11-22T07:58:12"),
        (FORMAT, "2026-11-22 07:58:12.999999999", "2026-11-22T07:58:12"),
        (FORMAT, "2026-11-22 7:58:12", "time-unreadable"),
        (FORMAT, "2026-11-22  07:58:12", "time-unreadable"),
        (FORMAT, "2026-11-22 07:58:12 ", "time-unreadable"),
        (FORMAT, "2026-11-31 07:58:12", "time-unreadable"),
        (FORMAT, "2026-11-22 07:58:60", "time-unreadable"),
        (FORMAT, "2026-11-22 07:58:١٢", "time-unreadable"),
        (FORMAT, "2026-11-22 07:58:12\n", "time-unreadable"),
        (FORMAT, "1999-12-31 23:59:59", ""),
        ("%m/%d/%y %H:%M:%S", "11/22/26 07:58:12", "2026-11-22T07:58:12"),
        ("%m/%d/%y %H:%M:%S", "11/22/69 07:58:12", ""),
        ("%-m/%-d/%Y %-I:%M:%S %p", "1/5/2026 7:03:02 AM", "2026-01-05T07:03:02"),
        ("%-m/%-d/%Y %-I:%M:%S %p", "01/05/2026 12:03:02 am", "2026-01-05T00:03:02"),
        ("%-m/%-d/%Y %-I:%M:%S %p", "1/5/2026 7:03:02.5 PM", "2026-01-05T19:03:02"),
        ("%-m/%-d/%Y %-I:%M:%S %p", "1/5/2026 13:03:02 PM", "time-unreadable"),
        ("%-m/%-d/%Y %H:%M:%S", "1/5/2026 17:03:02", "2026-01-05T17:03:02"),
        ("%-m/%-d/%Y %H:%M:%S", "1/5/2026 17:03:02.75", "2026-01-05T17:03:02"),
        ("%d.%m.%Y %H:%M", "05.01.2026 17:03", "2026-01-05T17:03:00"),
        ("%d-%b-%Y %H:%M:%S", "05-jan-2026 17:03:09", "2026-01-05T17:03:09"),
        ("%A, %d %B %Y %H%M%%", "Monday, 05 October 2026 1703%", "2026-10-05T17:03:00"),
        ("%Y%j%H%M%S", "2026366170300", "time-unreadable"),
        ("%Y%j%H%M%S", "2024366170300", "2024-12-31T17:03:00"),
        ("%Y%m%d%H%M%S%z", "20261122075812-0500", "2026-11-22T12:58:12"),
        ("%Y%m%d%H%M%S%z", "20261122075812.5+05:30", "2026-11-22T02:28:12"),
        ("%Y-%m-%d %H:%M:%S.%f", "2026-11-22 07:58:12.123", "2026-11-22T07:58:12"),
        ("%Y-%m-%d %H:%M:%S.%f", "2026-11-22 07:58:12", "time-unreadable"),
        ("iso", "2026-11-22T23:59:59.9999999Z", "2026-11-22T23:59:59"),
        ("iso", "2026-11-22 23:59:59.99999999Z", "time-unreadable"),
        ("iso", "2026-11-22T23:59:59+0100", "time-unreadable"),
        ("iso", "2026-11-22 23:59:59+01:00", "2026-11-22T22:59:59"),
        ("iso", "2000-01-01T00:59:59+01:00", ""),
        ("iso", "9999-12-31T23:59:59-23:00", "time-unreadable"),
    ],
)
def test_exactly_the_format(form: str, text: str, expected: str) -> None:
    """A time is read as the pattern says, at full width, ASCII only; what is remembered changes nothing."""
    times = Times(ISO if form == "iso" else strptime_format(form), "UTC", "earlier")
    for _ in range(2):
        assert (times.convert(text) or times.why(text)) == expected


def test_remembered_minutes_take_no_other_text() -> None:
    """After a minute is known, a text that only looks like it is still refused."""
    times = Times(strptime_format(FORMAT), "Europe/Berlin", "earlier")
    assert times.convert("2026-11-22 07:58:12.5") == "2026-11-22T06:58:12"
    assert times.convert("2026-11-22 07:58:59") == "2026-11-22T06:58:59"
    for wrong in (
        "2026-11-22 07:58:1",
        "2026-11-22 07:58:122",
        "2026-11-22 07:58:6x",
        "2026-11-22 07:58:12.x",
    ):
        assert times.convert(wrong) == ""


def test_no_zone_and_no_offset() -> None:
    """Without a zone the text must carry its offset."""
    times = Times(ISO, None, "earlier")
    assert times.convert("2026-11-22T07:58:12") == ""
    assert times.why("2026-11-22T07:58:12") == "time-zone-missing"
    assert times.convert("2026-11-22T07:58:12Z") == "2026-11-22T07:58:12"


@pytest.mark.parametrize(
    ("units", "text", "expected"),
    [
        (1, "1795352292", "2026-11-22T12:58:12"),
        (1, "1795352292.999", "2026-11-22T12:58:12"),
        (1000, "1795352292999", "2026-11-22T12:58:12"),
        (1000, "1795352292999.5", "2026-11-22T12:58:12"),
        (1, "-5", "time-unreadable"),
        (1, "1.79e9", "time-unreadable"),
        (1, "0", ""),
        (1, "999999999999999", "time-unreadable"),
    ],
)
def test_epochs(units: int, text: str, expected: str) -> None:
    """Seconds and milliseconds since 1970; a fraction is cut."""
    times = Epochs(units)
    for _ in range(2):
        assert (times.convert(text) or times.why(text)) == expected


def test_a_zone_must_be_named_as_the_list_has_it() -> None:
    """Windows names and misspellings are refused, with a hint."""
    with pytest.raises(ZoneNameError, match="Europe/Berlin"):
        zone("europe/Berlin")
    with pytest.raises(ZoneNameError):
        zone("../../etc/passwd")
    assert len(zone_names()) > 500


def different_zones() -> list[str]:
    """A name of every zone that differs from the others: many names are links to the same rules."""
    files = importlib.resources.files("tzdata") / "zoneinfo"
    return list(
        {files.joinpath(*name.split("/")).read_bytes(): name for name in sorted(zone_names())}.values()
    )


@functools.cache
def changes(name: str, year: int) -> list[datetime]:
    """The half hours of a year in UTC at which a zone's offset changes."""
    return list(_changes(name, year))


def _changes(name: str, year: int) -> Iterator[datetime]:
    where = zone(name)
    hour, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    day, half = timedelta(days=6), timedelta(minutes=30)
    while hour < end:
        if hour.astimezone(where).utcoffset() != (hour + day).astimezone(where).utcoffset():
            low, high = 0, 6 * 48
            while high - low > 1:
                middle = (low + high) // 2
                same = (hour + middle * half).astimezone(where).utcoffset() == hour.astimezone(
                    where
                ).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            yield hour + high * half
        hour += day


def moments_by_clock(name: str, change: datetime) -> dict[str, list[str]]:
    """For local times around a change: the moments in UTC, found by walking through UTC and reading the clock."""
    where = zone(name)
    found: dict[str, list[str]] = {}
    for step in range(-180, 181, 15):
        moment = change + timedelta(minutes=step, seconds=7)
        local = moment.astimezone(where).strftime(FORMAT)
        found.setdefault(local, []).append(moment.strftime("%Y-%m-%dT%H:%M:%S"))
    return found


def expected(found: list[str], ambiguous: Ambiguous) -> str:
    """What a local time must become."""
    if len(found) == 2 and ambiguous == "reject":
        return "time-ambiguous"
    return found[-1] if ambiguous == "later" else found[0]


@pytest.mark.parametrize("ambiguous", ["earlier", "later", "reject"])
def test_every_zone_at_both_changes_of_2026(ambiguous: Ambiguous) -> None:
    """All zones of the list, against clocks that are read along UTC: hours that come twice, and hours that never come."""
    form = strptime_format(FORMAT)
    changed = twice = never = 0
    for name in different_zones():
        for change in changes(name, 2026):
            changed += 1
            times = Times(form, name, ambiguous)
            clocks = moments_by_clock(name, change)
            for local, found in clocks.items():
                got = times.convert(local)
                assert (got or times.why(local)) == expected(found, ambiguous), (name, local)
                assert isinstance(got, Doubtful) == (len(found) == 2 and ambiguous != "reject")
                twice += len(found) == 2
            lowest, highest = min(clocks), max(clocks)
            moment = datetime.strptime(lowest, FORMAT)
            while (local := moment.strftime(FORMAT)) < highest:
                if local not in clocks:
                    never += 1
                    assert (times.convert(local), times.why(local)) == ("", "time-does-not-exist"), (
                        name,
                        local,
                    )
                moment += timedelta(minutes=15)
    assert changed > 100
    assert twice > 200
    assert never > 200


def readings() -> str:
    """A digest of what every zone's local times around its changes become, however ambiguous ones are decided."""
    form, digest = strptime_format(FORMAT), hashlib.sha256()
    for name in different_zones():
        for change in changes(name, 2026):
            clocks = moments_by_clock(name, change)
            for ambiguous in typing.get_args(Ambiguous.__value__):
                times = Times(form, name, ambiguous)
                for local in clocks:
                    digest.update(f"{name} {local} {times.convert(local) or times.why(local)}\n".encode())
    return digest.hexdigest()


def test_the_machine_s_own_zone_does_not_matter() -> None:
    """Every zone's times are the same wherever the app runs: three processes with a TZ of their own say so."""
    command = [sys.executable, "-c", f"from {__name__} import readings; print(readings())"]
    running = [
        subprocess.Popen(command, env=os.environ | {"TZ": host_zone}, stdout=subprocess.PIPE, text=True)
        for host_zone in ("UTC", "America/St_Johns", "Pacific/Chatham")
    ]
    said = {one.communicate()[0].strip() for one in running}
    assert [one.returncode for one in running] == [0, 0, 0]
    assert said == {readings()}
