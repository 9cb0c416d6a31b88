"""`upload`: uploads exports to the container, as the badging system does, and waits for their outcomes."""

from pathlib import Path
from typing import Annotated

import typer

from commands import local_files
from commands.console import screen
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit, worst
from commands.console.progress import bar
from commands.context import CONNECTOR, VAULT, command_context
from commands.file_check import CheckedFile, check_file, checks_of
from commands.file_check_text import say_file
from commands.options import DryRun, Minutes, SettingsFile
from commands.outcome_wait import Awaited, Waiting, show_outcome
from commands.source.container import stored_source
from commands.source.local_source import unusable
from shared.blob_names import is_safe
from shared.delivery.outcome_store import OutcomeStore
from shared.delivery.ports import Container
from shared.errors import MissingBlobError
from shared.printable import printable
from shared.sources.file_names import first_folder
from shared.sources.problems import SourceUnusableError
from shared.sources.source import Source


def upload(
    context: typer.Context,
    named: local_files.Files,
    *,
    folder: Annotated[
        str, typer.Option(metavar="FOLDER", help="The folder in the container, such as 2026/11/22.")
    ] = "",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an export of the same name that is not finished yet.")
    ] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait for the outcomes.")] = False,
    minutes: Minutes = 30,
    dry_run: DryRun = False,
    settings: SettingsFile = None,
) -> None:
    """Upload exports, and wait for their outcomes.

    The function sends them. A file that could not be sent is not uploaded; what is wrong with it is shown instead. In
    the folder of a source a file is checked by its profile.

    Example: python gatepost.py upload badging.json --folder 2026/11/22
    """
    command = command_context(context)
    azure = command.deployment(settings, CONNECTOR, VAULT)
    source = _source(command.sources(azure.settings), folder)
    checks = checks_of(command.settings(settings), source=source)
    codes, uploaded = [], []
    for file in local_files.found(named):
        checked = check_file(file, checks)
        if checked.exit is Exit.INVALID:
            say_file(checked)
            codes.append(Exit.INVALID)
            continue
        name = _name(file, folder)
        if not overwrite:
            _refuse_if_unfinished(azure.exports, azure.results, name)
        if dry_run:
            screen.say(
                f"Would upload {printable(str(file))} as {printable(name)}. Nothing was done (--dry-run)."
            )
            continue
        uploaded.append(_uploaded(azure.exports, name, checked))
    if not no_wait:
        waiting = Waiting(azure.results, azure.clock, minutes)
        codes += [_outcome_of(one, waiting) for one in uploaded]
    raise typer.Exit(worst(codes))


def _source(sources: Container, folder: str) -> Source | None:
    """The source that exports in a folder belong to, if there is one and this person may read it.

    Raises:
        CommandError: its profile or people files cannot be used.
    """
    place = first_folder(f"{folder.strip('/')}/export")
    if place is None:
        return None
    try:
        return stored_source(sources, place[0])
    except SourceUnusableError as error:
        raise unusable(f"The source {place[0]}", error) from None


def _name(file: Path, folder: str) -> str:
    """The export's name in the container.

    Raises:
        CommandError: it would not be a safe one.
    """
    name = f"{folder.strip('/')}/{file.name}".lstrip("/")
    if not is_safe(name):
        raise CommandError(
            f"{printable(name)} cannot be the name of an export.",
            "Use folders like 2026/11/22: no empty, '.' or '..' folder, none that ends in a dot, no backslash.",
        )
    return name


def _uploaded(exports: Container, name: str, checked: CheckedFile) -> Awaited:
    """Upload a file; gives what to wait for."""
    file = checked.file
    writer = exports.block_writer(name)
    with bar(f"Uploading {file.name}", local_files.status_of(file).st_size) as shown:
        for piece in local_files.pieces(file, shown.advance):
            writer.add(piece)
        writer.commit()
    screen.say(f"Uploaded: {printable(name)}")
    etag = exports.head(name).etag  # a new version, which cannot have an outcome from before
    return Awaited(name, etag)


def _refuse_if_unfinished(exports: Container, results: Container, name: str) -> None:
    try:
        blob = exports.head(name)
    except MissingBlobError:
        return
    outcome = OutcomeStore(results, name, blob.etag).load()
    if outcome is None or not outcome.status.final:
        status = outcome.status.value if outcome else "not processed yet"
        raise CommandError(
            f"An export {printable(name)} already exists, and it is not finished ({status}).",
            "Wait for it, or use another name or --folder. --overwrite replaces it; what was not sent of it is lost.",
        )


def _outcome_of(one: Awaited, waiting: Waiting) -> Exit:
    screen.say()
    return show_outcome(waiting, one)
