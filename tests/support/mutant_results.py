"""What became of mutants: remembered from run to run, and which test is likely to notice the next one."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Any, Final

from tests.support.mutant_coverage import digest_of
from tests.support.mutant_list import Mutant

_LIKE_ITS_OWN: Final = 20
"""So many times likelier to notice is a test of the module's own file, or of one that has noticed as many of its mutants."""
_MOST_RARE: Final = 50.0


class Result(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    UNDECIDED = "undecided"
    UNTESTED = "reached by no test"


@dataclass(frozen=True)
class Found:
    """A result; `by` is the test that noticed."""

    result: Result
    by: str = ""


class Results:
    """Results of this run and of earlier ones.

    Args:
        root: the project's folder.
        kept: a file with a JSON line for each result.
        seconds: how long each test takes.
        budget: a mutant has survived when so many seconds of tests have not noticed it.
    """

    def __init__(self, root: Path, kept: Path, seconds: dict[str, float], budget: float) -> None:
        self._root = root
        self._kept = kept
        self.seconds = seconds
        self.budget = budget
        self._lines: dict[str, Any] = {}
        self._digests: dict[str, str] = {}
        self._kills: Counter[tuple[str, str]] = Counter()
        self.load()

    def load(self) -> None:
        """Read what was found so far, by another process too."""
        if self._kept.exists():
            for line in self._kept.read_text("utf-8").splitlines():
                one = json.loads(line)
                self._lines[one["key"]] = one

    def known(self, mutant: Mutant, tests: list[str]) -> Found | None:
        """What was found before, if neither the function nor a test that decided about it has changed since."""
        line = self._lines.get(mutant.key)
        if not line:
            return None
        by = line["by"]
        if line["tests"] != self._digest([by] if by else tests) or (by and by not in tests):
            return None
        if by:
            return Found(Result.KILLED, by)
        if line["cut"]:
            return None if line["budget"] < self.budget else Found(Result.UNDECIDED)
        return Found(Result.SURVIVED if tests else Result.UNTESTED)

    def by_name(self, mutant: Mutant) -> bool | None:
        """Whether the tests that use a mutant's name were run when it was last run; `None`: it never was."""
        return self._lines[mutant.key]["by_name"] if mutant.key in self._lines else None

    def note(
        self, mutant: Mutant, tests: list[str], by: str = "", *, by_name: bool = False, cut: bool = False
    ) -> None:
        """Keep a result.

        Args:
            mutant: the change.
            tests: all that reach it.
            by: the one that failed; empty if none did.
            by_name: whether these are the tests that use its name.
            cut: whether the budget was used up before all of them had run.
        """
        line = {
            "key": mutant.key, "by": by, "tests": self._digest([by] if by else tests), "by_name": by_name,
            "cut": cut, "budget": self.budget,
        }  # fmt: skip
        self._lines[mutant.key] = line
        with self._kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        if by:
            beside = by.partition("::")[0]
            self._kills.update(
                [(mutant.path, by), (f"{mutant.path}:{mutant.function}", by), (mutant.path, beside)]
            )

    def ordered(
        self, mutant: Mutant, tests: list[str], rarity: Mapping[str, float] | None = None
    ) -> list[str]:
        """The tests in the order in which to try them: quick ones, the module's own, those that noticed a neighbour, or are beside one.

        Args:
            mutant: the change.
            tests: all that reach it.
            rarity: of those that run through a line beside it which few do (`Coverage.rarity`).
        """
        function = f"{mutant.path}:{mutant.function}"
        module = PurePosixPath(mutant.path).stem
        before = self._lines.get(mutant.key, {"by": ""})["by"]

        def cost(test: str) -> tuple[bool, float, str]:
            file = test.partition("::")[0]
            kills: float = self._kills[mutant.path, test] + 4 * self._kills[function, test]
            kills += min(_LIKE_ITS_OWN, self._kills[mutant.path, file])
            kills += min(_MOST_RARE, (rarity or {}).get(test, 1.0)) - 1
            named_alike = module in file
            return (
                test != before,
                (self.seconds.get(test, 1.0) + 0.02) / (1 + kills + _LIKE_ITS_OWN * named_alike),
                test,
            )

        return sorted(tests, key=cost)

    def _digest(self, tests: list[str]) -> str:
        """Of the names of tests and the files that they are in; of one test, the file only."""
        files = sorted({test.partition("::")[0] for test in tests})
        for file in files:
            if file not in self._digests:
                path = self._root / file
                self._digests[file] = digest_of([path]) if path.exists() else "gone"
        return "".join(self._digests[file][:8] for file in files) + f"-{len(tests)}"
