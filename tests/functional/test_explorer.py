"""The schedule explorer: what failed once, a few hundred schedules more, and that it finds what is planted."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.delivery import ledger, ledger_steps
from tests.explorer.campaign import Tally, describe, random_schedules, systematic_schedules
from tests.explorer.choices import Replay
from tests.explorer.mutants import MUTANTS, Mutant
from tests.explorer.mutate import explore_all
from tests.explorer.run import exploring, run_schedule
from tests.explorer.schedule import EVENTS, PARALLEL, SOURCES, Schedule, kept_schedules, parse
from tests.explorer.shrink import shrink

pytestmark = pytest.mark.unmeasured

ROOT = Path(__file__).parents[2]


@pytest.fixture
def _exploring() -> Iterator[None]:
    """Around schedules that a test runs itself."""
    with exploring():
        yield


def _check(tally: Tally) -> None:
    assert not tally.failed, "\n".join(describe(tally))


@pytest.mark.usefixtures("_exploring")
@pytest.mark.parametrize(("name", "schedule"), kept_schedules(), ids=lambda one: str(one)[:40])
def test_what_failed_once_holds_now(name: str, schedule: Schedule) -> None:
    """Every schedule that is kept, in the way it was kept."""
    assert run_schedule(schedule.scenario, Replay(schedule.decisions)).wrong == [], name


def test_random_schedules_hold() -> None:
    """Priorities by chance, faults, people and other systems: nothing is lost, doubled, stuck or miscounted."""
    tally = random_schedules(first=1_000, count=250)
    _check(tally)
    assert tally.bodies > tally.schedules, "hardly anything was sent"


def test_schedules_of_overlapping_exports_hold() -> None:
    """Events that stand in several exports, corrected exports, damaged and lost runs: each once, every copy counted."""
    tally = random_schedules(first=EVENTS, count=100)
    _check(tally)
    assert tally.bodies > tally.schedules, "hardly anything was sent"


@pytest.mark.parametrize("first", [PARALLEL + 1_000, PARALLEL + EVENTS], ids=["plain", "overlapping"])
def test_schedules_with_several_requests_on_their_way_hold(first: int) -> None:
    """Replies in any order, some of a group accepted and some not, deaths between them: the same promises."""
    tally = random_schedules(first=first, count=100)
    _check(tally)
    assert tally.bodies > 2 * tally.schedules, "hardly anything was sent"


def test_schedules_of_a_source_hold() -> None:
    """People files and profiles change between attempts, passes die: what the mapping in force takes is sent once and counted."""
    tally = random_schedules(first=SOURCES, count=80)
    _check(tally)
    assert tally.bodies > tally.schedules, "hardly anything was sent"


def test_systematic_schedules_hold() -> None:
    """Every schedule with one decision that is not the usual one, as far as they go."""
    _check(systematic_schedules(range(4), count=160, bound=1))


def test_a_schedule_can_be_read_back_and_repeated() -> None:
    """As a line of text it leads to the same run."""
    tally = random_schedules(first=77, count=1)
    again = random_schedules(first=77, count=1)
    assert (tally.steps, tally.bodies) == (again.steps, again.bodies)
    schedule = parse("77 3:run=w2 9:do=again 12:dies-after")
    assert str(schedule) == "77 3:run=w2 9:do=again 12:dies-after"


def test_a_mistake_is_found_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Possible copies that are not counted show within a few dozen schedules, and few decisions are left of one."""

    def uncounted(before: ledger.Ledger, index: int) -> ledger.Ledger:
        entry = before.entries[index]
        after = sending(before, index)
        return after.with_entry(index, _with_copies(after.entries[index], entry.possible_copies))

    sending: Callable[[ledger.Ledger, int], ledger.Ledger] = vars(ledger_steps)["sending"]
    monkeypatch.setattr(ledger_steps, "sending", uncounted)
    tally = random_schedules(first=1_000, count=200, failures=1)
    assert tally.failed, "not found"
    schedule, wrong = tally.failed[0]
    assert any(one.startswith("(b)") for one in wrong), wrong
    with exploring():
        small = shrink(schedule)
    assert 1 <= len(small.decisions) < max(2, len(schedule.decisions))


def _with_copies(entry: ledger.Entry, copies: int) -> ledger.Entry:
    import msgspec  # noqa: PLC0415

    return msgspec.structs.replace(entry, possible_copies=copies)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_deliberate_mistakes_fit_the_source(mutant: Mutant) -> None:
    """Each changes exactly one place; the long run tries them all."""
    source = (ROOT / (mutant.module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
    assert source.count(mutant.old) == 1


@pytest.mark.soak
def test_very_many_schedules_hold() -> None:
    """200,000 random schedules, as many with events that overlap or several requests, 100,000 systematic ones; with figures."""
    for what, tally in (
        ("random", random_schedules(first=1_000_000, count=200_000)),
        ("random, overlapping", random_schedules(first=EVENTS + 1_000_000, count=200_000)),
        ("several requests", random_schedules(first=PARALLEL + 1_000_000, count=100_000)),
        (
            "several requests, overlapping",
            random_schedules(first=PARALLEL + EVENTS + 1_000_000, count=100_000),
        ),
        ("of a source", random_schedules(first=SOURCES + 1_000_000, count=100_000)),
        ("systematic", systematic_schedules(range(12), count=100_000)),
    ):
        print(f"\nschedule explorer, {what}: {tally}")
        _check(tally)


@pytest.mark.soak
def test_the_deliberate_mistakes_are_found() -> None:
    """All but two, each within a minute."""
    assert explore_all() >= len(MUTANTS) - 2
