"""Objects around the records, as search engines and APIs write them: told apart from records that are merely wrong."""

import re
from collections.abc import Collection, Iterator
from typing import Any, Final

from shared.error_codes import RejectedCode
from shared.errors import ExportError, Place
from shared.exports.decoding import CORRECTED

_MAX_NODES: Final = 5_000
_MAX_LEVELS: Final = 6
_ENOUGH: Final = 2
"""Properties of a record that an object must have to be evidently one."""

_LINE: Final = frozenset({"record", "content"})
"""An object with these is a line of a rejected file, or meant to be."""
_LINE_BYTES: Final = frozenset(one.encode() for one in CORRECTED)
_LOOKED_AT: Final = 1 << 16
_TOKENS: Final = re.compile(rb'"((?:[^"\\]|\\.)*+)(?:"(\s*:)?|\\?\Z)|([\[{])|([\]}])', re.DOTALL)
"""A text that does not end is one too: it would be looked at again from each quote in it."""
_LIST_OF_OBJECTS: Final = re.compile(rb'\{\s*"[^"]*"\s*:\s*\[\s*\{')


def spelled(name: str) -> str:
    """A property's name without case and without what systems put between its words."""
    return name.replace("_", "").replace("-", "").replace(" ", "").lower()


def holds_records(value: dict[str, Any], required: Collection[str]) -> bool:
    """Whether an object is no record, but evidently has records somewhere in it.

    Args:
        value: the decoded object.
        required: the properties that every record has.
    """
    wanted = set(map(spelled, required))
    return _is_no_record(value, required) and any(
        len(wanted.intersection(map(spelled, one))) >= _ENOUGH for one in _objects_inside(value)
    )


def holds_objects(value: dict[str, Any], required: Collection[str]) -> bool:
    """Whether an object is no record but has a list of nothing but objects in it, perhaps an empty one.

    Args:
        value: the decoded object.
        required: the properties that every record has.
    """
    return _is_no_record(value, required) and any(
        isinstance(inner, list) and all(isinstance(one, dict) for one in inner)
        for outer in (value, *_only_objects(value))
        for inner in outer.values()
    )


def begins_like_one(data: bytes, required: Collection[str], *, in_list: bool) -> bool:
    """Whether an object that is too large to be decoded begins like one around records.

    Args:
        data: from the object's `{` on.
        required: the properties that every record has.
        in_list: whether it stands in a list.
    """
    if not in_list and _LIST_OF_OBJECTS.match(data):
        return True
    wanted, level, found = set(map(spelled, required)), 0, 0
    for token in _TOKENS.finditer(data[:_LOOKED_AT]):
        name, colon, opens, closes = token.groups()
        level += bool(opens) - bool(closes)
        if not colon:
            continue
        is_wanted = spelled(name.decode(errors="ignore")) in wanted
        if level == 1 and (name in _LINE_BYTES or is_wanted):
            return False
        found += is_wanted
        if found == _ENOUGH:
            return True
    return False


def wrapped(place: Place, *, in_list: bool = False) -> ExportError:
    """The records stand inside another object.

    Args:
        place: where that begins.
        in_list: whether it stands in a list of such objects.
    """
    message = (
        "The file must be a list [ ... ]; here the list is inside an object. Write the list alone, with its square "
        "brackets."
    )
    if in_list:
        message = (
            "Here the records are inside other objects, such as pages of an answer. Write the records themselves, in one "
            "list or one a line."
        )
    return ExportError(RejectedCode.WRONG_TOP_LEVEL, message, place=place)


def _is_no_record(value: dict[str, Any], required: Collection[str]) -> bool:
    return not value.keys() >= _LINE and not any(name in value for name in required)


def _objects_inside(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The objects in an object, at every depth, as far as is reasonable."""
    level: list[Any] = list(value.values())
    for _ in range(_MAX_LEVELS * 2):
        objects = [one for one in level if isinstance(one, dict)]
        yield from objects
        inner = [one for outer in objects for one in outer.values()]
        inner += [one for some in level if isinstance(some, list) for one in some[:_MAX_NODES]]
        level = inner[:_MAX_NODES]


def _only_objects(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The objects that stand directly in one another."""
    level = [value]
    for _ in range(_MAX_LEVELS):
        level = [one for outer in level for one in outer.values() if isinstance(one, dict)][:_MAX_NODES]
        yield from level
