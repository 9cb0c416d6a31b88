"""Functions, modules and their public sides stay small, and rules are switched off rarely."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCT = re.compile(r"(?:shared|commands|local)/|gatepost\.py$|infra/[^/]+\.py$")

MANY_NAMES = {
    "commands/options.py": "one name for each option that several commands share",
    "infra/deploy_settings.py": "one name for each thing a deployment is told",
    "local/connector.py": "one function for each way in which the connector can be told to fail",
    "shared/blob_names.py": "one name for each path and prefix in the containers",
    "shared/delivery/outcome.py": "one class for each part of the outcome document",
    "shared/delivery/ports.py": "storage as protocols: a class for each thing that passes through them",
    "shared/delivery/waiting.py": "every delay, cap and age has its one place there",
    "shared/errors.py": "one class for each kind of error",
    "shared/report/formatting.py": "one function for each way to write a figure or a day",
    "shared/setting_checks.py": "one function for each kind of setting",
    "shared/sources/profile_model.py": "one class for each table of a profile",
    "shared/sources/values.py": "one class for each kind of value",
    "shared/telemetry/metrics.py": "one name for each metric",
    "shared/telemetry/names.py": "one name for each event and span",
}
"""Modules with more than eight public names, each with the reason."""


@cache
def _files() -> list[str]:
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return [file for file in done.stdout.splitlines() if (ROOT / file).exists()]


@cache
def _product() -> dict[str, str]:
    return {file: (ROOT / file).read_text(encoding="utf-8") for file in _files() if PRODUCT.match(file)}


pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="files are known by git")


def test_nine_functions_in_ten_have_at_most_20_lines() -> None:
    """The ninetieth percentile of all functions, docstrings included."""
    lengths = sorted(
        (node.end_lineno or node.lineno) - node.lineno + 1
        for text in _product().values()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
    )
    assert len(lengths) > 1_000
    assert lengths[len(lengths) * 9 // 10] <= 20


def test_no_module_is_over_250_lines() -> None:
    """What grows beyond that holds two things."""
    assert {file: lines for file, text in _product().items() if (lines := len(text.splitlines())) > 250} == {}


def test_modules_with_many_public_names_say_why() -> None:
    """At most eight names or a reason in the table above; a reason nobody needs any more must go."""
    many = {file for file, text in _product().items() if len(_public_names(text)) > 8}
    assert many == set(MANY_NAMES)


def _public_names(text: str) -> set[str]:
    names: set[str] = set()
    for node in ast.parse(text).body:
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.Assign():
                names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name() as target):
                names.add(target.id)
            case ast.TypeAlias():
                names.add(node.name.id)
    return {name for name in names if not name.startswith("_")}


def test_rules_are_switched_off_rarely() -> None:
    """Fewer than 60 lines in the whole tree; where a whole module has a reason, pyproject.toml says it once."""
    pattern = re.compile(r"# noqa\b")
    lines = [
        line
        for file in _files()
        for line in (ROOT / file).read_text(encoding="utf-8").splitlines()
        if pattern.search(line) and 'r"# noqa' not in line
    ]
    assert len(lines) < 60
    assert all(re.search(r"# noqa: [A-Z]", line) for line in lines)
