"""From the bytes of JSON events to rows: a text for each path that a profile names.

Where all paths are plain dotted names, only what they name is decoded, into structures made for this profile; everything else is
checked and passed over. Any event that does not fit them is decoded whole.
"""

import json
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final, Self

import msgspec

from shared.sources.getters import Row
from shared.sources.paths import Getter, Number, compiled_path, plain_names, text_of

_UNFIT: Final = (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError)
_WHOLE: Final = dict[str, Any]

type _Tree = dict[str, "_Tree"]


class EventRows:
    """Makes rows of events."""

    def __init__(self, getters: Sequence[Getter], paths: Sequence[tuple[str, ...]] | None = None) -> None:
        """Begin.

        Args:
            getters: what gives each value out of a decoded event.
            paths: the same as plain names, if all of them are.
        """
        self._getters = getters
        kind, self._columns = _structure(paths) if paths else (_WHOLE, ())
        self._list = msgspec.json.Decoder(list[kind], float_hook=Number)  # type: ignore[valid-type]  # made just now
        self._lines: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kind, float_hook=Number)

    @classmethod
    def of_paths(cls, names: Sequence[str]) -> Self:
        """For the paths of a profile."""
        plain = [plain_names(name) for name in names]
        paths = [path for path in plain if path is not None]
        whole = len(paths) < len(names) or _conflicting(paths)
        return cls([compiled_path(name) for name in names], None if whole else paths)

    @classmethod
    def of_columns(cls, names: Sequence[str]) -> Self:
        """For the columns of a table whose rows have become objects."""
        return cls([compiled_path(json.dumps(name)) for name in names], [(name,) for name in names])

    def of_list(self, data: bytes) -> list[Row] | None:
        """The rows of a JSON array; `None` if it cannot be decoded in one go."""
        try:
            return self._rows(self._list.decode(data))
        except _UNFIT:
            return None

    def of_lines(self, data: bytes) -> list[Row] | None:
        """The rows of events that stand one a line; `None` if they cannot be decoded in one go."""
        try:
            return self._rows(self._lines.decode_lines(data))
        except _UNFIT:
            return None

    def of_one(self, raw: bytes) -> Row:
        """The row of a single valid event, whatever it holds."""
        event = as_written(raw)
        return [text_of(get(event)) for get in self._getters]

    def _rows(self, events: list[Any]) -> list[Row]:
        if not self._columns:
            return [[text_of(get(event)) for get in self._getters] for event in events]
        columns = [column(events) for column in self._columns]
        return list(zip(*columns, strict=True))


def as_written(raw: bytes) -> dict[str, Any]:
    """A valid event whose numbers remember how they were written; halves of characters stay as they are."""
    try:
        return _EVENT.decode(raw)
    except _UNFIT:
        value: dict[str, Any] = json.loads(raw, parse_float=Number, parse_int=_integer)
        return value


_EVENT: Final = msgspec.json.Decoder(_WHOLE, float_hook=Number)


def _integer(text: str) -> int | str:
    """An integer, or its digits where Python refuses so many."""
    try:
        return int(text)
    except ValueError:
        return text


def _conflicting(paths: Sequence[tuple[str, ...]]) -> bool:
    """Whether a path leads through what another one wants as a text."""
    return any(longer[: len(path)] == path and longer != path for path in paths for longer in paths)


def _structure(paths: Sequence[tuple[str, ...]]) -> tuple[type, Sequence[Callable[[list[Any]], list[str]]]]:
    """A type that holds what the paths name, and a function for each that gives its column of texts."""
    tree: _Tree = {}
    for path in paths:
        inner = tree
        for name in path:
            inner = inner.setdefault(name, {})
    return _struct(tree), [_column(_place(tree, path)) for path in paths]


def _struct(tree: _Tree) -> type:
    fields: list[tuple[str, Any, Any]] = []
    for index, inner in enumerate(tree.values()):
        if inner:
            kind = _struct(inner)
            fields.append((f"f{index}", kind | None, msgspec.field(default_factory=kind)))
        else:
            fields.append((f"f{index}", Any, None))
    renamed = {f"f{index}": name for index, name in enumerate(tree)}
    return msgspec.defstruct("Event", fields, rename=renamed, gc=False)


def _place(tree: _Tree, path: tuple[str, ...]) -> str:
    """The attributes that lead to a path's value in the structure."""
    attributes = []
    for name in path:
        attributes.append(f"f{list(tree).index(name)}")
        tree = tree[name]
    return ".".join(attributes)


def _column(place: str) -> Callable[[list[Any]], list[str]]:
    get = attrgetter(place)

    def tolerant(event: Any) -> Any:
        try:
            return get(event)
        except AttributeError:  # null stands where an object could
            return None

    def column(events: list[Any]) -> list[str]:
        try:
            values = list(map(get, events))
        except AttributeError:
            values = list(map(tolerant, events))
        return values if set(map(type, values)) == {str} else list(map(text_of, values))

    return column
