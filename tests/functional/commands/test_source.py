"""`source new`, `try`, `check` and `schema`: from a file of a badging system to a profile that maps it."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.console.exit_codes import Exit
from commands.source.shipped import systems
from shared.sources.profile import read_profile
from tests.support.command_runner import CommandRunner
from tests.support.guides import ROOT

WIDTHS = (20, 40, 67, 77, 80, 121, 206, 300)
ONGUARD = ROOT / "sources/lenel-onguard"
EXPORT = """at,emp,door,event
2026-11-20 07:58:12,10431,Lobby,Access Granted
2026-11-20 07:59:12,10432,Lobby,Access Denied
2026-11-20 08:00:12,,Lobby,Door Held
2026-11-20 07:58:12,10431,Lobby,Access Granted
2026-11-20 08:01:12,10433,Lobby,Access Granted
"""
PEOPLE = "emp,UPN\n10431,ada@example.com\n10432,\n"


@pytest.fixture
def export() -> Path:
    """An export in an empty folder, and nothing else."""
    file = Path("export.csv")
    file.write_text(EXPORT, encoding="utf-8")
    return file


@pytest.fixture
def source(commands: CommandRunner, export: Path) -> Path:
    """Its draft, with zone and people filled in."""
    assert commands.run("source", "new", export, "--name", "munich").exit_code == Exit.DONE
    profile = Path("munich/profile.toml")
    profile.write_text(profile.read_text().replace('# zone = "Europe/Berlin"', 'zone = "Europe/Berlin"'))
    Path("munich/people.csv").write_text(PEOPLE, encoding="utf-8")
    return profile


def _lines(output: str) -> Iterator[str]:
    """The output's lines without what a terminal's width does to them."""
    return (" ".join(line.split()) for line in output.splitlines())


def test_a_draft_is_written_and_explained(commands: CommandRunner, export: Path) -> None:
    """What was found, each word with its count, what is left, and the next command."""
    result = commands.run("source", "new", export, "--name", "munich")
    assert result.exit_code == Exit.DONE
    lines = list(_lines(result.output))
    assert "export.csv: a table separated by commas, 5 rows." in lines
    assert "3 Access Granted success" in lines
    assert "1 Door Held never with a person" in lines
    assert "Left to you (2 TODOs):" in lines
    assert "python gatepost.py source try -- munich/profile.toml export.csv" in lines
    profile = read_profile(Path("munich/profile.toml").read_bytes())
    assert (profile.name, profile.policy.send) == ("munich", False)
    assert Path("munich/people.csv").read_text(encoding="utf-8") == "emp,UPN\n"


def test_the_name_comes_from_the_file(commands: CommandRunner, export: Path) -> None:
    """Where none is given, and only from what a folder may be called."""
    export.rename("Tür 1 (Halle).csv")
    assert commands.run("source", "new", "Tür 1 (Halle).csv").exit_code == Exit.DONE
    assert Path("T-r-1--Halle/profile.toml").exists()


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "x" * 61, "tür"])
def test_a_name_that_is_no_folder_is_refused(commands: CommandRunner, export: Path, name: str) -> None:
    """Nothing is written beside this folder."""
    result = commands.run("source", "new", export, "--name", name)
    assert (result.exit_code, "cannot be the name of a source" in result.output) == (Exit.USAGE, True)
    assert sorted(path.name for path in Path().iterdir()) == ["export.csv"]


def test_a_profile_is_not_replaced_unasked(commands: CommandRunner, source: Path) -> None:
    """And a people file that was filled in, never."""
    before = source.read_bytes()
    result = commands.run("source", "new", "export.csv", "--name", "munich")
    assert (result.exit_code, source.read_bytes()) == (Exit.USAGE, before)
    assert (
        commands.run("source", "new", "export.csv", "--name", "munich", "--overwrite").exit_code == Exit.DONE
    )
    assert source.read_bytes() != before
    assert Path("munich/people.csv").read_text(encoding="utf-8") == PEOPLE


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK\x03\x04", "Excel"),
        (b"<?xml version='1.0'?>", "XML"),
        (b"", "empty"),
        (b"\x1f\x8bnothing", "gzip"),
        (b"one line of text", "No separator"),
    ],
)
def test_what_cannot_be_read_is_named(commands: CommandRunner, data: bytes, says: str) -> None:
    """With what to do about it."""
    Path("export.csv").write_bytes(data)
    result = commands.run("source", "new", "export.csv")
    assert (result.exit_code, says in result.output) == (Exit.INVALID, True), result.output


@pytest.mark.parametrize("system", systems())
def test_a_shipped_profile_is_a_beginning(commands: CommandRunner, system: str) -> None:
    """On trial, with its own name, and fitting the system's sample."""
    beside = {"profile.toml", "people.csv", "expected.json"}
    (sample,) = (path for path in (ROOT / "sources" / system).iterdir() if path.name not in beside)
    result = commands.run("source", "new", sample, "--name", "munich", "--system", system)
    assert (result.exit_code, f"every column that the profile of {system} names" in result.output) == (
        Exit.DONE,
        True,
    )
    profile = read_profile(Path("munich/profile.toml").read_bytes())
    shipped = read_profile((ROOT / "sources" / system / "profile.toml").read_bytes())
    assert (profile.name, profile.policy.send) == ("munich", False)
    assert (profile.input, profile.mapping) == (shipped.input, shipped.mapping)


def test_what_does_not_fit_a_shipped_profile_is_listed(commands: CommandRunner, export: Path) -> None:
    """Column by column."""
    result = commands.run("source", "new", export, "--system", "lenel-onguard")
    assert "The file has no column EVENT_LOCAL_TIME" in result.output
    result = commands.run("source", "new", export, "--system", "verkada", "--overwrite")
    assert "The profile is for json files, this one is csv" in result.output
    result = commands.run("source", "new", export, "--system", "datawatch", "--overwrite")
    assert 'write delimiter = ","' in result.output


def test_an_unknown_system_is_answered_with_the_known_ones(commands: CommandRunner, export: Path) -> None:
    """So that the next try works."""
    result = commands.run("source", "new", export, "--system", "onguard")
    assert (result.exit_code, "lenel-onguard" in result.output) == (Exit.NOT_FOUND, True)


def test_a_trial_shows_what_each_row_becomes(commands: CommandRunner, source: Path) -> None:
    """Record, reason or nothing; words, people, times and counts."""
    result = commands.run("source", "try", source, "export.csv")
    assert result.exit_code == Exit.PARTLY
    lines = list(_lines(result.output))
    for line in (
        "line 2 at: 2026-11-20 07:58:12 UserId: ada@example.com",
        "line 4 at: 2026-11-20 08:00:12 ignored: no person",
        "line 5 at: 2026-11-20 07:58:12 ignored: the same event stands earlier in the file",
        "line 6 at: 2026-11-20 08:01:12 rejected: UserId: is about a person whom no people file knows",
        "3 Access Granted success",
        "1 Door Held ignored: never with a person",
        "People: 1 found, 1 without an account, 1 unknown.",
        "In no people file: 10433 (1 row).",
        "Earliest event: 2026-11-20 07:58:12 in the file, 2026-11-20T06:58:12 in UTC.",
        "Latest event: 2026-11-20 08:01:12 in the file, 2026-11-20T07:01:12 in UTC.",
        "Rows: 5 read; 1 would be sent; 1 rejected; 2 ignored (1 no person, 1 a person without an account); 1 repeated.",
        "1 line 6 UserId is about a person whom no people file knows",
        "1 record would be sent; 1 row rejected.",
        "On trial: the profile says send = false, so the function would send nothing yet.",
    ):
        assert line in lines, line


def test_a_trial_of_events_shows_the_same(commands: CommandRunner) -> None:
    """JSON has numbers instead of lines."""
    folder = ROOT / "sources/verkada"
    result = commands.run("source", "try", folder, folder / "sample.json", "--rows", "2")
    assert result.exit_code == Exit.DONE
    assert "DOOR_KEYCARD_ENTERED_ACCEPTED" in result.output
    assert "\n1  " in result.output
    assert "On trial" not in result.output


@pytest.mark.parametrize("columns", WIDTHS)
def test_nothing_is_lost_at_any_width(commands: CommandRunner, source: Path, columns: int) -> None:
    """No terminal is too narrow: every person, word and time is there, folded."""
    output = commands.run("source", "try", source, "export.csv", columns=columns).output
    together = "".join(output.split())
    for text in ("ada@example.com", "AccessGranted", "2026-11-20T06:58:12", "DoorHeld", "10433"):
        if columns >= 40:
            assert text in together, text
    new = commands.run("source", "new", "export.csv", "--name", "again", columns=columns).output
    assert "python gatepost.py source try -- again/profile.toml export.csv" in new


def test_cells_cannot_command_a_terminal(commands: CommandRunner, source: Path) -> None:
    """Neither colours nor line breaks nor text that runs backwards come out of a file."""
    evil = EXPORT + '2026-11-20 09:00:12,10431,"L\x1b[31m\u202eobby","Access\x07 [bold]Granted"\n'
    Path("export.csv").write_text(evil, encoding="utf-8")
    for words in (("try", source, "export.csv", "--rows", "9"), ("new", "export.csv", "--name", "b")):
        output = commands.run("source", *words).output
        assert not set(output) & {"\x1b", "\x07", "\u202e"}
    assert "[bold]" in output


def test_rows_and_unknown_people_can_be_had(commands: CommandRunner, source: Path) -> None:
    """The keys for the people file, most frequent first."""
    result = commands.run("source", "try", source, "export.csv", "--rows", "0", "--unknown", "missing.csv")
    assert "1 key written to missing.csv." in result.output
    assert "line 2" not in result.output
    assert Path("missing.csv").read_text(encoding="utf-8").splitlines() == ["key,rows", "10433,1"]
    again = commands.run("source", "try", source, "export.csv", "--unknown", "missing.csv")
    assert (again.exit_code, "already exists" in again.output) == (Exit.USAGE, True)


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (lambda text: text.replace("10433", "10431"), Exit.DONE, "OK: 2 records would be sent."),
        (lambda text: text.replace("10431", "10439"), Exit.INVALID, "more than 50 % of the rows are rejected"),
        (lambda _: "at,emp,door,event\n2026-11-20 07:58:12,,L,Access Granted\n", Exit.INVALID, "no row became a record"),
        (lambda text: text.replace("emp", "badge"), Exit.INVALID, "the column emp is missing"),
        (lambda _: "at,emp,door,event\n", Exit.DONE, "OK: 0 records would be sent."),
        (lambda text: text + '"cut', Exit.INVALID, "cut short"),
    ],
)  # fmt: skip
def test_the_exit_code_is_how_the_function_would_end(
    commands: CommandRunner, source: Path, change: object, code: Exit, says: str
) -> None:
    """As `validate` does."""
    Path("export.csv").write_text(change(EXPORT), encoding="utf-8")  # type: ignore[operator]
    result = commands.run("source", "try", source, "export.csv")
    assert (result.exit_code, says in result.output) == (code, True), result.output


def test_a_name_that_the_source_does_not_take_is_said(commands: CommandRunner, source: Path) -> None:
    """The function would reject it unread."""
    Path("export.csv").rename("export.xls")
    assert "would not take a file of this name" in commands.run("source", "try", source, "export.xls").output


def test_a_zone_that_is_missing_is_the_reason(commands: CommandRunner, source: Path) -> None:
    """Not only a code in a table."""
    source.write_text(source.read_text().replace('zone = "Europe/Berlin"', ""))
    assert "Does [time] lack its zone" in commands.run("source", "try", source, "export.csv").output


def test_every_mistake_in_a_profile_is_named(commands: CommandRunner, source: Path) -> None:
    """At once, with table and key; it is never a stack trace."""
    source.write_text(
        source.read_text().replace('"Europe/Berlin"', '"Berlin"').replace("[asset]", "[assets]")
    )
    result = commands.run("source", "try", source, "export.csv")
    assert result.exit_code == Exit.BLOCKED
    assert "[time] zone: must be a name of the IANA list" in result.output
    assert "asset: is missing" in result.output
    assert commands.run("source", "check", source).exit_code == Exit.BLOCKED


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('zone = "Europe/Berlin"', 'zone = "Etc/GMT-1"'), "Etc/GMT-1 has no rules for summer time"),
        (('zone = "Europe/Berlin"', 'zone = "Asia/Tokyo"'), "the clocks of Asia/Tokyo do not change this year"),
        (('zone = "Europe/Berlin"', ""), "the format has no offset"),
        (('from = "emp"', 'from = "LastName"'), "LastName looks like a person's name"),
        (('from = "emp"', "from = { value = \"emp\", pattern = 'x^(.)' }"), "can never match"),
        (('from = "emp"', "from = { file_name = '(.)$x' }"), "can never match"),
        (('failed = ["Access Denied"]', "failed = []"), "[outcome] failed: is empty"),
        (('failed = ["Access Denied"]', 'failed = ["Access*"]'), '"Access Granted" is covered by "Access*" of failed too'),
        (("send = false", "send = true # TODO: ask"), "a TODO is left: ask"),
        (("[asset]", "[asset] # nothing"), "send = false"),
    ],
)  # fmt: skip
def test_doubtful_things_are_said(
    commands: CommandRunner, source: Path, change: tuple[str, str], says: str
) -> None:
    """They can be used, and are probably not meant."""
    source.write_text(source.read_text().replace(*change))
    result = commands.run("source", "check", source)
    assert (result.exit_code, says in result.output) == (Exit.DONE, True), result.output


def test_people_files_are_checked(commands: CommandRunner, source: Path) -> None:
    """Lines without a UPN, files that name nobody, files that are not there."""
    people = Path("munich/people.csv")
    people.write_text(PEOPLE + "10433,nonsense\n")
    output = commands.run("source", "check", "munich").output
    assert "people.csv: 2 keys in emp" in output
    assert "1 lines are left out" in output
    people.write_text("emp,UPN\n")
    assert "names nobody yet" in commands.run("source", "check", "munich").output
    people.unlink()
    result = commands.run("source", "check", "munich")
    assert (result.exit_code, "people.csv: is missing" in result.output) == (Exit.BLOCKED, True)


def test_a_shared_people_file_lies_above_the_folder(commands: CommandRunner, source: Path) -> None:
    """As it does in the container."""
    source.write_text(source.read_text().replace('"people.csv"', '"/people.csv"'))
    Path("munich/people.csv").rename("people.csv")
    assert "/people.csv: 2 keys in emp" in commands.run("source", "check", "munich").output


def test_numbers_of_columns_that_do_not_exist_are_doubtful(commands: CommandRunner) -> None:
    """A table without names takes them from the profile."""
    Path("day.txt").write_text("2026-11-20 07:58:12|10431|Lobby|Access Granted\n" * 3, encoding="utf-8")
    commands.run("source", "new", "day.txt", "--name", "pipes")
    profile = Path("pipes/profile.toml")
    profile.write_text(profile.read_text().replace('from = "column 1"', 'from = "column 9"'))
    assert "[input] columns: has no column 9" in commands.run("source", "check", "pipes").output


def test_files_that_are_not_there_are_said(commands: CommandRunner, source: Path) -> None:
    """With the code for it."""
    assert commands.run("source", "try", "nothing", "export.csv").exit_code == Exit.NOT_FOUND
    assert commands.run("source", "try", source, "nothing.csv").exit_code == Exit.NOT_FOUND
    Path("munich").rename("mün chen")
    assert "cannot be the name of a source" in commands.run("source", "check", "mün chen").output


def test_the_schema_can_be_written(commands: CommandRunner) -> None:
    """To the screen or into a file, as it is in the product."""
    shown = json.loads(commands.run("source", "schema").output)
    assert shown["title"] == "A source's profile"
    commands.run("source", "schema", "profile.schema.json")
    assert json.loads(Path("profile.schema.json").read_text(encoding="utf-8")) == shown
    assert commands.run("source", "schema", "profile.schema.json").exit_code == Exit.USAGE


def test_a_connector_source_has_nothing_to_try(commands: CommandRunner, source: Path) -> None:
    """Its files are checked by `validate`."""
    source.write_text('version = 1\nname = "a"\n[input]\nformat = "connector"\n')
    result = commands.run("source", "try", source, "export.csv")
    assert (result.exit_code, "nothing to map" in result.output) == (Exit.USAGE, True)
    assert commands.run("source", "check", source).exit_code == Exit.DONE


def test_validate_reads_the_files_of_a_source(commands: CommandRunner, source: Path) -> None:
    """The very mapping that the function does, with its counts and what to do."""
    result = commands.run("validate", "export.csv", "--source", "munich")
    assert result.exit_code == Exit.PARTLY
    assert (
        "1 of 5 records cannot be sent; the other 1 are ready to send; 2 ignored and 1 repeated."
        in result.output
    )
    assert "add the missing people to the people file" in result.output
    (document,) = json.loads(commands.run("validate", "export.csv", "--source", source, "--json").stdout)[
        "files"
    ]
    assert document["records"] == {
        "read": 5,
        "valid": 2,
        "invalid": 1,
        "ignored": [{"code": "no-person", "records": 1}, {"code": "person-without-account", "records": 1}],
        "repeated": 1,
    }
    assert commands.run("validate", "export.csv").exit_code == Exit.INVALID


def test_a_sources_own_share_of_invalid_rows_counts(commands: CommandRunner, source: Path) -> None:
    """Unless the command says another."""
    source.write_text(source.read_text().replace("send = false", "max_invalid_percent = 10"))
    assert commands.run("validate", "export.csv", "--source", source).exit_code == Exit.INVALID
    more = ("--max-invalid-percent", "90")
    assert commands.run("validate", "export.csv", "--source", source, *more).exit_code == Exit.PARTLY


def _sent(commands: CommandRunner) -> list[dict[str, str]]:
    return [record for body in commands.world.connector.taken for record in body]


def test_push_sends_what_the_source_maps(commands: CommandRunner, source: Path) -> None:
    """On trial nothing is sent; then the records, and the rejected row once its person is known."""
    waiting = commands.run("push", "export.csv", "--source", source, "--state", "p")
    assert (waiting.exit_code, "source is on trial" in " ".join(waiting.output.split())) == (
        Exit.BLOCKED,
        True,
    )
    assert _sent(commands) == []

    source.write_text(source.read_text().replace("send = false", "send = true"))
    planned = commands.run("push", "export.csv", "--source", source, "--state", "p", "--dry-run").output
    assert "It would be sent in 1 request: 1 record." in planned
    result = commands.run("push", "export.csv", "--source", source, "--state", "p")
    assert result.exit_code == Exit.PARTLY
    assert _sent(commands) == [
        {
            "UserId": "ada@example.com",
            "AssetId": "Lobby",
            "AssetName": "Lobby",
            "EventTime": "2026-11-20T06:58:12",
            "AccessStatus": "Success",
        }
    ]
    (line,) = [one for one in result.output.splitlines() if "gatepost.py push" in one]
    assert f"--source {source}" in line

    Path("munich/people.csv").write_text(PEOPLE + "10433,cleo@example.com\n")
    rejected = line.split(" -- ")[1]
    assert commands.run("push", rejected, "--source", source, "--state", "p").exit_code == Exit.DONE
    assert [record["UserId"] for record in _sent(commands)] == ["ada@example.com", "cleo@example.com"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "The export is empty."),
        (b"\n\n  \n", "The export is empty."),
        (b"PK\x03\x04\x14\x00\x06\x00xl/workbook.xml", "an Excel workbook or another zip file"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "a PDF"),
        (b'<?xml version="1.0"?>\n<events><e badge="12"/></events>\n', "XML or HTML"),
        (b"<134>Nov 20 08:00:01 door1 CEF:0|Acme|Gate|1.0|100|granted|3|suser=ann\n" * 2, "a syslog format"),
        (b'time="2026-11-20" user="a" door="b"\n' * 2, 'lines of key="value"'),
        (b"[]", "The file holds no events"),
        (b"hello\n", "No separator was found"),
        (b"When;Who;Door\n", "The file has no row but its first line."),
        (random.Random(3).randbytes(300), "is no text"),
        (random.Random(5).randbytes(90_000), "is no text"),
    ],
)
def test_what_is_no_export_gets_no_draft(commands: CommandRunner, data: bytes, says: str) -> None:
    """The message says what the file looks like and what to do; nothing is written, and nobody uploaded anything."""
    Path("export.csv").write_bytes(data)
    result = commands.run("source", "new", "export.csv", "--name", "munich")
    assert (result.exit_code, says in result.output) == (Exit.INVALID, True), result.output
    assert "upload" not in result.output
    assert not Path("munich").exists()
