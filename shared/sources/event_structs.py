"""Structures made for a profile: JSON events are decoded into them, and only what plain dotted paths name is kept.

A path that has led to nothing but texts is declared a text, which spares a look at every value; an event that has something
else there then does not decode, and a structure that takes anything is used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, Literal

import msgspec

from shared.exports.attributes import Read, reading
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
    columns: tuple[Read, ...] = ()

    def decoded(self, data: bytes, *, lines: bool) -> list[Any] | None:
        """The events of an array, or one a line; `None` if they cannot be decoded in one go."""
        try:
            return self.single.decode_lines(data) if lines else self.array.decode(data)
        except UNFIT:
            return None


@lru_cache(maxsize=64)
def structure(paths: tuple[Path, ...], texts: frozenset[Path]) -> Structure:
    """The structure for some paths, as the next function makes it; kept, as each export of a source asks for it."""
    return made_structure(paths, dict.fromkeys(texts))


def made_structure(paths: tuple[Path, ...], texts: Mapping[Path, tuple[str, ...] | None]) -> Structure:
    """A structure for some paths.

    Args:
        paths: none leads through what another one names.
        texts: those of them that must lead to a text, or to nothing; to one of some texts, if there are any with it.
    """
    tree: _Tree = {}
    for path in paths:
        inner = tree
        for name in path:
            inner = inner.setdefault(name, {})
    columns = [_column(_places(tree, path), may_fail=path not in texts) for path in paths]
    return _of_type(_struct(tree, (), texts), columns)


def _of_type(kind: Any, columns: Sequence[Read] = ()) -> Structure:
    array: msgspec.json.Decoder[list[Any]] = msgspec.json.Decoder(list[kind], float_hook=Number)
    single: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kind, float_hook=Number)
    return Structure(array, single, tuple(columns))


WHOLE: Final = _of_type(dict[str, Any])
"""Events with everything that is in them."""


def _struct(tree: _Tree, before: Path, texts: Mapping[Path, tuple[str, ...] | None]) -> type:
    """A type for what a tree of names holds; null may stand for an object of it if none of its paths must be a text."""
    fields: list[tuple[str, Any, Any]] = []
    for index, (name, inner) in enumerate(tree.items()):
        path = (*before, name)
        if inner:
            kind = _struct(inner, path, texts)
            firm = any(one[: len(path)] == path for one in texts)
            fields.append((f"f{index}", kind if firm else kind | None, msgspec.field(default_factory=kind)))
        else:
            fields.append((f"f{index}", _leaf(path, texts), ""))
    renamed = {f"f{index}": name for index, name in enumerate(tree)}
    return msgspec.defstruct("Event", fields, rename=renamed, gc=False)


def _leaf(path: Path, texts: Mapping[Path, tuple[str, ...] | None]) -> Any:
    """The type of what a path leads to."""
    if path not in texts:
        return Any
    return Literal[words] if (words := texts[path]) else str


def _places(tree: _Tree, path: Path) -> list[int]:
    """The numbers of the fields that lead to a path's value in the structure."""
    places = []
    for name in path:
        places.append(list(tree).index(name))
        tree = tree[name]
    return places


def _column(places: list[int], *, may_fail: bool) -> Read:
    path = [f"f{place}" for place in places]
    get, firm = attrgetter(".".join(path)), reading(*path)

    def tolerant(event: Any) -> Any:
        try:
            return get(event)
        except AttributeError:  # null stands where an object could
            return None

    def column(events: Sequence[Any]) -> Column:
        try:
            return firm(events)
        except AttributeError:
            return list(map(tolerant, events))

    return column if may_fail else firm
