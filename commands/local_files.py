"""Export files on this computer: found, named and read for the commands that take FILE; and files written for people."""

import glob
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, Final

import typer

from commands.console import screen
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from commands.local_store.errors import ExportFileError
from commands.local_store.private_files import patiently
from shared.blob_names import is_left_by_tools
from shared.printable import escaped, printable

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...",
        help="Exports: .json, .jsonl or .ndjson, each also with .gz; of a source also .csv and others.",
    ),
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
    resolved = [
        file for named in files for file in ([named] if named == STANDARD_INPUT else _resolved(named))
    ]
    left = [file.name for file in resolved if is_left_by_tools(file.name)]
    if left:
        screen.tell(
            f"Skipped what file managers and data tools leave: {', '.join(map(printable, left))}", "dim"
        )
    return [file for file in resolved if not is_left_by_tools(file.name)]


def _resolved(named: Path) -> list[Path]:
    try:
        if stat.S_ISDIR(named.stat().st_mode):
            shown = escaped(str(named / "*.json"))
            message = f"{escaped(str(named))} is a folder."
            raise CommandError(message, f"Name the files in it, for example {shown}.")
    except (FileNotFoundError, NotADirectoryError):
        pass  # perhaps a pattern
    except OSError as error:
        raise ExportFileError.of(named, error) from None
    else:
        return [named]
    matches = sorted(map(Path, glob.glob(str(named)))) if glob.has_magic(str(named)) else []  # noqa: PTH207  (the pattern may be absolute)
    if not matches:
        raise CommandError(
            f"File not found: {escaped(str(named))}",
            "Check the name and the folder you are in.",
            Exit.NOT_FOUND,
        )
    return matches


def pieces(path: Path, advance: Callable[[float], None] = lambda _bytes: None) -> Iterator[bytes]:
    """A file's bytes, piece by piece; `-` is standard input.

    Args:
        path: of the file.
        advance: is told how many bytes have been read.

    Raises:
        ExportFileError: it cannot be read.
    """
    try:
        with typer.get_binary_stream("stdin") if path == STANDARD_INPUT else _opened(path) as file:
            while piece := file.read(PIECE_BYTES):
                advance(len(piece))
                yield piece
    except OSError as error:
        raise ExportFileError.of(path, error) from None


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
        raise CommandError(f"{escaped(str(file))} already exists.", f"{other}, or add --overwrite.") from None
    except OSError as error:
        message = f"{escaped(str(file))} cannot be written: {error.strerror}."
        is_named_wrong = isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError)
        raise CommandError(message, f"{other}.", Exit.USAGE if is_named_wrong else Exit.BLOCKED) from None


def status_of(path: Path) -> os.stat_result:
    """Length and times of a file.

    Raises:
        ExportFileError: it is gone, or cannot be looked at.
    """
    try:
        return path.stat()
    except OSError as error:
        raise ExportFileError.of(path, error) from None


def _opened(path: Path) -> BinaryIO:
    return patiently(lambda: path.open("rb"))
