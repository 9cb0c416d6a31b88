"""A schedule: a scenario, and the decisions in it that differ from the usual. As a text it is one line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "schedules"
EVENTS: Final = 50_000_000
"""Scenarios from this number on have exports whose events overlap."""
PARALLEL: Final = 100_000_000
"""From this number on they are those from 0 on with several requests on their way, and mostly more records."""
SOURCES: Final = 500_000_000
"""Scenarios from this number on have a source whose mapping changes."""
PASSES: Final = 600_000_000
"""From this number on they are small, and about passes over rejected records that follow each other."""


@dataclass(frozen=True, slots=True, order=True)
class Decision:
    """What happens at one step.

    Attributes:
        step: counted from 1; at each one task goes on up to its next call.
        what: `run=TASK`: that task goes on, not the usual one; `do=ACTION`: a person or another system acts first; anything else: the
            fate of the call that the task makes now.
    """

    step: int
    what: str

    def __str__(self) -> str:
        """As it stands in a line."""
        return f"{self.step}:{self.what}"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A scenario's number, and what is decided in it."""

    scenario: int
    decisions: tuple[Decision, ...] = ()

    def __str__(self) -> str:
        """One line."""
        return " ".join([str(self.scenario), *map(str, self.decisions)])


def parse(line: str) -> Schedule:
    """Read a line back."""
    scenario, *decisions = line.split()
    parted = (one.split(":", 1) for one in decisions)
    return Schedule(int(scenario), tuple(Decision(int(step), what) for step, what in parted))


def kept_schedules() -> list[tuple[str, Schedule]]:
    """The schedules that failed once, with the names of their files."""
    return [
        (path.stem, parse(line))
        for path in sorted(FOLDER.glob("*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
