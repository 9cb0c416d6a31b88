"""Where words go: results to standard output, talk to standard error; wrapped on a terminal, whole lines in a pipe."""

import os
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from shared.blob_names import printable
from shared.error_codes import Status

PIPE_WIDTH: Final = 200
"""How wide a table may be where no terminal limits it."""

_NARROWEST: Final = 20

STYLES: Final = {
    Status.SUCCEEDED.value: "green",
    Status.PARTIALLY_SUCCEEDED.value: "yellow",
    Status.DUPLICATE.value: "green",
    Status.REJECTED.value: "red",
    Status.SUPERSEDED.value: "dim",
    Status.GIVEN_UP.value: "dim",
    Status.BLOCKED.value: "red",
    Status.FAILED.value: "yellow",
    Status.IN_PROGRESS.value: "cyan",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column: its heading, whether it holds numbers, and whether it gives way when space is short."""

    heading: str
    number: bool = False
    gives_way: bool = False


def out() -> Console:
    """Standard output as it is just now."""
    return _console(stderr=False)


def err() -> Console:
    """Standard error as it is just now."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, emoji=False)
    if _is_wrapped(console):
        return console
    return Console(stderr=stderr, highlight=False, emoji=False, width=PIPE_WIDTH)


def _is_wrapped(console: Console) -> bool:
    """Whether lines end at a width: a terminal's, or the one that COLUMNS asks for."""
    return console.is_terminal or "COLUMNS" in os.environ


def say(text: str = "", style: str = "") -> None:
    """Print a line of the result."""
    _print(out(), text, style)


def tell(text: str, style: str = "") -> None:
    """Print a line about the work."""
    _print(err(), text, style)


def say_aside(margin: str, text: str, style: str = "") -> None:
    """Print a text beside what stands in the margin; where lines are wrapped, it stays beside it."""
    _print(out(), text, style, margin)


def show_json(value: object) -> None:
    """Print a value as JSON for programs."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def status_text(status: str) -> Text:
    """A status in its colour."""
    return Text(status, style=STYLES.get(status, ""))


def name_text(name: str) -> str:
    """An export's name, harmless to a terminal and to rich."""
    return printable(name)


def show_table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str | Text]],
    below: Sequence[str] | None = None,
    *,
    headings: bool = True,
) -> None:
    """Print rows under headings; what gives way is folded, never cut.

    Args:
        columns: of the table.
        rows: a cell for each column.
        below: a line to print under each row.
        headings: whether to print them.
    """
    table = Table(box=None, pad_edge=False, show_header=headings, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(
            column.heading,
            justify="right" if column.number else "left",
            no_wrap=not column.gives_way,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    lines = list(_lines_of(table))
    if below is None:
        typer.echo("\n".join(lines))
        return
    typer.echo(lines[0])
    for line, under in zip(lines[1:], below, strict=True):
        typer.echo(line)
        say(under)


def _lines_of(table: Table) -> Iterator[str]:
    """The table's lines without the blanks at their ends."""
    console = out()
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        yield line.rstrip()


@contextmanager
def bar(what: str, total: float | None) -> Iterator["Bar"]:
    """A progress bar on standard error; nothing where that is no terminal."""
    console = err()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield Bar(progress, escape(name_text(what)), total)


class Bar:
    """One thing's progress."""

    def __init__(self, progress: Progress, what: str, total: float | None) -> None:
        self._progress = progress
        self._task = progress.add_task(what, total=total)

    def advance(self, by: float) -> None:
        """So much more is done."""
        self._progress.advance(self._task, by)

    def reach(self, done: float, total: float) -> None:
        """So much is done, of so much."""
        self._progress.update(self._task, completed=done, total=total)


def _print(console: Console, text: str, style: str, margin: str = "") -> None:
    lines = [margin + text]
    if _is_wrapped(console):
        lines = [line for part in text.split("\n") for line in _wrapped(part, margin, console.width)]
    for line in lines:
        console.print(Text(line, style=style), soft_wrap=True)


def _wrapped(text: str, margin: str, width: int) -> list[str]:
    """Lines that end before the width; what hangs over stands under the beginning of the text."""
    words = text.lstrip(" ")
    indent = len(margin) + len(text) - len(words)
    room = max(_NARROWEST, width - 1 - indent)
    lines = textwrap.wrap(words, room, break_long_words=False, break_on_hyphens=False) or [""]
    first = margin + " " * (indent - len(margin)) + lines[0]
    return [first.rstrip() if not words else first, *(" " * indent + line for line in lines[1:])]


def be_printable() -> None:
    """Let a terminal that lacks a character show its code instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")
