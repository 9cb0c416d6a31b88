"""`gatepost.py poison`: what failed five times is shown, put back, or deleted."""

import json

from commands.console.exit_codes import Exit
from shared.delivery.sweep import new_sweep
from shared.messages import Message
from tests.support.command_runner import CommandRunner


def _filled(commands: CommandRunner) -> None:
    commands.poison.put(Message("2026/11/22/day.json", "0x1", "upload").encode())
    commands.poison.put(new_sweep().encode())
    commands.poison.put("{}")


def test_an_empty_queue_is_said(commands: CommandRunner) -> None:
    """Nothing is an answer."""
    assert commands.run("poison").output == "The poison queue is empty.\n"


def test_messages_are_shown_by_what_they_are_about(commands: CommandRunner) -> None:
    """An export's name, the app's own task, or why a message cannot be read; and what to do."""
    _filled(commands)
    shown = commands.run("poison")
    assert shown.exit_code == Exit.DONE
    assert "2026-11-22 05:00 UTC  2026/11/22/day.json\n" in shown.output
    assert "the app's own task sweep" in shown.output
    assert "a message that cannot be read: " in shown.output
    assert "python gatepost.py poison --requeue" in shown.output
    listed = json.loads(commands.run("poison", "--json").stdout)
    assert [one["export"] for one in listed] == ["2026/11/22/day.json", None, None]


def test_messages_are_put_back_as_they_were(commands: CommandRunner) -> None:
    """Each is on the queue before it leaves the poison queue."""
    _filled(commands)
    texts = [one.text for one in commands.poison.messages]
    done = commands.run("poison", "--requeue", "--yes")
    assert (done.exit_code, "3 messages put back." in done.output) == (Exit.DONE, True)
    assert [text for _, text in commands.world.queue.messages] == texts
    assert commands.poison.messages == []


def test_only_one_exports_messages_are_deleted(commands: CommandRunner) -> None:
    """Asked first; nothing is put on the queue."""
    _filled(commands)
    refused = commands.run("poison", "--delete", "--export", "2026/11/22/day.json", answers="n\n")
    assert (refused.exit_code, len(commands.poison.messages)) == (Exit.INTERRUPTED, 3)
    done = commands.run("poison", "--delete", "--export", "2026/11/22/day.json", answers="y\n")
    assert "1 message deleted." in done.output
    assert (len(commands.poison.messages), commands.world.queue.messages) == (2, [])
    assert "No such message" in commands.run("poison", "--export", "other.json").output


def test_what_would_be_done_is_shown_and_not_done(commands: CommandRunner) -> None:
    """--dry-run changes neither queue."""
    _filled(commands)
    shown = commands.run("poison", "--requeue", "--dry-run")
    assert "Put back: 3 messages. Nothing was done" in shown.output
    assert (len(commands.poison.messages), commands.world.queue.messages) == (3, [])


def test_messages_that_others_hold_are_left_to_them(commands: CommandRunner) -> None:
    """Another person does the same at the same time: what is left is said, with an exit code."""
    _filled(commands)
    commands.poison.held = {"1"}
    done = commands.run("poison", "--delete", "--yes")
    assert (done.exit_code, "2 messages deleted." in done.output) == (Exit.LATER, True)
    assert [one.id for one in commands.poison.messages] == ["1"]


def test_one_of_two_must_be_chosen(commands: CommandRunner) -> None:
    """Both would be a contradiction."""
    assert commands.run("poison", "--requeue", "--delete").exit_code == Exit.USAGE
