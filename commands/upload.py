"""`upload`: uploads exports to the container, as the badging system does, and waits for their outcomes."""

from pathlib import Path
from typing import Annotated

import typer

from commands import files
from commands.console import screen
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit, exit_of, worst
from commands.context import CONNECTOR, VAULT, SettingsFile, command_context
from commands.file_check import CheckedFile, check_file
from commands.following import Awaited, follow
from commands.retry import Minutes, no_outcome
from commands.show import say_outcome
from commands.validate import checks_of, say_problems
from shared.blob_names import is_safe
from shared.delivery.collaborators import Collaborators
from shared.delivery.outcome_store import OutcomeStore
from shared.errors import MissingBlobError


def upload(  # noqa: PLR0913  (each one is an option)
    context: typer.Context,
    named: files.Files,
    *,
    folder: Annotated[
        str, typer.Option(metavar="FOLDER", help="The folder in the container, such as 2026/11/22.")
    ] = "",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an export of the same name that is not finished yet.")
    ] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait for the outcomes.")] = False,
    minutes: Minutes = 30,
    settings: SettingsFile = None,
) -> None:
    """Upload exports for the function to send, and wait for what becomes of them.

    A file that could not be sent is not uploaded; what is wrong with it is shown instead.

    Example: python gatepost.py upload badging.json --folder 2026/11/22
    """
    command = command_context(context)
    checks = checks_of(command.settings(settings), shown=20)
    at = command.collaborators(settings, CONNECTOR, VAULT)
    codes, waiting = [], []
    for file in files.found(named):
        checked = check_file(file, checks)
        if checked.exit is Exit.INVALID:
            say_problems(checked)
            codes.append(Exit.INVALID)
            continue
        waiting.append(_uploaded(at, file, _name(file, folder), checked, overwrite=overwrite))
    if no_wait:
        codes += [Exit.DONE for _ in waiting]
    else:
        codes += [_followed(at, one, minutes) for one in waiting]
    raise typer.Exit(worst(codes))


def _name(file: Path, folder: str) -> str:
    """The export's name in the container.

    Raises:
        CommandError: it would not be a safe one.
    """
    name = f"{folder.strip('/')}/{file.name}".lstrip("/")
    if not is_safe(name):
        raise CommandError(
            f"{screen.name_text(name)} cannot be an export's name.",
            "Use folders like 2026/11/22: no empty, '.' or '..' folder, none that ends in a dot, no backslash.",
        )
    return name


def _uploaded(at: Collaborators, file: Path, name: str, checked: CheckedFile, *, overwrite: bool) -> Awaited:
    if not overwrite:
        _refuse_if_unfinished(at, name)
    writer = at.exports.block_writer(name)
    with screen.bar(f"Uploading {file.name}", file.stat().st_size) as bar:
        for piece in files.pieces(file, bar.advance):
            writer.add(piece)
        writer.commit()
    screen.say(f"Uploaded: {screen.name_text(name)}")
    validation = checked.validation
    etag = at.exports.head(name).etag  # a new version, which cannot have an outcome from before
    return Awaited(name, etag, None, validation.sha256 if validation else "")


def _refuse_if_unfinished(at: Collaborators, name: str) -> None:
    try:
        blob = at.exports.head(name)
    except MissingBlobError:
        return
    outcome = OutcomeStore(at.results, name, blob.etag).load()
    if outcome is None or not outcome.status.final:
        status = outcome.status.value if outcome else "not looked at yet"
        raise CommandError(
            f"There is an export {screen.name_text(name)} already, and it is not finished ({status}).",
            "Wait for it, or choose another name or --folder; --overwrite replaces it, and what was not sent of it is lost.",
        )


def _followed(at: Collaborators, one: Awaited, minutes: int) -> Exit:
    outcome = follow(at, one, minutes * 60)
    screen.say()
    if outcome is None:
        screen.say(no_outcome(one.name, minutes), "yellow")
        return Exit.LATER
    say_outcome(outcome)
    return exit_of(outcome.status)
