"""How a table is written: what separates its cells, whether they are quoted, and where its columns' names stand."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from commands.drafting.shapes import is_value
from shared.error_codes import RejectedCode
from shared.errors import ExportError
from shared.sources.texts import SPACE

DELIMITERS: Final = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "vertical bars",
    "^": "carets",
    "~": "tildes",
}
_TRIED_ROWS: Final = 2_000
_QUOTE: Final = '"'
_KEY_VALUE: Final = re.compile(r"\s*[\w.-]+ ?= ?\S")
_MOST: Final = 0.8


@dataclass(frozen=True, slots=True)
class TableLayout:
    """How a table is written.

    Attributes:
        delimiter: one character.
        quote: one character, or empty if quotes are ordinary text.
        header: number of the line with the columns' names; 0 if there is none.
        columns: the names; made up by position where the table has none.
        doubled: whether the separator is the delimiter twice, so that every other column is empty.
    """

    delimiter: str
    quote: str
    header: int
    columns: tuple[str, ...]
    doubled: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    """Rows under one delimiter: each with the number of the line on which it begins."""

    delimiter: str
    quote: str
    rows: list[tuple[int, list[str]]] = field(repr=False)

    @property
    def width(self) -> int:
        """How many cells most rows have, but for lines with one, such as titles; 0 if all are so."""
        widths = Counter(len(cells) for _, cells in self.rows if any(cells) and len(cells) > 1)
        return max(widths, key=lambda width: (widths[width], width), default=0)

    @property
    def score(self) -> float:
        """How well the delimiter explains the text: equally wide rows count more than wide ones."""
        filled = [cells for _, cells in self.rows if any(cells)]
        width = self.width
        if not width:
            return 0.0
        return (sum(len(cells) == width for cells in filled) / len(filled)) ** 2 * width


def read_table(text: str) -> tuple[TableLayout, list[list[str]]]:
    """Find out how a table is written; gives also its rows, as wide as most of them.

    Raises:
        ExportError: `not-a-table`: there are no columns to be seen.
    """
    best = max((_parsed(text, one, _TRIED_ROWS) for one in DELIMITERS), key=lambda parsed: parsed.score)
    if not best.score:
        message = "No separator was found: no comma, semicolon, tab or vertical bar divides the lines into equally many cells."
        raise ExportError(RejectedCode.NOT_A_TABLE, message)
    whole = _parsed(text, best.delimiter, None)
    _refuse_key_value(whole)
    layout = _layout(whole)
    width = len(layout.columns)
    rows = [
        cells for line, cells in whole.rows if line > layout.header and len(cells) == width and any(cells)
    ]
    return layout, rows


def _parsed(text: str, delimiter: str, rows: int | None) -> Parsed:
    """Rows under a delimiter; with quotes as quotes, unless that does not work."""
    if _QUOTE in text:
        try:
            return Parsed(delimiter, _QUOTE, list(islice(_rows(text, delimiter, _QUOTE), rows)))
        except csv.Error:
            return Parsed(delimiter, "", list(islice(_rows(text, delimiter, ""), rows)))
    return Parsed(delimiter, _QUOTE, list(islice(_rows(text, delimiter, ""), rows)))


def _rows(text: str, delimiter: str, quote: str) -> Iterator[tuple[int, list[str]]]:
    lines = io.StringIO(text, newline="")
    reader = csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        strict=True,
    )
    while True:
        line = reader.line_num + 1
        cells = next(reader, None)
        if cells is None:
            return
        if cells:
            yield line, [cell.strip(SPACE) for cell in cells]


def _layout(parsed: Parsed) -> TableLayout:
    width = parsed.width
    wide = [(line, cells) for line, cells in parsed.rows if len(cells) == width]
    line, first = wide[0]
    body = [cells for _, cells in wide[1:]]
    layout = TableLayout(parsed.delimiter, parsed.quote, line, tuple(first), doubled=_is_doubled(wide))
    if _is_header(first, body):
        return layout
    return replace(layout, header=0, columns=tuple(f"column {at + 1}" for at in range(width)))


def _is_header(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether a row holds names: no value among them, most of them different, and not seen again below."""
    names = [name for name in first if name]
    if len(set(names)) < len(names) * _MOST or any(map(is_value, names)):
        return False
    if len(names) < len(first) * _MOST:
        return False
    below = Counter(name for cells in body[:_TRIED_ROWS] for name in names if name in cells)
    return not body or sum(below.values()) < len(body[:_TRIED_ROWS])


def _is_doubled(wide: Sequence[tuple[int, Sequence[str]]]) -> bool:
    """Whether every other cell is empty in every row."""
    return all(not any(cells[1::2]) and any(cells[0::2]) for _, cells in wide)


def _refuse_key_value(parsed: Parsed) -> None:
    """Refuse lines of `key = value`.

    Raises:
        ExportError: `not-a-table`.
    """
    cells = [cell for _, row in parsed.rows[:_TRIED_ROWS] for cell in row if cell]
    if sum(map(bool, map(_KEY_VALUE.match, cells))) > len(cells) * _MOST:
        message = "These are lines of key = value, not a table; have the system export CSV or JSON, or convert the file."
        raise ExportError(RejectedCode.NOT_A_TABLE, message)
