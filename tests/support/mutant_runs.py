"""Runs the tests that reach a mutant, in processes of their own, and remembers what came out."""

import hashlib
import json
import os
import resource
import signal
import sys
import time
from dataclasses import replace
from enum import Enum
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.mutant_coverage import Coverage, digest_of
from tests.support.mutant_list import UNCHANGED, Mutant, mutated

_SECONDS: Final = 60
_SECONDS_BESIDE: Final = 5
"""A mutant may take so many times as long as its tests took, and so many seconds more, at most `_SECONDS` a batch."""
_MEMORY_BYTES: Final = 3 << 30
_PRELOADED: Final = ("pytest", "_pytest.assertion.rewrite", "hypothesis", "jsonschema", "msgspec")
_BATCHES: Final = (8, 60, 100_000)
"""Tests are run quickest first: a few, some, all the others; most mutants die in the first batch."""


class Result(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    UNTESTED = "reached by no test"


class Runner:
    """Runs mutants one after another.

    Attributes:
        coverage: which tests there are for each.
    """

    def __init__(self, root: Path, cache: Path, coverage: Coverage, *, fresh: bool = False) -> None:
        """Load the libraries that every child needs, and what earlier runs found.

        Args:
            root: the project's folder.
            cache: where results are kept.
            coverage: which tests there are.
            fresh: whether to forget earlier runs.
        """
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(cache / "hypothesis")
        for library in _PRELOADED:
            import_module(library)
        self._root = root
        self._kept = cache / "results.json"
        self.coverage = coverage
        known = self._kept.exists() and not fresh
        self._results: dict[str, Any] = json.loads(self._kept.read_text("utf-8")) if known else {}
        self._files: dict[str, str] = {}

    def result(self, mutant: Mutant) -> Result:
        """Whether a test notices the mutant."""
        tests = self.coverage.of(mutant)
        kept = self._results.get(mutant.key)
        if (
            kept
            and kept["tests"] == self._digest_of(kept["files"])
            and (kept["killed"] or kept["names"] == len(tests))
        ):
            return Result.KILLED if kept["killed"] else Result.SURVIVED if tests else Result.UNTESTED
        deciding = self._deciding(mutant, tests)
        killed = deciding is not None
        files = sorted({name.split("::")[0] for name in (deciding or tests)})
        self._results[mutant.key] = {
            "killed": killed, "files": files, "tests": self._digest_of(files), "names": len(tests),
        }  # fmt: skip
        self._kept.write_text(json.dumps(self._results), "utf-8")
        return Result.KILLED if killed else Result.SURVIVED if tests else Result.UNTESTED

    def check(self, mutants: list[Mutant]) -> None:
        """Run some tests on the unchanged code in the same way: if these failed, every mutant would look killed.

        Raises:
            RuntimeError: they fail, or pytest does not find a test by its name.
        """
        first = {one.path: one for one in mutants}
        for one in first.values():
            same, tests = replace(one, index=UNCHANGED), self.coverage.of(one)
            if not _passes(self._root, same, tests[: _BATCHES[0]], _SECONDS):
                raise RuntimeError(f"the tests of {one.path} fail without any change")
        every = sorted({name for one in first.values() for name in self.coverage.of(one)})
        if first and not _passes(self._root, same, ["--collect-only", *every], _SECONDS):
            raise RuntimeError("pytest does not find every test by its name")

    def _deciding(self, mutant: Mutant, tests: list[str]) -> list[str] | None:
        """The tests among which one fails; `None` if none does."""
        done = 0
        for size in _BATCHES:
            batch, done = tests[done : done + size], done + size
            if batch and not _passes(self._root, mutant, batch, self._limit(batch)):
                return batch
        return None

    def _limit(self, batch: list[str]) -> float:
        usual = sum(self.coverage.seconds.get(name, 1.0) for name in batch)
        return min(_SECONDS + usual, 4 * usual + _SECONDS_BESIDE)

    def _digest_of(self, files: list[str]) -> str:
        for name in files:
            if name not in self._files:
                self._files[name] = digest_of([self._root / name])
        return hashlib.sha256("".join(self._files[name] for name in files).encode()).hexdigest()


def _passes(root: Path, mutant: Mutant, tests: list[str], seconds: float) -> bool:
    """Run tests on the mutant in a child of this process, which has the libraries loaded already."""
    child = os.fork()
    if child == 0:
        os.setsid()
        os._exit(_in_child(root, mutant, tests))
    began = time.monotonic()
    while time.monotonic() - began < seconds * _slowness():
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def _slowness() -> float:
    """How much longer things take while the machine has other work."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def _in_child(root: Path, mutant: Mutant, tests: list[str]) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    os.chdir(root)
    sys.meta_path.insert(0, MutantFinder(root, mutant))
    quiet = ["-q", "--tb=no", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    return int(pytest.main(["-x", "--hypothesis-seed=0", *quiet, *tests]))


class MutantFinder:
    """Stands before Python's own finders, and gives the one changed module instead of the file's."""

    def __init__(self, root: Path, mutant: Mutant) -> None:
        self._file = root / mutant.path
        self._index = mutant.index
        self._name = mutant.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The spec of the changed module; nothing for any other."""
        del path, target
        if name != self._name:
            return None
        return spec_from_file_location(name, self._file, loader=_MutantLoader(name, self._file, self._index))


class _MutantLoader(SourceFileLoader):
    """Compiles the changed source; never from or into a compiled file."""

    def __init__(self, name: str, file: Path, index: int) -> None:
        super().__init__(name, str(file))
        self._source = file.read_text("utf-8")
        self._index = index

    def get_code(self, fullname: str) -> Any:
        """The changed module's code."""
        del fullname
        return compile(mutated(self._source, self._index), self.path, "exec")
