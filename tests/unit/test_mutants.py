"""The mutants themselves: the same list for the same code, each one change, explanations that name one."""

import ast
from pathlib import Path

import pytest

from tests.support.guides import ROOT
from tests.support.mutant_coverage import Coverage
from tests.support.mutant_list import Mutant, mutants_of, mutated
from tests.support.mutants import SUITES, explanations

SOURCE = '''"""A module."""

LIMIT = 3


def small(value: int, *, strict: bool = True) -> bool:
    """Whether a value is small."""
    if value < LIMIT and strict:
        return not value
    raise ValueError(f"{value} is too large")
'''
CHANGES = [
    "<module>: 3 -> 4",
    "<module>: 3 -> 2",
    "small: True -> False",
    "small: value < LIMIT and strict -> value < LIMIT or strict",
    "small: value < LIMIT and strict -> strict",
    "small: value < LIMIT -> value <= LIMIT",
    "small: return not value -> return None",
    "small: not value -> value",
    "small: raise ValueError(f'{value} is too large') -> pass",
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one module."""
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "module.py").write_text(SOURCE)
    return tmp_path


def test_every_place_that_can_be_changed_is(project: Path) -> None:
    """In the order of the code; docstrings, annotations and the text of messages are left alone."""
    found = mutants_of(project, "package")
    assert [str(one) for one in found] == [f"package/module.py:{change}" for change in CHANGES]
    assert found == mutants_of(project, "package")
    assert len({one.key for one in found}) == len(found)


def test_a_mutant_is_the_module_with_its_one_change(project: Path) -> None:
    """Whatever else is in the module stays."""
    plain = ast.unparse(ast.parse(SOURCE)).splitlines()
    for one in mutants_of(project, "package"):
        changed = ast.unparse(mutated(SOURCE, one.index)).splitlines()
        assert len([line for line, was in zip(changed, plain, strict=True) if line != was]) == 1
    with pytest.raises(IndexError):
        mutated(SOURCE, len(CHANGES))


def test_a_mutant_keeps_its_name_when_the_code_around_it_moves(project: Path) -> None:
    """So explanations and results stay good."""
    before = mutants_of(project, "package")
    (project / "package" / "module.py").write_text(SOURCE.replace("LIMIT = 3", "# why\n\nLIMIT = 3"))
    assert [(one.key, str(one)) for one in mutants_of(project, "package")] == [
        (one.key, str(one)) for one in before
    ]


def test_a_mutant_meets_the_tests_that_reach_its_function(project: Path) -> None:
    """The quickest first; outside functions, all that reach the module."""
    coverage = Coverage({"package/module.py": {3: ["t::a"], 8: ["t::b", "t::c"]}}, {"t::b": 2.0, "t::c": 1.0})
    outside, inside = mutants_of(project, "package")[0], mutants_of(project, "package")[-1]
    assert coverage.of(outside) == ["t::a", "t::c", "t::b"]
    assert coverage.of(inside) == ["t::c", "t::b"]


def test_every_explanation_names_a_mutant() -> None:
    """Of the code as it is now."""
    known = {str(one) for package in SUITES for one in _mutants(package)}
    assert set(explanations()) <= known


def _mutants(package: str) -> list[Mutant]:
    return mutants_of(ROOT, package)
