"""`report`: the page that the daily sweep writes, made now."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from commands.console import screen
from commands.console.formatting import count
from commands.context import CONNECTOR, VAULT, CommandContext, command_context
from commands.local_files import writing
from commands.local_store.push_state import pushed_results
from commands.options import Overwrite, PushedHere, SettingsFile, StateFolder, between
from shared.clock import Clock, SystemClock
from shared.delivery.ports import Container
from shared.report.collect import DAYS, collect
from shared.report.page import render

MAX_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class _ReportSource:
    """What the page is made of; `root` is the address links begin with, `None` where none would lead anywhere."""

    results: Container
    clock: Clock
    root: str | None


def report(
    context: typer.Context,
    *,
    to: Annotated[Path, typer.Option(metavar="FILE", help="Where to write the page.")] = Path("report.html"),
    days: Annotated[
        int, typer.Option(callback=between(1, MAX_DAYS), metavar="N", help="How many days back.")
    ] = DAYS,
    overwrite: Overwrite = False,
    pushed: PushedHere = False,
    state: StateFolder = None,
    settings: SettingsFile = None,
) -> None:
    """Write a page about the last days, to read or to print.

    It shows records and exports by day, and what needs action. The daily sweep writes the same page to reports/latest.html in the results container. It needs no script and no
    network to be read.

    Example: python gatepost.py report --days 30 --to november.html
    """
    source = _pushed_here(state) if pushed else _in_azure(command_context(context), settings)
    figures = collect(source.results, source.clock.now(), days=days)
    page = render(figures, root=source.root)
    with (
        writing(to, "Name another file with --to"),
        to.open("w" if overwrite else "x", encoding="utf-8") as target,
    ):
        target.write(page)
    screen.say(f"Report of {count(sum(figures.statuses.values()), 'export')} written to {to}.")


def _pushed_here(state: Path | None) -> _ReportSource:
    folder = pushed_results(state)
    return _ReportSource(folder, SystemClock(), folder.root.resolve().as_uri() + "/")


def _in_azure(command: CommandContext, settings: Path | None) -> _ReportSource:
    azure = command.deployment(settings, CONNECTOR, VAULT)
    blobs = azure.settings.storage.blob_uri
    root = f"{blobs}/{azure.settings.results_container}/" if blobs else None
    return _ReportSource(azure.results, azure.clock, root)
