"""`sweep` does the daily sweep now."""

from commands.console.exit_codes import Exit
from shared.error_codes import BlockedCode, Status
from shared.errors import ActionRequiredError
from tests.support.command_runner import CommandRunner
from tests.support.exports import export


def test_a_sweep_queues_what_was_missed_and_says_so(commands: CommandRunner) -> None:
    """What was missed is queued, and what is wrong is said."""
    commands.world.exports.put("lost.json", export(3))
    commands.world.clock.sleep(3_600)
    commands.world.clock._repeated.clear()
    commands.world.tokens.always = ActionRequiredError(
        BlockedCode.VAULT_FORBIDDEN, "The app's identity may not read the secret."
    )
    result = commands.run("sweep")
    assert result.exit_code == Exit.DONE
    assert "Queued: 1 export" in result.output
    assert "Warning: The app's identity may not read the secret." in result.output
    commands.world.tokens.always = None
    commands.world.run()
    assert commands.world.outcome("lost.json").status is Status.SUCCEEDED
