"""`rejected`: fetches the rejected records of an export, ready to be corrected."""

from pathlib import Path
from typing import Annotated

import typer

from commands import outcome_lookup
from commands.console import screen
from commands.console.command_line import command
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from commands.console.formatting import records
from commands.context import command_context
from commands.file_check_text import say_reasons
from commands.file_names import portable_name
from commands.local_files import writing
from commands.local_store.private_files import new_file
from commands.options import ExportName, Overwrite, PushedHere, SettingsFile, StateFolder, Version
from commands.results import results_for
from shared.delivery.outcome import Outcome
from shared.delivery.ports import Container
from shared.errors import MissingBlobError
from shared.printable import escaped, printable


def rejected(
    context: typer.Context,
    name: ExportName,
    *,
    to: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where to write them. Default: NAME-rejected.jsonl in this folder."
        ),
    ] = None,
    version: Version = None,
    overwrite: Overwrite = False,
    pushed: PushedHere = False,
    state: StateFolder = None,
    settings: SettingsFile = None,
) -> None:
    """Fetch the rejected records of an export.

    Each line has the record's number, what is wrong with it, and after "content" the record itself. Correct the
    content and upload the file as it is.

    Example: python gatepost.py rejected 2026/11/22/lenel.json
    """
    results = results_for(command_context(context), settings, state, pushed=pushed)
    outcome = outcome_lookup.version_or_newest(results, name, version).outcome
    if not outcome.rejections.blob:
        screen.say(f"No records of {printable(name)} were rejected. {outcome.summary}")
        return
    file = to or Path(f"{_stem(name)}-rejected.jsonl")
    number = _fetch(results, outcome.rejections.blob, file, overwrite=overwrite)
    screen.say(f"{records(number)} of {printable(name)} written to {escaped(str(file))}:")
    screen.say()
    say_reasons(outcome.rejections.by_reason)
    screen.say()
    _say_next(outcome, number, file, pushed=pushed)


def _say_next(outcome: Outcome, number: int, file: Path, *, pushed: bool) -> None:
    """What to do with the file.

    Args:
        outcome: of the export.
        number: of records in the file.
        file: with the rejected records.
        pushed: whether the export was pushed from this computer.
    """
    verb = "push" if pushed else "upload"
    if outcome.error:
        all_of_them = outcome.records is None or outcome.records.rejected <= number
        which = "" if all_of_them else " (the first of them)"
        screen.say(f"Nothing of this export was sent. Use these records{which} to fix the exporter.")
        screen.say(f"Then {verb} the whole export again.")
        return
    screen.say(f'Correct what is wrong after "content" in each line, check the file, then {verb} it:')
    folder = "" if pushed else outcome.export.name.rpartition("/")[0]
    send = command(verb, str(file), folder=folder)
    screen.say_commands([command("validate", str(file)), send])


def _stem(name: str) -> str:
    last = name.rpartition("/")[2]
    return portable_name(last.partition(".")[0] or last)


def _fetch(results: Container, blob: str, file: Path, *, overwrite: bool) -> int:
    """Write the file; gives its number of lines.

    Raises:
        CommandError: the file exists already or cannot be written, or the records are gone.
    """
    try:
        etag = results.head(blob).etag
    except MissingBlobError:
        raise CommandError(
            "The rejected records are gone.",
            "They are kept for a limited time. Make the export again.",
            Exit.NOT_FOUND,
        ) from None
    lines = 0
    with writing(file, "Name another file with --to"), new_file(file, overwrite=overwrite) as target:
        for piece in results.chunks(blob, etag):
            lines += piece.count(b"\n")
            target.write(piece)
    return lines
