"""`check`: the deployment's health, one line a step, with what to do where it fails."""

from dataclasses import asdict
from typing import Annotated, Final

import typer

from commands import screen
from commands.checks import Step, Verdict, steps
from commands.desk import SettingsFile, desk_of
from commands.errors import explained
from commands.exit_codes import worst
from shared.errors import SettingsError

_STYLES: Final = {
    Verdict.OK: "green",
    Verdict.WARNING: "yellow",
    Verdict.FAILED: "red",
    Verdict.SKIPPED: "dim",
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
    desk = desk_of(context)
    try:
        at = desk.collaborators(settings)
    except SettingsError as error:
        said = explained(error)
        detail = "; ".join(error.problems)
        _end(
            [_say(Step("settings", Verdict.FAILED, detail, said.way_out, said.exit), quiet=as_json)],
            as_json=as_json,
        )
    found = [
        _say(Step("settings", Verdict.OK, "all that are required are there and well formed"), quiet=as_json)
    ]
    found += [_say(step, quiet=as_json) for step in steps(at, desk.poison(at.settings), desk.reach)]
    _end(found, as_json=as_json)


def _end(found: list[Step], *, as_json: bool) -> None:
    if as_json:
        screen.show_json([asdict(step) for step in found])
    else:
        failed = sum(step.verdict is Verdict.FAILED for step in found)
        warnings = sum(step.verdict is Verdict.WARNING for step in found)
        screen.say()
        steps = f"{len(found)} step{'' if len(found) == 1 else 's'}"
        screen.say(f"{steps}, {failed} failed, {warnings} with a warning. No records were sent.")
    raise typer.Exit(worst(step.exit for step in found))


def _say(step: Step, *, quiet: bool) -> Step:
    if not quiet:
        line = f"{step.verdict.value:<{_VERDICT_WIDTH}}{step.name:<{_NAME_WIDTH}}"
        screen.say_aside(line, step.detail, _STYLES[step.verdict])
        if step.way_out:
            screen.say_aside(" " * len(line), f"-> {step.way_out}")
    return step
