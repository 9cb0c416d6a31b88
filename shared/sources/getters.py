"""A profile's values made to run: each becomes one function from a row to its text, empty where it is missing.

A row is a sequence of texts, one for each column of a table or each path of a JSON profile. An object or a list among them is
`NOT_TEXT`, and whatever is made of it is, too.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

from shared.sources.memo import Key
from shared.sources.paths import NOT_TEXT
from shared.sources.re2s import one_group
from shared.sources.texts import SPACE, stripped
from shared.sources.values import Cut, FileName, FirstOf, Join, Named, Text, Value, names_in

type Row = Sequence[str]
type Columns = Sequence[Sequence[str]]
"""Rows the other way round: for each column or path its texts, row by row."""
type Get = Callable[[Row], str]


@dataclass(frozen=True, slots=True)
class Sight:
    """What values are looked up in: where each column stands, the profile's missing words, the name below the folder."""

    columns: Mapping[str, int]
    missing: frozenset[str]
    file_name: str

    def getter(self, value: Value) -> Get:
        """The function that a value means."""
        match value:
            case Named(name):
                return self._cell(name)
            case FirstOf(values):
                return _first_of([self.getter(inner) for inner in values])
            case Cut(inner, pattern, missing):
                return self._cut(self.getter(inner), pattern, missing)
            case Join(values, between, missing):
                return self._join([self.getter(inner) for inner in values], between, missing)
            case Text(text):
                return self._constant(text, frozenset())
            case FileName(pattern, missing):
                return self._constant(one_group(pattern)(self.file_name), missing)

    def view(self, values: Iterable[Value]) -> "View":
        """What these values look at, and nothing else."""
        names = {name for value in values for name in names_in(value)}
        here = sorted((self.columns[name], name) for name in names if name in self.columns)
        narrow = {name: at for at, (_, name) in enumerate(here)}
        return View(Sight(narrow, self.missing, self.file_name), tuple(at for at, _ in here))

    def _cell(self, name: str) -> Get:
        at, missing = self.columns.get(name), self.missing
        if at is None:
            return lambda _: ""

        def plain(row: Row) -> str:
            return stripped(row[at])

        def cell(row: Row) -> str:
            text = stripped(row[at])
            return "" if text.casefold() in missing else text

        return cell if missing else plain

    def _cut(self, inner: Get, pattern: str | None, own: frozenset[str]) -> Get:
        missing = self.missing | own
        search = one_group(pattern) if pattern is not None else str

        def cut(row: Row) -> str:
            text = inner(row)
            if not text or text == NOT_TEXT:
                return text
            found = search(text).strip(SPACE)
            return "" if found.casefold() in missing else found

        return cut

    def _join(self, parts: list[Get], between: str, own: frozenset[str]) -> Get:
        missing = self.missing | own

        def join(row: Row) -> str:
            texts = [part(row) for part in parts]
            if NOT_TEXT in texts:
                return NOT_TEXT
            joined = between.join(texts).strip(SPACE) if all(texts) else ""
            return "" if joined.casefold() in missing else joined

        return join

    def _constant(self, text: str, own: frozenset[str]) -> Get:
        stripped = text.strip(SPACE)
        kept = "" if stripped.casefold() in self.missing | own else stripped
        return lambda _: kept


@dataclass(frozen=True, slots=True)
class View:
    """Some columns of a table.

    Attributes:
        sight: where they stand when nothing else is in view.
        places: where they stand among all columns.
    """

    sight: Sight
    places: tuple[int, ...]

    def keys(self, columns: Columns, count: int) -> Iterable[Key]:
        """What each row says in these columns, as something to be remembered by.

        Args:
            columns: all of them.
            count: of rows.
        """
        if len(self.places) == 1:
            return columns[self.places[0]]
        return zip(*(columns[at] for at in self.places), strict=True) if self.places else repeat((), count)

    def key(self, columns: Columns, index: int) -> Key:
        """The same for one row."""
        if len(self.places) == 1:
            return columns[self.places[0]][index]
        return tuple([columns[at][index] for at in self.places])


def row_of(key: Key) -> Row:
    """The row, as a view's sight sees it, that a key of that view was made of."""
    return (key,) if isinstance(key, str) else key


def _first_of(getters: list[Get]) -> Get:
    def first(row: Row) -> str:
        for get in getters:
            if text := get(row):
                return text
        return ""

    return first
