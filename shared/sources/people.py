"""People files: which account belongs to a key, kept in few bytes a person.

A file is CSV with a header, comma or semicolon, UTF-8 with or without a byte order mark, or UTF-16 with one. One typing
mistake must not stop a building: a bad line is left out and counted. Lines with an empty UPN are people without an
account, such as contractors.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TextIO

from shared.sources.accounts import is_account
from shared.sources.header_texts import shown_names
from shared.sources.limits import MAX_FILE_BYTES
from shared.sources.people_index import Account, PeopleIndex, comparable
from shared.sources.problems import SourceUnusableError
from shared.sources.profile_model import Lookup
from shared.sources.texts import SPACE, CsvRows

MAX_KEYS: Final = 1_000_000
"""In all indexes of a source together."""


_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_BEGINS: Final = "valid_from"
_ENDS: Final = "valid_until"

_NAMED_LINES: Final = 10


@dataclass(frozen=True, slots=True)
class People:
    """What one people file says.

    Attributes:
        indexes: an index for each way in which the profile looks something up in it.
        skipped: how many lines were left out.
        skipped_lines: the numbers of the first of them.
    """

    indexes: dict[Lookup, PeopleIndex]
    skipped: int
    skipped_lines: tuple[int, ...]

    @property
    def keys(self) -> int:
        """How many keys the indexes hold together."""
        return sum(index.keys for index in self.indexes.values())


def read_people(data: bytes, name: str, lookups: Sequence[Lookup], quick: Lookup | None = None) -> People:
    """Read a people file.

    Args:
        data: the file's bytes.
        name: of the file, for messages.
        lookups: the ways in which the profile looks something up in it.
        quick: the one that is used for every row.

    Raises:
        SourceUnusableError: if the file is too large or cannot be read, or lacks a column.
    """
    if len(data) > MAX_FILE_BYTES:
        raise SourceUnusableError([f"{name}: is larger than {MAX_FILE_BYTES // 1_000_000} MB"])
    rows, columns = _table(*_text(data, name), name, lookups)
    dated = _BEGINS in columns or _ENDS in columns
    indexes = {lookup: PeopleIndex(dated=dated, quick=lookup == quick) for lookup in lookups}
    skipped: list[int] = []
    try:
        count = sum(_add(row, columns, indexes, rows.line_num, skipped) for row in rows)
    except csv.Error:
        raise SourceUnusableError(
            [f"{name}: line {rows.line_num:,} is no CSV; a quote may be missing"]
        ) from None
    for index in indexes.values():
        index.close()
    return People(indexes, count, tuple(skipped))


def _text(data: bytes, name: str) -> tuple[TextIO, str]:
    """The file as text, and its first line.

    It is decoded as it is read: a text of all of it, and the copy that `io.StringIO` makes, would be five times the file.
    """
    encoding, mark = next(
        ((coding, mark) for mark, coding in _MARKS if data.startswith(mark)), ("utf-8", b"")
    )
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceUnusableError(
            [f"{name}: is not UTF-8 from line {line:,} on; in Excel, save it as 'CSV UTF-8'"]
        ) from None
    read = io.BytesIO(data)
    read.seek(len(mark))
    return io.TextIOWrapper(read, encoding, newline=""), text[: text.find("\n") + 1] or text


def _table(text: TextIO, first: str, name: str, lookups: Sequence[Lookup]) -> tuple[CsvRows, dict[str, int]]:
    """The rows behind the header, and where each column stands.

    Raises:
        SourceUnusableError: if a column is missing.
    """
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows = csv.reader(text, delimiter=delimiter, strict=True)
    try:
        header = [cell.strip(SPACE) for cell in next(rows, [])]
    except csv.Error:
        raise SourceUnusableError([f"{name}: line 1 is no CSV; a quote may be missing"]) from None
    needed = dict.fromkeys(column for lookup in lookups for column in (*lookup.key, lookup.upn))
    lacking = [column for column in needed if header.count(column) != 1]
    if lacking:
        shown = shown_names(header)
        raise SourceUnusableError(
            [
                f"{name}: the column {column} "
                + ("is missing" if column not in header else "is there twice")
                + f"; the first line has {shown}"
                for column in lacking
            ]
        )
    return rows, {column: header.index(column) for column in (*needed, _BEGINS, _ENDS) if column in header}


def _add(
    row: list[str],
    columns: dict[str, int],
    indexes: dict[Lookup, PeopleIndex],
    line: int,
    skipped: list[int],
) -> int:
    """Put a line into the indexes; 1 if it is left out."""
    cells = [cell.strip(SPACE) for cell in row]
    if not any(cells):
        return 0
    try:
        found = {name: cells[at] for name, at in columns.items()}
        begins, ends = _day(found.get(_BEGINS, "")), _day(found.get(_ENDS, ""))
        accounts = {upn: Account(found[upn], begins, ends) for upn in {lookup.upn for lookup in indexes}}
        good = all(not account.upn or is_account(account.upn) for account in accounts.values())
    except (IndexError, ValueError):
        good = False
    if not good:
        if len(skipped) < _NAMED_LINES:
            skipped.append(line)
        return 1
    for lookup, index in indexes.items():
        for key in _keys(lookup, found):
            index.add(comparable(key, lookup.compare), accounts[lookup.upn])
    return 0


def _keys(lookup: Lookup, found: dict[str, str]) -> Iterator[str]:
    parts = [found[column] for column in lookup.key]
    if all(parts):
        yield lookup.between.join(parts)


def _day(text: str) -> str:
    """A date as ISO text, empty if there is none.

    Raises:
        ValueError: it is no date.
    """
    if not text:
        return ""
    if len(text) != len("2026-11-22"):
        raise ValueError("not a date")
    return date.fromisoformat(text).isoformat()
