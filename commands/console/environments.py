"""Settings that are kept under a name on this computer, for `--env NAME`: a file each, which only its owner may change."""

import re
from pathlib import Path
from typing import Final

import typer

from commands.console.command_line import command, foreign_command
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from commands.local_store.private_files import why_not_private
from shared.printable import escaped

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_ENDING: Final = ".env"
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)[0-9])", re.IGNORECASE)
"""Names that are no files on Windows, whatever their ending."""


def names() -> list[str]:
    """The names under which settings are kept, in order; none if the folder cannot be looked at."""
    try:
        found = sorted(one.stem for one in _folder().glob(f"*{_ENDING}"))
    except OSError:
        return []
    return [name for name in found if _NAME.fullmatch(name)]


def named_like(incomplete: str) -> list[str]:
    """For the Tab key: the names that begin so."""
    return [name for name in names() if name.startswith(incomplete)]


def place_of(name: str) -> Path:
    """The file in which settings of that name are, or will be.

    Raises:
        CommandError: this can be no name.
    """
    if not _NAME.fullmatch(name) or _DEVICE.fullmatch(name):
        help_text = "Use at most 40 letters, digits, '-' and '_', a letter or digit first, such as prod."
        raise CommandError(f"{escaped(name)} cannot be the name of an environment.", help_text)
    return _folder() / f"{name}{_ENDING}"


def file_of(name: str) -> Path:
    """The file with the settings of that name.

    Raises:
        CommandError: there is none, or others may change it and so decide where records go.
    """
    path = place_of(name)
    for one in (path.parent, path):
        why = why_not_private(one)
        if why:
            raise CommandError(
                f"{escaped(str(one))} cannot be used: {why}.",
                "It says where records go. If you know what is in it, keep it to yourself:",
                Exit.BLOCKED,
                [foreign_command("chmod", "go-w", "--", str(one))],
            )
    if not path.is_file():
        add = command("env add", name, "FILE")
        raise CommandError(f"There is no environment {name}.", _which(), Exit.NOT_FOUND, [add])
    return path


def given_twice(*, typed: bool) -> CommandError:
    """Two answers to the question which settings a command uses.

    Args:
        typed: whether both are on the command line, not in variables.
    """
    if typed:
        return CommandError("--env and --settings both say which settings to use.", "Leave one of them out.")
    message = "GATEPOST_ENV and GATEPOST_SETTINGS both say which settings to use."
    return CommandError(message, "Unset one of them, or name the settings with --env or --settings.")


def _which() -> str:
    there = names()
    known = f"One of: {', '.join(there)}." if there else "None was added yet."
    return f"{known} To add one from a file of settings:"


def _folder() -> Path:
    return Path(typer.get_app_dir("gatepost")) / "environments"
