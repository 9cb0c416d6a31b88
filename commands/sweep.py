"""`sweep`: the daily sweep, now."""

import typer

from commands.console import screen
from commands.console.command_line import command
from commands.context import CONNECTOR, VAULT, command_context
from commands.options import DryRun, SettingsFile
from shared.delivery.sweep import new_sweep


def sweep(context: typer.Context, *, dry_run: DryRun = False, settings: SettingsFile = None) -> None:
    """Start the daily sweep now.

    The function app queues exports that were missed or are due, and writes the report. Needs permission to send
    messages to the queue, and nothing else.

    Example: python gatepost.py sweep
    """
    azure = command_context(context).deployment(settings, CONNECTOR, VAULT)
    if dry_run:
        screen.say(f"Would queue a sweep on {azure.settings.exports_queue}. Nothing was done (--dry-run).")
        return
    azure.queue.put(new_sweep().encode(), 0)
    screen.say("The sweep is queued. When it is over, the report is written. To see the outcomes:")
    screen.say_commands([command("list")])
