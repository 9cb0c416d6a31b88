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
from commands.outcome_text import GO_ON
from commands.results import results_and_scope
from shared.error_codes import Status, error_code
from shared.report.collect import DAYS, collect
from shared.report.figures import ExportRow, Figures
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
    if pushed:
        figures = _of_pushes(figures)
    page = render(figures)
    with (
        writing(to, "Name another file with --to"),
        to.open("w" if overwrite else "x", encoding="utf-8") as target,
    ):
        target.write(page)
    screen.say(f"Report of {count(sum(figures.statuses.values()), 'export')} written to {to}.")


def _of_pushes(figures: Figures) -> Figures:
    """The same without promises that only the function app keeps: on this computer nothing tries again by itself."""
    return replace(
        figures,
        retries=False,
        latest=[_of_push(row) for row in figures.latest],
        open=[_of_push(row) for row in figures.open],
        waiting=[_of_push(row) for row in figures.waiting],
        faults=[replace(one, help=_help_of_push(one.text, one.help)) for one in figures.faults],
    )


def _of_push(row: ExportRow) -> ExportRow:
    details = [_help_of_push(row.error, one) for one in row.details]
    return replace(row, retry=None, next_attempt_at="", details=details)


def _help_of_push(error: str, text: str) -> str:
    """What to do about an error; other texts are left as they are."""
    code = error_code(error)
    if code is None or text != code.help:
        return text
    return GO_ON if code.status is Status.FAILED else f"{text} {GO_ON}"
