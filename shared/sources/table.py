"""Reads a table: CSV in whatever dialect the profile declares, row by row, in flat memory."""

import csv
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Final

import msgspec

from shared.error_codes import RejectedCode
from shared.errors import ExportError, Place
from shared.exports.rules import RULES
from shared.sources.header_texts import shown_names
from shared.sources.lines import CountedLines, Lines, line_breaks
from shared.sources.mapping import Rows
from shared.sources.profile_model import Input, Mapping
from shared.sources.texts import SPACE, CsvRows
from shared.sources.values import lacking, names_in, searched_names

_ROWS: Final = 512
_TOGETHER: Final = 1 << 16
"""Characters of rows without quotes that are taken together."""

csv.field_size_limit(RULES.max_record_bytes)  # of the whole process; its default is 128 kB


class Table:
    """A table's rows.

    Attributes:
        columns: the names of the columns, by position.
        places: where each column that the profile names stands among those of `batches`.
        multi_line_cells: how many cells had a line break, in columns that no pattern reads.
    """

    def __init__(self, unpacked: Iterable[bytes], said: Input, mapping: Mapping) -> None:
        self._rows: list[list[str]] = []
        self._before = 0
        self._line = 0
        self._reading: CountedLines | None = None
        lines = Lines(unpacked, said.encoding, lambda: self._before + len(self._rows), self._lines_taken)
        self._texts = iter(lines)
        self._said = said
        self._mapping = mapping
        self.multi_line_cells = 0
        self.columns = said.columns or self._header()
        used = {name for value in mapping.values for name in names_in(value)}
        named = sorted(used.intersection(self.columns), key=self.columns.index)
        self.places = {name: at for at, name in enumerate(named)}
        self._used = [self.columns.index(name) for name in named]
        if not said.columns:
            self._check(used)
        searched = {name for value in mapping.values for name in searched_names(value)}
        self._unsearched = {at for at, name in enumerate(self.columns) if name not in searched}

    def batches(self) -> Iterator[Rows]:
        """Yield the rows, some at a time.

        Raises:
            ExportError: if the table cannot be read any further.
        """
        for text in self._texts:
            if self._said.quote and self._said.quote in text:
                yield from self._quoted(text)
            else:
                yield from self._plain(text)

    def _plain(self, text: str) -> Iterator[Rows]:
        """Rows without any quotes: a line is a row."""
        at = 0
        while at < len(text):
            end = text.rfind("\n", at, at + _TOGETHER) + 1 or len(text)
            some, at = text[at:end], end
            if rows := self._grid(some):
                yield rows
                self._line += rows.count
            else:
                yield from self._lined(some)

    def _grid(self, text: str) -> Rows | None:
        """Rows without quotes, all as wide as the table, on lines that end alike: their cells in one list, a line break behind each row."""
        delimiter, width = self._said.delimiter, len(self.columns) + 1
        lines = text.split("\r\n" if "\r" in text else "\n")
        if lines.pop():
            return None
        count, joined = len(lines), f"{delimiter}\n{delimiter}".join(lines)
        cells = joined.split(delimiter)
        if len(cells) != width * count - 1 or cells[width - 1 :: width].count("\n") != count - 1:
            return None
        if "\r" in joined or text.count("\n") != count:
            return None
        first_line = self._line
        self._before += count

        def row(index: int) -> list[str]:
            return cells[index * width : (index + 1) * width - 1]

        return Rows(
            [cells[at::width] for at in self._used],
            count,
            lambda index: self._content(row(index)),
            lambda index: Place(line=first_line + index + 1, column=1),
            empty=lambda index: not "".join(row(index)).strip(SPACE),
        )

    def _lined(self, text: str) -> Iterator[Rows]:
        """Rows without quotes, however wide they are."""
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        if not lines[-1]:
            lines.pop()
        for at in range(0, len(lines), _ROWS):
            rows = [line.split(self._said.delimiter) for line in lines[at : at + _ROWS]]
            self._before += len(rows)
            yield self._batch(rows, self._line, None)
            self._line += len(rows)

    def _quoted(self, text: str) -> Iterator[Rows]:
        """Rows with quotes, which may reach into the next piece of text; ends where a row and a piece end together."""
        lines = self._reading = CountedLines(chain((text,), self._texts), self._line)
        reader = self._csv(lines)
        while left := lines.given - reader.line_num or not reader.line_num:
            first_line, before = self._line, reader.line_num
            self._rows = []
            try:
                self._rows.extend(islice(reader, min(left, _ROWS)))  # in place: `Lines` watches it grow
            except csv.Error as error:
                raise self._broken(error, self._line + reader.line_num - before) from None
            self._line += reader.line_num - before
            ends = self._ends(self._rows, first_line) if self._line - first_line != len(self._rows) else None
            rows, self._rows = self._rows, []
            self._before += len(rows)
            yield self._batch(rows, first_line, ends)
        self._reading = None

    def _lines_taken(self) -> int:
        """The lines of all pieces of text that were begun so far."""
        return self._reading.before + self._reading.given if self._reading else self._line

    def _csv(self, lines: Iterator[str]) -> CsvRows:
        said = self._said
        return csv.reader(
            lines,
            delimiter=said.delimiter,
            quotechar=said.quote or None,
            quoting=csv.QUOTE_MINIMAL if said.quote else csv.QUOTE_NONE,
            strict=True,
        )

    def _header(self) -> tuple[str, ...]:
        """The names of the columns; the lines above them are passed over."""
        lines = self._reading = CountedLines(self._texts, 0)
        self._line = sum(1 for _ in islice(lines, self._said.header - 1))
        reader = self._csv(lines)
        try:
            names = tuple(next(reader, ()))
        except csv.Error as error:
            raise self._broken(error, self._line + reader.line_num) from None
        self._line += reader.line_num
        self._texts = chain((lines.rest(),), self._texts)
        self._reading = None
        return names

    def _batch(self, rows: list[list[str]], first_line: int, ends: list[int] | None) -> Rows:
        fit, misfits = self._fitted(rows)
        return Rows(
            [[row[at] for row in fit] for at in self._used],
            len(rows),
            lambda index: self._content(rows[index]),
            lambda index: Place(line=ends[index] if ends else first_line + index + 1, column=1),
            misfits,
            lambda index: not "".join(rows[index]).strip(SPACE),
        )

    def _fitted(self, rows: list[list[str]]) -> tuple[list[list[str]], dict[int, str]]:
        """The rows, each as wide as the table, and the codes of those that were not; an empty surplus is cut off."""
        width = len(self.columns)
        if set(map(len, rows)) <= {width}:
            return rows, {}
        misfits: dict[int, str] = {}
        for index, row in enumerate(rows):
            if len(row) < width:
                misfits[index] = "row-too-short"
            elif "".join(row[width:]).strip(SPACE):
                misfits[index] = "row-too-long"
        return [[*row[:width], *[""] * (width - len(row))] for row in rows], misfits

    def _ends(self, rows: list[list[str]], line: int) -> list[int]:
        """On which line each row ends, where some cells have line breaks; these are counted."""
        ends = []
        for row in rows:
            broken = [at for at, cell in enumerate(row) if "\n" in cell or "\r" in cell]
            line += 1 + sum(line_breaks(row[at]) for at in broken)
            ends.append(line)
            self.multi_line_cells += len(self._unsearched.intersection(broken))
        return ends

    def _content(self, row: list[str]) -> bytes:
        """A row as an object of its columns; what is beyond them is named by position."""
        names = [*self.columns, *(f"column {at + 1}" for at in range(len(self.columns), len(row)))]
        return msgspec.json.encode(dict(zip(names, row, strict=False)))

    def _check(self, used: set[str]) -> None:
        """Refuse a table that lacks a column, or has one twice, that the profile names."""
        present = frozenset(self.columns)
        missing = dict.fromkeys(name for value in self._mapping.values for name in lacking(value, present))
        twice = [name for name in used if self.columns.count(name) > 1]
        if not missing and not twice:
            return
        said = [f"the column {name} is missing" for name in missing]
        said += [f"the column {name} is there twice" for name in twice]
        message = (
            f"The columns are not those that the profile names: {'; '.join(said)}. "
            f"Line {self._line:,} has {shown_names(self.columns)}."
        )
        raise ExportError(RejectedCode.COLUMNS_CHANGED, message, place=Place(self._line, 1, None))

    def _broken(self, error: csv.Error, line: int) -> ExportError:
        """What the csv module says, in words for a badge administrator."""
        place = Place(line, 1, None)
        said = str(error)
        if said.startswith("field larger"):
            message = f"A cell that ends at line {line:,} has more than 1 MiB; a quote may be missing."
            return ExportError(RejectedCode.RECORD_TOO_LARGE, message, place=place)
        if said.startswith("unexpected end"):
            message = "The file ends inside a quoted cell; it may be cut short, or a quote is missing before."
            return ExportError(RejectedCode.TRUNCATED, message, place=place)
        message = (
            f"Broken CSV at line {line:,}: text stands behind a closing quote. If quotes are ordinary text in "
            'this file, the profile must say quote = "".'
        )
        return ExportError(RejectedCode.BROKEN_CSV, message, place=place)
