"""A source that stops exporting is noticed: by the sweep's figures, by the alert within the hour, and by nobody else."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from commands.context import CommandContext
from commands.program import app
from shared.blob_names import REPORT_PATH
from shared.delivery.sweep_place import decode_place
from shared.errors import StorageError
from shared.messages import TaskMessage
from shared.telemetry.metrics import Metrics
from shared.telemetry.observer import TelemetryObserver
from tests.support.alert_rules import Firing, firings
from tests.support.fake_clock import FakeClock
from tests.support.logged_rows import logged_rows
from tests.support.telemetry_listener import Listener
from tests.support.telemetry_tables import Row
from tests.support.world import World

pytestmark = pytest.mark.unmeasured

SUNDAY = datetime(2026, 11, 15, 20, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_PROFILE = """
version = 1
name = "A site"
[input]
format = "connector"
[schedule]
every = "1 day"
days = [{days}]
by = "07:00"
zone = "Europe/Berlin"
"""
_ALWAYS = '"mon", "tue", "wed", "thu", "fri", "sat", "sun"'
_WEEKDAYS = '"mon", "tue", "wed", "thu", "fri"'
_TRIAL = "[policy]\nsend = false\n"


class Site:
    """Three sources in a world, uploads every morning at 05:00 UTC, a sweep at 05:30, and what is logged meanwhile."""

    def __init__(self, rows: list[Row], world: World) -> None:
        self.rows = rows
        self.world = world
        self.put_sources()

    def put_sources(self) -> None:
        """From now on they owe."""
        for name, days in {"bergen": _ALWAYS, "munich": _WEEKDAYS, "oslo": _ALWAYS}.items():
            self.world.put_source(name, _PROFILE.format(days=days))

    def day(self, day: int, *exporting: str, stuck: str = "") -> None:
        """One day of November: who exports, and who uploads the file of the 16th again."""
        self.until(day, 5, 0)
        for name in exporting:
            self.upload(name, day)
        if stuck:
            self.upload(stuck, 16, f"of {day}")
        self.until(day, 5, 30)
        self.world.sweep()
        self.until(day, 23, 59)

    def upload(self, source: str, day: int, name: str = "") -> None:
        """An export with two events of the night."""
        times = [f"2026-11-{day:02}T0{hour}:12:00" for hour in (1, 4)]
        records = [
            {"UserId": f"{source}@example.com", "AssetId": "1", "EventTime": time, "AccessStatus": "Success"}
            for time in times
        ]
        self.world.upload(f"{source}/{name or day}.json", json.dumps(records).encode())

    def until(self, day: int, hour: int, minute: int) -> None:
        """Let time pass, with the host at work."""
        wanted = datetime(2026, 11, day, hour, minute, tzinfo=UTC)
        while (left := wanted - self.world.clock.now()) > timedelta():
            self.world.run(hours=min(left / _HOUR, 1.0))

    def told(self) -> list[Firing]:
        """What the alert told from the first line on."""
        found, evaluated = firings(
            self.rows, self.rows[0].at.replace(minute=0), self.world.clock.now(), {"source-late"}
        )
        assert evaluated >= 12
        return found


@pytest.fixture
def site() -> Iterator[Site]:
    """Ready on the evening before."""
    clock = FakeClock(SUNDAY)
    with logged_rows(clock.now) as rows:
        yield Site(
            rows, World(clock=clock, observer=TelemetryObserver(None, Metrics(None), "connector.example"))
        )


def at(day: int, hour: int) -> datetime:
    """A time of November."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def test_one_of_three_sources_is_silent_for_two_days(site: Site) -> None:
    """Told in the hour in which it is due, though the sweep ran before; a weekend by schedule is not; the others never."""
    site.until(18, 20, 0)
    site.put_sources()
    for day in range(19, 24):
        weekend = day in {21, 22}
        site.day(day, "bergen", "oslo", *(() if weekend else ("munich",)))
    for day in (24, 25):
        site.day(day, "bergen", "oslo")
    for day in (26, 27):
        site.day(day, "bergen", "oslo", "munich")
    found = site.told()
    assert [(one.alert, one.dimensions, one.fired) for one in found] == [
        ("source-late", ("munich",), at(24, 6))
    ]
    assert found[0].closed
    assert at(27, 5) < found[0].closed <= at(27, 8), "a day after its exports were on time again"


def test_report_list_and_day_name_the_silent_one(site: Site) -> None:
    """When they are made, not when the sweep ran; in each the same sentence."""
    for day in (16, 17, 18):
        site.day(day, "bergen", "oslo", *(("munich",) if day == 16 else ()))
    site.until(19, 7, 0)
    world = site.world
    said = "nothing since 16 Nov; an export was due by 19 Nov, 07:00."
    context = CommandContext(environment={}, build=lambda _: world.deps, sources=lambda _: world.sources)
    for command in ("list", "day"):
        text = " ".join(CliRunner().invoke(app, [command], obj=context).output.split())
        assert [f"{name}: {said}" in text for name in ("munich", "bergen", "oslo")] == [True, False, False]
    document = json.loads(CliRunner().invoke(app, ["day", "--json"], obj=context).stdout)
    assert {"source": "munich", "kind": "late", "text": said} in document["notes"]
    world.queue.put(TaskMessage("report").encode(), 0)
    world.run()
    page = world.results.data(REPORT_PATH).decode()
    assert page.index("<bdi>munich</bdi>") < page.index(said) < page.index("At a glance")


def test_an_exporter_that_repeats_one_file_is_silent_too(site: Site) -> None:
    """Each upload is a duplicate, which is no news."""
    site.day(16, "bergen", "munich", "oslo")
    site.day(17, "bergen", "munich", stuck="oslo")
    assert [(one.dimensions, one.fired) for one in site.told()] == [(("oslo",), at(17, 6))]


def test_a_source_that_never_exported_is_late_the_day_after_its_profile(site: Site) -> None:
    """Counted from the profile's upload on Sunday evening."""
    site.day(16, "bergen", "oslo")
    assert [(one.dimensions, one.fired) for one in site.told()] == [(("munich",), at(16, 6))]


def test_a_trial_and_an_app_that_sends_nothing_are_not_late(site: Site) -> None:
    """Also on the first morning after, when what has waited is sent."""
    site.world.put_source("munich", _PROFILE.format(days=_WEEKDAYS) + _TRIAL)
    site.day(16, "bergen", "oslo")
    site.world.with_settings(CONNECTOR_SENDING="off")
    site.day(17, "bergen")
    site.day(18, "bergen", "munich", "oslo")
    site.world.with_settings()
    site.day(19, "bergen", "munich", "oslo")
    assert site.told() == []


def test_an_export_held_back_after_the_sweep_has_come(site: Site) -> None:
    """Sending is switched off between the sweep and the upload."""
    site.day(16, "bergen", "munich", "oslo")
    site.until(17, 5, 30)
    site.world.sweep()
    site.world.with_settings(CONNECTOR_SENDING="off")
    for name in ("bergen", "munich", "oslo"):
        site.upload(name, 17)
    site.until(17, 20, 0)
    assert site.told() == []


def test_a_sweep_of_many_slices_sees_the_same(site: Site) -> None:
    """What it has seen of each source goes from slice to slice, and is dropped at the end."""
    site.day(16, "bergen", "munich", "oslo")
    site.until(17, 5, 0)
    site.upload("oslo", 17)
    site.until(17, 7, 0)
    whole = site.world.sweep()
    site.world.with_settings(INVOCATION_SECONDS="0")
    assert site.world.sweep().standings == whole.standings
    assert {name: one.late for name, one in whole.standings.items()} == {
        "bergen": True,
        "munich": True,
        "oslo": False,
    }
    place = decode_place(site.world.state.data("sweeps/latest.json"))
    assert place
    assert place.uploads == {}


def test_a_sweep_measures_each_source() -> None:
    """Hours since the last export that counts, and whether one is late; one without a schedule has an age."""
    listener, clock = Listener(), FakeClock(SUNDAY)
    world = World(clock=clock, observer=listener.observer)
    with logged_rows(clock.now) as rows:
        site = Site(rows, world)
    world.put_source("lab", _PROFILE.partition("[schedule]")[0])
    site.day(16, "bergen", "munich")
    site.until(17, 9, 0)
    world.sweep()
    ages = {point[0]["source"]: point[1].value for point in listener.points()["gatepost.source.age", "h"]}
    assert {name: round(age) for name, age in ages.items()} == {
        "bergen": 28,
        "lab": 37,
        "munich": 28,
        "oslo": 37,
    }
    late = listener.points()["gatepost.source.late", "1"]
    assert {one["source"]: point.value for one, point in late} == {
        "bergen": 1,
        "lab": 0,
        "munich": 1,
        "oslo": 1,
    }


def test_profiles_that_cannot_be_read_do_not_stop_a_sweep(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is done, and a warning says what is not."""
    site.upload("munich", 16)
    site.world.queue.messages.clear()
    site.world.clock.sleep(3_600)

    def refuse() -> None:
        raise StorageError("storage answers 403 (AuthorizationFailure)")

    monkeypatch.setattr(site.world.source_store, "listed", refuse)
    result = site.world.sweep()
    assert (result.queued, result.standings) == (1, {})
    said = Counter(row.values[0].partition(":")[0] for row in site.rows)
    assert said["sources unreadable"] == 1
    assert said["sweep finished"] == 1
