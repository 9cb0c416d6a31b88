"""The program as a whole: help, version, wrong values, and no stack traces."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from commands.console.exit_codes import Exit
from tests.support.command_runner import CommandRunner
from tests.support.exports import export
from tests.support.guides import ROOT, commands
from tests.support.other_pythons import other_pythons

COMMANDS = sorted(commands())
GROUPS = sorted({command.partition(" ")[0] for command in COMMANDS if " " in command})


@pytest.mark.parametrize("command", [*COMMANDS, *GROUPS])
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    """--help has a sentence and an example, and fits 80 columns."""
    result = CommandRunner().run(*command.split(), "--help", columns=80)
    assert result.exit_code == Exit.DONE
    assert f"\nExample:\n  python gatepost.py {command}" in result.output
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
    assert CommandRunner().run("--version").output == "gatepost 2.0.0\n"


def test_ctrl_c_says_that_the_work_can_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """No trace, a code of its own."""
    runner = CommandRunner()

    def interrupt(_prefix: str = "") -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runner.world.results, "blobs", interrupt)
    result = runner.run("list")
    assert (result.exit_code, "Run the same command again" in result.output) == (Exit.INTERRUPTED, True)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_no_types_of_python(command: str) -> None:
    """No bool, no x that is greater than 0."""
    output = CommandRunner().run(*command.split(), "--help").output
    assert not re.search(r"<[a-z]|x[<>]=|\{", output)


def test_the_list_of_commands_is_not_cut_short() -> None:
    """Each command's sentence fits beside its name in 80 columns."""
    for words in ([], *([group] for group in GROUPS)):
        output = CommandRunner().run(*words, "--help", columns=80).output
        assert "..." not in output.partition("Commands:")[2]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["list", "--status", "Foo"], "Unknown status Foo.\nOne of: Succeeded, PartiallySucceeded,"),
        (["sample", "--day", "tomorrow"], "tomorrow is not a date.\nWrite a date like 2026-01-12."),
        (["list", "--days", "0"], "--days must be from 1 to 3650."),
        (["sample", "--bad", "101"], "--bad must be from 0 to 100."),
        (["sample", "--records", "-1"], "--records must be at least 0."),
    ],
)
def test_a_wrong_value_is_said_with_the_right_ones(words: list[str], says: str) -> None:
    """No name of a type, no format string."""
    result = CommandRunner().run(*words)
    assert (result.exit_code, f"Error: {says}" in result.output) == (Exit.USAGE, True), result.output


def test_the_old_name_of_upload_still_works_and_is_not_shown(tmp_path: Path) -> None:
    """Release 1.0 called it `drop`."""
    file = tmp_path / "a.json"
    file.write_bytes(export(3))
    assert CommandRunner().run("drop", file).exit_code == Exit.DONE
    assert "drop" not in CommandRunner().run("--help").output


@pytest.mark.parametrize("python", ["2.7", "3.6", "3.9", "3.10", "3.11", "3.12", "3.14"])
def test_another_python_gets_a_sentence(python: str) -> None:
    """No SyntaxError: gatepost.py itself is read by every Python, and says which one is needed."""
    program = (ROOT / "gatepost.py").read_text(encoding="utf-8")
    assert not re.search(r"""\bf["']|:=|-> """, program)
    other = [int(part) for part in python.split(".")]
    faked = program.replace("import sys", f"import sys\nsys.version_info = tuple({other})", 1)
    done = subprocess.run([sys.executable, "-c", faked], capture_output=True, text=True, check=False)
    assert done.returncode == Exit.USAGE
    assert f"needs Python 3.13; this is Python {python}." in done.stderr
    assert "uv run --no-project --python 3.13" in done.stderr


def test_every_other_python_of_this_machine_gets_that_sentence() -> None:
    """Not made up, but started: each reads the file to where it stops."""
    if not other_pythons():
        pytest.skip("no other Python is installed here")
    for version, python in other_pythons().items():
        words = [str(python), str(ROOT / "gatepost.py"), "validate", "day.json"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (Exit.USAGE, ""), version
        assert done.stderr.startswith(f"Gatepost needs Python 3.13; this is Python {version}.\n")
        assert "Traceback" not in done.stderr
