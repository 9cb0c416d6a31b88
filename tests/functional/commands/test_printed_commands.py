"""Commands that are printed can be pasted: whole, on a line of their own, quoted, with what they need."""

import ast
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from commands.console.command_line import command, typed_options
from commands.console.shells import Shell
from tests.support.command_runner import CommandRunner, blocked, day
from tests.support.exports import export
from tests.support.guides import ROOT
from tests.support.world import ENVIRONMENT

WIDTHS = (20, 40, 67, 77, 80, 121, 206, 300)
NAME = "2026/11/22/ann's day.json"


@pytest.fixture
def settings(commands: CommandRunner) -> Path:
    """A settings file with a space in its name, in a world with an export of each kind."""
    day(commands.world)
    blocked(commands, NAME)
    file = Path("my settings.env")
    file.write_text("".join(f"{name}={value}\n" for name, value in ENVIRONMENT.items()), encoding="utf-8")
    return file


def _printed(output: str) -> list[str]:
    """Every line with a command on it, without its indentation."""
    return [line.strip() for line in output.splitlines() if "gatepost.py" in line]


@pytest.mark.parametrize(
    ("words", "prints"),
    [
        (["show", NAME], ["retry --settings {settings} -- {name}", "explain -- connector-refused"]),
        (["show", "2026/11/22/part.json"], ["rejected --settings {settings} -- 2026/11/22/part.json"]),
        (["show", "none.json"], ["list --days 400 --settings {settings}"]),
        (
            ["retry", "2026/11/22/part.json"],
            [
                "rejected --settings {settings} -- 2026/11/22/part.json",
                "resend --settings {settings} -- 2026/11/22/part.json",
            ],
        ),
        (["retry", NAME, "--no-wait"], ["list --settings {settings}"]),
        (
            ["rejected", "2026/11/22/part.json", "--overwrite", "--to", "part 1.jsonl"],
            [
                "validate -- 'part 1.jsonl'",
                "upload --folder 2026/11/22 --settings {settings} -- 'part 1.jsonl'",
            ],
        ),
        (
            ["check"],
            ["sweep --settings {settings}", "list --days 400 --status Blocked --settings {settings}"],
        ),
    ],
    ids=lambda one: one[0] if isinstance(one[0], str) and "{" not in one[0] else "",
)
def test_a_printed_command_is_whole_at_every_width(
    commands: CommandRunner, settings: Path, words: list[str], prints: list[str]
) -> None:
    """No terminal is too narrow; the names and the settings file are quoted."""
    commands.world.clock.sleep(30 * 3_600)
    commands.world.results.put("reports/latest.html", b"")
    commands.world.clock.sleep(30 * 3_600)
    expected = [
        "python gatepost.py " + one.format(name=shlex.quote(NAME), settings=shlex.quote(str(settings)))
        for one in prints
    ]
    for columns in WIDTHS:
        output = commands.run(*words, "--settings", settings, columns=columns).output
        assert _printed(output) == expected


def test_what_was_given_up_can_be_retried_by_pasting(commands: CommandRunner, settings: Path) -> None:
    """Each width has an export of its own, since giving up is final."""
    for columns in WIDTHS:
        name = f"day {columns}.json"
        blocked(commands, name, 1_000 * columns)
        output = commands.run("give-up", name, "--yes", "--settings", settings, columns=columns).output
        assert _printed(output) == [f"python gatepost.py retry --settings 'my settings.env' -- '{name}'"]


def test_a_push_prints_its_folder(commands: CommandRunner) -> None:
    """Where it was named, the folder of pushes belongs to every command that needs it."""
    Path("day.json").write_bytes(export(4, bad=(2,)))
    for columns in WIDTHS:
        again = ["push", "day.json", "--state", "my pushes", "--again", "--yes"]
        (pushed,) = _printed(commands.run(*again, columns=columns).output)
        assert re.fullmatch(r"python gatepost\.py push --state 'my pushes' -- 'my pushes/\S+\.jsonl'", pushed)
        shown = commands.run("show", "day.json", "--pushed", "--state", "my pushes", columns=columns)
        assert _printed(shown.output) == [
            "python gatepost.py rejected --pushed --state 'my pushes' -- day.json"
        ]


def test_a_settings_error_prints_the_way_to_get_them_whole() -> None:
    """Also Azure's commands can be pasted."""
    line = "az functionapp config appsettings list --resource-group GROUP --name APP > settings.json"
    for columns in WIDTHS:
        commands = CommandRunner(environment={})
        assert f"\n    {line}\n" in commands.run("check", columns=columns).output
        assert f"\n  {line}\n" in commands.run("list", columns=columns).output


def test_the_example_of_a_help_is_whole() -> None:
    """Help is wrapped, its example is not."""
    for columns in WIDTHS:
        output = CommandRunner().run("push", "--help", columns=columns).output
        assert "\n  python gatepost.py push badging.json --settings settings.env\n" in output


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["show", "a b.json"], "show -- 'a b.json'"),
        (["show", "it's.json"], "show -- 'it'\"'\"'s.json'"),
        (["show", "$HOME.json"], "show -- '$HOME.json'"),
        (["retry", "-dash.json"], "retry -- -dash.json"),
        (["retry", "--yes"], "retry -- --yes"),
        (["show", "a\x1b[31m'.json"], "show -- $'a\\U0000001b[31m\\U00000027.json'"),
    ],
)
def test_names_are_data(words: list[str], line: str) -> None:
    """Quoted for the shell, and behind `--`, so that none is an option, whatever it begins with."""
    assert command(*words) == f"python gatepost.py {line}"


def test_an_options_value_is_never_an_option() -> None:
    """A folder that begins with a hyphen belongs to its option; what is not set is left out."""
    line = command("upload", "a.json", folder="-x y", overwrite=True, no_wait=False, settings="")
    assert line == "python gatepost.py upload '--folder=-x y' --overwrite -- a.json"


def test_only_options_that_a_command_takes_are_carried() -> None:
    """`validate` needs no settings; a folder of pushes is for pushes."""
    with typed_options({"settings": "s.env", "state": "p"}):
        assert command("validate", "a.json") == "python gatepost.py validate -- a.json"
        assert command("list") == "python gatepost.py list --settings s.env"
        assert command("push", "a.json") == "python gatepost.py push --settings s.env --state p -- a.json"
        assert command("list", pushed=True) == "python gatepost.py list --pushed --settings s.env --state p"


def test_no_command_is_printed_with_an_option_among_its_names() -> None:
    """Options are given by name, so that the two are never confused in the code."""
    wrong = [
        f"{file.name}:{call.lineno}"
        for file in sorted((ROOT / "commands").rglob("*.py"))
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "command"
        and any(isinstance(one, ast.Constant) and str(one.value).startswith("-") for one in call.args)
    ]
    assert wrong == []


HOSTILE = [
    "x$(touch${IFS}pwned).json",
    "y;touch pwned;#.json",
    "-x.json",
    "$'a.json",
    "a'b.json",
    "--overwrite.json",
]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("columns", [20, 80])
def test_a_pasted_command_runs_nothing_of_a_name(commands: CommandRunner, name: str, columns: int) -> None:
    """The printed lines go through a real shell, and each word is what it was."""
    blocked(commands, name)
    output = commands.run("show", "--", name, columns=columns).output
    line = next(one for one in _printed(output) if " retry " in one)
    script = "python() { printf '%s\\n' \"$@\"; }\n" + line
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["gatepost.py", "retry", "--", name]
    assert not Path("pwned").exists()


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        (Shell.SH, "show -- 'a b&%PATH%$(x).json'"),
        (Shell.CMD, 'show -- "a b&"^%"PATH"^%^$"(x).json"'),
        (Shell.POWERSHELL, 'show -- "a b&%PATH%`$(x).json"'),
        (Shell.WINDOWS_POWERSHELL, 'show -- "a b&%PATH%`$(x).json"'),
    ],
)
def test_each_shell_has_quotes_of_its_own(monkeypatch: pytest.MonkeyPatch, shell: Shell, line: str) -> None:
    """What is printed is for the shell in which the command was typed."""
    monkeypatch.setattr("commands.console.command_line.current_shell", lambda: shell)
    assert command("show", "a b&%PATH%$(x).json") == f"python gatepost.py {line}"
