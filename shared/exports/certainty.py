"""Whether the values that a decoder gave are all that a record holds: nothing repeated, nothing passed over, no number inexact.

A decoder keeps the last of two properties of one name and passes over those that nobody asked for. Both leave traces: each
name and each text stands between two quotes. So where a record has no more quotes than its values account for, they are all.
"""

from collections.abc import Iterable, Sequence
from types import NoneType
from typing import Any, Final

import msgspec

from shared.exports.decoding import INTEGERS

_OF_NAME: Final = 2
"""Quotes around a name, and around a text."""

QUOTES: Final[dict[type, int]] = {
    str: 2 * _OF_NAME,
    int: _OF_NAME,
    float: _OF_NAME,
    bool: _OF_NAME,
    NoneType: _OF_NAME,
    msgspec.UnsetType: 0,
}
"""Quotes of a property by its value's type."""


class _UncertainError(Exception):
    """A value of which one cannot tell."""


def all_certain(segment: bytes, columns: Iterable[Sequence[Any]]) -> bool:
    """Whether values are all that the records hold; `False` may mean that one must look at each.

    Args:
        segment: the bytes of records that follow each other.
        columns: of each property the values, record by record.
    """
    expected = 0
    for column in columns:
        types = set(map(type, column))
        if not QUOTES.keys() >= types or (int in types and not _all_held(column)):
            return False
        if len(types) == 1:
            expected += len(column) * QUOTES[types.pop()]
        else:
            expected += sum(map(QUOTES.__getitem__, map(type, column)))
    return quotes(segment) == expected


def is_certain(raw: bytes, values: Iterable[Any], max_depth: int) -> bool:
    """Whether values are all that one record holds, and it is not nested too deep.

    Args:
        raw: its bytes.
        values: `UNSET` where a property is missing.
        max_depth: levels of brackets.
    """
    if raw.count(b"{") + raw.count(b"[") > max_depth:
        return False
    try:
        expected = sum(_OF_NAME + _of_value(value) for value in values if value is not msgspec.UNSET)
    except _UncertainError:
        return False
    return quotes(raw) == expected


def _of_value(value: Any) -> int:
    """The quotes in a value's text."""
    if isinstance(value, dict):
        return sum(_OF_NAME + _of_value(inner) for inner in value.values())
    if isinstance(value, list):
        return sum(map(_of_value, value))
    if type(value) not in QUOTES or (type(value) is int and value not in INTEGERS):
        raise _UncertainError
    return _OF_NAME if isinstance(value, str) else 0


def _all_held(column: Sequence[Any]) -> bool:
    """Whether 64 bits hold every integer."""
    whole = [value for value in column if type(value) is int]
    return min(whole) in INTEGERS and max(whole) in INTEGERS


def quotes(raw: bytes) -> int:
    """How many quotes stand around names and texts, without those inside."""
    if b"\\" not in raw:
        return raw.count(b'"')
    without = raw.replace(rb"\\", b"")
    return without.count(b'"') - without.count(rb"\"")
