"""`retry --source` and `resend --source`: requests for all exports of a source."""

from collections import Counter
from pathlib import Path
from typing import NoReturn

import pytest

from commands.console.exit_codes import Exit
from shared.delivery import sweep_remaps
from shared.error_codes import Status
from shared.errors import StorageError
from tests.support.command_runner import CommandRunner
from tests.support.sources import HEADER, PEOPLE, TABLE

ZONED = TABLE.replace('zone = "UTC"', 'zone = "Europe/Berlin"')


def night(last: int, days: int = 7) -> bytes:
    """A nightly export of the last seven days of November: two rows a day."""
    rows = [
        f"2026-11-{day:02d} 0{hour}:15:00,{hour},D{day},,Granted\n"
        for day in range(last - days + 1, last + 1)
        for hour in (1, 2)
    ]
    return (HEADER + "".join(rows)).encode()


def nights(commands: CommandRunner, *, put: bool = True) -> None:
    """Seven of them, each with seven days, from the 2nd to the 14th."""
    if put:
        commands.world.put_source("munich", TABLE, people=PEOPLE)
    for last in range(8, 15):
        commands.world.upload(f"munich/{last:02d}.csv", night(last))
    commands.world.run()


def sent(commands: CommandRunner) -> Counter[tuple[str, str]]:
    """How often each event was accepted: its door and time."""
    return Counter(
        (record["AssetId"], record["EventTime"]) for body in commands.world.connector.taken for record in body
    )


def test_a_corrected_zone_and_one_resend_send_each_event_once_with_its_new_time(
    commands: CommandRunner,
) -> None:
    """Seven overlapping nightly exports are one request: what one of them sends again, the others do not."""
    nights(commands)
    before = sent(commands)
    assert (len(before), {*before.values()}) == (26, {1})
    commands.world.put_source("munich", ZONED, people=PEOPLE)
    result = commands.run("resend", "--source", "munich", "--since", "2026-11-02", "--wait", "--yes")
    assert result.exit_code == Exit.DONE, result.output
    assert "Events of 13 days, from 2026-11-02 to 2026-11-14." in result.output
    after = sent(commands) - before
    assert {*after.values()} == {1}
    assert {(door, f"{time[:11]}0{int(time[12]) + 1}{time[13:]}") for door, time in after} == {*before}
    ids = {one.requests[0].id for one in map(commands.world.outcome, commands.world.exports.names())}
    assert len(ids) == 1


def test_only_exports_with_events_since_then_are_sent_again(commands: CommandRunner) -> None:
    """Nothing older, and nothing of another source."""
    nights(commands)
    commands.world.put_source("oslo", TABLE, people=PEOPLE)
    commands.world.upload("oslo/14.csv", night(14, days=1))
    commands.world.run()
    commands.world.exports.delete("munich/14.csv")
    result = commands.run("resend", "--source", "munich", "--since", "2026-11-13", "--dry-run")
    assert result.output == (
        "munich/14.csv: no longer in the container; it cannot be sent again.\n"
        "Events of 1 day, from 2026-11-13 to 2026-11-13.\n"
        f"resend: munich/13.csv (Succeeded, version {commands.world.exports.head('munich/13.csv').etag})\n"
        "1 export. Nothing was done (--dry-run).\n"
    )
    assert (
        "Nothing to resend." in commands.run("resend", "--source", "munich", "--since", "2026-11-15").output
    )


def test_a_source_and_a_date_belong_together(commands: CommandRunner) -> None:
    """So nobody sends a whole year again by half a command."""
    for arguments in (
        ("--source", "munich"),
        ("--since", "2026-11-01"),
        (),
        ("munich/08.csv", "--source", "munich", "--since", "2026-11-01"),
        ("--source", "munich", "--since", "yesterday"),
        ("--source", "a/b", "--since", "2026-11-01"),
    ):
        assert commands.run("resend", *arguments).exit_code == Exit.USAGE, arguments
    for unclear in (
        ("--source", "munich", "--blocked"),
        ("munich/08.csv", "--source", "munich"),
        ("--source", "a/b"),
    ):
        assert commands.run("retry", *unclear).exit_code == Exit.USAGE, unclear
    assert commands.world.queue.messages == []


def test_a_retry_of_a_source_tries_everything_of_it_that_waits(commands: CommandRunner) -> None:
    """The profile has named a column that exports do not have; another source is left alone."""
    commands.world.put_source("munich", TABLE.replace('"Door"', '"Gate"'), people=PEOPLE)
    commands.world.put_source("oslo", TABLE.replace('"Door"', '"Gate"'), people=PEOPLE)
    commands.world.upload("munich/14.csv", night(14))
    commands.world.upload("oslo/14.csv", night(14))
    commands.world.run()
    for source in ("munich", "oslo"):
        assert commands.world.outcome(f"{source}/14.csv").status is Status.REJECTED
        commands.world.put_source(source, TABLE, people=PEOPLE)
    result = commands.run("retry", "--source", "munich", "--wait")
    assert (result.exit_code, "14 of 14 records sent" in result.output) == (Exit.DONE, True)
    assert commands.world.outcome("oslo/14.csv").status is Status.REJECTED
    assert "Nothing to retry." in commands.run("retry", "--source", "munich").output


def test_exports_from_before_their_source_are_tried_again(commands: CommandRunner) -> None:
    """They lie in its folder, although no outcome knows a source."""
    commands.world.upload("munich/14.csv", night(14))
    commands.world.run()
    assert commands.world.outcome("munich/14.csv").status is Status.REJECTED
    commands.world.put_source("munich", TABLE, people=PEOPLE)
    assert commands.run("retry", "--source", "munich", "--wait").exit_code == Exit.DONE
    assert commands.world.outcome("munich/14.csv").status is Status.SUCCEEDED


def test_a_retry_of_a_source_tries_the_rejected_records_of_what_was_sent(commands: CommandRunner) -> None:
    """At once, and waits until the outcome shows what it gained."""
    commands.world.put_source("munich", TABLE, people="Id,UPN\n1,ada@example.com\n")
    commands.world.upload("munich/14.csv", night(14))
    commands.world.run()
    assert commands.world.outcome("munich/14.csv").status is Status.PARTIALLY_SUCCEEDED
    commands.world.put_source("munich", TABLE, people=PEOPLE)
    result = commands.run("retry", "--source", "munich")
    assert "munich/14.csv: 14 of 14 records sent, 7 of them since the mapping has changed." in result.output
    outcome = commands.world.outcome("munich/14.csv")
    assert [one.result for one in outcome.requests] == ["begun"]
    assert "7 of 7 sent" in commands.run("show", "munich/14.csv").output


def test_what_a_sweep_has_left_is_said_by_list(
    commands: CommandRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the next one."""
    monkeypatch.setattr(sweep_remaps, "MAX_REMAPS", 1)
    commands.world.put_source("munich", TABLE, people="Id,UPN\n1,ada@example.com\n")
    for day in (12, 13, 14):
        commands.world.upload(f"munich/{day}.csv", night(day, days=1))
    commands.world.run()
    commands.world.put_source("munich", TABLE, people=PEOPLE)
    commands.world.sweep()
    said = "has had 1 export tried under a changed mapping; 2 more wait for the next one."
    assert said in commands.run("list").output
    commands.world.results.put("sweeps/remaps.json", b"[")
    assert "changed mapping" not in commands.run("list").output


def folder_of(profile: str) -> Path:
    """A source on this computer."""
    made = Path("munich")
    made.mkdir(exist_ok=True)
    (made / "profile.toml").write_text(profile)
    (made / "people.csv").write_text(PEOPLE)
    return made


def test_what_a_corrected_zone_cannot_take_back_is_said_before_it_is_put(commands: CommandRunner) -> None:
    """How many exports of how many days, and the command that sends all again; the next export says it as well."""
    assert "keep their old values" not in commands.run("source", "put", "munich", folder_of(TABLE)).output
    nights(commands, put=False)
    assert (
        "keep their old values" not in commands.run("source", "put", "munich", folder_of(TABLE + "\n")).output
    )
    written: list[str] = []
    commands.world.sources.on_change = lambda _, name: written.append(name)
    result = commands.run("source", "put", "munich", folder_of(ZONED.replace("Denied*", "No*")))
    assert written == ["munich/profile.toml"] * 2
    before, _, after = result.output.partition("Replaced: munich/profile.toml")
    assert (
        "Changed: [time], [outcome]. Events that were sent so far keep their old values in Purview." in before
    )
    assert "7 exports with events of 13 days (2026-11-02 to 2026-11-14) had records sent." in before
    assert "python gatepost.py resend --source munich --since 2026-11-02" in before
    assert "resend" not in after


def test_what_was_sent_is_not_told_to_those_who_may_not_read_results(
    commands: CommandRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They put the profile all the same; where nothing was sent there is nothing to say."""
    commands.run("source", "put", "munich", folder_of(TABLE))
    assert "Changed" not in commands.run("source", "put", "munich", folder_of(ZONED)).output

    def refuse(_prefix: str = "") -> NoReturn:
        raise StorageError("AuthorizationPermissionMismatch", why="permission")

    monkeypatch.setattr(commands.world.results, "blobs", refuse)
    result = commands.run("source", "put", "munich", folder_of(TABLE))
    assert "cannot be told: the results container may not be read." in result.output
    assert "Replaced: munich/profile.toml" in result.output
