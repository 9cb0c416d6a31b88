"""Which tests reach which lines, and how long each test takes: measured once, for `tests.support.mutants`."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from coverage import CoverageData

from tests.support.mutant_list import Mutant


@dataclass(frozen=True)
class Coverage:
    """Which tests reach which lines: by module, the tests of each line; and how long each test took, in seconds."""

    tests: dict[str, dict[int, list[str]]]
    seconds: dict[str, float]

    @classmethod
    def measured(cls, root: Path, cache: Path, package: str, suite: tuple[str, ...]) -> "Coverage":
        """Run the suite once with contexts, unless nothing has changed since the last time.

        Args:
            root: the project's folder.
            cache: where to keep what was measured.
            package: whose lines are meant.
            suite: folders of tests.
        """
        digest = digest_of(file for folder in (package, *suite) for file in (root / folder).rglob("*.py"))
        kept = cache / f"coverage-{package.replace('/', '-')}.json"
        if kept.exists() and (found := json.loads(kept.read_text("utf-8")))["digest"] == digest:
            tests = {
                path: {int(line): names for line, names in lines.items()}
                for path, lines in found["tests"].items()
            }
            return cls(tests, found["seconds"])
        made = _measure(root, cache, package, suite)
        kept.write_text(json.dumps({"digest": digest, "tests": made.tests, "seconds": made.seconds}), "utf-8")
        return made

    def of(self, mutant: Mutant) -> list[str]:
        """The tests that reach a mutant's function (outside functions: its module), the quickest first."""
        lines = self.tests.get(mutant.path, {})
        inside = range(mutant.first_line + 1, mutant.last_line + 1) or range(
            mutant.first_line, mutant.first_line + 1
        )
        reached = {name for line in inside for name in lines.get(line, ())}
        if mutant.function == "<module>":
            reached = {name for names in lines.values() for name in names}
        return sorted(reached, key=lambda name: (self.seconds.get(name, 1.0), name))


def _measure(root: Path, cache: Path, package: str, suite: tuple[str, ...]) -> Coverage:
    cache.mkdir(parents=True, exist_ok=True)
    data, durations = cache / "coverage.sqlite", cache / "durations.json"
    data.unlink(missing_ok=True)
    environment = os.environ | {"COVERAGE_FILE": str(data), "MUTANT_DURATIONS": str(durations)}
    plugins = ["-p", "tests.support.mutant_durations", "-p", "no:cacheprovider"]
    contexts = [f"--cov={package}", "--cov-context=test", "--cov-report=", "--cov-fail-under=0"]
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", *plugins, *contexts, *suite]
    subprocess.run(command, cwd=root, env=environment, check=False)
    seconds = json.loads(durations.read_text("utf-8"))
    return Coverage(dict(_lines(root, data, seconds)), seconds)


def _lines(root: Path, data: Path, passed: dict[str, float]) -> Iterator[tuple[str, dict[int, list[str]]]]:
    found = CoverageData(basename=str(data))
    found.read()
    for file in found.measured_files():
        lines = found.contexts_by_lineno(file)
        named = {
            line: sorted({one.rpartition("|")[0] for one in names} & passed.keys())
            for line, names in lines.items()
        }
        yield Path(file).relative_to(root).as_posix(), named


def digest_of(files: Iterable[Path]) -> str:
    """SHA-256 of files, whatever their order."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()
