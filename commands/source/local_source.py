"""A source on this computer: its profile and people files, in the folder that will be put into the container."""

from pathlib import Path
from typing import Annotated, Final

import typer

from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from shared.clock import SystemClock
from shared.printable import printable
from shared.sources.file_names import is_source_name
from shared.sources.limits import MAX_PROFILE_BYTES
from shared.sources.problems import SourceUnusableError
from shared.sources.profile import read_profile
from shared.sources.profile_model import Profile
from shared.sources.source import Source, make_source, people_files

PROFILE: Final = "profile.toml"

ProfileFile = Annotated[
    Path, typer.Argument(metavar="PROFILE", help="The source's profile.toml, or the folder that it is in.")
]


def profile_path(named: Path) -> Path:
    """The profile's file, given it or its folder.

    Raises:
        CommandError: there is none.
    """
    path = named / PROFILE if named.is_dir() else named
    if not path.is_file():
        raise CommandError(
            f"File not found: {printable(str(path))}",
            "Name a profile.toml, or the folder that it is in.",
            Exit.NOT_FOUND,
        )
    return path


def source_name(path: Path) -> str:
    """The source's name: the folder's, as it will be in the container.

    Args:
        path: of the profile.

    Raises:
        CommandError: the folder's name cannot be a source's.
    """
    name = path.resolve().parent.name
    if not is_source_name(name):
        raise CommandError(
            f"{printable(name)} cannot be the name of a source.",
            "Use at most 60 letters, digits, '-', '_' and '.', a letter or digit first; rename the folder.",
        )
    return name


def read_local_profile(path: Path) -> Profile:
    """Read a profile on this computer.

    Raises:
        CommandError: it cannot be used, with all its problems.
    """
    try:
        return read_profile(_bytes(path, MAX_PROFILE_BYTES + 1), now=SystemClock().now())
    except SourceUnusableError as error:
        raise unusable(str(path), error) from None


def load_source(named: Path) -> Source:
    """Read a source's profile and people files.

    Raises:
        CommandError: they are not there, or cannot be used; with all problems.
    """
    path = profile_path(named)
    profile = read_local_profile(path)
    files = {}
    for file in people_files(profile):
        place = people_path(path, file)
        if place.is_file():
            files[file] = _bytes(place)
    try:
        return make_source(source_name(path), profile, files)
    except SourceUnusableError as error:
        raise unusable(str(path), error) from None


def people_path(profile: Path, file: str) -> Path:
    """Where a people file is, as the profile names it: beside the profile, or with a slash above its folder."""
    folder = profile.parent
    return folder.parent / file.removeprefix("/") if file.startswith("/") else folder / file


def unusable(what: str, error: SourceUnusableError) -> CommandError:
    """A profile or people file that cannot be used, with every problem on a line of its own."""
    lines = "\n".join(f"  {problem}" for problem in error.problems)
    help_text = (
        "Correct it, then try again. The guide 'Connect a badging system' explains each table and key."
    )
    return CommandError(f"{printable(what)} cannot be used:\n{lines}", help_text, Exit.BLOCKED)


def _bytes(path: Path, limit: int = -1) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except OSError as error:
        message = f"{printable(str(path))} cannot be read: {error.strerror}."
        raise CommandError(message, "Check that you may read it.") from None
