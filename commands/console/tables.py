"""Tables on standard output: what is long is folded, never cut; where they do not fit, a row is a list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import typer
from rich.cells import cell_len
from rich.text import Text

from commands.console.screen import out, say
from shared.printable import escaped

if TYPE_CHECKING:
    from rich.table import Table

_READABLE: Final = 12
"""Columns of the terminal that a folded text needs, so that its words stay whole."""
_BETWEEN: Final = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column: its heading, whether it holds numbers, and whether it is folded when space is short."""

    heading: str
    number: bool = False
    gives_way: bool = False


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
    texts = [[_text(cell) for cell in row] for row in rows]
    if _room_left(columns, texts) < sum(column.gives_way for column in columns) * _READABLE:
        _say_lists(columns, texts, below, headings=headings)
        return
    from rich.table import Table

    table = Table(
        box=None, pad_edge=False, show_header=headings, header_style="bold", padding=(0, _BETWEEN, 0, 0)
    )
    for column in columns:
        justify = "right" if column.number else "left"
        table.add_column(
            column.heading,
            justify=justify,  # type: ignore[arg-type]  # rich's own literal
            no_wrap=not column.gives_way,
            overflow="fold",
        )
    for row in texts:
        table.add_row(*row)
    lines = list(_lines_of(table))
    if below is None:
        typer.echo("\n".join(lines))
        return
    typer.echo(lines[0])
    for line, under in zip(lines[1:], below, strict=True):
        typer.echo(line)
        say(under)


def _lines_of(table: "Table") -> Iterator[str]:
    """The table's lines without trailing spaces."""
    console = out()
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        yield line.rstrip()


def _room_left(columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> int:
    """The room for the columns that give way, in columns of the terminal; below zero if the others do not fit."""
    fixed = [
        max(cell_len(text) for text in (column.heading, *(row[at].plain for row in rows)))
        for at, column in enumerate(columns)
        if not column.gives_way
    ]
    return out().width - sum(fixed) - _BETWEEN * len(columns)


def _say_lists(
    columns: Sequence[Column], rows: Sequence[Sequence[Text]], below: Sequence[str] | None, *, headings: bool
) -> None:
    """Each row as lines with their headings."""
    for number, row in enumerate(rows):
        if number and headings:
            say()
        for column, cell in zip(columns, row, strict=True):
            if cell.plain:
                say(f"{column.heading}: {cell.plain}" if column.heading else cell.plain)
        if below:
            say(below[number])


def _text(cell: str | Text) -> Text:
    return Text(escaped(cell)) if isinstance(cell, str) else cell
