"""`source put`, `list` and `get`, and `upload` into the folder of a source."""

import json
from pathlib import Path

import pytest

from commands.console.exit_codes import Exit
from shared.errors import StorageError
from tests.support.command_runner import CommandRunner

PROFILE = """version = 1
name = "Doors"
[input]
format = "csv"
[time]
from = "at"
format = "iso"
[[person]]
from = "emp"
directory = "people.csv"
key = "emp"
[asset]
id = "door"
[outcome]
from = "event"
success = ["Access Granted"]
failed = ["Access Denied"]
"""
PEOPLE = "emp,UPN\n" + "".join(f"{number},p{number}@example.com\n" for number in range(10))
EXPORT = "at,emp,door,event\n2026-11-20T07:58:12Z,1,Lobby,Access Granted\n2026-11-20T07:59:12Z,2,Lobby,Access Denied\n"


@pytest.fixture
def folder() -> Path:
    """A source on this computer."""
    made = Path("munich")
    made.mkdir()
    (made / "profile.toml").write_text(PROFILE)
    (made / "people.csv").write_text(PEOPLE)
    return made


@pytest.fixture
def put(commands: CommandRunner, folder: Path) -> CommandRunner:
    """The same, put into the container."""
    assert commands.run("source", "put", "munich", folder).exit_code == Exit.DONE
    return commands


def test_a_source_is_put_people_first(commands: CommandRunner, folder: Path) -> None:
    """So a profile never names a people file that is not there."""
    written: list[str] = []
    commands.world.sources.on_change = lambda what, name: written.append(name) if "wrote" in what else None
    result = commands.run("source", "put", "munich", folder)
    assert result.exit_code == Exit.DONE
    assert written == ["munich/people.csv", "munich/profile.toml"]
    assert "Put: munich/profile.toml" in result.output
    assert "python gatepost.py upload --folder munich -- FILE" in result.output


def test_what_cannot_be_used_is_not_put(commands: CommandRunner, folder: Path) -> None:
    """All problems are named, and the container stays as it is."""
    (folder / "people.csv").unlink()
    (folder / "profile.toml").write_text(PROFILE.replace("iso", "%H"))
    result = commands.run("source", "put", "munich", folder)
    assert (result.exit_code, commands.world.sources.names()) == (Exit.BLOCKED, [])
    assert commands.run("source", "put", "a/b", folder).exit_code == Exit.USAGE


def test_the_same_files_again_change_nothing(put: CommandRunner) -> None:
    """No new version, which would be another mapping."""
    etag = put.world.sources.head("munich/profile.toml").etag
    assert "has the same files already" in put.run("source", "put", "munich", "munich").output
    assert put.world.sources.head("munich/profile.toml").etag == etag


def test_a_changed_profile_replaces_what_was_seen(put: CommandRunner, folder: Path) -> None:
    """From the same folder, without asking."""
    (folder / "profile.toml").write_text(PROFILE.replace("Doors", "Gates"))
    result = put.run("source", "put", "munich", folder)
    assert (result.exit_code, "Replaced: munich/profile.toml" in result.output) == (Exit.DONE, True)
    assert b"Gates" in put.world.sources.read("munich/profile.toml").data  # type: ignore[union-attr]


def test_a_version_that_was_not_seen_is_not_replaced(put: CommandRunner, folder: Path) -> None:
    """Another person has put one meanwhile; the command tells how to fetch it."""
    put.world.sources.put("munich/profile.toml", PROFILE.replace("Doors", "Theirs").encode())
    (folder / "profile.toml").write_text(PROFILE.replace("Doors", "Mine"))
    result = put.run("source", "put", "munich", folder)
    assert result.exit_code == Exit.BLOCKED
    assert "a version that was not seen here, of munich/profile.toml" in result.output
    assert "python gatepost.py source get --to munich-stored -- munich" in result.output
    assert put.run("source", "put", "munich", folder, "--force").exit_code == Exit.DONE
    assert b"Mine" in put.world.sources.read("munich/profile.toml").data  # type: ignore[union-attr]


def test_a_version_from_between_reading_and_writing_is_not_replaced(put: CommandRunner, folder: Path) -> None:
    """The condition is held by storage itself."""
    (folder / "profile.toml").write_text(PROFILE.replace("Doors", "Mine"))
    theirs = PROFILE.replace("Doors", "Theirs").encode()

    def before(what: str, name: str) -> None:
        put.world.sources.on_change = lambda _what, _name: None
        put.world.sources.put("munich/profile.toml", theirs)

    put.world.sources.on_change = before
    assert put.run("source", "put", "munich", folder, "--force").exit_code == Exit.LATER
    assert put.world.sources.read("munich/profile.toml").data == theirs  # type: ignore[union-attr]


@pytest.mark.parametrize(("left", "code"), [(10, Exit.DONE), (8, Exit.BLOCKED)])
def test_a_people_file_does_not_shrink_much(put: CommandRunner, folder: Path, left: int, code: Exit) -> None:
    """A file that lost a third of its lines was probably cut; one of eleven may be missing."""
    lines = PEOPLE.splitlines(keepends=True)[:left]
    (folder / "people.csv").write_text("".join(lines))
    result = put.run("source", "put", "munich", folder)
    assert result.exit_code == code, result.output
    assert put.run("source", "put", "munich", folder, "--force").exit_code == Exit.DONE


def test_sources_are_listed(put: CommandRunner) -> None:
    """With what they are, and those that cannot be used."""
    put.world.sources.put("people.csv", b"a,UPN\n")
    put.world.sources.put("oslo/profile.toml", b"version = 2\n")
    put.world.sources.put(
        "rome/profile.toml",
        b'version = 1\nname = "R"\n[input]\nformat = "connector"\n[policy]\nsend = false\n',
    )
    result = put.run("source", "list")
    assert result.exit_code == Exit.DONE
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert lines[1].startswith("munich Doors csv sends 10 20")
    assert lines[2].startswith("oslo - - cannot be used: ")
    assert lines[3].startswith("rome R connector on trial 0 20")
    assert lines[-1] == "3 sources."
    document = json.loads(put.run("source", "list", "--json").stdout)
    assert [(one["source"], one["keys"]) for one in document] == [("munich", 10), ("oslo", 0), ("rome", 0)]
    assert "version: must be 1" in document[1]["problems"]


def test_without_sources_the_first_step_is_said(commands: CommandRunner) -> None:
    """How to make one."""
    output = commands.run("source", "list").output
    assert "There is no source yet." in output
    assert "python gatepost.py source new -- FILE" in output


def test_a_source_is_fetched_and_put_back(put: CommandRunner) -> None:
    """What was fetched has been seen."""
    result = put.run("source", "get", "munich", "--to", "elsewhere")
    assert result.exit_code == Exit.DONE
    assert Path("elsewhere/profile.toml").read_text() == PROFILE
    assert Path("elsewhere/people.csv").read_text() == PEOPLE
    Path("elsewhere/profile.toml").write_text(PROFILE.replace("Doors", "Gates"))
    assert put.run("source", "put", "munich", "elsewhere").exit_code == Exit.DONE


def test_fetching_replaces_nothing_unasked(put: CommandRunner, folder: Path) -> None:
    """What was changed here stays."""
    (folder / "people.csv").write_text("mine")
    result = put.run("source", "get", "munich")
    assert (result.exit_code, (folder / "people.csv").read_text()) == (Exit.USAGE, "mine")
    assert put.run("source", "get", "munich", "--overwrite").exit_code == Exit.DONE
    assert (folder / "people.csv").read_text() == PEOPLE


def test_a_shared_people_file_is_put_and_fetched_above_the_folder(
    commands: CommandRunner, folder: Path
) -> None:
    """As it lies in the container."""
    (folder / "profile.toml").write_text(PROFILE.replace('"people.csv"', '"/people.csv"'))
    (folder / "people.csv").rename("people.csv")
    commands.run("source", "put", "munich", folder)
    assert commands.world.sources.names() == ["munich/profile.toml", "people.csv"]
    commands.run("source", "get", "munich", "--to", "below/munich")
    assert Path("below/people.csv").read_text() == PEOPLE


def test_a_profile_that_cannot_be_used_is_fetched_all_the_same(commands: CommandRunner) -> None:
    """How else should it be corrected."""
    commands.world.sources.put("oslo/profile.toml", b"version = 2\n")
    result = commands.run("source", "get", "oslo")
    assert (result.exit_code, Path("oslo/profile.toml").read_bytes()) == (Exit.DONE, b"version = 2\n")


def test_a_source_that_is_not_there_is_answered_with_those_that_are(put: CommandRunner) -> None:
    """So that the next try works."""
    result = put.run("source", "get", "oslo")
    assert (result.exit_code, "There are: munich." in result.output) == (Exit.NOT_FOUND, True)
    assert put.run("source", "get", "../x").exit_code == Exit.NOT_FOUND


def test_an_upload_into_a_sources_folder_is_checked_by_it(put: CommandRunner) -> None:
    """And the function reads it the same way."""
    Path("day.csv").write_text(EXPORT)
    result = put.run("upload", "day.csv", "--folder", "munich")
    assert result.exit_code == Exit.DONE, result.output
    assert "Succeeded: 2 of 2 records sent." in result.output
    Path("bad.csv").write_text("a,b\n1,2\n")
    bad = put.run("upload", "bad.csv", "--folder", "munich")
    assert (bad.exit_code, "the column at is missing" in bad.output) == (Exit.INVALID, True)
    assert put.run("upload", "day.csv", "--folder", "2026/11").exit_code == Exit.INVALID


def test_an_upload_without_the_right_to_read_sources_is_not_checked_by_one(
    put: CommandRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exporter may only write exports; a table is then refused here, and must come from the system itself."""

    def refused(_name: str) -> None:
        raise StorageError("AuthorizationPermissionMismatch", why="permission")

    monkeypatch.setattr(put.world.sources, "read", refused)
    Path("day.csv").write_text(EXPORT)
    assert put.run("upload", "day.csv", "--folder", "munich").exit_code == Exit.INVALID


def test_a_source_that_cannot_be_used_stops_an_upload(put: CommandRunner) -> None:
    """Its problems are said before anything is uploaded."""
    put.world.sources.put("munich/profile.toml", b"version = 2\n")
    Path("day.csv").write_text(EXPORT)
    result = put.run("upload", "day.csv", "--folder", "munich")
    assert (result.exit_code, "version: must be 1" in result.output) == (Exit.BLOCKED, True)
    assert put.world.exports.names() == []
