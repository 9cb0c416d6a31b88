"""`check`: the deployment's health, one line a step, with what to do where it fails."""

from dataclasses import asdict
from typing import Annotated, Final

import typer

from commands.checks import CheckResult, Step, steps
from commands.console import screen
from commands.console.errors import explained
from commands.console.exit_codes import worst
from commands.context import SettingsFile, command_context
from shared.errors import SettingsError

_STYLES: Final = {
    CheckResult.OK: "green",
    CheckResult.WARNING: "yellow",
    CheckResult.FAILED: "red",
    CheckResult.SKIPPED: "dim",
}
_VERDICT_WIDTH: Final = 9
_NAME_WIDTH: Final = 20


def check(
    context: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the steps as JSON.")] = False,
    settings: SettingsFile = None,
) -> None:
    """Check a deployment from settings to last export, and say what to do where something is wrong.

    Sends no records and changes nothing. Looks with your own login, which needs the rights to read; the app has
    rights of its own.

    Example: python gatepost.py check --settings settings.json
    """
    command = command_context(context)
    try:
        at = command.collaborators(settings)
    except SettingsError as error:
        said = explained(error)
        detail = "; ".join(error.problems)
        _end(
            [_say(Step("settings", CheckResult.FAILED, detail, said.help, said.exit), quiet=as_json)],
            as_json=as_json,
        )
    found = [
        _say(
            Step("settings", CheckResult.OK, "all that are required are there and well formed"), quiet=as_json
        )
    ]
    found += [_say(step, quiet=as_json) for step in steps(at, command.poison(at.settings), command.probe)]
    _end(found, as_json=as_json)


def _end(found: list[Step], *, as_json: bool) -> None:
    if as_json:
        screen.show_json([asdict(step) for step in found])
    else:
        failed = sum(step.result is CheckResult.FAILED for step in found)
        warnings = sum(step.result is CheckResult.WARNING for step in found)
        screen.say()
        steps = f"{len(found)} step{'' if len(found) == 1 else 's'}"
        screen.say(f"{steps}, {failed} failed, {warnings} with a warning. No records were sent.")
    raise typer.Exit(worst(step.exit for step in found))


def _say(step: Step, *, quiet: bool) -> Step:
    if not quiet:
        line = f"{step.result.value:<{_VERDICT_WIDTH}}{step.name:<{_NAME_WIDTH}}"
        screen.say_aside(line, step.detail, _STYLES[step.result])
        if step.help:
            screen.say_aside(" " * len(line), f"-> {step.help}")
    return step
