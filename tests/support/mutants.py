"""Mutation testing: `python -m tests.support.mutants shared/exports` changes the code in one place at a time and runs its tests.

A *mutant* is the package with one change: a comparison turned round, a constant one larger, an `and` for an `or`, a value not
returned, a statement left out. Tests that fail kill it. One that survives shows something no test notices; it must be
explained in `tests/mutants/explained.toml`, or a test is missing. The list of mutants is the same for the same code.

A mutant is run only against the tests that run through the changed statement (measured once), each in a process
of its own, with limits of time and memory, the most promising test first. Results are kept in `.cache/mutants`, so that a run that was stopped goes on where it
was: a mutant is run again when its function has changed, or the test that noticed it; one that no test noticed, with tests that are
new or have changed. It has *survived* if all its tests ran, and is *undecided* if the budget was used up before that; both must be
explained.

Exit code 0: every survivor is explained, and every explanation is needed (of a full run).
"""

import argparse
import random
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from tests.support.mutant_coverage import Coverage, measured
from tests.support.mutant_list import Mutant, mutants_of
from tests.support.mutant_results import Found, Result, Results
from tests.support.mutant_runs import Runner, Task
from tests.support.mutant_swap import swap_of

PROJECT: Final = Path(__file__).parents[2]
SUITES: Final = {
    "shared/exports": ("tests/unit/exports/test_*.py", "tests/unit/docs/test_limits.py"),
    "shared/delivery": (
        "tests/unit/test_*.py",
        "tests/unit/docs/test_limits.py",
        "tests/unit/report/test_publish.py",
        "tests/functional/test_*.py",
    ),
}
"""Which tests stand for a package."""
_SEARCHES: Final = {f"tests/functional/test_{name}.py" for name in ("model", "explorer", "schedules")}
"""Of what nobody has thought of: they take long, and one keeps whatever made it fail."""
_READ_THE_CODE: Final = {
    "tests/functional/test_mutants_run.py",
    *(f"tests/unit/test_{name}.py" for name in ("measures", "mutants", "npm", "vocabulary")),
}
"""These do not run it."""


def main(arguments: list[str] | None = None) -> int:
    """Run the mutants of a package, or a sample of them, and say which survive."""
    given = _arguments(arguments)
    root: Path = given.root.resolve()
    cache = root / ".cache" / "mutants"
    mutants = mutants_of(root, given.package)
    if given.only:
        mutants = [one for one in mutants if any(only in one.path or only == one.key for only in given.only)]
    if given.list:
        for one in mutants:
            say(f"{one.key}  {one}")
        return 0
    coverage = measured(root, cache, given.package, _files(root, given.package), fresh=given.fresh)
    results = Results(root, cache / "results.jsonl", coverage.seconds, given.budget)
    results.learn(mutants)
    chosen = _sample(mutants, given.sample)
    explained = explanations(root)
    left = [one for one in chosen if given.fresh or not _known(coverage, results, one)]
    left.sort(key=lambda one: str(one) in explained)  # what is explained can wait
    say(f"{len(chosen)} mutants; {len(chosen) - len(left)} known from an earlier run")
    Runner(root, results, given.jobs, _Progress(len(left)).said).run(
        [_task(root, coverage, results, one) for one in left]
    )
    found = {one: _known(coverage, results, one) for one in chosen}
    return _report(
        {one: it.result for one, it in found.items() if it},
        explained,
        full=len(chosen) == len(mutants) and not given.only,
    )


def explanations(root: Path = PROJECT) -> dict[str, str]:
    """Why no test needs to notice a mutant: by its text, as the report prints it."""
    file = root / "tests" / "mutants" / "explained.toml"
    groups = tomllib.loads(file.read_text("utf-8"))["survivor"] if file.exists() else []
    return {mutant: one["why"] for one in groups for mutant in one["mutants"]}


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def _arguments(arguments: list[str] | None) -> Any:
    parser = argparse.ArgumentParser(prog="python -m tests.support.mutants", description=__doc__)
    parser.add_argument("package", help="a folder below the project's, such as shared/exports")
    parser.add_argument(
        "--sample", type=int, default=0, metavar="N", help="only N mutants, always the same ones"
    )
    parser.add_argument(
        "--only",
        action="append",
        metavar="TEXT",
        help="only mutants of files whose path holds this; may be repeated",
    )
    parser.add_argument("--list", action="store_true", help="print the mutants and run nothing")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs found")
    parser.add_argument(
        "--budget", type=float, default=5.0, metavar="SECONDS", help="of tests that a mutant must survive"
    )
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="how many processes at a time")
    parser.add_argument(
        "--root", type=Path, default=PROJECT, metavar="FOLDER", help="the project's folder, if not this one"
    )
    return parser.parse_args(arguments)


def _sample(mutants: list[Mutant], count: int) -> list[Mutant]:
    chance = random.Random(1)
    return sorted(chance.sample(mutants, count)) if 0 < count < len(mutants) else mutants


def _files(root: Path, package: str) -> list[str]:
    """The test files that stand for a package."""
    found = {
        file.relative_to(root).as_posix()
        for pattern in SUITES.get(package, ("tests/unit/**/test_*.py",))
        for file in root.glob(pattern)
    }
    return sorted(found - _SEARCHES - _READ_THE_CODE)


def _task(root: Path, coverage: Coverage, results: Results, mutant: Mutant) -> Task:
    source = (root / mutant.path).read_text("utf-8")
    swap = swap_of(mutant, source, coverage.loaded, root)
    tests = coverage.reaching(mutant, by_name=swap is None or bool(swap.name))
    return Task(mutant, results.left(mutant, tests), swap, coverage.rarity(mutant))


def _known(coverage: Coverage, results: Results, mutant: Mutant) -> Found | None:
    """What an earlier run found, if it still holds."""
    by_name = results.by_name(mutant)
    return None if by_name is None else results.known(mutant, coverage.reaching(mutant, by_name=by_name))


class _Progress:
    """Says how far a run is, and each survivor as soon as it is known."""

    def __init__(self, of: int) -> None:
        self._of = of
        self._done = 0
        self._began = time.monotonic()

    def said(self, mutant: Mutant, by: str) -> None:
        """One more is done."""
        self._done += 1
        if not by:
            say(f"[{self._done}/{self._of}] survived: {mutant}")
        elif not self._done % 100:
            each = (time.monotonic() - self._began) / self._done
            say(f"[{self._done}/{self._of}] {each:.2f} s each")


def _report(results: dict[Mutant, Result], explained: dict[str, str], *, full: bool) -> int:
    counts = Counter(result.value for result in results.values())
    unexplained = [
        one for one, result in results.items() if result is not Result.KILLED and str(one) not in explained
    ]
    say(f"{len(results)} mutants: " + ", ".join(f"{count} {name}" for name, count in sorted(counts.items())))
    if alive := len(results) - counts[Result.KILLED.value]:
        say(f"{alive - len(unexplained)} of {alive} that no test noticed are explained")
    for one in unexplained:
        say(f"not explained: {one}")
    needless = _needless(results, explained) if full else []
    for text in needless:
        say(f"explained, but it is killed or no longer there: {text}")
    return 1 if unexplained or needless else 0


def _needless(results: dict[Mutant, Result], explained: Iterable[str]) -> list[str]:
    alive = {str(one) for one, result in results.items() if result is not Result.KILLED}
    files = {one.path for one in results}
    return [text for text in explained if text.split(":")[0] in files and text not in alive]


if __name__ == "__main__":
    sys.exit(main())
