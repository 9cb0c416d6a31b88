"""Outcomes for people: a table of many, a line for one."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from shared.counted import counted
from shared.delivery.outcome import Outcome
from shared.error_codes import Status
from shared.report.formatting import STATUS_STYLES

_COLOURS: Final = {"good": "green", "warn": "yellow", "bad": "red", "quiet": "cyan"}
"""The report's colours at a terminal."""

_COLUMNS: Final = ("Read", "Sent", "Rejected", "Requests")
_COLUMNS_LEFT_OUT: Final = ("Ignored", "Repeated")
"""These only where an export has such records and the terminal has room for them."""

_NARROW: Final = 80
_WIDE: Final = 100
"""Columns: name, status and figures do not fit side by side into fewer than the one, all figures not into fewer than the other."""


def table(outcomes: Iterable[Outcome], width: int) -> Group:
    """Outcomes with their figures, and below what was wrong with which.

    Args:
        outcomes: of the exports.
        width: of the terminal; in a narrow one a status stands below its export's name.
    """
    outcomes = list(outcomes)
    any_left_out = any(one.records and (one.records.ignored or one.records.repeated) for one in outcomes)
    narrow = width < _NARROW
    figures = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    figures.add_column("Export", overflow="fold")
    if not narrow:
        figures.add_column("Status", no_wrap=True)
    columns = [*_COLUMNS, *_COLUMNS_LEFT_OUT] if any_left_out and width >= _WIDE else _COLUMNS
    for column in columns:
        figures.add_column(column, justify="right", no_wrap=True)
    for outcome in outcomes:
        name, status = escape(_short(outcome)), styled(outcome.status)
        figures.add_row(*([f"{name}\n{status}"] if narrow else [name, status]), *_figures(outcome, columns))
    return Group(figures, *(line for outcome in outcomes for line in _story(outcome)))


def show(console: Console, outcome: Outcome, path: str) -> None:
    """One line for an outcome that has come to rest, what to do where something is wrong, and where it all is.

    Args:
        console: where it is shown.
        outcome: the outcome.
        path: of the file that holds it.
    """
    console.print(
        f"{styled(outcome.status)}  [bold]{escape(outcome.export.name)}[/bold]  {escape(outcome.summary)}"
    )
    lines = _reasons(outcome) if len(outcome.rejections.by_reason) > 1 else []
    for line in (*lines, *([outcome.error.help] if outcome.error else [])):
        console.print(Padding(escape(line), (0, 4)))
    console.print(Padding(f"[dim]{escape(path)}[/dim]", (0, 4)))


def styled(status: Status) -> str:
    """A status in its colour."""
    return f"[{_COLOURS[STATUS_STYLES[status].colour]}]{status.value}[/]"


def _figures(outcome: Outcome, columns: Sequence[str]) -> list[str]:
    records = outcome.records
    if records is None:
        return ["-"] * len(columns)
    figures = {"Requests": sum(batch.requests for batch in outcome.batches)}
    return [f"{figures.get(one, getattr(records, one.lower(), 0)):,}" for one in columns]


def _story(outcome: Outcome) -> list[RenderableType]:
    """What was wrong with an export; nothing if nothing was."""
    lines = _reasons(outcome)
    if outcome.error:
        lines[:0] = [outcome.error.message, outcome.error.help]
    if not lines:
        return []
    return [f"\n[bold]{escape(_short(outcome))}[/bold]", *(Padding(escape(line), (0, 2)) for line in lines)]


def _reasons(outcome: Outcome) -> list[str]:
    return [
        f"{counted(one.records, 'record')}: {one.property or 'it'} {one.reason}"
        for one in outcome.rejections.by_reason
    ]


def _short(outcome: Outcome) -> str:
    return outcome.export.name.rpartition("/")[2]
