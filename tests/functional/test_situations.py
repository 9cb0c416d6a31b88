"""In eight situations the report, the command and the listing behind them say the same, and it is right."""

import json

import pytest
from typer.testing import CliRunner

from commands.console.exit_codes import Exit
from commands.context import CommandContext
from commands.program import app
from shared.blob_names import REPORT_PATH
from shared.completeness.sentences import notice_line
from shared.completeness.verdict import State
from shared.messages import TaskMessage
from shared.report.collect import Scope, collect
from shared.report.page import render
from shared.report.yesterday import first_line, yesterday
from tests.support.fake_clock import FakeClock
from tests.support.situations import SITUATIONS, WEDNESDAY_MORNING, Situation
from tests.support.world import World

_EXITS = {State.COMPLETE: Exit.DONE}

_all_situations = pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.name)


def _world(situation: Situation) -> World:
    world = World(clock=FakeClock(WEDNESDAY_MORNING))
    world.results = situation.container()
    return world


@_all_situations
def test_the_report_says_it_first(situation: Situation) -> None:
    """In the title and in the first line under the heading."""
    figures = collect(situation.container(), Scope(WEDNESDAY_MORNING))
    line = first_line(figures)
    assert all(said in line for said in situation.said), line
    page = render(figures)
    assert f"<title>{line}</title>" in page
    assert page.index(line, page.index("<h1")) < page.index("At a glance")


@_all_situations
def test_the_command_says_the_same(situation: Situation) -> None:
    """The same sentence, an exit code for schedulers, and the state in JSON."""
    world = _world(situation)
    context = CommandContext(environment={}, build=lambda _: world.deps, sources=lambda _: world.sources)
    done = CliRunner().invoke(app, ["day", "2026-11-24"], obj=context)
    line = first_line(collect(world.results, Scope(WEDNESDAY_MORNING)))
    assert " ".join(done.output.split()).startswith(line)
    assert done.exit_code == _EXITS.get(situation.state, Exit.NOT_COMPLETE)
    document = json.loads(CliRunner().invoke(app, ["day", "2026-11-24", "--json"], obj=context).stdout)
    assert (document["state"], document["summary"]) == (situation.state.value, line)
    assert [one["source"] for one in document["sources"]] == ["bergen", "munich", "oslo"]


def test_one_source_can_be_asked_for() -> None:
    """The others do not count; one that nobody knows is not found."""
    missing = next(one for one in SITUATIONS if one.name == "one of three sources missing")
    world = _world(missing)
    context = CommandContext(environment={}, build=lambda _: world.deps, sources=lambda _: world.sources)
    fine = CliRunner().invoke(app, ["day", "2026-11-24", "--source", "munich"], obj=context)
    assert (fine.exit_code, fine.output.startswith("Tue 24 Nov: complete. 1 of 1 source,")) == (
        Exit.DONE,
        True,
    )
    silent = CliRunner().invoke(app, ["day", "2026-11-24", "--source", "oslo"], obj=context)
    assert silent.exit_code == Exit.NOT_COMPLETE
    unknown = CliRunner().invoke(app, ["day", "--source", "paris"], obj=context)
    assert (unknown.exit_code, "Nothing is known of a source paris." in unknown.output) == (
        Exit.NOT_FOUND,
        True,
    )


def test_a_day_that_is_not_over_cannot_be_told() -> None:
    """Today is so far what it is; a date must be one."""
    world = _world(SITUATIONS[0])
    context = CommandContext(environment={}, build=lambda _: world.deps, sources=lambda _: world.sources)
    today = CliRunner().invoke(app, ["day", "2026-11-25"], obj=context)
    assert (today.exit_code, "Wed 25 Nov: so far 0 records" in today.output) == (Exit.NOT_KNOWN, True)
    assert "bergen: due by 26 Nov, 07:30." in today.output
    assert CliRunner().invoke(app, ["day", "yesterday"], obj=context).exit_code == Exit.USAGE


def test_the_daily_notice_says_it_in_one_short_sentence() -> None:
    """Complete: how many records from how many sources; else the first line of the report."""
    for situation in SITUATIONS:
        figures = collect(situation.container(), Scope(WEDNESDAY_MORNING))
        notice = notice_line(yesterday(figures).verdict, figures.zone, figures.not_sent)
        if situation.state is State.COMPLETE:
            assert notice == "Tue 24 Nov complete: 27,210 records from 3 sources"
        else:
            assert notice == first_line(figures)


def test_list_ends_with_the_verdict_where_there_is_one() -> None:
    """A narrowed list does not; neither does one of a new deployment."""
    world = _world(SITUATIONS[0])
    context = CommandContext(environment={}, build=lambda _: world.deps, sources=lambda _: world.sources)
    line = first_line(collect(world.results, Scope(WEDNESDAY_MORNING)))
    assert " ".join(CliRunner().invoke(app, ["list"], obj=context).output.split()).endswith(line)
    narrowed = CliRunner().invoke(app, ["list", "--status", "Succeeded"], obj=context)
    assert line not in narrowed.output


_SCHEDULED = """
version = 1
name = "Oslo"
[input]
format = "connector"
[schedule]
every = "1 day"
days = [{days}]
by = "06:00"
zone = "Europe/Oslo"
"""


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ('"mon", "tue", "wed", "thu", "fri"', "oslo: nothing yet."),
        ('"fri"', "oslo: due by 27 Nov, 05:00."),
    ],
    ids=["due", "not due"],
)
def test_a_source_that_never_exported_owes_what_its_schedule_says(days: str, said: str) -> None:
    """Report and command read the schedule from the sources container; its times are those of its own zone."""
    world = World(clock=FakeClock(WEDNESDAY_MORNING))
    world.put_source("oslo", _SCHEDULED.format(days=days))
    context = CommandContext(environment={}, build=lambda _: world.deps, sources=lambda _: world.sources)
    assert said in " ".join(CliRunner().invoke(app, ["day"], obj=context).output.split())
    world.queue.put(TaskMessage("report").encode(), 0)
    world.run()
    assert said in world.results.data(REPORT_PATH).decode()


def test_a_source_on_trial_and_a_broken_profile_owe_nothing() -> None:
    """The report is made all the same."""
    world = World(clock=FakeClock(WEDNESDAY_MORNING))
    world.put_source("oslo", _SCHEDULED.format(days='"wed"') + "[policy]\nsend = false\n")
    world.put_source("bergen", "broken")
    world.queue.put(TaskMessage("report").encode(), 0)
    world.run()
    assert "Tue 24 Nov: cannot be told. No export has come yet." in world.results.data(REPORT_PATH).decode()
