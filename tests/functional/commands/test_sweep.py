"""`sweep` does the daily sweep now."""

from commands.console.exit_codes import Exit
from shared.error_codes import Status
from tests.support.command_runner import CommandRunner
from tests.support.exports import export


def test_a_sweep_is_one_message_and_queues_what_was_missed(commands: CommandRunner) -> None:
    """It needs only the right to send messages; the function app does the work."""
    commands.world.exports.put("lost.json", export(3))
    commands.world.clock.sleep(3_600)
    result = commands.run("sweep")
    assert (result.exit_code, "The sweep is queued." in result.output) == (Exit.DONE, True)
    commands.world.run()
    assert commands.world.outcome("lost.json").status is Status.SUCCEEDED
