"""Export files on this computer: found, named and read for the commands that take FILE; and files written for people."""

import glob
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

STANDARD_INPUT: Final = Path("-")
PIECE_BYTES: Final = 1 << 20


def found(files: list[Path], *, standard_input: bool = False) -> list[Path]:
    """The files that were named; a pattern that the shell left as it is (Windows) is expanded here.

    Args:
        files: as they were named.
        standard_input: whether `-` is allowed.

    Raises:
        CommandError: one does not exist, or is a folder.
    """
    if STANDARD_INPUT in files and not standard_input:
        raise CommandError("Standard input (-) cannot be sent.", "Save it as a file and name that.")
    return [file for named in files for file in ([named] if named == STANDARD_INPUT else _resolved(named))]


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
            f"File not found: {named}", "Check the name and the folder you are in.", Exit.NOT_FOUND
        )
    return matches


def check_name(name: str) -> None:
    """Refuse what the function would not read because of its name.

    Raises:
        ExportError: it is not the name of an export.
    """
    check_utf8(name)
    match classify_name(name):
        case Kind.EXPORT:
            return
        case Kind.IGNORED:
            message = "The file name says that it is not complete yet (.tmp, .part, .filepart): skipped. Rename it when it is complete."
            raise ExportError(RejectedCode.NOT_AN_EXPORT, message)
        case Kind.UNSAFE:
            message = "The file name has characters or folders that cannot be used safely; it was not read."
            raise ExportError(RejectedCode.UNSAFE_NAME, message)
        case Kind.NOT_AN_EXPORT:
            raise ExportError(
                RejectedCode.NOT_AN_EXPORT, "The file name must end in .json, .jsonl or .ndjson."
            )


def check_utf8(name: str) -> None:
    """Refuse a name that is no text; on Linux it may be any bytes.

    Raises:
        ExportError: it is not UTF-8.
    """
    if any("\ud800" <= one <= "\udfff" for one in name):
        message = "The file name is not valid UTF-8, so it cannot be the name of an export."
        raise ExportError(RejectedCode.UNSAFE_NAME, message)


def pieces(path: Path, advance: Callable[[float], None] = lambda _bytes: None) -> Iterator[bytes]:
    """A file's bytes, piece by piece; `-` is standard input.

    Args:
        path: of the file.
        advance: is told how many bytes have been read.

    Raises:
        CommandError: it cannot be read.
    """
    try:
        with typer.get_binary_stream("stdin") if path == STANDARD_INPUT else path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                advance(len(piece))
                yield piece
    except OSError as error:
        raise _unreadable(path, error) from None


@contextmanager
def writing(file: Path, other: str) -> Iterator[None]:
    """Say in words why a file cannot be written.

    Args:
        file: that is written.
        other: what to do instead, such as `Name another file with --to`.

    Raises:
        CommandError: it exists already, or cannot be written.
    """
    try:
        yield
    except FileExistsError:
        raise CommandError(f"{file} already exists.", f"{other}, or add --overwrite.") from None
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}.", f"{other}.") from None


def _unreadable(path: Path, error: OSError) -> CommandError:
    return CommandError(f"{path} cannot be read: {error.strerror}.", "Check that you may read it.")
