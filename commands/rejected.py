"""`rejected`: fetches the records that were rejected, ready to be corrected and uploaded."""

from pathlib import Path
from typing import Annotated

import typer

from commands import outcome_lookup
from commands.console import screen
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from commands.context import SettingsFile, command_context
from commands.results import PushedHere, StateFolder, results_for
from commands.show import ExportName
from commands.validate import records, say_reasons
from shared.delivery.outcome import Outcome
from shared.delivery.ports import Container
from shared.errors import MissingBlobError


def rejected(  # noqa: PLR0913  (each one is an option)
    context: typer.Context,
    name: ExportName,
    *,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to; by default NAME-rejected.jsonl, here.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")] = False,
    pushed: PushedHere = False,
    state: StateFolder = None,
    settings: SettingsFile = None,
) -> None:
    """Fetch the records of an export that were rejected.

    Each line has the record's number, what is wrong with it, and behind "content" the record itself. Fix the content
    and upload the file as it is.

    Example: python gatepost.py rejected 2026/11/22/lenel.json
    """
    results = results_for(command_context(context), settings, state, pushed=pushed)
    outcome = outcome_lookup.newest_or_fail(results, name).outcome
    if not outcome.rejections.blob:
        screen.say(f"No records of {screen.name_text(name)} were rejected. {outcome.summary}")
        return
    file = to or Path(f"{_stem(name)}-rejected.jsonl")
    count = _fetch(results, outcome.rejections.blob, file, overwrite=overwrite)
    screen.say(f"{records(count)} of {screen.name_text(name)} written to {file}:")
    screen.say()
    say_reasons(outcome.rejections.by_reason)
    screen.say()
    screen.say(_help(outcome, count, file))


def _help(outcome: Outcome, count: int, file: Path) -> str:
    if outcome.error:
        sample = " (the first of them)" if outcome.records and outcome.records.rejected > count else ""
        return f"Nothing of this export was sent. Use these records{sample} to fix the exporter, then upload the whole export again."
    return f'Correct what is wrong behind "content" in each line, check it with `gatepost.py validate {file}`, then `gatepost.py upload {file}`.'


def _stem(name: str) -> str:
    last = name.rpartition("/")[2]
    return last.partition(".")[0] or last


def _fetch(results: Container, blob: str, file: Path, *, overwrite: bool) -> int:
    """Write the file; gives its number of lines.

    Raises:
        CommandError: the file is there already or cannot be written, or the records are gone.
    """
    try:
        etag = results.head(blob).etag
    except MissingBlobError:
        raise CommandError(
            "The records that were rejected are gone.",
            "They are kept for a limited time (30 days unless set otherwise). Make the export again.",
            Exit.NOT_FOUND,
        ) from None
    lines = 0
    try:
        with file.open("wb" if overwrite else "xb") as target:
            for piece in results.chunks(blob, etag):
                lines += piece.count(b"\n")
                target.write(piece)
    except FileExistsError:
        raise CommandError(
            f"{file} is there already.", "Name another file with --to, or say --overwrite."
        ) from None
    except OSError as error:
        raise CommandError(
            f"{file} cannot be written: {error.strerror}.", "Name another file with --to."
        ) from None
    return lines
