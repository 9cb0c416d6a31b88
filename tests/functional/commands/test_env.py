"""Settings that are kept under a name, and used with `--env NAME`."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from commands.console.exit_codes import Exit
from tests.support.command_runner import CommandRunner, blocked, day
from tests.support.guides import ROOT
from tests.support.world import ENVIRONMENT

WITHOUT = {"GATEPOST_SETTINGS", "GATEPOST_ENV"}


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CommandRunner:
    """Commands of a person whose environment holds no settings, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in WITHOUT:
        monkeypatch.delenv(name, raising=False)
    lines = [*(f"{name}={value}" for name, value in ENVIRONMENT.items()), "SOMETHING_ELSE=secret"]
    Path("settings.env").write_text("\n".join(lines) + "\nAZURE_CLIENT_ID=x\n", encoding="utf-8")
    return CommandRunner(environment={})


@pytest.fixture
def kept(commands: CommandRunner, tmp_path: Path) -> Path:
    """The file of the environment `prod`."""
    result = commands.run("env", "add", "prod", "settings.env")
    assert result.exit_code == Exit.DONE, result.output
    return tmp_path / "config/gatepost/environments/prod.env"


def test_settings_are_kept_for_their_owner_alone(commands: CommandRunner, kept: Path) -> None:
    """Gatepost's own and nothing else: not the app's identity, nor what the file has besides."""
    text = kept.read_text(encoding="utf-8")
    assert "CONNECTOR_JOB_ID=" in text
    assert "SOMETHING_ELSE" not in text
    assert "AZURE_CLIENT_ID" not in text
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert commands.run("env", "list").output.splitlines()[1].split()[0] == "prod"


def test_a_command_uses_them_by_their_name(commands: CommandRunner, kept: Path) -> None:
    """Without them it lacks its settings; a variable may name them as well."""
    day(commands.world)
    assert commands.run("list").exit_code == Exit.USAGE
    assert "2026/11/22/good.json" in commands.run("--env", "prod", "list", "--days", 400).output


def test_what_was_typed_wins_over_variables(
    commands: CommandRunner, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of a kind are a question, not a guess."""
    monkeypatch.setenv("GATEPOST_ENV", "prod")
    assert commands.run("list").exit_code == Exit.DONE
    wrong = commands.run("list", "--settings", "nothing.env")
    assert (wrong.exit_code, "File not found: nothing.env" in wrong.output) == (Exit.NOT_FOUND, True)
    monkeypatch.setenv("GATEPOST_SETTINGS", "nothing.env")
    assert commands.run("--env", "prod", "list").exit_code == Exit.DONE
    both = commands.run("list")
    assert both.exit_code == Exit.USAGE
    assert "GATEPOST_ENV and GATEPOST_SETTINGS both say which settings to use." in both.output
    typed = commands.run("--env", "prod", "list", "--settings", "settings.env")
    assert typed.exit_code == Exit.USAGE
    assert "--env and --settings both say which settings to use." in typed.output


def test_a_name_that_is_not_there_is_said_with_those_that_are(commands: CommandRunner, kept: Path) -> None:
    """And how to add it."""
    result = commands.run("--env", "test", "list")
    assert result.exit_code == Exit.NOT_FOUND
    assert "There is no environment test.\nOne of: prod." in result.output
    assert "\n  python gatepost.py env add -- test FILE\n" in result.output


def test_the_option_stands_before_the_command(commands: CommandRunner, kept: Path) -> None:
    """Behind it, the message says where it belongs."""
    result = commands.run("list", "--env", "prod")
    assert (result.exit_code, "Write --env before the command" in result.output) == (Exit.USAGE, True)


@pytest.mark.parametrize(
    "name", ["", ".", "../prod", "a/b", "a\\b", "-x", "a b", "a.env", "x" * 41, "con", "LPT1"]
)
def test_a_name_is_never_a_path(commands: CommandRunner, name: str) -> None:
    """Nor a device of Windows."""
    result = commands.run("env", "add", "--", name, "settings.env")
    assert (result.exit_code, "cannot be the name of an environment" in result.output) == (Exit.USAGE, True)
    assert not Path("config").exists()


def test_no_secret_is_kept(commands: CommandRunner) -> None:
    """A connection string of Azure holds the account's key: it is refused, and not printed."""
    line = "ExportStorage=DefaultEndpointsProtocol=https;AccountName=data;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net"
    Path("keys.env").write_text(line, encoding="utf-8")
    result = commands.run("env", "add", "prod", "keys.env")
    assert result.exit_code == Exit.USAGE
    assert "for Azurite only" in result.output
    assert "c2VjcmV0" not in result.output
    assert not Path("config").exists()


def test_what_is_malformed_is_said_before_it_is_kept(commands: CommandRunner) -> None:
    """Not later, by every command."""
    Path("wrong.env").write_text("CONNECTOR_JOB_ID=nonsense\n", encoding="utf-8")
    result = commands.run("env", "add", "prod", "wrong.env")
    assert (result.exit_code, "CONNECTOR_JOB_ID" in result.output) == (Exit.USAGE, True)


def test_another_is_not_overwritten_by_mistake(commands: CommandRunner, kept: Path) -> None:
    """--overwrite does it on purpose; remove asks."""
    assert commands.run("env", "add", "prod", "settings.env").exit_code == Exit.USAGE
    assert commands.run("env", "add", "prod", "settings.env", "--overwrite").exit_code == Exit.DONE
    assert commands.run("env", "remove", "prod", answers="n\n").exit_code == Exit.INTERRUPTED
    assert kept.exists()
    assert commands.run("env", "remove", "prod", "--yes").output == "Removed: prod.\n"
    assert not kept.exists()
    assert commands.run("env", "remove", "prod", "--yes").exit_code == Exit.NOT_FOUND


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has no such bits")
def test_settings_that_others_may_change_are_not_used(commands: CommandRunner, kept: Path) -> None:
    """The user who changes them decides where records go."""
    for place in (kept, kept.parent):
        before = place.stat().st_mode
        place.chmod(before | 0o022)
        result = commands.run("--env", "prod", "list")
        assert result.exit_code == Exit.BLOCKED
        assert f"{place} cannot be used: others may write to it." in result.output
        assert f"\n  chmod go-w -- {place}\n" in result.output
        place.chmod(before)
    assert commands.run("--env", "prod", "list").exit_code == Exit.DONE


def test_printed_commands_name_it(commands: CommandRunner, kept: Path) -> None:
    """Where it was typed; those that need no settings go without."""
    blocked(commands, "day.json")
    output = commands.run("--env", "prod", "show", "day.json", columns=40).output
    assert "\n  python gatepost.py --env prod retry -- day.json\n" in output
    assert "\n  python gatepost.py explain -- connector-refused\n" in output


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("gatepost --env ", {"prod", "practice"}),
        ("gatepost --env pro", {"prod"}),
        ("gatepost va", {"validate"}),
        ("gatepost source tr", {"try"}),
        ("gatepost list --sta", {"--status", "--state"}),
    ],
)
def test_the_tab_key_completes_names_commands_and_options(
    commands: CommandRunner, kept: Path, words: str, expected: set[str]
) -> None:
    """For the installed command, as bash asks it."""
    assert commands.run("env", "add", "practice", "settings.env").exit_code == Exit.DONE
    program = f"import sys; sys.argv = ['gatepost']; sys.path.insert(0, {str(ROOT)!r}); from commands.start import main; main()"
    asked = {
        "_GATEPOST_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stdout.split()) == expected
