"""`sweep`: the daily sweep, now."""

import typer

from commands.console import screen
from commands.console.formatting import count, utc_minute
from commands.context import CONNECTOR, command_context
from commands.options import SettingsFile
from shared.blob_names import printable
from shared.delivery.sweep_result import SweepResult


def sweep(context: typer.Context, *, settings: SettingsFile = None) -> None:
    """Do the daily sweep now.

    Queues exports that were missed or are due. Needs permission to read exports, to write results and to send messages.

    Example: python gatepost.py sweep
    """
    for line in _lines(command_context(context).deployment(settings, CONNECTOR).sweep()):
        screen.say(line)


def _lines(result: SweepResult) -> list[str]:
    waiting = ", ".join(f"{number:,} {status}" for status, number in sorted(result.waiting.items()))
    lines = [
        f"Queued: {count(result.queued, 'export')}",
        f"Closed because deleted or overwritten: {count(result.closed, 'export')}",
        f"Given up after too many days: {', '.join(map(printable, result.given_up)) or 'none'}",
        f"Not finished: {waiting or 'none'}",
    ]
    if result.last_sent_at:
        lines.append(f"Records last sent: {utc_minute(result.last_sent_at)}")
    if result.secret_days_left is not None:
        lines.append(f"The client secret expires in {count(round(result.secret_days_left), 'day')}.")
    if result.expiry_problem:
        lines.append(f"Warning: {result.expiry_problem}")
    return lines
