"""Export files on this computer: found, named and read for the commands that take FILE."""

import glob
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from shared.blob_names import Kind, classify_name
from shared.error_codes import RejectedCode
from shared.errors import ExportError

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="Exports: .json, .jsonl or .ndjson, each also with .gz."),
]

PIECE_BYTES: Final = 1 << 20


def found(files: list[Path]) -> list[Path]:
    """The files a person named; a pattern that the shell left as it is (Windows) is looked up here.

    Raises:
        CommandError: one is not there, or is a folder.
    """
    return [file for named in files for file in _resolved(named)]


def _resolved(named: Path) -> list[Path]:
    try:
        if stat.S_ISDIR(named.stat().st_mode):
            raise CommandError(
                f"{named} is a folder.", f"Name the files in it, for example {named / '*.json'}."
            )
    except (FileNotFoundError, NotADirectoryError):
        pass  # perhaps a pattern
    except OSError as error:
        raise _unreadable(named, error) from None
    else:
        return [named]
    matches = sorted(map(Path, glob.glob(str(named)))) if glob.has_magic(str(named)) else []  # noqa: PTH207  (the pattern may be absolute)
    if not matches:
        raise CommandError(
            f"There is no file {named}.", "Check the name and the folder you are in.", Exit.NOT_FOUND
        )
    return matches


def check_name(name: str) -> None:
    """Refuse what the function would not read because of its name.

    Raises:
        ExportError: the name is that of no export.
    """
    match classify_name(name):
        case Kind.EXPORT:
            return
        case Kind.IGNORED:
            message = "The file's name says that it is still being written (.tmp, .part, .filepart), so it is passed over."
            raise ExportError(RejectedCode.NOT_AN_EXPORT, message)
        case Kind.UNSAFE:
            raise ExportError(
                RejectedCode.UNSAFE_NAME, "The file's name cannot be handled safely, so it was not read."
            )
        case Kind.NOT_AN_EXPORT:
            raise ExportError(
                RejectedCode.NOT_AN_EXPORT,
                "The file's name does not end like an export's, so it was not read.",
            )


def pieces(path: Path, advance: Callable[[float], None] = lambda _bytes: None) -> Iterator[bytes]:
    """A file's bytes, piece by piece.

    Args:
        path: of the file.
        advance: is told how many bytes have been read.

    Raises:
        CommandError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                advance(len(piece))
                yield piece
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> CommandError:
    return CommandError(f"{path} cannot be read: {error.strerror}.", "Check that you may read it.")
