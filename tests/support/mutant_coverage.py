"""Which tests reach which lines, and how long each test takes: measured once, for `tests.support.mutants`."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Final

from tests.support.mutant_list import Mutant
from tests.support.mutant_names import Lines, Names
from tests.support.mutant_texts import TestTexts

PYTEST: Final = (
    "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "tests.support.mutant_pytest",
    "-W", "ignore::pytest.PytestAssertRewriteWarning",
)  # fmt: skip
"""Options for every run, so that a test runs in the same way wherever it runs."""
_CONSTANT: Final = re.compile(r"\b_?[A-Z][A-Z0-9_]+\b")
_LINES_BEFORE: Final = 2
_LINES_BEHIND: Final = 4


@dataclass(frozen=True)
class Coverage:
    """Which tests reach which lines.

    Attributes:
        tests: by module, the tests of each line.
        loaded: by module, the lines that run when it is loaded.
        seconds: the processor time of each test.
        names: which lines use a name.
        naming: the tests whose own text names a constant.
    """

    tests: dict[str, dict[int, list[str]]]
    loaded: Lines
    seconds: dict[str, float]
    names: Names
    naming: Mapping[str, set[str]] = field(default_factory=dict)

    def reaching(self, mutant: Mutant, *, by_name: bool) -> list[str]:
        """The tests that run through a mutant.

        Args:
            mutant: the change.
            by_name: whether its lines run when the module is loaded; then those tests count that use what it is called.
        """
        lines: Lines = {mutant.path: set(range(mutant.first_line, mutant.last_line + 1))}
        if by_name:
            for path, more in self.names.lines(mutant.names).items():
                lines[path] = lines.get(path, set()) | more
        reached = {
            name
            for path, numbers in lines.items()
            for number in numbers
            for name in self.tests.get(path, {}).get(number, ())
        }
        return sorted(reached.union(*(self.naming.get(name, ()) for name in mutant.names if by_name)))

    def rarity(self, mutant: Mutant) -> dict[str, float]:
        """Of each test that runs through a line beside a mutant, how rare the rarest of these is: 20 if one test in 20 runs through it.

        What depends on a condition is noticed by the tests that come to what stands behind it.
        """
        tests = self.tests.get(mutant.path, {})
        beside = range(mutant.first_line - _LINES_BEFORE, mutant.last_line + 1 + _LINES_BEHIND)
        reached = [tests[number] for number in beside if number in tests]
        most = max(map(len, reached), default=0)
        found: dict[str, float] = {}
        for names in reached:
            found |= {name: max(found.get(name, 1.0), most / len(names)) for name in names}
        return found


def measured(root: Path, cache: Path, package: str, files: list[str], *, fresh: bool = False) -> Coverage:
    """Run each file of tests once, unless it has not changed since the last time.

    What was measured before of a module that has changed since is moved to where its lines are now; what runs when the modules are
    loaded is then measured again, which takes no test.

    Args:
        root: the project's folder.
        cache: where to keep what was measured.
        package: whose lines are meant.
        files: of tests, from the project's folder.
        fresh: whether to measure all of them again.
    """
    kept = cache / f"coverage-{package.replace('/', '-')}.json"
    found: dict[str, Any] = {"sources": {}, "loaded": {}, "files": {}}
    if kept.exists() and not fresh:
        found |= json.loads(kept.read_text("utf-8"))
    sources = {
        file.relative_to(root).as_posix(): file.read_text("utf-8") for file in (root / package).rglob("*.py")
    }
    moved = {path: was for path, was in found["sources"].items() if sources.get(path, was) != was}
    for path, was in moved.items():
        _move(found, path, was, sources[path])
    if moved:
        found["loaded"] = _measure(root, cache, package, files, "--collect-only")["loaded"]
    digests = {file: digest_of([root / file]) for file in files}
    entries = {file: entry for file, entry in found["files"].items() if entry["digest"] == digests.get(file)}
    if stale := [file for file in files if file not in entries]:
        new = _measure(root, cache, package, stale)
        for path, numbers in new["loaded"].items():
            found["loaded"][path] = sorted({*found["loaded"].get(path, ()), *numbers})
        for file in stale:
            tests = {name: one for name, one in new["tests"].items() if name.partition("::")[0] == file}
            entries[file] = {"digest": digests[file], "tests": tests}
    if stale or sources != found["sources"]:
        kept.write_text(json.dumps(found | {"sources": sources, "files": entries}), "utf-8")
    return _turned(root, found["loaded"], entries.values(), Names(root, package))


def _move(found: dict[str, Any], path: str, before: str, after: str) -> None:
    """Of a module that has changed since: lines that are still there keep their tests; new ones get every test of the module."""
    moved, new = _compared(before.splitlines(), after.splitlines())
    for test in (test for entry in found["files"].values() for test in entry["tests"].values()):
        if numbers := test["lines"].get(path):
            test["lines"][path] = sorted({moved[one] for one in numbers if one in moved} | new)


def _compared(before: list[str], after: list[str]) -> tuple[dict[int, int], set[int]]:
    """Where lines are now, and which ones are new."""
    moved: dict[int, int] = {}
    for kind, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            moved.update(zip(range(first + 1, last + 1), range(start + 1, end + 1), strict=True))
    return moved, set(range(1, len(after) + 1)) - {*moved.values()}


def digest_of(files: Iterable[Path]) -> str:
    """SHA-256 of files, whatever their order."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _turned(
    root: Path, loaded: dict[str, list[int]], entries: Iterable[dict[str, Any]], names: Names
) -> Coverage:
    tests: dict[str, dict[int, list[str]]] = {}
    seconds: dict[str, float] = {}
    texts, naming = TestTexts(root), dict[str, set[str]]()
    for name, one in (item for entry in entries for item in entry["tests"].items()):
        seconds[name] = one["seconds"]
        for constant in _CONSTANT.findall(texts.own(name)):
            naming.setdefault(constant, set()).add(name)
        for path, numbers in one["lines"].items():
            for number in numbers:
                tests.setdefault(path, {}).setdefault(number, []).append(name)
    return Coverage(tests, {path: set(numbers) for path, numbers in loaded.items()}, seconds, names, naming)


def _measure(root: Path, cache: Path, package: str, files: list[str], *options: str) -> dict[str, Any]:
    """What `tests.support.mutant_pytest` writes."""
    cache.mkdir(parents=True, exist_ok=True)
    target = cache / "measured.json"
    environment = os.environ | {"MUTANT_PACKAGE": package, "MUTANT_MEASURED": str(target)}
    command = [sys.executable, "-m", "pytest", *PYTEST, *options, *files]
    subprocess.run(command, cwd=root, env=environment, check=False, stdout=subprocess.DEVNULL)
    measured: dict[str, Any] = json.loads(target.read_text("utf-8"))
    target.unlink()
    return measured
