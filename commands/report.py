"""`report`: the page that the daily sweep writes, made now."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer

from commands.console import screen
from commands.console.formatting import count
from commands.context import command_context
from commands.local_files import writing
from commands.options import Overwrite, PushedHere, SettingsFile, StateFolder, between
from commands.results import results_and_scope
from shared.report.collect import DAYS, collect
from shared.report.page import render

MAX_DAYS: Final = 366


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
    results, scope = results_and_scope(command_context(context), settings, state, pushed=pushed)
    figures = collect(results, replace(scope, days=days))
    page = render(figures)
    with (
        writing(to, "Name another file with --to"),
        to.open("w" if overwrite else "x", encoding="utf-8") as target,
    ):
        target.write(page)
    screen.say(f"Report of {count(sum(figures.statuses.values()), 'export')} written to {to}.")
