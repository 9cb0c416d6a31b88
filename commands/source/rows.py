"""The rows of a file as a source's profile sees them, for showing what becomes of each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.errors import Place
from shared.sources.event_rows import EventRows
from shared.sources.events import EventReader, Events
from shared.sources.getters import Row, Sight
from shared.sources.lines import recoded
from shared.sources.mapping import Mapper, Rows
from shared.sources.pages import PageReader
from shared.sources.profile_model import Mapping
from shared.sources.source import Source
from shared.sources.table import Table
from shared.sources.values import names_in


@dataclass(frozen=True, slots=True)
class SourceRows:
    """A file's rows.

    Attributes:
        source: whose rows they are.
        sight: where a row's values are looked up.
        width: how many texts a row has.
        names: what each text of a row is.
        batches: the rows themselves, some at a time; may raise `ExportError`.
    """

    source: Source
    sight: Sight
    width: int
    names: tuple[str, ...]
    batches: Iterable[Rows]

    def mapper(self) -> Mapper:
        """A mapper for these rows."""
        tables = self.source.profile.input.format == "csv"
        return Mapper(self.source, self.sight, "", self.width, tables=tables)

    def rows(self) -> Iterator[Row]:
        """Each row, as wide as it should be."""
        nothing = [""] * self.width
        for batch in self.batches:
            for row in batch.rows:
                yield row if len(row) == self.width else [*row, *nothing][: self.width]


def source_rows(unpacked: Iterable[bytes], source: Source, mapping: Mapping, file_name: str) -> SourceRows:
    """Read a file's rows.

    Args:
        unpacked: its bytes, unpacked.
        source: of format csv or json.
        mapping: the profile's.
        file_name: its name below the source's folder.

    Raises:
        ExportError: it cannot be read as a whole.
    """
    said = source.profile.input
    if said.format == "csv":
        table = Table(unpacked, said, mapping)
        sight = Sight(table.places, said.missing, file_name)
        return SourceRows(source, sight, len(table.columns), tuple(table.columns), table.batches())
    names = tuple(dict.fromkeys(name for value in mapping.values for name in names_in(value)))
    paths = EventRows.of_paths(names)
    text = recoded(unpacked, said.encoding)
    reader = PageReader(text, paths, said.records) if said.records else EventReader(text, paths)
    sight = Sight({name: at for at, name in enumerate(names)}, said.missing, file_name)
    return SourceRows(source, sight, len(names), names, map(_as_rows, reader.batches()))


def _as_rows(events: Events) -> Rows:
    first = events.place().record or 1
    return Rows(events.rows, events.raw, lambda index: Place(record=first + index))
