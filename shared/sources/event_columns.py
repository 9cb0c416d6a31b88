"""From the bytes of JSON events to columns: for each path that a profile names its texts, event by event.

Where all paths are plain dotted names, only what they name is decoded; everything else is checked and passed over. Any event
that does not fit is decoded whole.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import msgspec

from shared.exports.decoding import CORRECTED
from shared.sources.event_structs import UNFIT, WHOLE, Column, Path, Structure, made_structure, structure
from shared.sources.few_texts import FewTexts
from shared.sources.getters import Columns, Row
from shared.sources.paths import Getter, Number, compiled_path, plain_names, text_of

_EVENT: Final = msgspec.json.Decoder(dict[str, Any], float_hook=Number)


type _ByKnown = tuple[Mapping[Path, tuple[str, ...]], Structure | None]
"""A structure, and the texts that it knows."""


@dataclass(frozen=True, slots=True)
class Found:
    """The texts of so many events, path by path."""

    columns: Columns
    count: int


class EventColumns:
    """Makes columns of events."""

    def __init__(self, getters: Sequence[Getter], paths: Sequence[Path] = ()) -> None:
        """Begin.

        Args:
            getters: what gives each value out of a decoded event.
            paths: the same as plain names, if all of them are.
        """
        self._getters = getters
        self._paths = tuple(paths)
        self._texts = frozenset(paths)  # those that have led to nothing but texts so far
        self._few = FewTexts(paths)
        self._by_known: _ByKnown = ({}, None)

    @classmethod
    def of_paths(cls, names: Sequence[str]) -> Self:
        """For the paths of a profile."""
        plain = [plain_names(name) for name in names]
        paths = [path for path in plain if path is not None]
        whole = len(paths) < len(names) or _conflicting(paths)
        return cls([compiled_path(name) for name in names], () if whole else paths)

    @classmethod
    def of_names(cls, names: Sequence[str]) -> Self:
        """For the columns of a table whose rows have become objects."""
        return cls([compiled_path(json.dumps(name)) for name in names], [(name,) for name in names])

    def of_events(self, data: bytes, *, lines: bool) -> Found | None:
        """What a JSON array holds, or events one a line; `None` if they cannot be decoded in one go."""
        if not self._paths:
            events = WHOLE.decoded(data, lines=lines)
            if events is None:
                return None
            return Found([[text_of(get(event)) for event in events] for get in self._getters], len(events))
        return (
            self._of_known_texts(data, lines=lines)
            or (self._of_texts(data, self._texts, lines=lines) if self._texts else None)
            or self._of_texts(data, frozenset(), lines=lines)
        )

    def surely_events(self, columns: Columns) -> bool:
        """Whether none of these is a line of a rejected file: that has nothing where the first path leads."""
        return bool(self._paths) and self._paths[0][0] not in CORRECTED and all(columns[0])

    def of_one(self, raw: bytes) -> Row:
        """The row of a single valid event, whatever it holds."""
        event = as_written(raw)
        return [text_of(get(event)) for get in self._getters]

    def _of_known_texts(self, data: bytes, *, lines: bool) -> Found | None:
        """The events by a structure that knows all texts to which some paths lead; `None` if there is none, or a new text."""
        known, made = self._by_known
        if known is not self._few.known:
            known = self._few.known
            made = (
                made_structure(self._paths, {path: known.get(path) for path in self._texts})
                if known
                else None
            )
            self._by_known = (known, made)
        return self._structured(data, made, self._texts, known, lines=lines) if made else None

    def _of_texts(self, data: bytes, texts: frozenset[Path], *, lines: bool) -> Found | None:
        """The events by a structure in which some paths must lead to texts."""
        return self._structured(data, structure(self._paths, texts), texts, lines=lines)

    def _structured(
        self,
        data: bytes,
        made: Structure,
        texts: frozenset[Path],
        known: Collection[Path] = (),
        *,
        lines: bool,
    ) -> Found | None:
        """The events by a structure; paths that did not lead to texts are noted, and to which texts the others led.

        Args:
            data: JSON.
            made: the structure.
            texts: paths that lead to texts in it.
            known: those of them that lead to known ones.
            lines: whether the events stand one a line.
        """
        events = made.decoded(data, lines=lines)
        if events is None:
            return None
        columns: list[Column] = [column(events) for column in made.columns]
        for at, path in enumerate(self._paths):
            if path not in texts and set(map(type, columns[at])) != {str}:
                columns[at] = list(map(text_of, columns[at]))
                self._texts -= {path}
                self._few.give_up(path)
        by_path = zip(self._paths, columns, strict=True)
        self._few.note({path: column for path, column in by_path if path not in known}, len(events))
        return Found(columns, len(events))


def as_written(raw: bytes) -> dict[str, Any]:
    """A valid event whose numbers remember how they were written; halves of characters stay as they are."""
    try:
        return _EVENT.decode(raw)
    except UNFIT:
        value: dict[str, Any] = json.loads(raw, parse_float=Number, parse_int=_integer)
        return value


def _integer(text: str) -> int | str:
    """An integer, or its digits where Python refuses so many."""
    try:
        return int(text)
    except ValueError:
        return text


def _conflicting(paths: Sequence[Path]) -> bool:
    """Whether a path leads through what another one wants as a text."""
    return any(longer[: len(path)] == path and longer != path for path in paths for longer in paths)
