"""The rows of a file as a source's profile sees them, for showing what becomes of each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from shared.errors import Place
from shared.sources.event_columns import EventColumns
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
        names: what each text of a row is.
        batches: the rows themselves, some at a time; may raise `ExportError`.
    """

    source: Source
    sight: Sight
    names: tuple[str, ...]
    batches: Iterable[Rows]

    def mapper(self) -> Mapper:
        """A mapper for these rows."""
        return Mapper(self.source, self.sight, "")

    def rows(self) -> Iterator[Row]:
        """Each row: what the profile looks at."""
        for batch in self.batches:
            yield from zip(*batch.columns, strict=True)

    def cells(self, batch: Rows, index: int) -> dict[str, str]:
        """What a row says: all cells of a table, what the profile looks at of an event."""
        if self.source.profile.input.format == "csv":
            return msgspec.json.decode(batch.content(index), type=dict[str, str])
        return dict(zip(self.names, [column[index] for column in batch.columns], strict=True))


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
        return SourceRows(source, sight, tuple(table.places), table.batches())
    names = tuple(dict.fromkeys(name for value in mapping.values for name in names_in(value)))
    paths = EventColumns.of_paths(names)
    text = recoded(unpacked, said.encoding)
    reader = PageReader(text, paths, said.records) if said.records else EventReader(text, paths)
    sight = Sight({name: at for at, name in enumerate(names)}, said.missing, file_name)
    return SourceRows(source, sight, names, map(_as_rows, reader.batches()))


def _as_rows(events: Events) -> Rows:
    first = events.place().record or 1
    return Rows(events.columns, events.count, events.raw, lambda index: Place(record=first + index))
