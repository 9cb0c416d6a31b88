"""`show`: one outcome."""

import typer

from commands import outcome_lookup
from commands.console import screen
from commands.console.command_line import command
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit, exit_of
from commands.console.formatting import utc_minute
from commands.context import CONNECTOR, VAULT, command_context
from commands.options import AsJson, ExportName, PushedHere, SettingsFile, StateFolder, Version
from commands.outcome_text import document_for_push, say_outcome
from commands.results import results_for
from shared.blob_names import is_safe
from shared.delivery.ports import Container
from shared.errors import MissingBlobError, StorageError
from shared.printable import printable


def show(
    context: typer.Context,
    name: ExportName,
    *,
    version: Version = None,
    as_json: AsJson = False,
    pushed: PushedHere = False,
    state: StateFolder = None,
    settings: SettingsFile = None,
) -> None:
    """Show what happened to one export, and what to do about it.

    The exit code follows the outcome's status.

    Example: python gatepost.py show 2026/11/22/lenel.json
    """
    given = command_context(context)
    results = results_for(given, settings, state, pushed=pushed)
    try:
        found = outcome_lookup.version_or_newest(results, name, version)
    except CommandError:
        if not pushed and outcome_lookup.newest(results, name) is None:
            _refuse_if_unprocessed(given.deployment(settings, CONNECTOR, VAULT).exports, name)
        raise
    outcome = found.outcome
    if as_json:
        screen.show_json(document_for_push(outcome) if pushed else outcome)
    else:
        say_outcome(outcome, pushed=pushed)
        _say_other_versions(results, found)
    raise typer.Exit(exit_of(outcome.status))


def _say_other_versions(results: Container, found: outcome_lookup.Found) -> None:
    others = outcome_lookup.other_versions(results, found)
    if others:
        screen.say()
        screen.say(others)


def _refuse_if_unprocessed(exports: Container, name: str) -> None:
    """Say that an export without an outcome is there; permission to read exports is a nicety here.

    Raises:
        CommandError: it is there.
    """
    if not is_safe(name):
        return
    try:
        uploaded = exports.head(name).last_modified
    except (MissingBlobError, StorageError):
        return
    raise CommandError(
        f"{printable(name)} is in {exports.name} since {utc_minute(uploaded)}; it has not been processed yet.",
        "Wait a few minutes. If nothing happens, have it processed:",
        Exit.LATER,
        [command("retry", name)],
    )
