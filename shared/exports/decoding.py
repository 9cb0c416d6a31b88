"""One record, exactly: decoded by the standard library, with everything a faster decoder would not tell.

That is: where JSON breaks and why, repeated properties, numbers that do not survive a double or a 64-bit integer, and
nesting. Used for whatever `fast_path` has not proven from its bytes.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from json.decoder import scanstring  # type: ignore[attr-defined]  # public since 2.6, unknown to typeshed
from typing import Any, Final

from shared.exports import messages
from shared.exports.rules import RULES, Rules
from shared.exports.window import Window

CORRECTED: Final = frozenset({"record", "errors", "content"})
"""The keys of a rejected file's line; an object with exactly these counts as its `content`."""

INTEGERS: Final = range(-(2**63), 2**64)
"""What a 64-bit integer holds, with a sign or without."""

_SHORT_LOOKAHEADS: Final = 1 << 12, 1 << 16
_FRAME_BYTES: Final = 1 << 16
"""Room for what stands around a record in a rejected file's line."""
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_TOKENS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)
_SURE_CHARACTERS: Final = 16
"""15 digits and a point always survive a double."""
_LONGEST_INTEGER: Final = 20
"""Characters of the longest 64-bit integer, its sign included."""


class Inexact:
    """Stands where a number stood that neither a double nor a 64-bit integer can hold."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A record as it stood in the export; of a corrected line only its `content`.

    Attributes:
        value: the JSON object; of a repeated property the last counts.
        raw: its bytes, from `{` to `}`.
        repeated: whether a property may stand in it more than once, at any depth.
        inexact: whether `Inexact` may stand in it for a number, at any depth.
    """

    value: dict[str, Any]
    raw: bytes
    repeated: bool
    inexact: bool


class RecordDecoder:
    """Reads one JSON object after another from a window."""

    def __init__(self, rules: Rules = RULES) -> None:
        self._rules = rules
        self._lookaheads = (*_SHORT_LOOKAHEADS, rules.max_record_bytes + _FRAME_BYTES)
        self._repeated = False
        self._inexact = False
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_float=self._float,
            parse_int=self._integer,
            parse_constant=_no_constant,
        )

    def read(self, window: Window, number: int) -> Decoded:
        """Decode the object at the window's place and move behind it.

        Args:
            window: at the object's `{`.
            number: the record's number, from 1, for messages.

        Raises:
            ExportError: `broken-json`, `truncated`, `record-too-large`, `nested-too-deep`, with the place.
        """
        for lookahead in self._lookaheads:
            ends = not window.ensure(lookahead)
            text = window.data[window.at : window.at + lookahead].decode(errors="ignore")
            self._repeated = self._inexact = False
            try:
                value, end = self._decoder.raw_decode(text)
            except json.JSONDecodeError as error:
                if ends or lookahead == self._lookaheads[-1]:
                    raise messages.broken(window, number, text, error, ends=ends) from None
            except RecursionError:
                raise messages.too_deep(window, number, self._rules.max_depth) from None
            except _NoNumberError:
                raise messages.no_number(window, number, text) from None
            else:
                return self._taken(window, number, value, text[:end].encode())
        raise AssertionError("the last attempt either returns or raises")

    def _taken(self, window: Window, number: int, value: dict[str, Any], raw: bytes) -> Decoded:
        """The record; the limits hold for what is sent, so a corrected line may be larger and deeper by its frame."""
        whole_bytes = len(raw)
        if value.keys() == CORRECTED and isinstance(value["content"], dict):
            start, end = {key: (start, end) for key, start, end in members(raw)}["content"]
            value, raw = value["content"], raw[start:end]
        if len(raw) > self._rules.max_record_bytes:
            raise messages.too_large(window, number)
        max_depth = self._rules.max_depth
        if raw.count(b"{") + raw.count(b"[") > max_depth and _depth(raw) > max_depth:
            raise messages.too_deep(window, number, max_depth)
        window.at += whole_bytes
        return Decoded(value, raw, self._repeated, self._inexact)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        self._repeated |= len(value) < len(pairs)
        return value

    def _float(self, text: str) -> float | Inexact:
        value = exact_float(text)
        self._inexact |= isinstance(value, Inexact)
        return value

    def _integer(self, text: str) -> float | Inexact:
        """The integer, if 64 bits hold it; a larger one as a double, if that gives it back."""
        if len(text) <= _LONGEST_INTEGER and (value := int(text)) in INTEGERS:
            return value
        return self._float(text)


def exact_float(text: str) -> float | Inexact:
    """A double, if it gives the number back: exactly, in its shortest form, or in the 17 digits some systems write."""
    if len(text) <= _SURE_CHARACTERS and "e" not in text and "E" not in text:
        return float(text)
    value = float(text)
    try:
        exact = Decimal(text)
    except InvalidOperation:  # an exponent beyond all bounds
        return Inexact()
    survives = exact in (Decimal(repr(value)), Decimal(f"{value:.17g}"), Decimal(value))
    return value if survives else Inexact()


def members(raw: bytes) -> Iterator[tuple[str, int, int]]:
    """Key, start and end (in bytes) of each member's value in the raw bytes of a valid object, in order."""
    text = raw.decode()
    at = _SPACE.match(text, 1).end()  # type: ignore[union-attr]  # the pattern matches the empty text
    passed, place = 0, 0
    while text[at] != "}":
        key, at = scanstring(text, at + 1)
        at = _SPACE.match(text, at).end() + 1  # type: ignore[union-attr]
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr]
        _, end = _VALUES.raw_decode(text, at)
        place += len(text[passed:at].encode())
        width = len(text[at:end].encode())
        yield key, place, place + width
        passed, place = end, place + width
        at = _SPACE.match(text, end).end()  # type: ignore[union-attr]
        if text[at] == ",":
            at = _SPACE.match(text, at + 1).end()  # type: ignore[union-attr]


_VALUES: Final = json.JSONDecoder(parse_int=str, parse_float=str)  # only where a value ends is asked


class _NoNumberError(Exception):
    """The decoder met NaN or an infinity."""


def _no_constant(_: str) -> Any:
    raise _NoNumberError


def _depth(raw: bytes) -> int:
    depth = deepest = 0
    for token in _TOKENS.finditer(raw):
        if token[0] in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in b"}]":
            depth -= 1
    return deepest
