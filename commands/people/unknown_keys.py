"""Keys of persons that no people file knew, out of the rejected files of a source's exports."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from shared.clock import utc_text
from shared.delivery.outcome_listing import ListedOutcome, list_outcomes, read_outcome
from shared.delivery.ports import Container
from shared.errors import ExportChangedError, MissingBlobError
from shared.sources.event_columns import EventColumns
from shared.sources.getters import Sight
from shared.sources.paths import NOT_TEXT
from shared.sources.persons import Persons
from shared.sources.profile_model import Mapping
from shared.sources.source import Source
from shared.sources.values import names_in
from shared.sources.whens import Whens

_CODE: Final = "person-unknown"
_LINE: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ERRORS: Final = msgspec.json.Decoder(list[dict[str, Any]])


@dataclass(slots=True)
class UnknownKey:
    """A key: in how many rows it stands, the first and the last of their times in UTC, and the export of the last."""

    key: str
    rows: int
    first: str
    last: str
    file: str


def unknown_keys(results: Container, source: Source, mapping: Mapping, since: datetime) -> list[UnknownKey]:
    """The keys that the people files do not know today, most frequent first.

    Args:
        results: the results container.
        source: with the people files as they are now: who has been added meanwhile is no longer unknown.
        mapping: of its profile.
        since: exports whose last attempt ended earlier are left out.
    """
    found: dict[str, UnknownKey] = {}
    reader = _Keys(source, mapping)
    for one in list_outcomes(results):
        if one.source == source.name and one.moment >= since and one.rejected:
            for key, time in reader.of_lines(_lines(results, one)):
                _add(found, key, time or utc_text(one.moment)[:19], one.name)
    return sorted(found.values(), key=lambda one: (-one.rows, one.key))


def _add(found: dict[str, UnknownKey], key: str, time: str, file: str) -> None:
    known = found.get(key)
    if known is None:
        found[key] = UnknownKey(key, 1, time, time, file)
        return
    known.rows += 1
    known.first = min(known.first, time)
    if time >= known.last:
        known.last, known.file = time, file


def _lines(results: Container, listed: ListedOutcome) -> Iterator[bytes]:
    """The lines of an export's rejected file; none if it is gone."""
    outcome = read_outcome(results, listed.path)
    blob = outcome.rejections.blob if outcome else None
    if not blob:
        return
    try:
        etag = results.head(blob).etag
        waiting = b""
        for piece in results.chunks(blob, etag):
            *whole, waiting = (waiting + piece).split(b"\n")
            yield from whole
        yield waiting
    except (MissingBlobError, ExportChangedError):
        return


class _Keys:
    """Reads the persons' keys of rejected rows, as the mapping does."""

    def __init__(self, source: Source, mapping: Mapping) -> None:
        tables = source.profile.input.format == "csv"
        names = tuple(dict.fromkeys(name for value in mapping.values for name in names_in(value)))
        self._rows = EventColumns.of_names(names) if tables else EventColumns.of_paths(names)
        sight = Sight({name: at for at, name in enumerate(names)}, source.profile.input.missing, "")
        self._persons = Persons(mapping.persons, sight, source.indexes)
        self._whens = Whens(mapping.time, sight)

    def of_lines(self, lines: Iterable[bytes]) -> Iterator[tuple[str, str]]:
        """The first key of each row that is still unknown, and its time in UTC; empty if it cannot be read."""
        for line in lines:
            content = _content(line)
            if content is None:
                continue
            row = self._rows.of_one(content)
            keys = [key for key in self._persons.keys(row) if key and key != NOT_TEXT]
            time = str(self._whens.at(row))
            if keys and self._persons.find(self._persons.keys(row), time[:10]) is None:
                yield keys[0], time


def _content(line: bytes) -> bytes | None:
    """What a line of a rejected file is about, if its person was unknown."""
    if not line.strip():
        return None
    try:
        parts = _LINE.decode(line)
        errors = _ERRORS.decode(parts["errors"])
        content = bytes(parts["content"])
    except (msgspec.DecodeError, KeyError):
        return None
    unknown = any(error.get("code") == _CODE for error in errors)
    return content if unknown and content.startswith(b"{") else None
