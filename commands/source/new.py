"""`source new`: a draft profile from a file of the badging system. The only command that guesses, and it says so."""

from pathlib import Path
from typing import Annotated

import typer

from commands import local_files
from commands.console.errors import CommandError, explained
from commands.console.exit_codes import Exit
from commands.drafting.draft import MAX_BYTES, Draft, make_draft
from commands.drafting.profile_text import PEOPLE, people_header, profile_text
from commands.options import Overwrite
from commands.source.local_source import PROFILE
from commands.source.new_text import say_draft, say_next, say_shipped
from commands.source.shipped import shipped_profile, started_from
from shared.errors import ExportError
from shared.exports.unpacking import Unpacked
from shared.printable import printable
from shared.sources.file_names import is_source_name, without_gz


def new(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A file as the badging system writes it, also with .gz.")
    ],
    *,
    name: Annotated[
        str,
        typer.Option(
            "--name", metavar="NAME", help="The source's name and folder, such as munich. Default: from FILE."
        ),
    ] = "",
    system: Annotated[
        str,
        typer.Option(
            "--system", metavar="SYSTEM", help="Start from the profile of a system, such as lenel-onguard."
        ),
    ] = "",
    overwrite: Overwrite = False,
) -> None:
    """Write a draft profile from a file of the badging system.

    Finds out how the file is written, which column is what, and which words there are. What only a person knows is
    marked TODO. Nothing is sent by a draft: it says send = false.

    Example: python gatepost.py source new export.csv --name munich
    """
    (found,) = local_files.found([file])[:1]
    folder = Path(name or _name_from(found))
    if not is_source_name(folder.name) or folder.name != str(folder):
        raise CommandError(
            f"{printable(str(folder))} cannot be the name of a source.",
            "Use at most 60 letters, digits, '-', '_' and '.', a letter or digit first, such as --name munich.",
        )
    shipped = shipped_profile(system) if system else None
    data = _head(found)
    draft = _draft(found, data)
    if shipped is None:
        text, people = profile_text(draft, folder.name), people_header(draft)
    else:
        text, people, differences = started_from(shipped, draft, folder.name)
    written = _write(folder, text, people, overwrite=overwrite)
    say_draft(found, draft, whole=len(data) < MAX_BYTES, words=shipped is None)
    if shipped is not None:
        say_shipped(system, differences)
    say_next(written, text, found)


def _name_from(file: Path) -> str:
    """A source's name from a file's: letters, digits and hyphens."""
    stem = without_gz(file.name).partition(".")[0]
    plain = "".join(one if one.isascii() and (one.isalnum() or one in "-_") else "-" for one in stem).strip(
        "-_"
    )
    return plain[:60] or "source"


def _head(file: Path) -> bytes:
    """The first bytes of a file, unpacked; at most `MAX_BYTES`."""
    pieces, size = [], 0
    try:
        for piece in Unpacked(local_files.pieces(file), 1 << 50, hashed=False):
            pieces.append(piece)
            size += len(piece)
            if size >= MAX_BYTES:
                break
    except ExportError as error:
        raise _cannot(file, error) from None
    return b"".join(pieces)[:MAX_BYTES]


def _draft(file: Path, data: bytes) -> Draft:
    try:
        return make_draft(data)
    except ExportError as error:
        raise _cannot(file, error) from None


def _cannot(file: Path, error: ExportError) -> CommandError:
    said = explained(error)
    help_text = said.help.replace("upload it again", "try again")  # nothing was uploaded yet
    return CommandError(f"{printable(file.name)}: {said.message}", help_text, Exit.INVALID)


def _write(folder: Path, text: str, people: str, *, overwrite: bool) -> list[Path]:
    """Write the profile, and the first line of the people file if there is none yet; gives their paths."""
    profile, file = folder / PROFILE, folder / PEOPLE
    with local_files.writing(profile, "Give another --name"):
        folder.mkdir(exist_ok=True)
        with profile.open("w" if overwrite else "x", encoding="utf-8", newline="\n") as target:
            target.write(text)
        if people and not file.exists():
            file.write_text(people, encoding="utf-8")
    return [profile, file] if people else [profile]
