"""`validate` says what is wrong, where, why, and how it ends."""

import json
from pathlib import Path

import pytest

from commands.console.exit_codes import Exit
from tests.support.command_runner import CommandRunner
from tests.support.exports import array, export, record


def _file(folder: Path, data: bytes, name: str = "day.json") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_good_file_ends_with_0(tmp_path: Path) -> None:
    """Nothing to fix, nothing said but that."""
    result = CommandRunner().run("validate", _file(tmp_path, export(25)))
    assert result.exit_code == Exit.DONE
    assert "good. All 25 records can be sent." in result.output


def test_no_settings_are_needed(tmp_path: Path) -> None:
    """It works on a computer that knows nothing of Azure."""
    result = CommandRunner(environment={}).run("validate", _file(tmp_path, b"[]"))
    assert result.exit_code == Exit.DONE
    assert "right for a day without events" in result.output


def test_bad_records_are_named_by_line_and_reason(tmp_path: Path) -> None:
    """Each bad record with its place, a count by reason, and the code for partly."""
    result = CommandRunner().run("validate", _file(tmp_path, export(30, bad=(3, 7))))
    assert result.exit_code == Exit.PARTLY
    assert "record 3 (line 4, column 1): AccessStatus must be Success or Failed" in result.output
    assert "record 7 (line 8, column 1)" in result.output
    assert "      2  AccessStatus must be Success or Failed" in result.output
    assert "28 records would be sent, 2 rejected" in result.output
    assert "capital first letter" in result.output


def test_lines_are_right_behind_long_runs_of_good_records(tmp_path: Path) -> None:
    """The place is right in a file of many megabytes, beyond what is looked at in one piece."""
    result = CommandRunner().run(
        "validate", _file(tmp_path, export(40_000, bad=(3, 29_999, 40_000))), "--json"
    )
    invalid = json.loads(result.stdout)["files"][0]["invalid"]
    assert [(one["record"], one["line"], one["column"]) for one in invalid] == [
        (3, 4, 1),
        (29_999, 30_000, 1),
        (40_000, 40_001, 1),
    ]


def test_more_bad_records_than_are_shown_are_counted(tmp_path: Path) -> None:
    """A thousand mistakes do not scroll the first ones away."""
    bad = tuple(range(1, 31))
    result = CommandRunner().run("validate", _file(tmp_path, export(100, bad=bad)), "--show", 5)
    assert "... and 25 records more; --show 30 lists them all" in result.output
    assert result.output.count("AccessStatus must be") == 5 + 1


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b'[{"UserId": "a@example.com"', "day.json", "ends in the middle of record 1"),
        (b'{"records": [{"UserId": "a"}]}', "day.json", "inside a property"),
        (b"UserId,AssetId\n", "day.json", "CSV"),
        (b"PK\x03\x04" + bytes(40), "day.json", "Excel"),
        (b"// made by\n[]", "day.json", "comment"),
        (b"", "day.json", "empty"),
        (b"[]", "day.csv", "does not end like an export's"),
        (b"[]", "day.json.tmp", "still being written"),
        ('[\n{"UserId": "m\u00fcller"}]'.encode("cp1252"), "day.json", "It is at line 2, column 14"),
        (json.dumps(record(1)).encode() + b",\n" + json.dumps(record(2)).encode(), "a.jsonl", "no comma"),
    ],
)
def test_a_file_that_cannot_be_read_as_a_whole_says_why_and_what_to_do(
    tmp_path: Path, data: bytes, name: str, says: str
) -> None:
    """Broken files end with the code for invalid input, an explanation and what to do."""
    result = CommandRunner().run("validate", _file(tmp_path, data, name), columns=300)
    assert result.exit_code == Exit.INVALID
    assert "cannot be sent." in result.output
    assert says in result.output
    assert len(result.output.splitlines()) == 3


def test_too_many_bad_records_reject_the_file_by_the_settings_limit(tmp_path: Path) -> None:
    """The limit is the deployment's, or the option's."""
    file = _file(tmp_path, export(10, bad=(1, 2)))
    assert CommandRunner().run("validate", file).exit_code == Exit.PARTLY
    strict = CommandRunner(environment={"MAX_INVALID_PERCENT": "10"})
    assert strict.run("validate", file).exit_code == Exit.INVALID
    assert strict.run("validate", file, "--max-invalid-percent", 20).exit_code == Exit.PARTLY
    wrong = CommandRunner(environment={"MAX_INVALID_PERCENT": "many"}).run("validate", file)
    assert (wrong.exit_code, "MAX_INVALID_PERCENT must be" in wrong.output) == (Exit.USAGE, True)


def test_several_files_end_with_the_worst_and_a_total(tmp_path: Path) -> None:
    """One call checks a folder's worth of files."""
    good, part = _file(tmp_path, export(5), "a.json"), _file(tmp_path, export(5, bad=(1,)), "b.json")
    result = CommandRunner().run("validate", good, part)
    assert result.exit_code == Exit.PARTLY
    assert "1 of 2 files are good; 9 records would be sent." in result.output
    pattern = CommandRunner().run("validate", tmp_path / "*.json")
    assert pattern.output == result.output


def test_local_times_are_warned_about(tmp_path: Path) -> None:
    """EventTimes ahead of the file's own time are the usual sign of local times."""
    result = CommandRunner().run(
        "validate", _file(tmp_path, array([record(1, EventTime="2090-01-01T00:00:00")]))
    )
    assert "Warning: EventTimes lie after the export was made" in result.output


def test_problems_for_programs(tmp_path: Path) -> None:
    """--json has the same findings, and nothing else goes to standard output."""
    good, broken = _file(tmp_path, export(3), "a.json"), _file(tmp_path, b"[{", "b.json")
    result = CommandRunner().run("validate", good, broken, "--json")
    document = json.loads(result.stdout)
    assert document["exitCode"] == result.exit_code == Exit.INVALID
    first, second = document["files"]
    assert first["records"] == {"read": 3, "valid": 3, "invalid": 0}
    assert (second["records"], second["error"]["code"], second["error"]["line"]) == (None, "truncated", 1)


def test_a_missing_file_and_a_folder_are_said_in_words(tmp_path: Path) -> None:
    """A wrong name is the commonest mistake."""
    missing = CommandRunner().run("validate", tmp_path / "none.json")
    assert (missing.exit_code, "There is no file" in missing.output) == (Exit.NOT_FOUND, True)
    folder = CommandRunner().run("validate", tmp_path)
    assert (folder.exit_code, "is a folder" in folder.output) == (Exit.USAGE, True)


def test_a_name_that_the_system_refuses_is_said_in_words(tmp_path: Path) -> None:
    """No stack trace for what the system says of a path."""
    result = CommandRunner().run("validate", tmp_path / f"{'x' * 300}.json")
    assert result.exit_code == Exit.USAGE
    assert "cannot be read" in result.output


def test_no_record_is_shown(tmp_path: Path) -> None:
    """What stands in the records stays there."""
    wrong = record(1, UserId="confidential", AssetId=" padded ", EventTime="yesterday")
    result = CommandRunner().run("validate", _file(tmp_path, array([wrong])))
    assert not any(text in result.output for text in ("confidential", "padded ", "yesterday"))
