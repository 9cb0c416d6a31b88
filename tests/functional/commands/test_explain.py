"""`explain` says of every code what the reference says, and helps with a typing mistake."""

import pytest

from commands.console.command_line import without_commands
from commands.console.exit_codes import Exit
from shared.error_codes import ERROR_CODES, ErrorCode
from tests.support.command_runner import CommandRunner


@pytest.mark.parametrize("code", ERROR_CODES.values())
def test_every_code_is_explained(code: ErrorCode) -> None:
    """Status, what happened, what to do, without any setting."""
    result = CommandRunner().run("explain", str(code), columns=400)
    assert result.exit_code == Exit.DONE
    assert result.output.startswith(f"{code}: {code.status}, ")
    assert all(text in result.output for text in (code.text, without_commands(code.help)))


@pytest.mark.parametrize(
    ("code", "next_try"),
    [
        ("truncated", "Rejected, final; nothing was sent"),
        ("job-mismatch", "Blocked, Gatepost tries again once a day"),
        ("reply-unknown", "Blocked, retried only when asked"),
        ("connector-throttled", "Failed, Gatepost retries automatically"),
    ],
)
def test_the_first_line_says_who_tries_again(code: str, next_try: str) -> None:
    """Nobody, the sweep, a person, or Gatepost at once."""
    assert CommandRunner().run("explain", code).output.splitlines()[0] == f"{code}: {next_try}"


def test_capitals_and_blanks_do_not_matter() -> None:
    """A code that was copied out of a message is found."""
    assert CommandRunner().run("explain", " Job-Mismatch ").exit_code == Exit.DONE


@pytest.mark.parametrize(
    ("code", "help_text"),
    [
        ("job-missmatch", "Did you mean job-mismatch or "),
        ("secret", "Did you mean secret-wrong, secret-refused or secret-missing?"),
        ("zzz", "docs/error-codes.md"),
    ],
)
def test_an_unknown_code_names_the_nearest_ones(code: str, help_text: str) -> None:
    """The exit code is that of something that is not there."""
    result = CommandRunner().run("explain", code, columns=200)
    assert result.exit_code == Exit.NOT_FOUND
    assert f"Unknown error code: {code}" in result.output
    assert help_text in result.output


def test_commands_that_help_are_printed_whole() -> None:
    """The text names them; below it they can be pasted, once the name is filled in."""
    output = CommandRunner().run("explain", "ledger-gone", columns=60).output
    assert "\n  python gatepost.py retry -- NAME\n  python gatepost.py resend -- NAME\n" in output
