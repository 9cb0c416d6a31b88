"""Reads a table: CSV in whatever dialect the profile declares, row by row, in flat memory."""

import csv
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

import msgspec

from shared.errors import ExportError, Place
from shared.exports.wording import MAX_RECORD_BYTES
from shared.sources.lines import Lines
from shared.sources.mapping import Rows
from shared.sources.profile import Input, Mapping
from shared.sources.texts import SPACE
from shared.sources.values import lacking, names_in, searched_names

_ROWS: Final = 512
_SHOWN_COLUMNS: Final = 60
_SHOWN_NAME: Final = 60

csv.field_size_limit(MAX_RECORD_BYTES)  # of the whole process; its default is 128 kB


class Table:
    """A table's rows.

    Attributes:
        columns: the names of the columns, by position.
        multi_line_cells: how many cells had a line break, in columns that no pattern reads.
    """

    def __init__(self, unpacked: Iterable[bytes], said: Input, mapping: Mapping) -> None:
        self._rows: list[list[str]] = []
        self._before = 0
        self._passed = 0
        self._lines = iter(Lines(unpacked, said.encoding, lambda: self._before + len(self._rows)))
        self._said = said
        self._mapping = mapping
        self.multi_line_cells = 0
        for _ in range(0 if said.columns else said.header - 1):
            next(self._lines, None)
            self._passed += 1
        self._reader = csv.reader(
            self._lines,
            delimiter=said.delimiter,
            quotechar=said.quote or None,
            quoting=csv.QUOTE_MINIMAL if said.quote else csv.QUOTE_NONE,
            strict=True,
        )
        self.columns = said.columns or self._header()
        used = {name for value in mapping.values for name in names_in(value)}
        self.places = {name: self.columns.index(name) for name in used if name in self.columns}
        if not said.columns:
            self._check(used)
        searched = {name for value in mapping.values for name in searched_names(value)}
        self._unsearched = {at for at, name in enumerate(self.columns) if name not in searched}

    def batches(self) -> Iterator[Rows]:
        """Yield the rows, some at a time.

        Raises:
            ExportError: if the table cannot be read any further.
        """
        while True:
            first_line = self._line
            self._before += len(self._rows)
            self._rows = []
            try:
                self._rows.extend(islice(self._reader, _ROWS))  # in place: `Lines` watches it grow
            except csv.Error as error:
                raise self._broken(error) from None
            if not self._rows:
                return
            yield self._batch(self._rows, first_line)

    @property
    def _line(self) -> int:
        """The line of the file that was read last."""
        return self._passed + self._reader.line_num

    def _batch(self, rows: list[list[str]], first_line: int) -> Rows:
        ends = None
        if self._line - first_line != len(rows):
            ends = self._ends(rows, first_line)
        return Rows(
            rows,
            lambda index: self._content(rows[index]),
            lambda index: Place(line=ends[index] if ends else first_line + index + 1, column=1),
        )

    def _ends(self, rows: list[list[str]], line: int) -> list[int]:
        """On which line each row ends, where some cells have line breaks; these are counted."""
        ends = []
        for row in rows:
            broken = [at for at, cell in enumerate(row) if "\n" in cell or "\r" in cell]
            line += 1 + sum(_breaks(row[at]) for at in broken)
            ends.append(line)
            self.multi_line_cells += len(self._unsearched.intersection(broken))
        return ends

    def _content(self, row: list[str]) -> bytes:
        """A row as an object of its columns; what is beyond them is named by position."""
        names = [*self.columns, *(f"column {at + 1}" for at in range(len(self.columns), len(row)))]
        return msgspec.json.encode(dict(zip(names, row, strict=False)))

    def _header(self) -> tuple[str, ...]:
        try:
            return tuple(next(self._reader, ()))
        except csv.Error as error:
            raise self._broken(error) from None

    def _check(self, used: set[str]) -> None:
        """Refuse a table that lacks a column, or has one twice, that the profile names."""
        present = frozenset(self.columns)
        missing = dict.fromkeys(name for value in self._mapping.values for name in lacking(value, present))
        twice = [name for name in used if self.columns.count(name) > 1]
        if not missing and not twice:
            return
        said = [f"the column {name} is missing" for name in missing]
        said += [f"the column {name} is there twice" for name in twice]
        shown = ", ".join(name.strip(SPACE)[:_SHOWN_NAME] for name in self.columns[:_SHOWN_COLUMNS])
        message = (
            f"The columns are not those that the profile names: {'; '.join(said)}. "
            f"Line {self._line:,} has {shown or 'no names'}."
        )
        raise ExportError("columns-changed", message, place=Place(self._line, 1, None))

    def _broken(self, error: csv.Error) -> ExportError:
        """What the csv module says, in words for a badge administrator."""
        place = Place(self._line, 1, None)
        said = str(error)
        if said.startswith("field larger"):
            message = f"A cell that ends at line {self._line:,} has more than 1 MiB; a quote may be missing."
            return ExportError("record-too-large", message, place=place)
        if said.startswith("unexpected end"):
            message = "The file ends inside a quoted cell; it may be cut short, or a quote is missing before."
            return ExportError("truncated", message, place=place)
        message = (
            f"Broken CSV at line {self._line:,}: text stands behind a closing quote. If quotes are ordinary text in "
            'this file, the profile must say quote = "".'
        )
        return ExportError("broken-csv", message, place=place)


def _breaks(cell: str) -> int:
    return cell.count("\n") + cell.count("\r") - cell.count("\r\n")
