"""Reads an export of a source: the same face as the reader of connector-format exports, and the counts of a mapping."""

import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Final

from shared.errors import ExportError, Place
from shared.exports.items import Item
from shared.exports.rules import RULES
from shared.exports.unpacking import Unpacked, damage_or
from shared.exports.validate import validate_record
from shared.sources.event_columns import EventColumns
from shared.sources.events import EventReader, Events
from shared.sources.getters import Sight
from shared.sources.lines import recoded
from shared.sources.mapping import Mapper, Rows
from shared.sources.pages import PageReader
from shared.sources.source import Source
from shared.sources.table import Table
from shared.sources.tally import Counts
from shared.sources.values import names_in

_HEAD_BYTES: Final = 64
_OF_REJECTED_FILE: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"(?:record|errors|content)"\s*:')


class SourceReader:
    """One pass over an export of a source.

    A rejected file (or some lines of it) may stand in an export's place, whatever the source's format: each line's `content` is
    mapped as the row or the event that it was, or taken as a record where a person has written the four properties into it.
    """

    def __init__(
        self,
        unpacked: Iterable[bytes],
        source: Source,
        file_name: str,
        not_before: str = "",
    ) -> None:
        """Begin.

        Args:
            unpacked: the export's bytes, unpacked.
            source: of format csv or json.
            file_name: the export's name below the source's folder, without `.gz`.
            not_before: the app's own start as an EventTime in UTC, for a profile that has none; empty for no start.
        """
        if source.profile.mapping is None:
            raise ValueError("a source of connector format has nothing to map")
        self._unpacked = unpacked
        self._pieces = iter(unpacked)
        self._source = source
        self._mapping = source.profile.mapping
        self._names = list(dict.fromkeys(name for value in self._mapping.values for name in names_in(value)))
        self._file_name = file_name
        self._start = source.profile.policy.not_before or not_before
        self._mapper: Mapper | None = None
        self._warnings: dict[str, int] = {}
        self._corrected = False

    @property
    def read(self) -> int:
        """Rows seen so far."""
        return self._mapper.read if self._mapper else 0

    @property
    def sha256(self) -> str:
        """Of the unpacked bytes, once all were read; empty if nobody hashed them."""
        return self._unpacked.sha256 if isinstance(self._unpacked, Unpacked) else ""

    @property
    def latest_event(self) -> str:
        """The latest EventTime among the records so far, in UTC, to the second; empty if none."""
        return self._mapper.latest_event if self._mapper else ""

    @property
    def earliest_event(self) -> str:
        """The earliest EventTime among the records so far; empty if none."""
        return self._mapper.earliest_event if self._mapper else ""

    @property
    def counts(self) -> Counts:
        """What became of the rows so far."""
        return self._mapper.counts(self._warnings) if self._mapper else Counts()

    def __iter__(self) -> Iterator[Item]:
        """Yield what becomes of every row, in order.

        Raises:
            ExportError: if the export cannot be read as a whole; what was yielded before must then not be used.
        """
        skipped = sum(count for count, _ in self._source.skipped_lines.values())
        self._warnings = {"people-lines-skipped": skipped} if skipped else {}
        try:
            yield from self._items()
        except ExportError as error:
            raise damage_or(error, self._unpacked, self._pieces) from None

    def _items(self) -> Iterator[Item]:
        pieces = self._peeked()
        if self._corrected:
            yield from self._rejected_file(pieces)
        elif self._source.profile.input.format == "csv":
            yield from self._table(pieces)
        else:
            yield from self._events(pieces)

    def _peeked(self) -> Iterable[bytes]:
        """The same bytes, after a look at the first of them."""
        head = b""
        while len(head) < _HEAD_BYTES and (piece := next(self._pieces, None)) is not None:
            head += piece
        self._corrected = _OF_REJECTED_FILE.match(head) is not None
        return chain((head,) if head else (), self._pieces)

    def _table(self, pieces: Iterable[bytes]) -> Iterator[Item]:
        table = Table(pieces, self._source.profile.input, self._mapping)
        mapper = self._mapper_for(table.places)
        for batch in table.batches():
            yield from mapper.items(batch)
        if table.multi_line_cells:
            self._warnings["multi-line-cells"] = table.multi_line_cells

    def _events(self, pieces: Iterable[bytes]) -> Iterator[Item]:
        said = self._source.profile.input
        text = recoded(pieces, said.encoding)
        columns = EventColumns.of_paths(self._names)
        reader = PageReader(text, columns, said.records) if said.records else EventReader(text, columns)
        yield from self._mapped(reader.batches())

    def _rejected_file(self, pieces: Iterable[bytes]) -> Iterator[Item]:
        """A rejected file that is uploaded again: rows of a table are objects of their columns there."""
        tables = self._source.profile.input.format == "csv"
        columns = EventColumns.of_names(self._names) if tables else EventColumns.of_paths(self._names)
        yield from self._mapped(EventReader(pieces, columns).batches())

    def _mapped(self, batches: Iterable[Events]) -> Iterator[Item]:
        mapper = self._mapper_for({name: at for at, name in enumerate(self._names)})
        for events in batches:
            if events.corrected and events.corrected.value.keys() >= RULES.required:
                yield from mapper.given(validate_record(events.corrected), partial(_place, events, 0))
            else:
                rows = Rows(events.columns, events.count, partial(_content, events), partial(_place, events))
                yield from mapper.items(rows)

    def _mapper_for(self, columns: dict[str, int]) -> Mapper:
        sight = Sight(columns, self._source.profile.input.missing, self._file_name)
        self._mapper = Mapper(self._source, sight, self._start)
        return self._mapper


def _content(events: Events, index: int) -> bytes:
    return events.raw(index).translate(None, b"\r\n")


def _place(events: Events, index: int) -> Place:
    """Where an event stands; only the first of those that were decoded together is known exactly."""
    place = events.place()
    return place if index == 0 else Place(record=(place.record or 1) + index)
