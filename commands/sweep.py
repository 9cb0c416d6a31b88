"""`sweep` and `give-up`: the daily round by hand, and the end of trying."""

from typing import Annotated

import typer

from commands import finding, screen
from commands.desk import CONNECTOR, VAULT, SettingsFile, desk_of
from commands.errors import CommandError
from commands.exit_codes import Exit
from commands.show import ExportName
from shared.delivery import sweep as sweeping
from shared.delivery.outcome_file import OutcomeFile
from shared.delivery.sweep import DEAD_WORKER, Swept
from shared.errors import NeedsPersonError
from shared.faults import Status


def sweep(context: typer.Context, *, settings: SettingsFile = None) -> None:
    """Do now what the daily sweep does: queue what was missed and what is due.

    Needs the right to read exports, to write results and to send messages.

    Example: python gatepost.py sweep
    """
    swept = sweeping.sweep(desk_of(context).collaborators(settings, CONNECTOR))
    for line in _lines(swept):
        screen.say(line)


def give_up(
    context: typer.Context,
    name: ExportName,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    settings: SettingsFile = None,
) -> None:
    """Stop trying to send an export that is Failed or Blocked; asks first.

    It stays Blocked until somebody asks for it with retry. Needs the right to write results.

    Example: python gatepost.py give-up 2026/11/22/lenel.json
    """
    at = desk_of(context).collaborators(settings, CONNECTOR, VAULT)
    found = finding.newest_or_fail(at.results, name)
    shown, outcome = screen.name_text(name), found.outcome
    if outcome.status.final:
        raise CommandError(f"{shown} is finished already ({outcome.status}).", "There is nothing to give up.")
    if outcome.status is Status.IN_PROGRESS and at.clock.now() - found.last_modified < DEAD_WORKER:
        raise CommandError(f"A worker has {shown} just now.", "Wait for its outcome.", Exit.LATER)
    unsent = outcome.records.unsent if outcome.records else None
    what = "Its records" if unsent is None else f"Its {unsent:,} records that are not sent yet"
    if not yes:
        typer.confirm(f"{what} will not be sent unless somebody asks for it. Give up {shown}?", abort=True)
    file = OutcomeFile.at_path(at.results, found.path)
    error = NeedsPersonError("given-up", "A person gave it up; it is not tried any more.")
    if not sweeping.close(at, file, error):
        raise CommandError(
            f"{shown} has changed meanwhile.", f"Look with: gatepost.py show {shown}", Exit.LATER
        )
    screen.say(f"Given up: {shown}. If it is wanted after all: gatepost.py retry {shown}")


def _lines(swept: Swept) -> list[str]:
    waiting = ", ".join(f"{count:,} {status}" for status, count in sorted(swept.waiting.items()))
    lines = [
        f"Queued for another look: {swept.queued:,}",
        f"Closed because the export is gone or was overwritten: {swept.closed:,}",
        f"Given up: {', '.join(map(screen.name_text, swept.given_up)) or 'none'}",
        f"Not finished: {waiting or 'none'}",
    ]
    if swept.last_sent_at:
        lines.append(f"Records were last sent at {swept.last_sent_at:%Y-%m-%d %H:%M} UTC")
    if swept.secret_days_left is not None:
        lines.append(f"The app's secret expires in {swept.secret_days_left:.0f} days")
    return [*lines, *([f"Warning: {swept.expiry_problem}"] if swept.expiry_problem else [])]
