"""One record, exactly: decoded by the standard library, with everything a faster decoder would not tell.

That is: where JSON breaks and why in words for a badge administrator, repeated properties, numbers that do not survive
a double or a 64-bit integer, and nesting. Used for whatever `shapes` has not proven from its bytes.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from json.decoder import scanstring  # type: ignore[attr-defined]  # public since 2.6, unknown to typeshed
from typing import Any, Final

from shared.errors import ExportError
from shared.exports.window import Window

MAX_RECORD_BYTES: Final = 1 << 20
MAX_DEPTH: Final = 64
MENDED: Final = frozenset({"record", "errors", "content"})
"""The keys of a rejected file's line; an object with exactly these counts as its `content`."""

_LOOKS: Final = (
    1 << 12,
    1 << 16,
    MAX_RECORD_BYTES + (1 << 16),
)  # the last has room for a mended line's errors
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_TOKENS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]|NaN|-?Infinity', re.DOTALL)
_INTEGERS: Final = range(-(2**63), 2**64)
_UNFINISHED: Final = re.compile(
    r"t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?|-|\.|[eE][+-]?|u[0-9a-fA-F]{0,3}|N(?:aN?)?|-?I[infty]*"
)
"""What the decoder stumbles over when a file ends in the middle of a literal, a number or an escape."""

_WORDS: Final = {
    "Expecting ',' delimiter": "a comma or a closing bracket is missing before this place",
    "Expecting ':' delimiter": "a colon is missing after a property's name",
    "Expecting property name enclosed in double quotes": "a property's name in double quotes is missing here",
    "Illegal trailing comma before end of object": "there is a comma too many before a closing }",
    "Illegal trailing comma before end of array": "there is a comma too many before a closing ]",
    "Expecting value": "a value is missing here, or a text stands without double quotes",
    "Invalid control character at": "a line break or another control character stands inside a text",
    "Invalid \\escape": "a backslash inside a text must be written twice",
    "Invalid \\uXXXX escape": "a backslash inside a text must be written twice",
    "Unterminated string starting at": "a text begins here and its closing double quote is missing",
}
"""What the standard library's decoder says, in words for people who never heard of a delimiter."""


class Inexact:
    """Stands where a number stood that neither a double nor a 64-bit integer can hold."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A record as it stood in the export.

    Attributes:
        value: the JSON object; of a repeated property the last counts. Of a mended line, its `content`.
        raw: its bytes, from `{` to `}`.
        repeated: whether a property stands in it more than once, at any depth.
        inexact: whether `Inexact` stands in it for a number, at any depth.
    """

    value: dict[str, Any]
    raw: bytes
    repeated: bool
    inexact: bool


class RecordDecoder:
    """Reads one JSON object after another from a window."""

    def __init__(self) -> None:
        self._repeated = False
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_float=self._float,
            parse_int=self._integer,
            parse_constant=_no_constant,
        )

    def read(self, window: Window, number: int) -> Decoded:
        """Decode the object at the window's place and move behind it.

        Raises:
            ExportError: `broken-json`, `truncated`, `record-too-large`, `nested-too-deep`, with the place.
        """
        for look in _LOOKS:
            complete = not window.ensure(look)
            text = window.data[window.at : window.at + look].decode(errors="ignore")
            self._repeated = self._inexact = False
            try:
                value, end = self._decoder.raw_decode(text)
            except json.JSONDecodeError as error:
                if complete or look == _LOOKS[-1]:
                    raise _broken(window, number, text, error, complete=complete) from None
            except RecursionError:
                raise _too_deep(window, number) from None
            except _NoNumberError:
                raise _no_number(window, number, text) from None
            else:
                return self._taken(window, number, value, text[:end].encode())
        raise AssertionError("the last look either returns or raises")

    def _taken(self, window: Window, number: int, value: dict[str, Any], raw: bytes) -> Decoded:
        whole_bytes = len(raw)
        if value.keys() == MENDED and isinstance(value["content"], dict):
            start, end = {key: (start, end) for key, start, end in members(raw)}["content"]
            value, raw = value["content"], raw[start:end]
        if len(raw) > MAX_RECORD_BYTES:
            message = f"Record {number} has more than 1 MiB."
            raise ExportError("record-too-large", message, place=window.place(record=number))
        if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and _depth(raw) > MAX_DEPTH:
            raise _too_deep(window, number)
        window.at += whole_bytes
        return Decoded(value, raw, self._repeated, self._inexact)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        self._repeated |= len(value) < len(pairs)
        return value

    def _float(self, text: str) -> float | Inexact:
        """A double, if it gives the same number back in its shortest form or in the 17 digits some systems write."""
        value = float(text)
        try:
            exact = Decimal(text)
        except InvalidOperation:  # an exponent beyond all bounds
            return self._no_number()
        return value if exact in {Decimal(repr(value)), Decimal(f"{value:.17g}")} else self._no_number()

    def _integer(self, text: str) -> int | Inexact:
        value = int(text) if len(text) <= 20 else 1 << 64  # noqa: PLR2004  (64 bits have at most 20 characters)
        return value if value in _INTEGERS else self._no_number()

    def _no_number(self) -> Inexact:
        self._inexact = True
        return Inexact()


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


_VALUES: Final = json.JSONDecoder(parse_int=lambda _: 0)


class _NoNumberError(Exception):
    """The decoder met NaN or an infinity."""


def _no_constant(_: str) -> Any:
    raise _NoNumberError


def _too_deep(window: Window, number: int) -> ExportError:
    message = f"Record {number} is nested deeper than {MAX_DEPTH} levels."
    return ExportError("nested-too-deep", message, place=window.place(record=number))


def _no_number(window: Window, number: int, text: str) -> ExportError:
    raw = text.encode()
    at = next((token.start() for token in _TOKENS.finditer(raw) if token[0][-1:] in b"Ny"), 0)
    message = f"Record {number} holds NaN or Infinity, which are no JSON numbers; write null."
    return ExportError("broken-json", message, place=window.place(window.at + at, number))


def _broken(
    window: Window, number: int, text: str, error: json.JSONDecodeError, *, complete: bool
) -> ExportError:
    at = window.at + len(text[: error.pos].encode())
    unterminated = error.msg.startswith("Unterminated")
    left = text[error.pos : error.pos + 10]
    if complete and (unterminated or not text[error.pos :].strip() or _UNFINISHED.fullmatch(left)):
        place = window.place(at if unterminated else len(window.data), number)
        return ExportError(
            "truncated", f"The file ends in the middle of record {number}, at {place}.", place=place
        )
    if not complete and (unterminated or len(left) < 10):  # noqa: PLR2004  (it ran into the end of the look)
        place = window.place(record=number)
        what = "has more than 1 MiB, or a quote or bracket is missing in it"
        return ExportError(
            "record-too-large", f"Record {number}, which begins at {place}, {what}.", place=place
        )
    place = window.place(at, number)
    why = _WORDS.get(error.msg, "this is no JSON")
    return ExportError("broken-json", f"Broken JSON at {place}: {why}.", place=place)


def _depth(raw: bytes) -> int:
    depth = deepest = 0
    for token in _TOKENS.finditer(raw):
        if token[0] in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in b"}]":
            depth -= 1
    return deepest
