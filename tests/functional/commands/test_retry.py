"""`retry` and `resend` put a message on the queue; the function does the rest."""

from commands.console.exit_codes import Exit
from shared.error_codes import Status
from tests.support.command_runner import CommandRunner, blocked, day
from tests.support.exports import export


def test_a_retry_finishes_what_was_blocked_without_sending_twice(commands: CommandRunner) -> None:
    """Corrected configuration, one command."""
    blocked(commands)
    result = commands.run("retry", "2026/11/22/day.json", "--wait")
    assert (result.exit_code, "25 of 25 records sent" in result.output) == (Exit.DONE, True)
    assert set(commands.world.connector.times_taken().values()) == {1}


def test_all_blocked_and_all_rejected_ones_at_once(commands: CommandRunner) -> None:
    """The morning after: one command for the whole backlog."""
    blocked(commands, "a.json")
    commands.world.upload("wrong.json", export(4, first=700, bad=(700, 701, 702)))
    commands.world.run()
    commands.world.with_settings(MAX_INVALID_PERCENT="80")
    result = commands.run("retry", "--blocked", "--rejected")
    assert "a.json: retry has begun.\nwrong.json: retry has begun.\n" in result.output
    commands.world.run()
    assert commands.world.outcome("a.json").status is Status.SUCCEEDED
    assert commands.world.outcome("wrong.json").status is Status.PARTIALLY_SUCCEEDED
    commands.world.sweep()
    commands.world.run()
    assert "Nothing to retry." in commands.run("retry", "--blocked").output


def test_what_is_done_is_not_retried(commands: CommandRunner) -> None:
    """Asking for the impossible is answered with what is possible."""
    day(commands.world)
    result = commands.run("retry", "2026/11/22/part.json")
    assert result.exit_code == Exit.USAGE
    assert "gatepost.py rejected -- 2026/11/22/part.json" in result.output
    assert commands.world.queue.messages == []


def test_either_a_name_or_a_status(commands: CommandRunner) -> None:
    """A retry of nothing, or of two things, is refused."""
    assert commands.run("retry").exit_code == Exit.USAGE
    assert commands.run("retry", "x.json", "--blocked").exit_code == Exit.USAGE


def test_what_is_gone_cannot_be_retried(commands: CommandRunner) -> None:
    """An export that was deleted, and one that never was."""
    blocked(commands)
    commands.world.exports.delete("2026/11/22/day.json")
    gone = commands.run("retry", "2026/11/22/day.json")
    assert (gone.exit_code, "no longer in the container" in gone.output) == (Exit.NOT_FOUND, True)
    never = commands.run("retry", "never.json")
    assert (never.exit_code, "There is no outcome" in never.output) == (Exit.NOT_FOUND, True)
    commands.world.sweep()
    commands.world.run()
    assert "Nothing to retry." in commands.run("retry", "--blocked").output
    assert commands.run("retry", "a/../b.json").exit_code == Exit.NOT_FOUND


def test_an_export_that_was_not_processed_can_be_asked_for(commands: CommandRunner) -> None:
    """A lost event needs no waiting for the sweep."""
    commands.world.exports.put("lost.json", export(3))
    assert commands.run("retry", "lost.json", "--wait").exit_code == Exit.DONE
    commands.world.exports.put("munich/lost.csv", b"Time,Id\n")
    assert commands.run("retry", "munich/lost.csv", "--wait").exit_code == Exit.INVALID


def test_a_resend_asks_first_and_sends_everything_again(commands: CommandRunner) -> None:
    """The only command that repeats records says so."""
    day(commands.world)
    refused = commands.run("resend", "2026/11/22/good.json", answers="n\n")
    assert refused.exit_code == Exit.INTERRUPTED
    assert "hold them twice" in refused.output
    assert commands.world.queue.messages == []
    agreed = commands.run("resend", "2026/11/22/good.json", "--wait", answers="y\n")
    assert agreed.exit_code == Exit.DONE
    taken = commands.world.connector.times_taken()
    assert [taken[f"door-{number:06d}"] for number in (1, 25, 100)] == [2, 2, 1]


def test_waiting_has_an_end(commands: CommandRunner) -> None:
    """Where no function runs, the command says so instead of hanging."""
    blocked(commands)
    commands.world.clock._repeated.clear()
    result = commands.run("retry", "2026/11/22/day.json", "--wait", "--minutes", 2)
    assert (result.exit_code, "not processed within 2 minutes" in result.output) == (Exit.LATER, True)
