"""`sweep` and `give-up`: the daily round by hand, and the end of trying."""

from typing import Annotated

import typer

from commands import outcome_lookup
from commands.console import screen
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from commands.context import CONNECTOR, VAULT, SettingsFile, command_context
from commands.show import ExportName
from commands.validate import records
from shared.delivery import sweep as sweeping
from shared.delivery.outcome_store import OutcomeStore
from shared.delivery.sweep import DEAD_WORKER
from shared.delivery.sweep_result import SweepResult
from shared.error_codes import Status


def sweep(context: typer.Context, *, settings: SettingsFile = None) -> None:
    """Do now what the daily sweep does: queue what was missed and what is due.

    Needs the right to read exports, to write results and to send messages.

    Example: python gatepost.py sweep
    """
    sweep_result = sweeping.sweep(command_context(context).collaborators(settings, CONNECTOR))
    for line in _lines(sweep_result):
        screen.say(line)


def give_up(
    context: typer.Context,
    name: ExportName,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    settings: SettingsFile = None,
) -> None:
    """Stop trying to send an export that is Failed or Blocked; asks first.

    It stays GivenUp until a person asks for it with retry. Needs the right to write results.

    Example: python gatepost.py give-up 2026/11/22/lenel.json
    """
    at = command_context(context).collaborators(settings, CONNECTOR, VAULT)
    found = outcome_lookup.newest_or_fail(at.results, name)
    shown, outcome = screen.name_text(name), found.outcome
    if outcome.status.final:
        raise CommandError(f"{shown} is finished already ({outcome.status}).", "There is nothing to give up.")
    if outcome.status is Status.IN_PROGRESS and at.clock.now() - found.last_modified < DEAD_WORKER:
        raise CommandError(f"A worker has {shown} just now.", "Wait for its outcome.", Exit.LATER)
    unsent = outcome.records.unsent if outcome.records else None
    left = "what is not sent yet" if unsent is None else f"{records(unsent)} not sent yet"
    if not yes:
        typer.confirm(
            f"Give up {shown}, with {left}? Only a retry that somebody asks for sends it.", abort=True
        )
    file = OutcomeStore.at_path(at.results, found.path)
    if not sweeping.close(at, file, None):
        raise CommandError(
            f"{shown} has changed meanwhile.", f"Look with: gatepost.py show {shown}", Exit.LATER
        )
    screen.say(f"Given up: {shown}. If it is wanted after all: gatepost.py retry {shown}")


def _lines(sweep_result: SweepResult) -> list[str]:
    waiting = ", ".join(f"{count:,} {status}" for status, count in sorted(sweep_result.waiting.items()))
    lines = [
        f"Queued for another look: {sweep_result.queued:,}",
        f"Closed because the export is gone or was overwritten: {sweep_result.closed:,}",
        f"Given up: {', '.join(map(screen.name_text, sweep_result.given_up)) or 'none'}",
        f"Not finished: {waiting or 'none'}",
    ]
    if sweep_result.last_sent_at:
        lines.append(f"Records were last sent at {sweep_result.last_sent_at:%Y-%m-%d %H:%M} UTC")
    if sweep_result.secret_days_left is not None:
        lines.append(f"The app's secret expires in {sweep_result.secret_days_left:.0f} days")
    return [*lines, *([f"Warning: {sweep_result.expiry_problem}"] if sweep_result.expiry_problem else [])]
