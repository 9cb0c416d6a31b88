"""Structures made for a profile: JSON events are decoded into them, and only what plain dotted paths name is kept.

A path that has led to nothing but texts is declared a text, which spares a look at every value; an event that has something
else there then does not decode, and a structure that takes anything is used.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

import msgspec

from shared.sources.paths import Number

type Path = tuple[str, ...]
type Column = list[Any]
type _Tree = dict[str, "_Tree"]

UNFIT: Final = (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError)
"""What decoding raises for an event that does not fit."""


@dataclass(frozen=True, slots=True)
class Structure:
    """How events of a profile are decoded.

    Attributes:
        array: decodes a JSON array of them.
        single: decodes one, or several that stand one a line.
        columns: for each path, a function from events to its values; empty text where it is missing.
    """

    array: msgspec.json.Decoder[list[Any]]
    single: msgspec.json.Decoder[Any]
    columns: tuple[Callable[[list[Any]], Column], ...] = ()

    def decoded(self, data: bytes, *, lines: bool) -> list[Any] | None:
        """The events of an array, or one a line; `None` if they cannot be decoded in one go."""
        try:
            return self.single.decode_lines(data) if lines else self.array.decode(data)
        except UNFIT:
            return None


@lru_cache(maxsize=64)
def structure(paths: tuple[Path, ...], texts: frozenset[Path]) -> Structure:
    """The structure for some paths.

    Args:
        paths: none leads through what another one names.
        texts: those of them that must lead to a text, or to nothing.
    """
    tree: _Tree = {}
    for path in paths:
        inner = tree
        for name in path:
            inner = inner.setdefault(name, {})
    columns = [_column(_places(tree, path), may_fail=path not in texts) for path in paths]
    return _of_type(_struct(tree, (), texts), columns)


def _of_type(kind: Any, columns: Sequence[Callable[[list[Any]], Column]] = ()) -> Structure:
    array: msgspec.json.Decoder[list[Any]] = msgspec.json.Decoder(list[kind], float_hook=Number)
    single: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kind, float_hook=Number)
    return Structure(array, single, tuple(columns))


WHOLE: Final = _of_type(dict[str, Any])
"""Events with everything that is in them."""


def _struct(tree: _Tree, before: Path, texts: frozenset[Path]) -> type:
    """A type for what a tree of names holds; null may stand for an object of it if none of its paths must be a text."""
    fields: list[tuple[str, Any, Any]] = []
    for index, (name, inner) in enumerate(tree.items()):
        path = (*before, name)
        if inner:
            kind = _struct(inner, path, texts)
            firm = any(one[: len(path)] == path for one in texts)
            fields.append((f"f{index}", kind if firm else kind | None, msgspec.field(default_factory=kind)))
        else:
            fields.append((f"f{index}", str if path in texts else Any, ""))
    renamed = {f"f{index}": name for index, name in enumerate(tree)}
    return msgspec.defstruct("Event", fields, rename=renamed, gc=False)


def _places(tree: _Tree, path: Path) -> list[int]:
    """The numbers of the fields that lead to a path's value in the structure."""
    places = []
    for name in path:
        places.append(list(tree).index(name))
        tree = tree[name]
    return places


def _column(places: list[int], *, may_fail: bool) -> Callable[[list[Any]], Column]:
    get = attrgetter(".".join(f"f{place}" for place in places))
    fields = [_FIELDS[place] if place < len(_FIELDS) else _field(place) for place in places]

    def firm(events: list[Any]) -> Column:
        for values_of in fields:
            events = values_of(events)
        return events

    def tolerant(event: Any) -> Any:
        try:
            return get(event)
        except AttributeError:  # null stands where an object could
            return None

    def column(events: list[Any]) -> Column:
        try:
            return firm(events)
        except AttributeError:
            return list(map(tolerant, events))

    return column if may_fail else firm


def _field(place: int) -> Callable[[list[Any]], Column]:
    get = attrgetter(f"f{place}")
    return lambda objects: list(map(get, objects))


_FIELDS: Final[tuple[Callable[[list[Any]], Column], ...]] = (
    lambda objects: [one.f0 for one in objects],
    lambda objects: [one.f1 for one in objects],
    lambda objects: [one.f2 for one in objects],
    lambda objects: [one.f3 for one in objects],
    lambda objects: [one.f4 for one in objects],
    lambda objects: [one.f5 for one in objects],
    lambda objects: [one.f6 for one in objects],
    lambda objects: [one.f7 for one in objects],
)
"""For the first fields of a structure their values: a name that stands in the code is looked up in half the time."""
