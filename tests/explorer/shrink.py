"""The smallest schedule that still fails in the same way: delta debugging over its decisions."""

from collections.abc import Callable, Sequence

from tests.explorer.choices import Replay
from tests.explorer.run import run_schedule
from tests.explorer.schedule import Decision, Schedule


def shrink(schedule: Schedule, *, most_runs: int = 400) -> Schedule:
    """Leave out decisions for as long as it fails in the way it failed (the letter of the rule stays).

    Args:
        schedule: one that fails.
        most_runs: how often it is tried.
    """
    wrong = run_schedule(schedule.scenario, Replay(schedule.decisions)).wrong
    letters = {one[:3] for one in wrong}
    left = [most_runs]

    def fails(decisions: Sequence[Decision]) -> bool:
        left[0] -= 1
        found = run_schedule(schedule.scenario, Replay(decisions)).wrong
        return any(one[:3] in letters for one in found)

    return Schedule(schedule.scenario, tuple(_smaller(list(schedule.decisions), fails, left)))


def _smaller(
    decisions: list[Decision], fails: Callable[[Sequence[Decision]], bool], left: list[int]
) -> list[Decision]:
    size = max(1, len(decisions) // 2)
    while left[0] > 0:
        start, removed = 0, False
        while start < len(decisions) and left[0] > 0:
            fewer = decisions[:start] + decisions[start + size :]
            if fails(fewer):
                decisions, removed = fewer, True
            else:
                start += size
        if size == 1 and not removed:
            break
        size = max(1, size // 2)
    return decisions
