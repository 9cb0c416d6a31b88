"""`make mutants` on a project of one module and one test."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

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


def _named(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.support.named_mutants", *arguments]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=600)


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


@pytest.mark.unmeasured
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


def test_every_named_mistake_is_noticed_by_its_test() -> None:
    """Each of them was once let through by every test there was."""
    run = _named()
    assert run.returncode == 0, run.stdout
    assert "not noticed" not in run.stdout


def test_a_mistake_that_its_test_does_not_notice_is_said(tmp_path: Path) -> None:
    """Also one that does not fit the code any more, and one whose test is not there."""
    change = {"file": "shared/clock.py", "old": "wait = seconds\n", "new": "wait = +seconds\n"}
    test = "tests/unit/test_prefetch_and_clock.py::test_an_action_that_takes_long_does_not_put_off_the_next"
    listed = [
        {**change, "breaks": "nothing", "test": test},
        {**change, "breaks": "what is not there", "old": "wait = minutes", "test": test},
        {**change, "breaks": "what nobody tests", "new": "", "test": f"{test}_one"},
    ]
    text = "".join(
        "[[mutant]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in one.items())
        for one in listed
    )
    (tmp_path / "named.toml").write_text(text)
    run = _named(str(tmp_path / "named.toml"))
    assert run.stdout.splitlines() == [
        "not noticed: nothing",
        "not noticed: what is not there",
        "not noticed: what nobody tests",
        "0 of 3 named mistakes are noticed",
    ]
    assert run.returncode == 1
