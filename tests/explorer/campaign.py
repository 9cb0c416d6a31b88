"""Many schedules, and what they found. As a program: `python -m tests.explorer.campaign --random 1000`."""

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tests.explorer.choices import Chance, Replay
from tests.explorer.run import Result, exploring, run_schedule
from tests.explorer.schedule import Decision, Schedule
from tests.explorer.shrink import shrink

_DEPTH_STEPS: Final = 90
"""Systematic schedules differ from the usual in their first steps."""


@dataclass
class Tally:
    """What a campaign has done.

    Attributes:
        failed: the schedules in which something was wrong, and what was.
    """

    schedules: int = 0
    steps: int = 0
    invocations: int = 0
    bodies: int = 0
    seconds: float = 0.0
    failed: list[tuple[Schedule, list[str]]] = field(default_factory=list)

    def add(self, schedule: Schedule, result: Result) -> None:
        """Count one."""
        self.schedules += 1
        self.steps += result.steps
        self.invocations += result.invocations
        self.bodies += result.bodies
        if result.wrong:
            self.failed.append((schedule, result.wrong))

    def __str__(self) -> str:
        """The figures in a line."""
        return (
            f"{self.schedules:,} schedules, {self.steps:,} switching points, {self.invocations:,} invocations, "
            f"{self.bodies:,} request bodies, {self.seconds:,.0f} s: {len(self.failed)} failed"
        )


def random_schedules(first: int, count: int, *, seconds: float = float("inf"), failures: int = 20) -> Tally:
    """Schedules by chance.

    Args:
        first: the first one's number; every number is a scenario and a seed.
        count: how many.
        seconds: stops after so much time.
        failures: stops after so many.
    """
    tally = Tally()
    started = time.monotonic()
    with exploring():
        for number in range(first, first + count):
            chooser = Chance(number)
            result = run_schedule(number, chooser)
            tally.add(Schedule(number, tuple(chooser.decisions)), result)
            tally.seconds = time.monotonic() - started
            if tally.seconds > seconds or len(tally.failed) >= failures:
                break
    return tally


def systematic_schedules(
    scenarios: range, count: int, *, bound: int = 2, seconds: float = float("inf"), failures: int = 20
) -> Tally:
    """All schedules with one decision that is not the usual one, then those with two, and so on.

    Args:
        scenarios: which ones; each gets the same share.
        count: how many schedules in all.
        bound: how many decisions at most.
        seconds: stops after so much time.
        failures: stops after so many.
    """
    tally = Tally()
    started = time.monotonic()
    with exploring():
        for scenario in scenarios:
            most = count * (scenario - scenarios.start + 1) // len(scenarios)
            for decisions, result in _fewer_first(scenario, bound):
                tally.add(Schedule(scenario, decisions), result)
                tally.seconds = time.monotonic() - started
                if tally.schedules >= most:
                    break
                if tally.seconds > seconds or len(tally.failed) >= failures:
                    return tally
    return tally


def _fewer_first(scenario: int, bound: int) -> Iterator[tuple[tuple[Decision, ...], Result]]:
    level: list[tuple[Decision, ...]] = [()]
    for depth in range(bound + 1):
        following: list[tuple[Decision, ...]] = []
        for decisions in level:
            chooser = Replay(decisions, options_until=_DEPTH_STEPS if depth < bound else 0)
            yield decisions, run_schedule(scenario, chooser)
            following += [(*decisions, option) for option in chooser.options]
        level = following


def describe(tally: Tally, *, shrunk: int = 5) -> Iterator[str]:
    """The figures, and one small schedule for each way of failing."""
    yield str(tally)
    ways: dict[str, tuple[Schedule, list[str]]] = {}
    for schedule, wrong in tally.failed:
        way = wrong[0][:48]
        if way not in ways or len(schedule.decisions) < len(ways[way][0].decisions):
            ways[way] = schedule, wrong
    counts = Counter(wrong[0][:48] for _, wrong in tally.failed)
    with exploring():
        for way, (schedule, _) in list(ways.items())[:shrunk]:
            small = shrink(schedule)
            found = run_schedule(small.scenario, Replay(small.decisions)).wrong
            yield f"{counts[way]} times: {found[:3]}\n    {small}"


def main() -> None:
    """Run a campaign and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--systematic", type=int, default=0)
    parser.add_argument("--first", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--failures", type=int, default=20)
    told = parser.parse_args()
    if told.random:
        tally = random_schedules(told.first, told.random, seconds=told.seconds, failures=told.failures)
        print("random:", "\n".join(describe(tally)), flush=True)
    if told.systematic:
        tally = systematic_schedules(range(4), told.systematic, seconds=told.seconds, failures=told.failures)
        print("systematic:", "\n".join(describe(tally)), flush=True)


if __name__ == "__main__":
    main()
