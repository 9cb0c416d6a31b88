"""One schedule from its beginning to rest, and what was wrong with it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from shared.delivery import held_export, write_ahead
from shared.report import publish
from shared.telemetry import log_events
from tests.explorer.choices import Chooser
from tests.explorer.oracle import find_wrong
from tests.explorer.rules import laid_over
from tests.explorer.scenario import Scenario, scenario_of
from tests.explorer.scheduler import EndlessError
from tests.explorer.site import Site
from tests.support.storage_model.account import QUEUE

_DAY: Final = 86_400.0
_MAX_DAYS: Final = 5
_HORIZON_SECONDS: Final = 6 * 3_600.0


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a schedule: everything that was wrong, and how much was done."""

    wrong: list[str]
    steps: int
    invocations: int
    bodies: int


def run_schedule(scenario: int, chooser: Chooser) -> Result:
    """Run one.

    Args:
        scenario: its number.
        chooser: decides.
    """
    return run_scenario(scenario_of(scenario), chooser)


def run_scenario(scenario: Scenario, chooser: Chooser) -> Result:
    """Run one that has no number.

    Args:
        scenario: what it begins with.
        chooser: decides.
    """
    vars(held_export)["HELD_BYTES"] = 4 << 20 if scenario.holds_exports else -1
    vars(write_ahead).update(FILE_RECORDS=scenario.file_records, FOLD_AFTER_BATCHES=scenario.fold_after)
    site = Site(scenario, chooser)
    bugs: list[str] = []
    with _noticing(bugs):
        try:
            wrong = _to_rest(site)
        except EndlessError:
            wrong = ["(e) it goes on for ever", *site.history.wrong]
        finally:
            site.scheduler.close()
    steps, history = site.scheduler.step, site.history
    return Result([*bugs, *wrong], steps, history.invocations, history.bodies)


def _to_rest(site: Site) -> list[str]:
    site.scheduler.run(_HORIZON_SECONDS)
    site.at_rest()
    for _ in range(_MAX_DAYS):
        site.sweep()
        site.scheduler.run(site.world.seconds + _DAY)
        if not site.queues.count(QUEUE) and not any(one.startswith("(e)") for one in find_wrong(site)):
            break
    wrong = [*find_wrong(site)]
    if site.queues.count(QUEUE):
        wrong.append("(e) messages are left on the queue")
    return wrong


@contextmanager
def exploring() -> Iterator[None]:
    """Around many schedules: what explorers lay over the product."""
    level = logging.root.manager.disable
    page, held_bytes = vars(publish)["render"], held_export.HELD_BYTES
    ahead = {name: vars(write_ahead)[name] for name in ("FILE_RECORDS", "FOLD_AFTER_BATCHES")}
    with laid_over():
        logging.disable(logging.CRITICAL)
        vars(publish)["render"] = lambda _figures: "<html></html>"
        try:
            yield
        finally:
            vars(publish)["render"] = page
            vars(held_export)["HELD_BYTES"] = held_bytes
            vars(write_ahead).update(ahead)
            logging.disable(level)


@contextmanager
def _noticing(bugs: list[str]) -> Iterator[None]:
    """A bug becomes a fixed text in the product; here it is what is looked for."""

    def failed(code: str, _export: str, detail: str) -> None:
        if code == "bug":
            bugs.append(f"a bug: {detail}")

    told = log_events.invocation_failed
    vars(log_events)["invocation_failed"] = failed
    try:
        yield
    finally:
        vars(log_events)["invocation_failed"] = told
