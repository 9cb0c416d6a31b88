"""Prints: results to standard output, progress and errors to standard error.

Text is wrapped on a terminal (or where COLUMNS is set) and left in whole lines in a pipe. Commands are never wrapped.
"""

import os
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shared.blob_names import printable

PIPE_WIDTH: Final = 200
"""How wide a table may be where no terminal limits it."""

_NARROWEST: Final = 10
_ROOM_BESIDE: Final = 30
"""Columns a text needs beside its margin; with fewer it goes below."""


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column: its heading, whether it holds numbers, and whether it is folded when space is short."""

    heading: str
    number: bool = False
    gives_way: bool = False


def out() -> Console:
    """Standard output as it is now."""
    return _console(stderr=False)


def err() -> Console:
    """Standard error as it is now."""
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
    """Print a text of the result."""
    _print(out(), text, style)


def tell(text: str, style: str = "") -> None:
    """Print a text about the work."""
    _print(err(), text, style)


def say_commands(commands: Sequence[str], indent: int = 2) -> None:
    """Print commands of the result, each whole on a line of its own."""
    _print_commands(out(), commands, indent)


def tell_commands(commands: Sequence[str]) -> None:
    """Print commands that belong to an error, each whole on a line of its own."""
    _print_commands(err(), commands, 2)


def say_aside(margin: str, text: str, style: str = "") -> None:
    """Print a text beside its margin, or below it where there is little room."""
    console = out()
    if console.width - len(margin) < _ROOM_BESIDE and margin.strip():
        _print(console, margin.rstrip(), style)
        margin = "  "
    _print(console, text, style, margin)


def show_json(value: object) -> None:
    """Print a value as JSON for programs."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def name_text(name: str) -> str:
    """A file's or an export's name, harmless to a terminal and to rich."""
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
        justify = "right" if column.number else "left"
        table.add_column(
            column.heading,
            justify=justify,  # type: ignore[arg-type]  # rich's own literal
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
    """The table's lines without trailing spaces."""
    console = out()
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        yield line.rstrip()


def _print(console: Console, text: str, style: str, margin: str = "") -> None:
    """Print a text after its margin; further lines begin below its first word."""
    for part in text.split("\n"):
        words = part.lstrip(" ")
        begin = margin + " " * (len(part) - len(words))
        lines = [words]
        if _is_wrapped(console) and words:
            room = max(_NARROWEST, console.width - 1 - len(begin))
            lines = textwrap.wrap(words, room, break_long_words=False, break_on_hyphens=False)
        for line in lines:
            console.print(Text((begin + line).rstrip(), style=style), soft_wrap=True)
            begin = " " * len(begin)


def _print_commands(console: Console, commands: Sequence[str], indent: int) -> None:
    for one in commands:
        console.print(Text(" " * indent + one), soft_wrap=True)


def be_printable() -> None:
    """Let a terminal that lacks a character show its code instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")
