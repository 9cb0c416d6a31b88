"""Exit codes mean what docs/commands.md says."""

import re
from pathlib import Path

import pytest

from commands.console.exit_codes import MEANINGS, Exit, exit_of, worst
from shared.error_codes import Status

GUIDE = Path("docs/commands.md")


def test_the_guide_has_the_same_table() -> None:
    """A scheduler's author reads the code's own table."""
    rows = re.findall(r"^\| `(\d+)` \| (.+?) \|$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(str(code.value), MEANINGS[code]) for code in Exit]


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([], Exit.DONE),
        ([Exit.DONE, Exit.PARTLY], Exit.PARTLY),
        ([Exit.LATER, Exit.PARTLY], Exit.LATER),
        ([Exit.LATER, Exit.INVALID], Exit.INVALID),
        ([Exit.INVALID, Exit.BLOCKED, Exit.LATER], Exit.BLOCKED),
        ([Exit.NOT_FOUND, Exit.PARTLY], Exit.NOT_FOUND),
    ],
)
def test_of_several_exports_the_one_that_needs_a_person_most_decides(
    codes: list[Exit], expected: Exit
) -> None:
    """Several files end with one code."""
    assert worst(codes) is expected


def test_every_status_has_a_code_and_only_a_clean_one_is_zero() -> None:
    """0 means that nothing is left to do."""
    assert {status for status in Status if exit_of(status) is Exit.DONE} == {
        Status.SUCCEEDED,
        Status.DUPLICATE,
        Status.SUPERSEDED,
        Status.GIVEN_UP,
    }
