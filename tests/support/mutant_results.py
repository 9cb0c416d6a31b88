"""What became of mutants: remembered from run to run, and which test is likely to notice the next one."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Any, Final

from tests.support.mutant_list import Mutant
from tests.support.mutant_texts import TestTexts
from tests.support.mutant_words import Words

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
        self._kept = kept
        self.seconds = seconds
        self.budget = budget
        self._lines: dict[str, Any] = {}
        self._texts = TestTexts(root)
        self._words = Words(root, self._texts, seconds)
        self._kills: Counter[tuple[str, str]] = Counter()
        self.load()

    def load(self) -> None:
        """Read what was found so far, by another process too."""
        if self._kept.exists():
            for line in self._kept.read_text("utf-8").splitlines():
                one = json.loads(line)
                if "passed" in one:  # older files have lines of another kind
                    self._lines[one["key"]] = one

    def learn(self, mutants: Iterable[Mutant]) -> None:
        """Count which tests noticed mutants in earlier runs: they are likely to notice others beside these."""
        for mutant in mutants:
            if by := self._lines.get(mutant.key, {"by": ""})["by"]:
                self._count(mutant, by)

    def known(self, mutant: Mutant, tests: list[str]) -> Found | None:
        """What was found before, if neither the function nor a test that decided about it has changed since."""
        line = self._lines.get(mutant.key)
        if not line:
            return None
        if by := line["by"]:
            holds = by in tests and line["passed"] == [self._texts.digest(by)]
            return Found(Result.KILLED, by) if holds else None
        left = {self._texts.digest(one) for one in self.left(mutant, tests)}
        if not left <= set(line["left"]) or (left and line["budget"] < self.budget):
            return None
        if left:
            return Found(Result.UNDECIDED)
        return Found(Result.SURVIVED if tests else Result.UNTESTED)

    def left(self, mutant: Mutant, tests: list[str]) -> list[str]:
        """Those of some tests that have not run with a mutant before, or have changed since."""
        passed = self._passed(mutant)
        return [one for one in tests if self._texts.digest(one) not in passed]

    def by_name(self, mutant: Mutant) -> bool | None:
        """Whether the tests that use a mutant's name were run when it was last run; `None`: it never was."""
        return self._lines[mutant.key]["by_name"] if mutant.key in self._lines else None

    def note(
        self,
        mutant: Mutant,
        passed: list[str],
        by: str = "",
        *,
        left: Iterable[str] = (),
        by_name: bool = False,
    ) -> None:
        """Keep a result.

        Args:
            mutant: the change.
            passed: tests that have run and did not notice it.
            by: the one that failed; empty if none did.
            left: those that did not run, since the budget was used up.
            by_name: whether these are the tests that use its name.
        """
        digests = (
            {self._texts.digest(by)} if by else self._passed(mutant) | set(map(self._texts.digest, passed))
        )
        line = {
            "key": mutant.key, "by": by, "passed": sorted(digests), "left": [] if by else sorted(map(self._texts.digest, left)),
            "by_name": by_name, "budget": self.budget,
        }  # fmt: skip
        self._lines[mutant.key] = line
        with self._kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        if by:
            self._count(mutant, by)

    def _count(self, mutant: Mutant, by: str) -> None:
        beside = by.partition("::")[0]
        self._kills.update(
            [(mutant.path, by), (f"{mutant.path}:{mutant.function}", by), (mutant.path, beside)]
        )

    def _passed(self, mutant: Mutant) -> set[str]:
        line = self._lines.get(mutant.key)
        return set(line["passed"]) if line and not line["by"] else set()

    def ordered(
        self, mutant: Mutant, tests: list[str], rarity: Mapping[str, float] | None = None
    ) -> list[str]:
        """The tests in the order in which to try them: new ones, quick ones, the module's own, those that noticed a neighbour, are beside one, or speak of it.

        Args:
            mutant: the change.
            tests: all that reach it.
            rarity: of those that run through a line beside it which few do (`Coverage.rarity`).
        """
        function = f"{mutant.path}:{mutant.function}"
        module = PurePosixPath(mutant.path).stem
        line = self._lines.get(mutant.key, {"by": "", "left": ()})
        waited = set(line["left"])
        likeness = self._words.likeness(mutant, tests)

        def cost(test: str) -> tuple[bool, bool, float, str]:
            file = test.partition("::")[0]
            kills: float = self._kills[mutant.path, test] + 4 * self._kills[function, test]
            kills += min(_LIKE_ITS_OWN, self._kills[mutant.path, file])
            kills += min(_MOST_RARE, (rarity or {}).get(test, 1.0)) - 1 + likeness[test]
            named_alike = module in file
            return (
                test != line["by"],
                bool(waited) and self._texts.digest(test) in waited,
                (self.seconds.get(test, 1.0) + 0.02) / (1 + kills + _LIKE_ITS_OWN * named_alike),
                test,
            )

        return sorted(tests, key=cost)
