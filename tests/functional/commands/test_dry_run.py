"""Every command that changes something can show what it would do, and then does nothing."""

from pathlib import Path

import pytest

from commands.console.exit_codes import Exit
from tests.support.command_runner import CommandRunner, blocked, day
from tests.support.exports import export


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["retry", "--blocked"], "retry: 2026/11/22/day.json (Blocked, version "),
        (["retry", "2026/11/22/day.json"], "1 export. Nothing was done"),
        (["resend", "2026/11/22/good.json"], "resend: 2026/11/22/good.json (Succeeded, version "),
        (["give-up", "2026/11/22/day.json"], "give-up: 2026/11/22/day.json (Blocked, version "),
        (["retry", "new.json"], "retry: new.json (not processed yet, version "),
        (["sweep"], "Would queue a sweep on badging-exports."),
        (["upload", "mine.json", "--folder", "a"], "Would upload mine.json as a/mine.json."),
    ],
)
def test_nothing_is_done(commands: CommandRunner, words: list[str], said: str) -> None:
    """No message, no blob; what it would be about is named."""
    day(commands.world)
    blocked(commands)
    commands.world.upload("new.json", export(1, first=900))
    commands.world.queue.messages.clear()
    Path("mine.json").write_bytes(export(3))
    before = commands.world.exports.names()
    done = commands.run(*words, "--dry-run")
    assert (done.exit_code, said in done.output) == (Exit.DONE, True), done.output
    assert "Nothing was done (--dry-run)." in done.output
    assert (commands.world.queue.messages, commands.world.exports.names()) == ([], before)
