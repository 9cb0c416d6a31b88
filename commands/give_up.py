"""`give-up`: stop trying to send an export."""

import typer

from commands import outcome_lookup
from commands.console import screen
from commands.console.command_line import command
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from commands.console.formatting import records
from commands.context import CONNECTOR, VAULT, command_context
from commands.options import ExportName, SettingsFile, Yes
from commands.outcome_lookup import Found
from shared.blob_names import printable
from shared.clock import Clock
from shared.delivery.outcome_store import OutcomeStore
from shared.delivery.sweep import DEAD_WORKER
from shared.error_codes import Status


def give_up(
    context: typer.Context,
    name: ExportName,
    *,
    yes: Yes = False,
    settings: SettingsFile = None,
) -> None:
    """Stop trying to send an export; asks first.

    For an export that is Failed or Blocked. It stays GivenUp until it is retried by name. Needs permission to write results.

    Example: python gatepost.py give-up 2026/11/22/lenel.json
    """
    azure = command_context(context).deployment(settings, CONNECTOR, VAULT)
    found = outcome_lookup.newest_or_fail(azure.results, name)
    _refuse_if_busy(found, azure.clock)
    shown = printable(name)
    if not yes:
        typer.confirm(
            f"Give up {shown}? {_left(found)} Only a retry sends it after that. Continue?", abort=True
        )
    if not azure.give_up(OutcomeStore.at_path(azure.results, found.path)):
        message = f"{shown} has changed in the meantime."
        raise CommandError(message, "See its outcome:", Exit.LATER, [command("show", name)])
    screen.say(f"Given up: {shown}. If it is needed after all:")
    screen.say_commands([command("retry", name)])


def _refuse_if_busy(found: Found, clock: Clock) -> None:
    outcome = found.outcome
    shown = printable(outcome.export.name)
    if outcome.status.final:
        raise CommandError(f"{shown} is finished already ({outcome.status}).", "There is nothing to give up.")
    if outcome.status is Status.IN_PROGRESS and clock.now() - found.last_modified < DEAD_WORKER:
        raise CommandError(f"{shown} is in progress.", "Wait for its outcome.", Exit.LATER)


def _left(found: Found) -> str:
    counts = found.outcome.records
    return f"Not sent yet: {records(counts.unsent)}." if counts else "Not all of it was sent."
