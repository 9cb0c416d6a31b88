"""The table of codes and the tree of errors are what the code uses, no more and no less, and tell people what to do."""

import ast
import inspect
import re
from pathlib import Path

import pytest

import shared
from shared import error_codes, errors
from shared.error_codes import ERROR_CODES, Status
from shared.errors import (
    ActionRequiredError,
    ExportError,
    InvocationError,
    OutcomeError,
    Place,
    SettingsError,
)

SOURCES = sorted(Path(shared.__file__).parent.rglob("*.py"))
RAISING = {"ExportError", "ActionRequiredError", "TransientError", "SecretError"}


def _strings_of_code() -> set[str]:
    """Every string constant in the code that looks like a code, docstrings and the table itself left out."""
    found = set()
    for path in SOURCES:
        if path.name == "error_codes.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def _codes_raised() -> set[object]:
    """First arguments of everything that raises or builds an outcome's error."""
    found: set[object] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
                continue
            first = node.args[0]
            if node.func.id in RAISING and isinstance(first, ast.Constant):
                found.add(first.value)
            if node.func.id == "Verdict" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
                found.add(node.args[1].value)
    return found


def test_every_code_that_is_raised_is_in_the_table() -> None:
    """A code without status and help would break the outcome just when it is needed."""
    raised = _codes_raised()
    assert len(raised) > 25
    assert raised <= set(ERROR_CODES)


def test_every_code_in_the_table_is_used() -> None:
    """A code that nothing raises is a page in the guide for nobody."""
    assert set(ERROR_CODES) - _strings_of_code() == set()


@pytest.mark.parametrize("code", ERROR_CODES)
def test_every_help_tells_what_to_do(code: str) -> None:
    """A sentence for a person: a capital, a full stop, something to do, no line break."""
    text = ERROR_CODES[code].help
    assert text[0].isupper()
    assert text.endswith(".")
    assert "\n" not in text
    verbs = (
        r"Fix|Correct|Upload|upload|Rename|Name |Save|Split|Compress|Compare|Give|Put|Let |Enable|Make|Look|Read|Restore|Report|"
        r"Deploy|Move|Exempt|Copy|written as|must be|Nothing needs doing|Right after"
    )
    assert re.search(verbs, text), text
    assert "design" not in text  # people have the guides, not our papers


@pytest.mark.parametrize("code", ERROR_CODES)
def test_status_and_retry_belong_together(code: str) -> None:
    """Rejected is final, Failed passes by itself, Blocked says who tries again."""
    fault = ERROR_CODES[code]
    allowed: dict[Status, set[str | None]] = {
        Status.REJECTED: {None},
        Status.FAILED: {"auto"},
        Status.BLOCKED: {"auto", "person"},
    }
    assert fault.retry in allowed[fault.status]


def test_a_persons_turn_is_named_with_its_command() -> None:
    """What waits for a person says which command goes on, or that the export is to be uploaded again."""
    for code, fault in ERROR_CODES.items():
        if fault.retry == "person":
            assert "gatepost.py" in fault.help or "pload it" in fault.help or "pload the" in fault.help, code


def test_codes_are_words_with_hyphens() -> None:
    """They stand in queries and alerts."""
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in ERROR_CODES)


def test_only_four_statuses_are_final() -> None:
    """Design.md's table of section 6."""
    assert {status for status in Status if status.final} == {
        Status.SUCCEEDED,
        Status.PARTIALLY_SUCCEEDED,
        Status.DUPLICATE,
        Status.REJECTED,
    }


def _drawn() -> dict[str, str]:
    """Child and parent, as the tree in the docstring draws them."""
    parents: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"((?:[│ ]   )*)(?:[├└]── )?([A-Z]\w+Error)\b", line)
        if match:
            depth = len(match[1]) // 4 + ("── " in line)
            path = [*path[:depth], match[2]]
            parents[match[2]] = path[depth - 1] if depth else "Exception"
    return parents


def test_the_tree_in_the_docstring_is_the_real_tree() -> None:
    """Every class is drawn under its parent, and nothing else is drawn."""
    real = {
        name: one.__bases__[0].__name__
        for name, one in inspect.getmembers(errors, inspect.isclass)
        if issubclass(one, Exception) and one.__module__ == errors.__name__
    }
    assert _drawn() == real


def test_an_error_of_an_outcome_says_code_and_message() -> None:
    """Its text is both; place and wait are there if somebody gave them."""
    error = ExportError("truncated", "The file ends too early.", place=Place(3, 7, 61, 2))
    assert str(error) == "truncated: The file ends too early."
    assert str(error.place) == "line 3, column 7 (byte 61, record 2)"
    assert error.fault is ERROR_CODES["truncated"]
    assert error.retry_after_seconds is None
    assert ActionRequiredError("vault-forbidden", "No.").place == Place()


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place(), "the file"),
        (Place(record=17), "record 17"),
        (Place(line=1, column=1, offset=0), "line 1, column 1 (byte 0)"),
    ],
)
def test_a_place_reads_as_people_say_it(place: Place, text: str) -> None:
    """From the whole file down to a byte."""
    assert str(place) == text


def test_settings_errors_have_a_line_for_each_problem() -> None:
    """Whoever deploys fixes them all at once."""
    assert str(SettingsError(["A is missing", "B must be 1"])).splitlines()[1:] == [
        "  A is missing",
        "  B must be 1",
    ]


def test_what_leaves_a_function_is_one_line() -> None:
    """A name cannot break out of it."""
    assert "\n" not in str(InvocationError("bug", "a\nb", "c\nd"))


def test_an_unknown_code_is_noticed_at_once() -> None:
    """Nobody can raise a code that is not in the table and find out later."""
    with pytest.raises(KeyError):
        _ = OutcomeError("no-such-code", "?").fault


def test_faults_stand_on_nothing() -> None:
    """The lowest floor imports nothing of ours."""
    assert "shared" not in {
        name.split(".")[0]
        for name in re.findall(r"^(?:from|import) (\w+)", inspect.getsource(error_codes), re.MULTILINE)
    }
