"""`show`: one outcome."""

import typer

from commands import outcome_lookup
from commands.console import screen
from commands.console.exit_codes import exit_of
from commands.context import command_context
from commands.options import AsJson, ExportName, PushedHere, SettingsFile, StateFolder
from commands.outcome_text import document_for_push, say_outcome
from commands.results import results_for


def show(  # noqa: PLR0913  (each one is an option)
    context: typer.Context,
    name: ExportName,
    *,
    as_json: AsJson = False,
    pushed: PushedHere = False,
    state: StateFolder = None,
    settings: SettingsFile = None,
) -> None:
    """Show what happened to one export, and what to do about it.

    The exit code follows the outcome's status.

    Example: python gatepost.py show 2026/11/22/lenel.json
    """
    results = results_for(command_context(context), settings, state, pushed=pushed)
    outcome = outcome_lookup.newest_or_fail(results, name).outcome
    if as_json:
        screen.show_json(document_for_push(outcome) if pushed else outcome)
    else:
        say_outcome(outcome, pushed=pushed)
    raise typer.Exit(exit_of(outcome.status))
