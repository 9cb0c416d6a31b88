"""`check`: the deployment's health, one line a step, with what to do where it fails."""

from dataclasses import asdict, replace
from itertools import chain
from typing import Final, NoReturn

import typer

from commands.check_connector import connector_steps
from commands.check_steps import CheckResult, Step, failed, ok
from commands.check_storage import storage_steps
from commands.console import screen
from commands.console.errors import explained
from commands.console.exit_codes import worst
from commands.console.formatting import count
from commands.context import command_context
from commands.options import AsJson, SettingsFile
from shared.errors import SettingsError

_STYLES: Final = {
    CheckResult.OK: "green",
    CheckResult.WARNING: "yellow",
    CheckResult.FAILED: "red",
    CheckResult.SKIPPED: "dim",
}
_RESULT_WIDTH: Final = 9
_NAME_WIDTH: Final = 20


def check(context: typer.Context, *, as_json: AsJson = False, settings: SettingsFile = None) -> None:
    """Check a deployment from settings to last export.

    Says what to do where something is wrong. Sends no records and changes nothing. Uses your own login, which needs
    permission to read; the app has permissions of its own.

    Example: python gatepost.py check --settings settings.json
    """
    command = command_context(context)
    try:
        azure = command.deployment(settings)
    except SettingsError as error:
        said = replace(explained(error), message="; ".join(error.problems))
        _end([_say(failed("settings", said), quiet=as_json)], as_json=as_json)
    steps = chain(
        [ok("settings", "complete and well formed")],
        connector_steps(azure, command.probe),
        storage_steps(azure, command.poison(azure.settings)),
    )
    _end([_say(step, quiet=as_json) for step in steps], as_json=as_json)


def _end(done: list[Step], *, as_json: bool) -> NoReturn:
    if as_json:
        screen.show_json([asdict(step) for step in done])
    else:
        failures = sum(step.result is CheckResult.FAILED for step in done)
        warnings = count(sum(step.result is CheckResult.WARNING for step in done), "warning")
        screen.say()
        screen.say(f"{count(len(done), 'step')}, {failures} failed, {warnings}. No records were sent.")
        _say_next(done)
    raise typer.Exit(worst(step.exit for step in done))


def _say_next(done: list[Step]) -> None:
    """What to do first: about a failure before a warning, in the order of the steps, since later ones may follow from it."""
    found = [step for step in done if step.result is CheckResult.FAILED]
    found += [step for step in done if step.result is CheckResult.WARNING]
    if not found:
        screen.say("Next: nothing to do.")
        return
    first = found[0]
    screen.say(f"Next: {first.name}: {first.help or first.detail}")
    screen.say_commands(first.commands)


def _say(step: Step, *, quiet: bool) -> Step:
    if not quiet:
        line = f"{step.result.value:<{_RESULT_WIDTH}}{step.name:<{_NAME_WIDTH}}"
        screen.say_aside(line, step.detail, _STYLES[step.result])
        if step.help:
            screen.say_aside(" " * len(line), f"-> {step.help}")
        screen.say_commands(step.commands, indent=4)
    return step
