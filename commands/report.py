"""`report`: the page that the daily sweep writes, made now."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from commands.console import screen
from commands.console.errors import CommandError
from commands.context import CONNECTOR, VAULT, CommandContext, SettingsFile, command_context
from commands.results import PushedHere, StateFolder, pushed_results
from shared.clock import Clock, SystemClock
from shared.delivery.ports import Container
from shared.report.collect import DAYS, collect
from shared.report.page import render

MAX_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class _PushedRow:
    """What the page is made of; `root` is the address links begin with, `None` where none would lead anywhere."""

    results: Container
    clock: Clock
    root: str | None


def report(  # noqa: PLR0913  (each one is an option)
    context: typer.Context,
    *,
    to: Annotated[Path, typer.Option(metavar="FILE", help="Where to write the page.")] = Path("report.html"),
    days: Annotated[int, typer.Option(min=1, max=MAX_DAYS, metavar="N", help="How many days back.")] = DAYS,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")] = False,
    pushed: PushedHere = False,
    state: StateFolder = None,
    settings: SettingsFile = None,
) -> None:
    """Write a page to look at: records and exports by day, what waits for a person, the most frequent reasons.

    The daily sweep writes the same page to reports/latest.html in the results container. It needs no script and no
    network to be read.

    Example: python gatepost.py report --days 30 --to november.html
    """
    seen = _pushed_here(state) if pushed else _in_azure(command_context(context), settings)
    figures = collect(seen.results, seen.clock.now(), days=days)
    _write(to, render(figures, root=seen.root), overwrite=overwrite)
    exports = sum(figures.statuses.values())
    screen.say(f"A report of {exports:,} export{'' if exports == 1 else 's'} is in {to}.")


def _pushed_here(state: Path | None) -> _PushedRow:
    folder = pushed_results(state)
    return _PushedRow(folder, SystemClock(), folder.root.resolve().as_uri() + "/")


def _in_azure(command: CommandContext, settings: Path | None) -> _PushedRow:
    at = command.collaborators(settings, CONNECTOR, VAULT)
    blobs = at.settings.storage.blob_uri
    return _PushedRow(at.results, at.clock, f"{blobs}/{at.settings.results_container}/" if blobs else None)


def _write(file: Path, page: str, *, overwrite: bool) -> None:
    try:
        with file.open("w" if overwrite else "x", encoding="utf-8") as target:
            target.write(page)
    except FileExistsError:
        raise CommandError(
            f"{file} is there already.", "Name another file with --to, or say --overwrite."
        ) from None
    except OSError as error:
        raise CommandError(
            f"{file} cannot be written: {error.strerror}.", "Name another file with --to."
        ) from None
