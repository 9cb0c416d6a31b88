"""`people unknown` and `people pull`."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from commands.console.exit_codes import Exit
from local.graph import Graph, problem, throttled
from shared.services.graph import GraphUsers
from tests.support.command_runner import CommandRunner
from tests.support.graph_session import URL, graph_users, user

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
[[person]]
from = "card"
directory = "people.csv"
key = "card"
compare = "number"
[asset]
id = "door"
[outcome]
from = "event"
success = ["Access Granted"]
failed = ["Access Denied"]
"""
PEOPLE = "emp,card,UPN\n1,001,ada@example.com\n2,002,\n"
HEAD = "at,emp,card,door,event\n"


@pytest.fixture
def munich(commands: CommandRunner) -> CommandRunner:
    """A source with two days, in which three persons are not known."""
    sources, world = commands.world.sources, commands.world
    sources.put("munich/profile.toml", PROFILE.encode())
    sources.put("munich/people.csv", PEOPLE.encode())
    known = "2026-11-20T07:{0}:12Z,1,,L,Access Granted\n"
    day = HEAD + "".join(known.format(10 + number) for number in range(8))
    world.upload("munich/one.csv", (day + "2026-11-20T08:00:00Z,7,,L,Access Granted\n").encode())
    world.run()
    two = day.replace("11-20", "11-21") + "2026-11-21T08:00:00Z,7,,L,Access Granted\n"
    two += "2026-11-21T09:00:00Z,,0099,L,Access Granted\n2026-11-21T06:00:00Z,=1+1,,L,Access Denied\n"
    two += "2026-11-21T09:30:00Z,1,,L,Something else\n"
    world.upload("munich/two.csv", two.encode())
    world.run()
    world.upload("rome/three.json", b"[{}]")
    world.run()
    return commands


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_keys_across_exports_with_their_times(munich: CommandRunner) -> None:
    """How often, first and last, and where; other reasons and other sources are no matter."""
    result = munich.run("people", "unknown", "--source", "munich")
    assert result.exit_code == Exit.DONE
    assert _rows(result.stdout) == [
        ["key", "rows", "first", "last", "file"],
        ["7", "2", "2026-11-20T08:00:00", "2026-11-21T08:00:00", "munich/two.csv"],
        ["0099", "1", "2026-11-21T09:00:00", "2026-11-21T09:00:00", "munich/two.csv"],
        ["=1+1", "1", "2026-11-21T06:00:00", "2026-11-21T06:00:00", "munich/two.csv"],
    ]


def test_who_was_added_meanwhile_is_left_out(munich: CommandRunner) -> None:
    """Also by the other key, compared as the profile says."""
    munich.world.sources.put("munich/people.csv", (PEOPLE + "7,99,cy@example.com\n").encode())
    rows = _rows(munich.run("people", "unknown", "--source", "munich").stdout)
    assert [row[0] for row in rows] == ["key", "=1+1"]


def test_old_exports_are_left_out(munich: CommandRunner) -> None:
    """By --days."""
    munich.world.clock.sleep(3 * 86_400)
    assert len(_rows(munich.run("people", "unknown", "--source", "munich", "--days", "2").stdout)) == 1
    assert len(_rows(munich.run("people", "unknown", "--source", "munich", "--days", "5").stdout)) == 4


def test_a_list_in_a_file_is_its_owners(munich: CommandRunner) -> None:
    """It is personal data, and replaces nothing unasked."""
    result = munich.run("people", "unknown", "--source", "munich", "--to", "missing.csv")
    assert "3 keys written to missing.csv." in result.output
    assert Path("missing.csv").stat().st_mode & 0o077 == 0
    again = munich.run("people", "unknown", "--source", "munich", "--to", "missing.csv")
    assert (again.exit_code, "already exists" in again.output) == (Exit.USAGE, True)


def test_a_rejected_file_that_is_gone_is_no_error(munich: CommandRunner) -> None:
    """They are kept for a limited time."""
    for name in munich.world.results.names():
        if name.startswith("rejected/"):
            munich.world.results.delete(name)
    assert len(_rows(munich.run("people", "unknown", "--source", "munich").stdout)) == 1


def test_a_source_that_is_not_there_or_has_no_people(munich: CommandRunner) -> None:
    """Is said, with what there is."""
    result = munich.run("people", "unknown", "--source", "oslo")
    assert (result.exit_code, "There are: munich." in result.output) == (Exit.NOT_FOUND, True)
    munich.world.sources.put("oslo/profile.toml", b'version = 1\nname = "O"\n[input]\nformat = "connector"\n')
    assert "name the person themselves" in munich.run("people", "unknown", "--source", "oslo").output
    munich.world.sources.put("oslo/profile.toml", b"version = 2\n")
    assert munich.run("people", "unknown", "--source", "oslo").exit_code == Exit.BLOCKED


@pytest.fixture
def graph(commands: CommandRunner) -> Graph:
    """A tenant with users, one of them disabled, and a room."""
    made = Graph([user(number) for number in range(1_200)], url=URL)
    made.users[3] |= {"accountEnabled": False}
    made.users.append(user(5_000, employeeId=None))
    commands.users = lambda _settings, url: graph_users(made, commands.world.clock, url=url)
    return made


def test_a_people_file_is_made_of_the_directory(commands: CommandRunner, graph: Graph) -> None:
    """Page by page, disabled accounts included, for its owner alone."""
    graph.script = [throttled(20)]
    result = commands.run("people", "pull", "--graph", URL)
    assert result.exit_code == Exit.DONE, result.output
    assert "1,200 persons with a key, 1 of them with a disabled account." in result.output
    assert "1 user without a key left out" in result.output
    lines = Path("people.csv").read_text(encoding="utf-8").splitlines()
    assert (len(lines), lines[0], lines[4]) == (1_201, "employeeId,UPN,Enabled", "00003,p3@example.com,false")
    assert Path("people.csv").stat().st_mode & 0o077 == 0
    assert commands.run("people", "pull", "--graph", URL).exit_code == Exit.USAGE
    assert commands.run("people", "pull", "--graph", URL, "--overwrite").exit_code == Exit.DONE


def test_the_file_can_be_put_for_all_sources(commands: CommandRunner, graph: Graph) -> None:
    """And does not shrink much unasked."""
    assert commands.run("people", "pull", "--graph", URL, "--put").exit_code == Exit.DONE
    data = commands.world.sources.read("people.csv").data  # type: ignore[union-attr]
    assert data.startswith(b"employeeId,UPN,Enabled\n00000,p0@example.com,true\n")
    del graph.users[:600]
    refused = commands.run("people", "pull", "--graph", URL, "--put")
    assert (refused.exit_code, "add --force" in refused.output) == (Exit.BLOCKED, True)
    assert commands.world.sources.read("people.csv").data == data  # type: ignore[union-attr]
    assert commands.run("people", "pull", "--graph", URL, "--put", "--force").exit_code == Exit.DONE


def test_any_attribute_may_be_the_key(commands: CommandRunner, graph: Graph) -> None:
    """Several, and those inside others."""
    graph.users = [
        user(1, onPremisesExtensionAttributes={"extensionAttribute3": "52017"}, extension_ab_card="9")
    ]
    keys = ("--key", "extensionAttribute3", "--key", "extension_ab_card")
    assert commands.run("people", "pull", "--graph", URL, *keys).exit_code == Exit.DONE
    assert Path("people.csv").read_text(encoding="utf-8") == (
        "extensionAttribute3,extension_ab_card,UPN,Enabled\n52017,9,p1@example.com,true\n"
    )


def test_two_accounts_of_one_key_are_said(commands: CommandRunner, graph: Graph) -> None:
    """They would be rejected later."""
    graph.users = [user(1), user(2, employeeId="00001")]
    assert "1 key with two accounts" in commands.run("people", "pull", "--graph", URL).output


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--key", "employeeID"), Exit.USAGE, "Capitals matter"),
        (("--key", "a,b"), Exit.USAGE, "--key must be the name of an attribute"),
        (("--key", "mailNickname"), Exit.NOT_FOUND, "No user has a key"),
        (("--graph", "http://x"), Exit.USAGE, "--graph must be"),
        (("--put", "--to", "x.csv"), Exit.USAGE, "Both --to and --put"),
    ],
)
def test_what_cannot_be_done_is_said(
    commands: CommandRunner, graph: Graph, words: tuple[str, ...], code: Exit, says: str
) -> None:
    """And nothing is written."""
    result = commands.run("people", "pull", *(words if "--graph" in words else ("--graph", URL, *words)))
    assert (result.exit_code, says in result.output) == (code, True), result.output
    assert not list(Path().glob("*.csv"))


def test_a_permission_that_is_missing_is_named(commands: CommandRunner, graph: Graph) -> None:
    """With whom to ask."""
    graph.script = [problem(403, "Authorization_RequestDenied", "Insufficient privileges.")]
    result = commands.run("people", "pull", "--graph", URL)
    assert (result.exit_code, "User.Read.All" in result.output) == (Exit.BLOCKED, True)


@pytest.mark.parametrize(
    ("cloud", "host"),
    [
        ("commercial", "https://graph.microsoft.com"),
        ("gcc", "https://graph.microsoft.com"),
        ("gcc-high", "https://graph.microsoft.us"),
        ("dod", "https://dod-graph.microsoft.us"),
    ],
)
def test_each_cloud_has_its_own_graph(commands: CommandRunner, cloud: str, host: str) -> None:
    """By CONNECTOR_CLOUD."""
    asked = []

    def users(_settings: object, url: str) -> GraphUsers:
        asked.append(url)
        return graph_users(Graph([user(1)], url=url), commands.world.clock, url=url)

    commands.users = users
    commands.world.settings = replace(commands.world.settings, cloud=cloud)
    commands.run("people", "pull")
    assert asked == [host]
