"""Mutation testing: `python -m tests.support.mutants shared/exports` changes the code in one place at a time and runs its tests.

A *mutant* is the package with one change: a comparison turned round, a constant one larger, an `and` for an `or`, a value not
returned, a statement left out. Tests that fail kill it. One that survives shows something no test notices; it must be
explained in `tests/mutants/explained.toml`, or a test is missing. The list of mutants is the same for the same code.

A mutant is run only against the tests that reach the changed function (known from coverage contexts), each in a process of
its own, with a time limit and a limit of memory. Results are kept in `.cache/mutants`: a mutant is run again when its
function, or a test file that decided about it, has changed.

Exit code 0: every survivor is explained, and every explanation is needed (of a full run).
"""

import argparse
import random
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from tests.support.mutant_coverage import Coverage
from tests.support.mutant_list import Mutant, mutants_of
from tests.support.mutant_runs import Result, Runner

ROOT: Final = Path(__file__).parents[2]
CACHE: Final = ROOT / ".cache" / "mutants"
EXPLAINED: Final = ROOT / "tests" / "mutants" / "explained.toml"
SUITES: Final = {
    "shared/exports": ("tests/unit/exports",),
    "shared/delivery": ("tests/unit", "tests/functional"),
}
"""Which tests stand for a package."""


def main(arguments: list[str] | None = None) -> int:
    """Run the mutants of a package, or a sample of them, and say which survive."""
    given = _arguments(arguments)
    mutants = mutants_of(ROOT, given.package)
    if given.only:
        mutants = [one for one in mutants if given.only in one.path or given.only == one.key]
    if given.list:
        for one in mutants:
            say(f"{one.key}  {one}")
        return 0
    suite = SUITES.get(given.package, ("tests/unit",))
    runner = Runner(ROOT, CACHE, Coverage.measured(ROOT, CACHE, given.package, suite), fresh=given.fresh)
    chosen = _sample(mutants, given.sample)
    runner.check(chosen)
    results = {one: _run(runner, one, done, len(chosen)) for done, one in enumerate(chosen, 1)}
    return _report(results, explanations(), full=len(chosen) == len(mutants) and not given.only)


def explanations() -> dict[str, str]:
    """Why a survivor is none: by the mutant's text, as the report prints it."""
    if not EXPLAINED.exists():
        return {}
    return {
        one["mutant"]: one["why"] for one in tomllib.loads(EXPLAINED.read_text("utf-8")).get("survivor", [])
    }


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
        "--only", default="", metavar="TEXT", help="only mutants of files whose path holds this"
    )
    parser.add_argument("--list", action="store_true", help="print the mutants and run nothing")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs found")
    return parser.parse_args(arguments)


def _sample(mutants: list[Mutant], count: int) -> list[Mutant]:
    chance = random.Random(1)
    return sorted(chance.sample(mutants, count)) if 0 < count < len(mutants) else mutants


def _run(runner: Runner, mutant: Mutant, done: int, of: int) -> Result:
    result = runner.result(mutant)
    if result is not Result.KILLED:
        say(f"[{done}/{of}] {result.value}: {mutant}")
    elif not done % 25:
        say(f"[{done}/{of}]")
    return result


def _report(results: dict[Mutant, Result], explained: dict[str, str], *, full: bool) -> int:
    counts = Counter(result.value for result in results.values())
    unexplained = [
        one
        for one, result in results.items()
        if result in {Result.SURVIVED, Result.UNTESTED} and str(one) not in explained
    ]
    say(f"{len(results)} mutants: " + ", ".join(f"{count} {name}" for name, count in sorted(counts.items())))
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
