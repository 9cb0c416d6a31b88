"""The table of codes and the tree of errors are what the code uses, no more and no less, and tell people what to do."""

import inspect
import re
from pathlib import Path
from typing import get_type_hints

import pytest

import shared
from shared import error_codes, errors
from shared.error_codes import (
    ERROR_CODES,
    BlockedCode,
    ErrorCode,
    FailedCode,
    RejectedCode,
    Status,
    error_code,
)
from shared.errors import (
    ActionRequiredError,
    CredentialRefusedError,
    ExportError,
    InvocationError,
    Place,
    SettingsError,
    TransientError,
)

KINDS = (RejectedCode, BlockedCode, FailedCode)
SOURCES = [path.read_text() for path in sorted(Path(shared.__file__).parent.rglob("*.py"))]
each_code = pytest.mark.parametrize("code", ERROR_CODES.values())


def test_every_code_is_raised_somewhere() -> None:
    """A code that nothing raises is a page in the reference for nobody."""
    source = "".join(SOURCES)
    assert [code for code in ERROR_CODES.values() if f"{type(code).__name__}.{code.name}" not in source] == []


@each_code
def test_a_codes_text_is_its_name(code: ErrorCode) -> None:
    """A reader of `job-mismatch` in an outcome finds `JOB_MISMATCH` in the code, and no two kinds share a text."""
    assert code.value == str(code) == code.name.lower().replace("_", "-")
    assert error_code(code.value) is code
    assert sum(len(kind) for kind in KINDS) == len(ERROR_CODES)


@each_code
def test_every_code_says_what_happened_and_what_to_do(code: ErrorCode) -> None:
    """Sentences for a person: a capital, a full stop, no line break, no Markdown."""
    for text in (code.text, code.help):
        assert text[0].isupper()
        assert text.endswith(".")
        assert not set(text) & {"\n", "`", "|"}
    assert code.text not in code.help
    verbs = (
        r"Fix|Correct|[Uu]pload|Rename|Name |Save|Split|Compress|Compare|Give|[Pp]ut|Let |Enable|Make|Check|Read|Restore|"
        r"Report|Deploy|Move|Exempt|Exclude|Copy|Write|Set |Take|No action needed"
    )
    assert re.search(verbs, code.help), code.help


@each_code
def test_status_and_retry_belong_together(code: ErrorCode) -> None:
    """Rejected is final, Failed passes by itself, Blocked says who tries again."""
    allowed: dict[Status, set[str | None]] = {
        Status.REJECTED: {None},
        Status.FAILED: {"auto"},
        Status.BLOCKED: {"auto", "person"},
    }
    assert code.retry in allowed[code.status]


def test_a_kind_is_a_status_and_an_exception() -> None:
    """A code cannot end with another status than that of the exception that carries it."""
    assert [{code.status for code in kind} for kind in KINDS] == [
        {Status.REJECTED},
        {Status.BLOCKED},
        {Status.FAILED},
    ]
    for constructor, kind in (
        (ExportError.__init__, RejectedCode),
        (ActionRequiredError.__init__, BlockedCode),
        (TransientError.__init__, FailedCode),
        (CredentialRefusedError.__init__, FailedCode),
    ):
        assert get_type_hints(constructor)["code"] is kind


def test_a_persons_turn_is_named_with_its_command() -> None:
    """What waits for a person says which command goes on, or that the export is to be uploaded again."""
    for code in BlockedCode:
        if code.retry == "person":
            assert "gatepost.py" in code.help or "pload the" in code.help, code


def test_nobody_acts_where_no_action_is_needed() -> None:
    """Only a fault that passes says that nothing is to be done."""
    assert {code for code in ERROR_CODES.values() if code.help.startswith("No action needed")} == set(
        FailedCode
    ) - {FailedCode.SECRET_WRONG, FailedCode.CERTIFICATE_WRONG, FailedCode.FEDERATION_WRONG}
    assert {code.who for code in FailedCode} == {"nobody"}


def test_codes_are_words_with_hyphens() -> None:
    """They stand in queries and alerts."""
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in ERROR_CODES)


def test_a_code_of_another_version_is_none_of_ours() -> None:
    """A stored outcome may name a code that this version does not have."""
    assert error_code("no-such-code") is None


def test_three_statuses_are_not_final() -> None:
    """Everything else stays as it is unless a person asks."""
    assert {status for status in Status if not status.final} == {
        Status.BLOCKED,
        Status.FAILED,
        Status.IN_PROGRESS,
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
    """Its text is both; place and wait are there if they were given."""
    error = ExportError(RejectedCode.TRUNCATED, "The file ends too early.", place=Place(3, 7, 61, 2))
    assert str(error) == "truncated: The file ends too early."
    assert str(error.place) == "line 3, column 7 (byte 61, record 2)"
    assert error.code is RejectedCode.TRUNCATED
    assert error.retry_after_seconds is None
    assert ActionRequiredError(BlockedCode.VAULT_FORBIDDEN, "No.").place == Place()


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
    """All can be fixed at once."""
    assert str(SettingsError(["A is missing", "B must be 1"])).splitlines()[1:] == [
        "  A is missing",
        "  B must be 1",
    ]


def test_what_leaves_a_function_is_one_line() -> None:
    """A name cannot break out of it."""
    assert "\n" not in str(InvocationError("bug", "a\nb", "c\nd"))


def test_codes_depend_on_nothing() -> None:
    """The lowest floor imports nothing of ours but itself."""
    for module in (Path(error_codes.__file__).parent).glob("*.py"):
        ours = re.findall(r"^(?:from|import) (shared\.?\S*)", module.read_text(), re.MULTILINE)
        assert all(name.startswith("shared.error_codes.") for name in ours), module.name
