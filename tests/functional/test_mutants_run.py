"""`make mutants` on a project of one module and one test."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.mutants import PROJECT

MODULE = """
LIMIT = 3
UNUSED = 1


def small(value):
    return value < LIMIT


def even(value):
    return not value % 2 or value == 0
"""
TEST = """
from package.module import even, small


def test_small():
    assert small(2) and not small(3)


def test_even():
    assert even(2) and even(0) and not even(3)
"""
SURVIVORS = [
    "package/module.py:UNUSED: 1 -> 2",
    "package/module.py:UNUSED: 1 -> 0",
    "package/module.py:even: 0 -> 1",
]


def _run(project: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "tests.support.mutants",
        "package",
        "--root",
        str(project),
        "--jobs",
        "1",
    ]
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    return subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def test_survivors_are_listed_and_a_second_run_knows_the_first_one(tmp_path: Path) -> None:
    """Constants, which need a new process, and functions; then nothing is run again, and one more explanation turns it green."""
    for path, text in {"package/module.py": MODULE, "tests/unit/test_module.py": TEST}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    first = _run(tmp_path)
    assert "15 mutants; 0 known from an earlier run\n" in first.stdout
    assert "15 mutants: 12 killed, 2 reached by no test, 1 survived\n" in first.stdout
    assert [f"not explained: {one}" for one in SURVIVORS] == first.stdout.splitlines()[-3:]
    assert first.returncode == 1
    (tmp_path / "tests" / "mutants").mkdir()
    why = f"[[survivor]]\nwhy = 'Nothing uses them.'\nmutants = {SURVIVORS}\n"
    (tmp_path / "tests" / "mutants" / "explained.toml").write_text(why)
    second = _run(tmp_path)
    assert "15 mutants; 15 known from an earlier run\n" in second.stdout
    assert second.returncode == 0
