"""`upload`: the upload of a person."""

import re
from pathlib import Path

import pytest

from commands.console.exit_codes import Exit
from tests.support.command_runner import CommandRunner, blocked
from tests.support.exports import export


def test_files_are_uploaded_and_their_outcomes_shown(commands: CommandRunner) -> None:
    """Progress comes from the ledger, the end from the outcome."""
    Path("a.json").write_bytes(export(5))
    Path("b.json").write_bytes(export(5, first=10, bad=(11,)))
    result = commands.run("upload", "a.json", "b.json", "--folder", "/2026/11/22/")
    assert result.exit_code == Exit.PARTLY
    assert "Uploaded: 2026/11/22/a.json" in result.output
    assert "4 of 5 records sent; 1 rejected" in result.output


def test_what_cannot_be_sent_is_not_uploaded(commands: CommandRunner) -> None:
    """The check comes first."""
    Path("a.json").write_bytes(b"[{")
    result = commands.run("upload", "a.json")
    assert (result.exit_code, commands.world.exports.names()) == (Exit.INVALID, [])
    assert "ends in the middle of record 1" in result.output


def test_an_export_that_is_not_finished_is_not_replaced_unasked(commands: CommandRunner) -> None:
    """What was not sent of it would be lost."""
    blocked(commands, "a.json")
    Path("a.json").write_bytes(export(5))
    refused = commands.run("upload", "a.json")
    assert (refused.exit_code, "not finished (Blocked)" in refused.output) == (Exit.USAGE, True)
    assert commands.run("upload", "a.json", "--overwrite").exit_code == Exit.DONE


def test_a_corrected_export_takes_the_place_of_a_rejected_one(commands: CommandRunner) -> None:
    """Correct and upload under the same name, as the help says."""
    commands.world.upload("a.json", b"[{")
    commands.world.run()
    Path("a.json").write_bytes(export(5))
    assert commands.run("upload", "a.json").exit_code == Exit.DONE


def test_without_waiting_and_with_a_folder_that_cannot_be(commands: CommandRunner) -> None:
    """--no-wait ends at once; an unsafe folder is refused."""
    Path("a.json").write_bytes(export(5))
    commands.world.clock._repeated.clear()
    assert commands.run("upload", "a.json", "--no-wait").exit_code == Exit.DONE
    assert commands.run("upload", "a.json", "--folder", "../other").exit_code == Exit.USAGE


def test_people_who_may_not_read_ledgers_wait_all_the_same(commands: CommandRunner) -> None:
    """Progress is a nicety, the outcome is what counts."""
    world = commands.world
    Path("a.json").write_bytes(export(5))
    looked: list[str] = []

    def deny(when: str, _what: str) -> None:
        if when == "post":
            world.state.refuses = "403"
            try:
                commands.run("list")
            finally:
                world.state.refuses = ""
            looked.append("once")

    world.connector.on_post = deny
    assert commands.run("upload", "a.json").exit_code == Exit.DONE
    assert looked == ["once"]


def test_a_long_wait_says_what_it_is_for(commands: CommandRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """The app has not begun, or is at it; and until when the command waits. What is quick needs no words."""
    Path("a.json").write_bytes(export(5))
    monkeypatch.setattr(commands.world, "run", lambda: None)
    result = commands.run("upload", "a.json", "--minutes", 1)
    assert result.exit_code == Exit.LATER
    said = re.findall(r"a\.json: (.*); waiting until \d\d:\d\d", result.output)
    assert said == ["the app has not begun with it yet"]
    assert "a.json: no outcome within 1 minute. See later:" in result.output
