"""`list`: did yesterday's badge data arrive?"""

import json

from commands.console.exit_codes import Exit
from shared.errors import StorageError
from tests.support.command_runner import CommandRunner, day


def test_outcomes_are_listed_newest_first_with_reasons_and_totals(commands: CommandRunner) -> None:
    """One line an export; the last line adds up."""
    day(commands.world)
    result = commands.run("list", "--days", 400)
    assert result.exit_code == Exit.DONE
    lines = [line.split() for line in result.output.splitlines()]
    assert lines[0] == ["When", "(UTC)", "Export", "Status", "Sent", "Rejected", "Reason"]
    assert "AccessStatus must be Success or Failed" in result.output
    assert "sent before, as 2026/11/22/good.json" in result.output
    assert "The file ends in the middle of record 1" in result.output
    assert result.output.splitlines()[-1] == (
        "4 exports: 1 Succeeded, 1 PartiallySucceeded, 1 Duplicate, 1 Rejected. 53 records sent, 2 rejected."
    )


def test_on_a_narrow_terminal_a_row_has_two_lines_that_fit(commands: CommandRunner) -> None:
    """80 columns are enough."""
    day(commands.world)
    result = commands.run("list", "--days", 400, columns=80)
    assert all(len(line) <= 80 for line in result.output.splitlines())
    assert "\n  2026/11/22/copy.json: sent before, as 2026/11/22/good.json\n" in result.output


def test_rows_are_chosen_by_status_name_and_days(commands: CommandRunner) -> None:
    """The question can be narrowed."""
    day(commands.world)
    blocked = commands.run("list", "--days", 400, "--status", "rejected", "--json")
    assert [row["export"] for row in json.loads(blocked.stdout)] == ["2026/11/22/broken.json"]
    named = commands.run("list", "--days", 400, "--name", "*/[gp]*", "--json")
    assert {row["export"][11:] for row in json.loads(named.stdout)} == {"good.json", "part.json"}
    assert "No such outcomes" in commands.run("list", "--days", 400, "--name", "x").output
    assert commands.run("list", "--status", "Lost").exit_code == Exit.USAGE


def test_an_empty_container_is_said(commands: CommandRunner) -> None:
    """Nothing is an answer, too."""
    assert commands.run("list").output == "No outcomes in the last 7 days.\n"


def test_a_name_that_is_not_safe_is_shown_as_it_was_uploaded_and_harmless(commands: CommandRunner) -> None:
    """The outcome of an unsafe name is listed by that name."""
    commands.world.upload("a/../b\x1b[31m.json", b"[]")
    commands.world.run()
    result = commands.run("list", "--days", 400)
    assert "a/../b\\x1b[31m.json" in result.output
    assert "\x1b" not in result.output


def test_a_permission_that_is_missing_is_said_with_the_role(commands: CommandRunner) -> None:
    """Without the permission the answer names the role to ask for."""

    def refuse(_prefix: str = "") -> None:
        raise StorageError("storage answers 403 (AuthorizationPermissionMismatch)", "permission")

    commands.world.results.blobs = refuse  # type: ignore[method-assign, assignment]
    result = commands.run("list")
    assert result.exit_code == Exit.BLOCKED
    assert "Storage Blob Data Reader" in result.output
    assert "Traceback" not in result.output
