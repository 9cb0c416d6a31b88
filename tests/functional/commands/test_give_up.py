"""`give-up` ends the attempts at an export."""

from commands.console.exit_codes import Exit
from shared.error_codes import Status
from tests.support.command_runner import CommandRunner, blocked, day
from tests.support.exports import export
from tests.support.fake_connector import REFUSED_CONNECTION, reply


def test_what_is_given_up_stays_so_until_a_person_asks(commands: CommandRunner) -> None:
    """No sweep, no requeue takes it up again; a retry does."""
    world = commands.world
    world.connector.always = REFUSED_CONNECTION
    world.upload("day.json", export(5))
    world.run()
    assert commands.run("give-up", "day.json", answers="n\n").exit_code == Exit.INTERRUPTED
    result = commands.run("give-up", "day.json", "--yes")
    assert (result.exit_code, "Given up: day.json" in result.output) == (Exit.DONE, True)
    requests = len(world.connector.requests)
    world.run_days(3)
    outcome = world.outcome("day.json")
    assert (outcome.status, outcome.retry, outcome.error and outcome.error.code) == (
        Status.GIVEN_UP,
        None,
        "connector-unavailable",
    )
    assert len(world.connector.requests) == requests
    world.connector.always = reply(200)
    assert commands.run("retry", "day.json", "--wait").exit_code == Exit.DONE


def test_giving_up_an_export_that_a_person_had_retried_ends_its_requeues(commands: CommandRunner) -> None:
    """A requeue is not a new request, even if a request began it."""
    world = commands.world
    world.connector.always = REFUSED_CONNECTION
    blocked(commands, "day.json")
    commands.run("retry", "day.json")
    world.run()
    assert world.outcome("day.json").status is Status.FAILED
    commands.run("give-up", "day.json", "--yes")
    requests = len(world.connector.requests)
    world.run(hours=48)
    assert len(world.connector.requests) == requests


def test_finished_exports_and_exports_in_work_are_not_given_up(commands: CommandRunner) -> None:
    """There is nothing to give up."""
    day(commands.world)
    done = commands.run("give-up", "2026/11/22/good.json", "--yes")
    assert (done.exit_code, "finished already" in done.output) == (Exit.USAGE, True)


def test_giving_up_an_export_in_progress_waits_for_its_attempt(commands: CommandRunner) -> None:
    """The request is a message: it is carried out after the attempt that is running, and sees what that came to."""
    world = commands.world
    asked: list[int] = []

    def ask(when: str, _what: str) -> None:
        if when == "post" and not asked:
            asked.append(commands.run("give-up", "day.json", "--yes", "--no-wait").exit_code)

    world.connector.on_post = ask
    world.connector.always = reply(403)
    world.upload("day.json", export(5))
    world.run()
    world.run(hours=1)
    assert asked == [Exit.DONE]
    assert world.outcome("day.json").status is Status.GIVEN_UP
