"""`validate` says what is wrong, where, why, and how it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from commands.console.exit_codes import Exit
from tests.support.command_runner import CommandRunner
from tests.support.exports import array, export, record
from tests.support.guides import ROOT


def _file(folder: Path, data: bytes, name: str = "day.json") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_good_file_ends_with_0(tmp_path: Path) -> None:
    """Nothing to fix, nothing said but that."""
    result = CommandRunner().run("validate", _file(tmp_path, export(25)))
    assert result.exit_code == Exit.DONE
    assert "OK: 25 records, ready to send." in result.output


def test_no_settings_are_needed(tmp_path: Path) -> None:
    """It works on a computer that knows nothing of Azure."""
    result = CommandRunner(environment={}).run("validate", _file(tmp_path, b"[]"))
    assert result.exit_code == Exit.DONE
    assert "right for a day without events" in result.output


def test_the_result_comes_first_with_one_example_of_each_reason(tmp_path: Path) -> None:
    """Each reason with its count and its first record, a hint, and the code for partly."""
    result = CommandRunner().run("validate", _file(tmp_path, export(30, bad=(3, 7))))
    assert result.exit_code == Exit.PARTLY
    lines = result.output.splitlines()
    assert lines[0].endswith("day.json: 2 of 30 records cannot be sent; the other 28 are ready to send.")
    assert lines[3].split(maxsplit=5) == [
        "2",
        "record",
        "3,",
        "line",
        "4",
        "AccessStatus must be Success or Failed",
    ]
    assert "capital first letter" in result.output


def test_lines_are_right_behind_long_runs_of_good_records(tmp_path: Path) -> None:
    """The place is right in a file of many megabytes, beyond what is read in one piece."""
    result = CommandRunner().run(
        "validate", _file(tmp_path, export(40_000, bad=(3, 29_999, 40_000))), "--json"
    )
    invalid = json.loads(result.stdout)["files"][0]["invalid"]
    assert [(one["record"], one["line"], one["column"]) for one in invalid] == [
        (3, 4, 1),
        (29_999, 30_000, 1),
        (40_000, 40_001, 1),
    ]


def test_bad_records_are_listed_if_asked_for(tmp_path: Path) -> None:
    """A thousand mistakes do not scroll the result away."""
    bad = tuple(range(1, 31))
    result = CommandRunner().run("validate", _file(tmp_path, export(100, bad=bad)), "--show", 5)
    assert "record 5 (line 6, column 1): AccessStatus must be Success or Failed" in result.output
    assert result.output.count("AccessStatus must be") == 5 + 1


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b'[{"UserId": "a@example.com"', "day.json", "ends in the middle of record 1"),
        (b'{"records": [{"UserId": "a"}]}', "day.json", "inside an object"),
        (b"UserId,AssetId\n", "day.json", "CSV"),
        (b"PK\x03\x04" + bytes(40), "day.json", "Excel"),
        (b"// made by\n[]", "day.json", "comment"),
        (b"", "day.json", "empty"),
        (b"[]", "day.csv", "must end in .json, .jsonl or .ndjson"),
        (b"[]", "day.json.tmp", "not complete yet"),
        ('[\n{"UserId": "m\u00fcller"}]'.encode("cp1252"), "day.json", "line 2, column 14"),
        (
            json.dumps(record(1)).encode() + b",\n" + json.dumps(record(2)).encode(),
            "a.jsonl",
            "one record a line",
        ),
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
    assert "1 of 2 files OK; 9 records ready to send." in result.output
    pattern = CommandRunner().run("validate", tmp_path / "*.json")
    assert pattern.output == result.output


def test_local_times_are_warned_about(tmp_path: Path) -> None:
    """EventTimes ahead of the file's own time are the usual sign of local times."""
    result = CommandRunner().run(
        "validate", _file(tmp_path, array([record(1, EventTime="2090-01-01T00:00:00")]))
    )
    assert "Warning: EventTimes are later than the export itself" in result.output


def test_problems_for_programs(tmp_path: Path) -> None:
    """--json has the same findings, and nothing else goes to standard output."""
    good, broken = _file(tmp_path, export(3), "a.json"), _file(tmp_path, b"[{", "b.json")
    result = CommandRunner().run("validate", good, broken, "--json")
    document = json.loads(result.stdout)
    assert document["exitCode"] == result.exit_code == Exit.INVALID
    first, second = document["files"]
    assert first["records"] == {"read": 3, "valid": 3, "invalid": 0, "ignored": [], "repeated": 0}
    assert (second["records"], second["error"]["code"], second["error"]["line"]) == (None, "truncated", 1)


def test_a_missing_file_and_a_folder_are_said_in_words(tmp_path: Path) -> None:
    """A wrong name is the commonest mistake."""
    missing = CommandRunner().run("validate", tmp_path / "none.json")
    assert (missing.exit_code, "File not found: " in missing.output) == (Exit.NOT_FOUND, True)
    folder = CommandRunner().run("validate", tmp_path)
    assert (folder.exit_code, "is a folder" in folder.output) == (Exit.USAGE, True)


def test_a_name_that_the_system_refuses_is_said_in_words(tmp_path: Path) -> None:
    """No stack trace for what the system says of a path."""
    result = CommandRunner().run("validate", tmp_path / f"{'x' * 300}.json")
    assert result.exit_code == Exit.BLOCKED
    assert "cannot be read" in result.output


def test_no_record_is_shown(tmp_path: Path) -> None:
    """What stands in the records stays there."""
    wrong = record(1, UserId="confidential", AssetId=" padded ", EventTime="yesterday")
    result = CommandRunner().run("validate", _file(tmp_path, array([wrong])))
    assert not any(text in result.output for text in ("confidential", "padded ", "yesterday"))


def test_values_are_shown_only_if_asked_for(tmp_path: Path) -> None:
    """On one's own screen one may see what is wrong; it is personal data, so not by itself."""
    wrong = record(1, UserId="confidential", AssetId=" padded ")
    file = _file(tmp_path, array([wrong]))
    output = CommandRunner().run("validate", file, "--show-values", "--show", 1).output
    assert output.count('found: "confidential"') == output.count('found: " padded "') == 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"EventTime": "2026-11-22 07:58:12"}, "put a T between date and time"),
        ({"EventTime": "2026-11-22T07:58:12+0100"}, "write the offset with a colon"),
        ({"EventTime": "22.11.2026 07:58"}, "spreadsheets"),
    ],
)
def test_the_commonest_mistakes_have_hints_of_their_own(
    tmp_path: Path, changes: dict[str, str], says: str
) -> None:
    """A space for the T, an offset without its colon, a local form."""
    result = CommandRunner().run("validate", _file(tmp_path, array([record(1, **changes)])))
    assert says in result.output


def test_a_property_in_other_capitals_is_named(tmp_path: Path) -> None:
    """`userId` is not `UserId`, and looks just like it."""
    wrong = record(1)
    wrong["userId"] = wrong.pop("UserId")
    result = CommandRunner().run("validate", _file(tmp_path, array([wrong])))
    assert "UserId: the file has userId. Names must match exactly" in result.output


def test_several_files_end_with_a_table_of_verdicts(tmp_path: Path) -> None:
    """Of 41 files the bad ones can be found."""
    files = [
        _file(tmp_path, export(5), "a.json"),
        _file(tmp_path, export(5, bad=(1,)), "b.json"),
        _file(tmp_path, b"[{", "c.json"),
        _file(tmp_path, export(3, bad=(1, 2)), "d.json"),
    ]
    lines = CommandRunner().run("validate", *files).output.splitlines()
    table = [line.rpartition("/")[2].split() for line in lines[-6:-2]]
    assert table == [
        ["a.json", "OK", "5", "0"],
        ["b.json", "partly", "4", "1"],
        ["c.json", "truncated", "-", "-"],
        ["d.json", "too", "many", "invalid", "records", "0", "2"],
    ]
    assert lines[-1] == "1 of 4 files OK; 9 records ready to send."


def test_quiet_says_only_what_is_wrong(tmp_path: Path) -> None:
    """One line for each file that is not OK; nothing if all are."""
    good, broken = _file(tmp_path, export(3), "a.json"), _file(tmp_path, b"[{", "b.json")
    assert CommandRunner().run("validate", "--quiet", good).output == ""
    lines = CommandRunner().run("validate", "-q", good, broken).output.splitlines()
    assert len(lines) == 1
    assert "b.json: cannot be sent. The file ends in the middle" in lines[0]


def test_standard_input_is_a_file() -> None:
    """A pipeline need not write a file first; what is to be sent must be one."""
    piped = CommandRunner().run("validate", "-", answers=export(5, bad=(2,)))
    assert piped.exit_code == Exit.PARTLY
    assert piped.output.startswith("standard input: 1 of 5 records cannot be sent")
    assert CommandRunner().run("upload", "-", answers=export(5)).exit_code == Exit.USAGE


def test_nothing_is_uploaded_so_nothing_is_uploaded_again(tmp_path: Path) -> None:
    """The help is that of an outcome, in this command's words."""
    output = CommandRunner().run("validate", _file(tmp_path, b"[{")).output
    assert "try again" in output
    assert "upload it again" not in output


def test_checking_a_file_needs_no_library_of_azures(tmp_path: Path) -> None:
    """It works offline, and starts fast."""
    program = (
        "import sys\nfrom commands.program import app\n"
        "try:\n    app(['validate', sys.argv[1]])\n"
        "finally:\n    print(sorted({'azure', 'requests', 'urllib3', 'opentelemetry'} & set(sys.modules)))\n"
    )
    command = [sys.executable, "-c", program, str(_file(tmp_path, export(3)))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr
