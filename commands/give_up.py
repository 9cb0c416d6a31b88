"""`give-up`: stop trying to send an export."""

import typer

from commands import outcome_lookup
from commands.console import screen
from commands.console.command_line import command
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from commands.console.formatting import records
from commands.context import CONNECTOR, VAULT, command_context
from commands.operator_requests import ask, show_answers, show_plan, target_named
from commands.options import DryRun, ExportName, Minutes, NoWait, SettingsFile, Version, Yes
from commands.outcome_lookup import Found
from commands.outcome_wait import Waiting
from shared.error_codes import Status
from shared.printable import printable


def give_up(
    context: typer.Context,
    name: ExportName,
    *,
    version: Version = None,
    yes: Yes = False,
    no_wait: NoWait = False,
    minutes: Minutes = 30,
    dry_run: DryRun = False,
    settings: SettingsFile = None,
) -> None:
    """Stop trying to send an export; asks first.

    For an export that is Failed, Blocked or Rejected, also a version that was overwritten or deleted. It stays GivenUp
    until it is retried by name.

    Example: python gatepost.py give-up 2026/11/22/lenel.json
    """
    azure = command_context(context).deployment(settings, CONNECTOR, VAULT)
    target = target_named(azure.results, name, version)
    shown = printable(name)
    if target.status and target.status.final and target.status is not Status.REJECTED:
        raise CommandError(f"{shown} is finished already ({target.status}).", "There is nothing to give up.")
    if dry_run:
        show_plan("give-up", [target])
        return
    if not yes:
        left = _left(outcome_lookup.of_version(azure.results, target.name, target.etag))
        typer.confirm(f"Give up {shown}? {left} Only a retry sends it after that. Continue?", abort=True)
    asked = ask(azure, "give-up", [target], named=True)
    code = Exit.DONE
    if not no_wait:
        code = show_answers(Waiting(azure.results, azure.clock, minutes), asked, to_the_end=True)
    screen.say("If it is needed after all:")
    screen.say_commands([command("retry", name)])
    raise typer.Exit(code)


def _left(found: Found | None) -> str:
    counts = found.outcome.records if found else None
    return f"Not sent yet: {records(counts.unsent)}." if counts else "Not all of it was sent."
