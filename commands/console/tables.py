"""Tables on standard output: what is long is folded, never cut."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import typer
from rich.table import Table
from rich.text import Text

from commands.console.screen import out, say
from shared.printable import escaped


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
        table.add_row(*(Text(escaped(cell)) if isinstance(cell, str) else cell for cell in row))
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
