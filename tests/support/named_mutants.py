"""Mistakes with a name, and the test that notices each: `python -m tests.support.named_mutants` makes them one at a time.

They are listed in `tests/mutants/named.toml`, or in the file that is given. Each is made in a process of its own, while its module is loaded; nothing is written.
"""

import sys
import tomllib
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

from tests.support.mutant_children import limit, run_children
from tests.support.mutant_coverage import PYTEST
from tests.support.mutant_loader import ChangedModule
from tests.support.mutant_runs import LOADED_FIRST

_PROJECT: Final = Path(__file__).parents[2]
_SECONDS: Final = 120.0
LISTED: Final = _PROJECT / "tests" / "mutants" / "named.toml"


@dataclass(frozen=True, slots=True)
class NamedMutant:
    """One mistake.

    Attributes:
        breaks: what it breaks.
        file: whose source is changed, from the project's folder.
        old: what is replaced.
        new: what takes its place.
        test: which must fail then.
    """

    breaks: str
    file: str
    old: str
    new: str
    test: str

    def made_in(self, source: str) -> str:
        """The source with the mistake in it.

        Raises:
            ValueError: what is to be replaced is not there exactly once.
        """
        if source.count(self.old) != 1:
            raise ValueError(f"{self.file} holds `old` {source.count(self.old)} times: {self.breaks}")
        return source.replace(self.old, self.new)


def named_mutants(listed: Path = LISTED) -> list[NamedMutant]:
    """All of a list."""
    return [NamedMutant(**one) for one in tomllib.loads(listed.read_text("utf-8"))["mutant"]]


def main(listed: Path = LISTED) -> int:
    """Make each of them; exit code 1 if one is not noticed by its test."""
    mutants = named_mutants(listed)
    for library in LOADED_FIRST:
        import_module(library)
    missed = sorted(one.breaks for one, noticed in run_children(mutants, _noticed, jobs=2) if not noticed)
    for breaks in missed:
        print(f"not noticed: {breaks}")
    print(f"{len(mutants) - len(missed)} of {len(mutants)} named mistakes are noticed")
    return 1 if missed else 0


def _noticed(mutant: NamedMutant) -> int:
    """Whether the test fails, as an exit code; that it cannot be run at all is another one."""
    limit(_SECONDS, 5 * _SECONDS)
    ChangedModule(_PROJECT, mutant.file, mutant.made_in).install()
    code = pytest.main(["-x", *PYTEST, mutant.test])
    return 0 if code is pytest.ExitCode.TESTS_FAILED else 1


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
