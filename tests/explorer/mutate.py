"""Makes one deliberate mistake in the product's source while it is imported, then explores.

As a program, in a process of its own: `python -m tests.explorer.mutate NAME [SECONDS]`; without a name, all of them.
"""

import importlib.abc
import importlib.machinery
import subprocess
import sys
import time
from importlib.util import spec_from_loader
from types import ModuleType
from typing import TYPE_CHECKING, Final

from tests.explorer.mutants import MUTANTS, Mutant
from tests.explorer.schedule import EVENTS, PARALLEL, SOURCES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.explorer.campaign import Tally

_SECONDS: Final = 60.0


class _Mistake(importlib.abc.MetaPathFinder):
    """Finds the one module, with its source changed."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self, fullname: str, path: "Sequence[str] | None", _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module, if it is the one."""
        if fullname != self._mutant.module:
            return None
        found = importlib.machinery.PathFinder.find_spec(fullname, path)
        assert found is not None
        assert found.origin is not None
        return spec_from_loader(fullname, _Changed(fullname, found.origin, self._mutant))


class _Changed(importlib.machinery.SourceFileLoader):
    """Loads a source with the mistake in it, never out of a cache."""

    def __init__(self, fullname: str, path: str, mutant: Mutant) -> None:
        super().__init__(fullname, path)
        self._mutant = mutant

    def get_code(self, fullname: str) -> object:  # type: ignore[override]  # a code object
        """Compile the changed source."""
        source = self.get_source(fullname) or ""
        assert source.count(self._mutant.old) == 1, f"{self._mutant.name} does not fit any more"
        return compile(source.replace(self._mutant.old, self._mutant.new), self.path, "exec")


def explore_with(mutant: Mutant, seconds: float) -> str:
    """Explore with one mistake; the first thing that is wrong, or nothing. The product must not be imported yet."""
    sys.meta_path.insert(0, _Mistake(mutant))
    from tests.explorer.campaign import random_schedules, systematic_schedules  # noqa: PLC0415  (changed by now)

    if mutant.first:
        return _said(random_schedules(mutant.first + 500_000, 10**9, failures=1, seconds=seconds))
    ends = time.monotonic() + seconds
    tally = systematic_schedules(range(4), 600, bound=1, failures=1, seconds=seconds / 4)
    for first, share in (
        (500_000, 4),
        (PARALLEL + EVENTS + 500_000, 3),
        (EVENTS + 500_000, 2),
        (SOURCES + 500_000, 1),
    ):
        if not tally.failed:
            seconds = (ends - time.monotonic()) / share
            tally = random_schedules(first, 10**9, failures=1, seconds=seconds)
    return _said(tally)


def _said(tally: "Tally") -> str:
    return f"{tally.failed[0][1][0]}  [{tally.failed[0][0]}]" if tally.failed else ""


def explore_all() -> int:
    """All of them, each in a process of its own; gives how many were found."""
    found = 0
    for mutant in MUTANTS:
        started = time.monotonic()
        command = [sys.executable, "-m", "tests.explorer.mutate", mutant.name]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
        found += bool(said)
        print(f"{mutant.name}: {time.monotonic() - started:.0f} s: {said[:100] or 'NOT FOUND'}", flush=True)
    print(f"{found} of {len(MUTANTS)} mistakes found")
    return found


if __name__ == "__main__":
    if sys.argv[1:]:
        (chosen,) = (one for one in MUTANTS if one.name == sys.argv[1])
        print(explore_with(chosen, float(sys.argv[2]) if sys.argv[2:] else _SECONDS))
    else:
        explore_all()
