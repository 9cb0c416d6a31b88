"""The program on terminals, pipes and disks as they are: narrow, of another code page, closed, full."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from commands.console import screen
from commands.console.exit_codes import Exit
from commands.console.tables import Column, show_table
from tests.support.command_runner import CommandRunner, blocked, day
from tests.support.exports import export
from tests.support.guides import ROOT

WIDTHS = (1, 20, 21, 34, 40, 53, 67, 80, 120, 206, 300)


def _run(
    *words: str | bytes | Path, env: Mapping[str, str] | None = None, **streams: int
) -> subprocess.CompletedProcess[bytes]:
    """The program in a process of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GATEPOST", "PYTHON"))}
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    return subprocess.run(
        [sys.executable, ROOT / "gatepost.py", *words], env=clean | dict(env or {}), check=False, **pipes
    )


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """An export with a record that breaks a rule, under a name with letters that few code pages have."""
    file = tmp_path / "t\u00fcr \u2603 \U0001f600.json"
    file.write_bytes(export(30, bad=(3,)))
    return file


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii", "utf-8", "utf-16"])
def test_json_is_utf8_on_every_code_page(bad: Path, encoding: str) -> None:
    """Programs read JSON, and JSON is UTF-8."""
    done = _run("validate", "--json", bad, env={"PYTHONIOENCODING": encoding})
    assert json.loads(done.stdout.decode("utf-8"))["files"][0]["file"] == str(bad)
    assert (done.returncode, done.stderr) == (Exit.PARTLY, b"")


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii"])
def test_a_code_page_that_lacks_a_letter_shows_its_code(bad: Path, encoding: str) -> None:
    """The result is there, and no stack trace."""
    done = _run("validate", bad, env={"PYTHONIOENCODING": encoding})
    assert "\\u2603 \\U0001f600.json: 1 of 30 records cannot be sent" in done.stdout.decode(encoding)
    assert (done.returncode, done.stderr) == (Exit.PARTLY, b"")


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="file names there are Unicode")
@pytest.mark.parametrize("words", [["validate"], ["validate", "--json"], ["push"], ["upload"]])
def test_a_name_that_is_no_utf8_is_a_sentence(tmp_path: Path, words: list[str]) -> None:
    """Old archives and file servers leave such names; the sentence says what is wrong with it."""
    name = bytes(tmp_path) + b"/b\xfcro.json"
    Path(os.fsdecode(name)).write_bytes(b"[]")
    zeros = "00000000-0000-0000-0000-000000000000"
    settings = dict.fromkeys(("CONNECTOR_TENANT_ID", "CONNECTOR_APP_ID", "CONNECTOR_JOB_ID"), zeros)
    settings |= {"KEY_VAULT_URI": "https://no-vault.invalid", "ExportStorage": "UseDevelopmentStorage=true"}
    done = _run(*words, name, env=settings | {"GATEPOST_STATE": str(tmp_path / "state")})
    said = (done.stdout + done.stderr).decode("utf-8")
    assert "not valid UTF-8" in said
    assert ("b\\xfcro.json" in said) or ("b\\\\xfcro.json" in said)
    assert (done.returncode, "Traceback" in said) == (Exit.INVALID, False)
    if "--json" in words:
        assert json.loads(done.stdout)["files"][0]["error"]["code"] == "unsafe-name"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux plays a full disk")
@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["validate", "{bad}"], ["validate", "--json", "{bad}"], ["schema"]]
)
def test_a_full_disk_is_a_sentence(bad: Path, words: list[str]) -> None:
    """Whatever is printed to it, and however little it is."""
    with Path("/dev/full").open("wb") as full:
        done = _run(*(word.replace("{bad}", str(bad)) for word in words), stdout=full.fileno())
    assert done.stderr.decode().splitlines() == [
        "Error: The output cannot be written: No space left on device.",
        "Check where it is written to.",
    ]
    assert done.returncode == Exit.BLOCKED


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux plays a full disk")
def test_an_error_that_cannot_be_written_still_has_its_exit_code(tmp_path: Path) -> None:
    """A scheduler sees that something is wrong, and Python adds nothing."""
    with Path("/dev/full").open("wb") as full:
        done = _run("validate", tmp_path / "none.json", stdout=full.fileno(), stderr=full.fileno())
    assert done.returncode in {Exit.BLOCKED, Exit.NOT_FOUND}


def test_a_reader_that_goes_away_ends_the_program_quietly(tmp_path: Path) -> None:
    """`| head` has seen what it wanted."""
    file = tmp_path / "day.jsonl"
    file.write_bytes(b"{}\n" * 30_000)
    command: list[str | Path] = [sys.executable, ROOT / "gatepost.py", "validate", "--show", "30000", file]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == Exit.INTERRUPTED


@pytest.mark.skipif(sys.platform == "win32", reason="a shell closes the stream")
def test_a_closed_output_is_no_stack_trace(bad: Path) -> None:
    """A scheduler may give none at all; the exit code says how it went."""
    line = '"$0" "$1" validate "$2" >&- 2>&-; code=$?; "$0" "$1" validate --json "$2" >&-; exit $code'
    done = subprocess.run(
        ["sh", "-c", line, sys.executable, ROOT / "gatepost.py", bad], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (Exit.PARTLY, b"", b"")


@pytest.mark.parametrize("hardening", [{"PYTHONSAFEPATH": "1"}, {"PYTHONOPTIMIZE": "2"}])
def test_a_hardened_python_finds_the_program(bad: Path, hardening: dict[str, str], tmp_path: Path) -> None:
    """It does not look beside the script by itself."""
    done = _run("validate", bad, env=hardening)
    assert (done.returncode, done.stderr) == (Exit.PARTLY, b"")


@pytest.mark.parametrize("asked", ["0", "", "-5", "x", "\u0663"])
def test_columns_that_are_no_width_change_nothing(
    asked: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some programs set 0 where there is no terminal: the output is that of a pipe, and nothing is lost."""
    monkeypatch.setenv("COLUMNS", asked)
    screen.say("word " * 40)
    show_table([Column("File", gives_way=True), Column("Records", number=True)], [("day.json", "12")])
    assert capsys.readouterr().out == "word " * 39 + "word\nFile      Records\nday.json       12\n"


@pytest.mark.parametrize("columns", WIDTHS)
def test_every_page_fits_and_loses_nothing(commands: CommandRunner, columns: int) -> None:
    """Lists, pages and results hold the same words at every width, and only commands and names reach over it."""
    day(commands.world)
    blocked(commands)
    Path("day.json").write_bytes(export(30, bad=(3, 5)))
    for words in (["list"], ["show", "2026/11/22/part.json"], ["validate", "day.json"], ["check"]):
        wide = commands.run(*words, columns=300).output
        output = commands.run(*words, columns=columns).output
        for line in output.splitlines():
            assert len(line) <= max(columns, 20) or " " not in line.strip() or _is_command(line), line
        assert set(_letters(wide)) - {"Export", "Reason"} <= set(_letters(output)), words


def _is_command(line: str) -> bool:
    return "gatepost.py" in line or line.lstrip().startswith("az ")


def _letters(output: str) -> list[str]:
    return re.findall(r"[A-Za-z]{4,}", output)


@pytest.mark.parametrize(
    "typed",
    [
        ["validate", "--\u202efoo"],
        ["\u202efoo\x9b"],
        ["list", "--status", "\u202efoo\x9b"],
        ["show", "\u202efoo\x9b"],
        ["explain", "\u202efoo"],
        ["sample", "\u202efoo"],
    ],
)
def test_what_was_typed_is_quoted_without_obeying_it(commands: CommandRunner, typed: list[str]) -> None:
    """A pattern of the shell may become any name."""
    output = commands.run(*typed).output
    assert "\\u202efoo" in output
    assert not {"\u202e", "\x9b"} & set(output)


def test_json_on_a_terminal_obeys_no_name(commands: CommandRunner) -> None:
    """Programs read the same name; a terminal is only shown it."""
    blocked(commands, "a\u202e\u00ad.json")
    output = commands.run("list", "--json").output
    assert json.loads(output)[0]["export"] == "a\u202e\u00ad.json"
    assert not {"\u202e", "\u00ad"} & set(output)
