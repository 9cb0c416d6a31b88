"""The mutants themselves: the same list for the same code, each one change, explanations that name one."""

import ast
import gc
import json
import tempfile
from functools import cached_property
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from tests.support.mutant_caches import Caches
from tests.support.mutant_children import limit, run_children
from tests.support.mutant_coverage import Coverage, digest_of, measured
from tests.support.mutant_list import mutants_of, mutated
from tests.support.mutant_names import Names
from tests.support.mutant_results import Found, Result, Results
from tests.support.mutant_swap import Swap, loaded_functions, swap_of
from tests.support.mutants import PROJECT, SUITES, explanations, say

SOURCE = '''"""A module."""

LIMIT = 3


def small(value: int, *, strict: bool = True) -> bool:
    """Whether a value is small."""
    if value < LIMIT and strict:
        return not value
    raise ValueError(f"{value} is too large")
'''
CHANGES = [
    "LIMIT: 3 -> 4",
    "LIMIT: 3 -> 2",
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


def test_what_types_are_checked_against_is_left_alone(tmp_path: Path) -> None:
    """That a class is frozen; not what its documents look like."""
    (tmp_path / "package").mkdir()
    source = "class Part(Struct, frozen=True, kw_only=True, omit_defaults=True): pass"
    (tmp_path / "package" / "module.py").write_text(source)
    assert [str(one) for one in mutants_of(tmp_path, "package")] == ["package/module.py:Part: True -> False"]


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


def test_a_mutant_meets_the_tests_that_run_through_its_statement(project: Path) -> None:
    """Or, of a constant, the tests that run through a statement with its name, or with a name made from it."""
    (project / "package" / "other.py").write_text("TWICE = LIMIT * 2\n\ndef large():\n    return TWICE\n")
    reached = {
        "package/module.py": {8: ["t::a", "t::b"], 9: ["t::c"], 10: ["t::d"]},
        "package/other.py": {4: ["t::e"]},
    }
    coverage = Coverage(reached, {}, {}, Names(project, "package"))
    mutants = mutants_of(project, "package")
    assert coverage.reaching(mutants[5], by_name=False) == ["t::a", "t::b"]
    assert coverage.reaching(mutants[6], by_name=False) == ["t::c"]
    assert coverage.reaching(mutants[0], by_name=True) == ["t::a", "t::b", "t::e"]
    (project / "package" / "other.py").write_text(
        "class Twice(LIMIT):\n    pass\n\ndef large():\n    return Twice\n"
    )
    reached["package/other.py"] = {5: ["t::f"]}
    coverage = Coverage(reached, {}, {}, Names(project, "package"), {"LIMIT": {"t::g"}, "OTHER": {"t::h"}})
    assert coverage.reaching(mutants[0], by_name=True) == ["t::a", "t::b", "t::f", "t::g"]


def test_what_differs_in_functions_only_is_put_in_their_place(project: Path) -> None:
    """Not a default or a function that has run already: their values may be anywhere by then."""
    mutants = mutants_of(project, "package")
    swaps = [swap_of(one, SOURCE, {}, project) for one in mutants]
    assert [swap is not None for swap in swaps] == [True, True, False] + [True] * 6
    swap = swap_of(mutants[8], SOURCE, {"package/module.py": {3, 6}}, project)
    assert swap is not None
    assert list(swap.functions) == [("small", 6)]
    assert swap_of(mutants[8], SOURCE, {"package/module.py": {9}}, project) is None


def test_an_attribute_that_is_not_set_any_more_is_a_change_inside_a_function(tmp_path: Path) -> None:
    """Python lists the attributes that methods set in their class; nothing reads that list."""
    source = "class Counter:\n    kind = 1\n\n    def __init__(self):\n        self.count = 0\n        self.name = 'n'\n"
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "module.py").write_text(source)
    mutants = mutants_of(tmp_path, "package")
    swaps = {str(one).rpartition(":")[2]: swap_of(one, source, {}, tmp_path) for one in mutants}
    assert [change for change, swap in swaps.items() if swap is None] == [" 1 -> 2", " 1 -> 0"]
    assert list((swaps[" self.count = 0 -> pass"] or Swap()).functions) == [("Counter.__init__", 4)]


@pytest.mark.parametrize(
    ("more", "other"),
    [("TWICE = LIMIT * 2", ""), ("def f(x=LIMIT): pass", ""), ("", "from module import LIMIT")],
)
def test_a_constant_is_put_in_its_place_if_only_functions_of_its_module_name_it(
    more: str, other: str, tmp_path: Path
) -> None:
    """Not if another value was made from it, and not if another module may have it already."""
    source = f"{SOURCE}\n\n{more}\n"
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "module.py").write_text(source)
    (tmp_path / "other.py").write_text(other)
    larger = mutants_of(tmp_path, "package")[0]
    assert swap_of(larger, source, {}, tmp_path) is None


def test_what_is_put_in_place_is_what_the_mutant_does(project: Path) -> None:
    """A constant one larger, seen by the functions that are loaded."""
    scope: dict[str, Any] = run_path(str(project / "package" / "module.py"))
    swap = swap_of(mutants_of(project, "package")[0], SOURCE, {}, project)
    assert swap is not None
    assert swap.name == "LIMIT"
    with pytest.raises(ValueError, match="too large"):
        scope["small"](3)
    swap.put_in_place({("small", 6): [scope["small"]]})
    assert scope["small"](3) is False


class _Remembers:
    """Counts how often it works something out."""

    worked = 0

    @cached_property
    def number(self) -> int:
        self.worked += 1
        return self.worked


def test_what_is_remembered_is_forgotten_before_a_test() -> None:
    """A mutant of what was worked out before, perhaps while tests were collected, would have no effect."""
    one = _Remembers()
    assert (one.number, one.number) == (1, 1)
    gc.unfreeze()  # a test before this one may have let the app freeze what there was
    caches = Caches(PROJECT)
    caches.forget()
    assert one.number == 2


def test_what_was_measured_moves_with_the_code(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that is still there keeps its tests; a new one gets all of the module. What runs on loading is measured without a test."""
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    file = project / "test_a.py"
    file.write_text("import package.module")
    module = "package/module.py"
    tests = {"test_a.py::one": {"seconds": 1, "lines": {module: [8]}}}
    kept = {
        "sources": {module: SOURCE},
        "loaded": {module: [1, 3, 6]},
        "files": {"test_a.py": {"digest": digest_of([file]), "tests": tests}},
    }
    (project / "coverage-package.json").write_text(json.dumps(kept))
    changed = SOURCE.replace("LIMIT = 3", "LIMIT = 3\nOTHER = 4").replace("not value\n", "value\n")
    (project / module).write_text(changed)
    coverage = measured(project, project, "package", ["test_a.py"])
    assert coverage.tests == {module: {4: ["test_a.py::one"], 9: ["test_a.py::one"], 10: ["test_a.py::one"]}}
    assert coverage.loaded == {module: {1, 3, 4, 7}}  # of the function only its head
    assert json.loads((project / "coverage-package.json").read_text())["sources"] == {module: changed}


@pytest.mark.unmeasured
def test_loaded_functions_are_found_by_file_and_name() -> None:
    """Also those that a decorator hides."""
    found = loaded_functions(PROJECT)["tests/support/mutants.py"]
    assert found["say", say.__code__.co_firstlineno] == [say]


TESTS = '''"""Two tests."""
from pytest import fixture, mark
from elsewhere import thing

VALUE = 1

@fixture
def shared():
    return helper()

def helper():
    return VALUE

@mark.parametrize("x", [1])
def test_one(shared, x):
    assert shared == x

def test_two():
    assert thing
'''
ONE, TWO = "test_a.py::test_one[1]", "test_a.py::test_two"


def test_a_kill_holds_until_the_test_that_noticed_changes(project: Path) -> None:
    """And is there for the next run."""
    (project / "test_a.py").write_text(TESTS)
    mutant = mutants_of(project, "package")[0]
    Results(project, project / "kept", {}, 5).note(mutant, [TWO], ONE)
    (project / "test_a.py").write_text(TESTS.replace("assert thing", "assert not thing"))
    later = Results(project, project / "kept", {}, 5)
    assert later.known(mutant, [ONE, TWO]) == Found(Result.KILLED, ONE)
    assert later.known(mutant, [TWO]) is None
    assert later.left(mutant, [ONE, TWO]) == [ONE, TWO]


@pytest.mark.parametrize(
    ("changed", "holds"),
    [
        (("VALUE = 1", "VALUE = 2"), False),
        (("return helper()", "return not helper()"), False),
        (("[1]", "[1, 2]"), False),
        (("import fixture", "import other as fixture"), False),
        (("@fixture\n", "@fixture(autouse=True)\n"), False),
        (("Two tests.", "Three tests."), True),
        (("VALUE = 1", "VALUE = 1\nOTHER = 1\n\n@fixture\ndef other():\n    pass\n\n# why"), True),
        (("import thing", "import another, thing"), True),
        (("VALUE = 1", "pytestmark = mark.slow\nVALUE = 1"), False),
    ],
)  # fmt: skip
def test_a_test_has_changed_when_something_that_it_uses_has(
    changed: tuple[str, str], *, holds: bool, project: Path
) -> None:
    """Its parameters, a fixture, what that calls, a constant; nothing else in its file."""
    (project / "test_a.py").write_text(TESTS)
    mutant = mutants_of(project, "package")[0]
    Results(project, project / "kept", {}, 5).note(mutant, [], ONE)
    (project / "test_a.py").write_text(TESTS.replace(*changed))
    later = Results(project, project / "kept", {}, 5)
    assert later.known(mutant, [ONE]) == (Found(Result.KILLED, ONE) if holds else None)


def test_a_survivor_meets_only_tests_that_are_new_or_have_changed(project: Path) -> None:
    """It has survived the others already; a test that is gone does not matter."""
    (project / "test_a.py").write_text(TESTS)
    mutant = mutants_of(project, "package")[0]
    Results(project, project / "kept", {}, 5).note(mutant, [ONE, TWO])
    later = Results(project, project / "kept", {}, 6)
    assert later.known(mutant, [ONE, TWO]) == later.known(mutant, [ONE]) == Found(Result.SURVIVED)
    assert later.known(mutant, [ONE, "test_a.py::test_three"]) is None
    assert later.left(mutant, [ONE, "test_a.py::test_three"]) == ["test_a.py::test_three"]
    (project / "test_a.py").write_text(TESTS.replace("assert thing", "assert not thing"))
    assert Results(project, project / "kept", {}, 5).left(mutant, [ONE, TWO]) == [TWO]


def test_an_undecided_mutant_goes_on_with_a_larger_budget(project: Path) -> None:
    """With the tests that did not run, or with new ones."""
    (project / "test_a.py").write_text(TESTS)
    mutant = mutants_of(project, "package")[0]
    Results(project, project / "kept", {}, 5).note(mutant, [ONE], left=[TWO])
    assert Results(project, project / "kept", {}, 4).known(mutant, [ONE, TWO]) == Found(Result.UNDECIDED)
    later = Results(project, project / "kept", {}, 6)
    assert later.known(mutant, [ONE, TWO]) is None
    assert later.left(mutant, [ONE, TWO]) == [TWO]
    assert Results(project, project / "kept", {}, 4).known(mutant, [ONE, "test_a.py::test_three"]) is None
    later.note(mutant, [TWO])
    assert Results(project, project / "kept", {}, 7).known(mutant, [ONE, TWO]) == Found(Result.SURVIVED)


def test_new_tests_come_before_those_that_had_to_wait_in_an_earlier_run(project: Path) -> None:
    """So that one which was written to kill a survivor does so at once."""
    (project / "test_a.py").write_text(TESTS)
    mutant = mutants_of(project, "package")[0]
    results = Results(project, project / "kept", {ONE: 0.1, TWO: 5}, 5)
    assert results.ordered(mutant, [ONE, TWO]) == [ONE, TWO]
    results.note(mutant, [], left=[ONE])
    assert results.ordered(mutant, [ONE, TWO]) == [TWO, ONE]


def test_tests_that_speak_of_what_a_mutant_changes_come_before_quicker_ones(project: Path) -> None:
    """Rare words count most."""
    names = [f"test_a.py::test_{number}" for number in range(9)]
    texts = [f"def test_{number}():\n    check(number)\n" for number in range(8)]
    (project / "test_a.py").write_text("\n".join([*texts, "def test_8():\n    check(strict, limit)\n"]))
    mutant = mutants_of(project, "package")[5]
    results = Results(project, project / "kept", dict.fromkeys(names, 0.1) | {names[8]: 0.5}, 5)
    assert results.ordered(mutant, names)[0] == names[8]


def test_what_noticed_a_mutant_in_an_earlier_run_comes_first_for_its_neighbours(project: Path) -> None:
    """As if it had been found just now."""
    (project / "test_a.py").write_text(TESTS)
    first, second = mutants_of(project, "package")[-2:]
    Results(project, project / "kept", {}, 5).note(first, [], TWO)
    later = Results(project, project / "kept", {ONE: 0.1, TWO: 0.1}, 5)
    assert later.ordered(second, [ONE, TWO]) == [ONE, TWO]
    later.learn([first, second])
    assert later.ordered(second, [ONE, TWO]) == [TWO, ONE]


def test_likely_and_quick_tests_come_first(project: Path) -> None:
    """One that noticed a mutant of the same function, or is named like the module, counts for more than a quicker one."""
    (project / "test_a.py").touch()
    first, second = mutants_of(project, "package")[-2:]
    seconds = {"test_a.py::quick": 0.1, "test_a.py::slow": 0.2, "test_module.py::own": 0.5}
    results = Results(project, project / "kept", seconds, 5)
    assert results.ordered(first, list(seconds)) == [
        "test_module.py::own",
        "test_a.py::quick",
        "test_a.py::slow",
    ]
    results.note(first, list(seconds), "test_a.py::slow")
    assert results.ordered(second, list(seconds))[1:] == ["test_a.py::slow", "test_a.py::quick"]


def test_tests_beside_one_that_noticed_a_neighbour_come_before_quicker_ones(project: Path) -> None:
    """What a module does is tested in one or two files, whatever their names are."""
    (project / "test_a.py").touch()
    first, second = mutants_of(project, "package")[-2:]
    seconds = {"test_b.py::quick": 0.1, "test_a.py::beside": 0.15, "test_a.py::noticed": 0.15}
    results = Results(project, project / "kept", seconds, 5)
    results.note(first, list(seconds), "test_a.py::noticed")
    assert results.ordered(second, list(seconds)) == [
        "test_a.py::noticed",
        "test_a.py::beside",
        "test_b.py::quick",
    ]


def test_tests_that_come_to_what_a_condition_decides_come_before_quicker_ones(project: Path) -> None:
    """Of many tests that run through it, those that come to a line behind it which few of them reach."""
    mutant = mutants_of(project, "package")[5]
    many = [f"test_a.py::{number}" for number in range(20)]
    tests = {"package/module.py": {9: many, 10: many[:1], 11: many[1:]}}
    coverage = Coverage(tests, {}, {}, Names(project, "package"))
    rarity = coverage.rarity(mutant)
    assert (rarity[many[0]], round(rarity[many[1]], 2)) == (20, 1.05)
    seconds = dict.fromkeys(many, 0.1) | {many[0]: 0.5}
    results = Results(project, project / "kept", seconds, 5)
    assert results.ordered(mutant, many, rarity)[0] == many[0]
    assert results.ordered(mutant, many)[-1] == many[0]


def test_each_child_has_a_folder_of_its_own_and_a_limit(tmp_path: Path) -> None:
    """An endless loop is ended, an error is a failure, and nothing is left behind."""

    def child(task: str) -> int:
        limit(0.1, 60)
        Path(tempfile.gettempdir(), "used").write_text(task)
        while task == "endless":
            pass
        used = len(list(Path(tempfile.gettempdir()).iterdir()))
        return used - 1 if task == "good" else int("no number")

    results = dict(run_children(["endless", "good", "wrong"], child, jobs=2, folder=tmp_path))
    assert results == {"endless": False, "good": True, "wrong": False}
    assert not list(tmp_path.iterdir())


def test_every_explanation_names_a_mutant() -> None:
    """Of the code as it is now."""
    known = {str(one) for package in SUITES for one in mutants_of(PROJECT, package)}
    assert set(explanations()) <= known
