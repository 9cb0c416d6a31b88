"""Options that several commands share, and how their values are checked."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from commands.console.errors import CommandError
from shared.error_codes import Status

MAX_MINUTES: Final = 10_080


def between(low: int, high: int | None = None) -> Callable[[typer.CallbackParam, Any], Any]:
    """Checks a number.

    Args:
        low: the smallest it may be.
        high: the largest it may be; `None` if there is no limit.
    """

    def check(param: typer.CallbackParam, value: Any) -> Any:
        if value is not None and (value < low or (high is not None and value > high)):
            limits = f"at least {low}" if high is None else f"from {low} to {high}"
            raise CommandError(f"{param.opts[0]} must be {limits}.")
        return value

    return check


def status_named(text: str) -> Status:
    """A status by its name, in any case.

    Raises:
        CommandError: there is no such status.
    """
    found = next((one for one in Status if one.value.casefold() == text.casefold()), None)
    if found is None:
        raise CommandError(f"Unknown status {text}.", f"One of: {', '.join(Status)}.")
    return found


def day_named(text: str) -> datetime:
    """Midnight, in UTC, of a date.

    Raises:
        CommandError: it is not a date.
    """
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise CommandError(f"{text} is not a date.", "Write a date like 2026-01-12.") from None


ExportName = Annotated[
    str, typer.Argument(metavar="NAME", help="The export's name with its folders, as `list` shows it.")
]
SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        metavar="FILE",
        envvar="GATEPOST_SETTINGS",
        help="The app settings: a local.settings.json, the Azure CLI's JSON, or NAME=value lines.",
    ),
]
SourceProfile = Annotated[
    Path | None,
    typer.Option(
        "--source",
        metavar="PROFILE",
        help="Read the files as exports of a source: its profile.toml, or its folder.",
    ),
]
StateFolder = Annotated[
    Path | None,
    typer.Option(
        "--state",
        metavar="FOLDER",
        envvar="GATEPOST_STATE",
        help="Where pushes and their rejected records are kept. Default: a folder in your profile.",
    ),
]
PushedHere = Annotated[
    bool, typer.Option("--pushed", help="Use what was pushed from this computer, not what is in Azure.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")]
Wait = Annotated[
    bool, typer.Option("--wait", help="Wait for the outcome and show it; the exit code follows it.")
]
NoWait = Annotated[
    bool, typer.Option("--no-wait", help="Do not wait until the outcome shows what became of the request.")
]
Version = Annotated[
    str | None,
    typer.Option(
        "--version", metavar="ETAG", help="An older version of the export, as `list --json` shows it."
    ),
]
Minutes = Annotated[
    int,
    typer.Option(
        "--minutes", callback=between(1, MAX_MINUTES), metavar="N", help="How long to wait at most."
    ),
]
