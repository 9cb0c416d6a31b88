"""`drop`: uploads exports to the container, as the badging system does, and waits for their outcomes."""

from pathlib import Path
from typing import Annotated

import typer

from commands import files, screen
from commands.desk import CONNECTOR, VAULT, SettingsFile, desk_of
from commands.errors import CommandError
from commands.exit_codes import Exit, exit_of, worst
from commands.findings import Examined, examined
from commands.following import Awaited, follow
from commands.retry import Minutes, no_outcome
from commands.show import say_outcome
from commands.validate import checks_of, say_findings
from shared.delivery.collaborators import Collaborators
from shared.delivery.outcome_file import OutcomeFile
from shared.errors import MissingBlobError
from shared.names import is_safe


def drop(  # noqa: PLR0913  (each one is an option)
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

    Example: python gatepost.py drop badging.json --folder 2026/11/22
    """
    desk = desk_of(context)
    checks = checks_of(desk.settings(settings), shown=20)
    at = desk.collaborators(settings, CONNECTOR, VAULT)
    codes, waiting = [], []
    for file in files.found(named):
        looked_at = examined(file, checks)
        if looked_at.exit is Exit.INVALID:
            say_findings(looked_at)
            codes.append(Exit.INVALID)
            continue
        waiting.append(_uploaded(at, file, _name(file, folder), looked_at, overwrite=overwrite))
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


def _uploaded(at: Collaborators, file: Path, name: str, looked_at: Examined, *, overwrite: bool) -> Awaited:
    if not overwrite:
        _refuse_if_unfinished(at, name)
    writer = at.exports.block_writer(name)
    with screen.bar(f"Uploading {file.name}", file.stat().st_size) as bar:
        for piece in files.pieces(file, bar.advance):
            writer.add(piece)
        writer.commit()
    screen.say(f"Dropped: {screen.name_text(name)}")
    examination = looked_at.examination
    etag = at.exports.head(name).etag  # a new version, which cannot have an outcome from before
    return Awaited(name, etag, None, examination.sha256 if examination else "")


def _refuse_if_unfinished(at: Collaborators, name: str) -> None:
    try:
        blob = at.exports.head(name)
    except MissingBlobError:
        return
    outcome = OutcomeFile(at.results, name, blob.etag).load()
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
