"""`show`: one outcome."""

import json

import pytest

from commands.console.exit_codes import Exit
from shared.blob_names import outcome_path
from tests.support.command_runner import CommandRunner, blocked, day
from tests.support.exports import export
from tests.support.fake_connector import REFUSED_CONNECTION, reply
from tests.support.sources import HEADER, PEOPLE, TABLE


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("good", Exit.DONE, "25 read, 25 sent"),
        ("part", Exit.PARTLY, "\n  python gatepost.py rejected -- 2026/11/22/part.json\n"),
        ("copy", Exit.DONE, "25 read, 0 sent, 25 sent before"),
        ("broken", Exit.INVALID, "truncated, at line 1, column 3 (byte 2, record 1)"),
    ],
)
def test_the_exit_code_and_the_help_follow_the_status(
    commands: CommandRunner, name: str, code: Exit, says: str
) -> None:
    """A script asks with `show`, a person reads it."""
    day(commands.world)
    result = commands.run("show", f"2026/11/22/{name}.json")
    assert (result.exit_code, says in result.output) == (code, True), result.output


def test_open_outcomes_say_what_happens_next(commands: CommandRunner) -> None:
    """Failed and Blocked tell who acts, and when."""
    blocked(commands)
    shown = commands.run("show", "2026/11/22/day.json")
    assert shown.exit_code == Exit.BLOCKED
    assert (
        "once a day. To try again now:\n  python gatepost.py retry -- 2026/11/22/day.json\n" in shown.output
    )
    commands.world.connector.always = REFUSED_CONNECTION
    commands.world.upload("later.json", export(5, first=900))
    commands.world.run()
    later = commands.run("show", "later.json")
    assert (later.exit_code, "The next try is at 2026-11-22T" in later.output) == (Exit.LATER, True)


def test_a_wrong_name_gets_the_nearest_ones(commands: CommandRunner) -> None:
    """Forgetting the folder is the usual mistake."""
    day(commands.world)
    result = commands.run("show", "good.json")
    assert result.exit_code == Exit.NOT_FOUND
    assert "Did you mean 2026/11/22/good.json?" in result.output
    assert "gatepost.py list" in commands.run("show", "zzz").output


def test_the_document_itself(commands: CommandRunner) -> None:
    """--json is the outcome as it is kept."""
    day(commands.world)
    result = commands.run("show", "2026/11/22/good.json", "--json")
    etag = commands.world.exports.head("2026/11/22/good.json").etag
    assert json.loads(result.stdout) == json.loads(
        commands.world.results.data(outcome_path("2026/11/22/good.json", etag))
    )


def test_the_newest_version_is_shown(commands: CommandRunner) -> None:
    """An export that was overwritten has an outcome for each version."""
    commands.world.upload("day.json", b"[{")
    commands.world.run()
    commands.world.clock.sleep(60)
    commands.world.upload("day.json", export(5))
    commands.world.run()
    assert commands.run("show", "day.json").exit_code == Exit.DONE


def test_a_version_is_new_by_its_upload_not_by_its_outcome(commands: CommandRunner) -> None:
    """An older version whose outcome is written later does not hide the current one."""
    world = commands.world
    world.upload("day.json", b"[{")
    world.run()
    old = world.results.data(outcome_path("day.json", world.exports.head("day.json").etag))
    old_path = outcome_path("day.json", world.exports.head("day.json").etag)
    world.clock.sleep(60)
    world.upload("day.json", export(5))
    world.run()
    world.clock.sleep(60)
    world.results.put(old_path, old)
    assert commands.run("show", "day.json").exit_code == Exit.DONE


def test_a_name_with_control_characters_is_harmless_wherever_it_is_printed(commands: CommandRunner) -> None:
    """In the page and in the command below it."""
    commands.world.connector.always = reply(404)
    commands.world.upload("a \u202e.json", export(3))
    commands.world.run()
    output = commands.run("show", "a \u202e.json").output
    assert "\u202e" not in output
    assert "python gatepost.py retry -- $'a \\U0000202e.json'" in output


def test_an_export_that_was_not_processed_yet_is_said_to_be_there(commands: CommandRunner) -> None:
    """An outcome is missing, not the export; without permission to look, the outcome is all one can miss."""
    commands.world.exports.put("new.json", export(3))
    result = commands.run("show", "new.json")
    assert (result.exit_code, "has not been processed yet" in result.output) == (Exit.LATER, True)
    commands.world.exports.refuses = "storage answers 403"
    result = commands.run("show", "new.json")
    assert (result.exit_code, "There is no outcome of new.json" in result.output) == (Exit.NOT_FOUND, True)


def test_what_a_source_has_to_say_is_shown(commands: CommandRunner) -> None:
    """Ignored rows by reason, words that no list has, keys that no people file knows, and whose mapping it was."""
    commands.world.put_source("munich", TABLE, people=PEOPLE)
    rows = [
        f"2026-11-22 07:58:{second},{person},D1,Lobby,{event}\n"
        for second, person, event in (
            *((second, 1, "Granted") for second in range(10, 16)),
            (16, 1, "Perplexed"),
            (17, 2, "Perplexed"),
            (18, 3, "Perplexed"),
            (19, 9, "Granted"),
            (20, 3, "Granted"),
            (10, 1, "Granted"),
        )
    ]
    commands.world.upload("munich/day.csv", (HEADER + "".join(rows)).encode())
    commands.world.run()
    result = commands.run("show", "munich/day.csv")
    assert result.exit_code == Exit.PARTLY
    for text in (
        "12 read, 6 sent, 1 ignored, 1 repeated, 4 rejected",
        "1 person-without-account",
        "Perplexed (3)",
        "1 that no people file knows",
        "munich",
    ):
        assert text in result.output


def test_versions_are_told_apart(commands: CommandRunner) -> None:
    """The newest is shown and the others are named; each can be asked for; one that is not there is said."""
    world = commands.world
    world.upload("day.json", b"[")
    world.run()
    world.clock.sleep(60)
    world.upload("day.json", export(3))
    world.run()
    newest = commands.run("show", "day.json")
    assert (newest.exit_code, "Other versions: " in newest.output) == (Exit.DONE, True)
    old = newest.output.partition("Other versions: ")[2].split()[0]
    shown = commands.run("show", "day.json", "--version", old)
    assert (shown.exit_code, "(Succeeded)." in shown.output) == (Exit.INVALID, True)
    assert (
        "No records of day.json were rejected."
        in commands.run("rejected", "day.json", "--version", old).output
    )
    missing = commands.run("show", "day.json", "--version", "0xNONE")
    assert (missing.exit_code, "in version 0xNONE" in missing.output) == (Exit.NOT_FOUND, True)
