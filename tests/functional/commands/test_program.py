"""The program as a whole: help, version, completion, and no stack traces."""

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from commands.console.exit_codes import Exit
from commands.program import app
from tests.support.command_runner import CommandRunner

COMMANDS = sorted(
    name
    for name, command in get_command(app).commands.items()  # type: ignore[attr-defined]  # a group has them
    if not command.hidden
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    """--help has a sentence and an example, and fits 80 columns."""
    result = CommandRunner().run(command, "--help", columns=80)
    assert result.exit_code == Exit.DONE
    assert f"Example: python gatepost.py {command}" in result.output
    assert all(len(line) <= 80 for line in result.output.splitlines())


def test_no_command_is_undocumented() -> None:
    """The commands people are promised are there."""
    assert set(COMMANDS) >= {
        "validate", "push", "upload", "list", "show", "rejected", "retry", "resend", "sweep", "give-up", "check", "sample",
    }  # fmt: skip


def test_a_wrong_option_is_a_usage_error() -> None:
    """Typer's own code, and no trace."""
    result = CommandRunner().run("list", "--nonsense")
    assert (result.exit_code, "Traceback" in result.output) == (Exit.USAGE, False)


def test_the_version_is_the_products() -> None:
    """What to write into a report of a problem."""
    assert CommandRunner().run("--version").output == "gatepost 1.0.0\n"


def test_ctrl_c_says_that_the_work_can_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """No trace, a code of its own."""
    commands = CommandRunner()

    def interrupt(_prefix: str = "") -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands.world.results, "blobs", interrupt)
    result = commands.run("list")
    assert (result.exit_code, "Run the same command again" in result.output) == (Exit.INTERRUPTED, True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "pwsh"])
def test_completion_can_be_had_for_every_shell(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Typer's completion answers for our program."""
    monkeypatch.setenv("_GATEPOST_COMPLETE", f"source_{shell}")
    result = CliRunner().invoke(app, [], prog_name="gatepost")
    assert "gatepost" in result.output
