"""Where and why JSON breaks, in words for a badge administrator; no sentence quotes the export."""

import json
import re
from typing import Any, Final

from shared.error_codes import RejectedCode
from shared.errors import ExportError, Place
from shared.exports.window import Window

MAX_RECORD_BYTES: Final = 1 << 20
MAX_DEPTH: Final = 64
"""Levels of `{` and `[` in a record, its own `{` among them."""

CORRECTED: Final = frozenset({"record", "errors", "content"})
"""The keys of a rejected file's line; an object with exactly these counts as its `content`."""

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

_UNFINISHED: Final = re.compile(
    r"t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?|-|\.|[eE][+-]?|u[0-9a-fA-F]{0,3}|N(?:aN?)?|-?I[infty]*"
)
"""What the decoder stumbles over when a file ends in the middle of a literal, a number or an escape."""
_LONGEST_UNFINISHED: Final = 10
_ENVELOPE: Final = re.compile(rb'\{\s*"[^"]*"\s*:\s*\[\s*\{')
_ZIP: Final = b"PK\x03\x04"
_NO_NUMBERS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|NaN|-?Infinity', re.DOTALL)


def broken(window: Window, number: int, text: str, error: json.JSONDecodeError, *, ends: bool) -> ExportError:
    """What is wrong with a record that cannot be decoded.

    Args:
        window: at the record.
        number: the record's number, from 1.
        text: what was looked at, from the record's `{` on.
        error: what the standard library's decoder says about it.
        ends: whether the export ends where `text` does.
    """
    unterminated = error.msg.startswith("Unterminated")
    left = text[error.pos : error.pos + _LONGEST_UNFINISHED]
    at = window.at + len(text[: error.pos].encode())
    if ends and (unterminated or _UNFINISHED.fullmatch(left) or not text[error.pos :].strip()):
        place = window.place(at if unterminated else len(window.data), number)
        return ExportError(
            RejectedCode.TRUNCATED,
            f"The file ends in the middle of record {number}, at {place}.",
            place=place,
        )
    if not ends and (unterminated or len(left) < _LONGEST_UNFINISHED):
        place = window.place(record=number)
        what = "has more than 1 MiB, or a quote or bracket is missing in it"
        return ExportError(
            RejectedCode.RECORD_TOO_LARGE, f"Record {number}, which begins at {place}, {what}.", place=place
        )
    place = window.place(at, number)
    why = _WORDS.get(error.msg, "this is no JSON")
    return ExportError(RejectedCode.BROKEN_JSON, f"Broken JSON at {place}: {why}.", place=place)


def no_number(window: Window, number: int, text: str) -> ExportError:
    """NaN or an infinity, which some systems write, stands in a record."""
    at = next(found.start() for found in _NO_NUMBERS.finditer(text) if not found[0].startswith('"'))
    place = window.place(window.at + len(text[:at].encode()), number)
    message = f"Broken JSON at {place}: NaN and Infinity are no JSON numbers; null is."
    return ExportError(RejectedCode.BROKEN_JSON, message, place=place)


def too_deep(window: Window, number: int) -> ExportError:
    """A record is nested deeper than `MAX_DEPTH`."""
    place = window.place(record=number)
    message = (
        f"Record {number}, which begins at {place}, is nested deeper than {MAX_DEPTH} levels, or a closing bracket "
        "is missing in it."
    )
    return ExportError(RejectedCode.NESTED_TOO_DEEP, message, place=place)


def too_large(window: Window, number: int) -> ExportError:
    """A record has more than `MAX_RECORD_BYTES`."""
    place = window.place(record=number)
    message = f"Record {number}, which begins at {place}, has more than 1 MiB."
    return ExportError(RejectedCode.RECORD_TOO_LARGE, message, place=place)


def not_json(window: Window, first: bytes) -> ExportError:
    """An export begins, at the window's place, with what no JSON export begins with."""
    data = window.data[window.at : window.at + len(_ZIP)]
    if data == _ZIP:
        hint = "it is an Excel workbook or another zip file, whatever its name says"
    elif first == b"<":
        hint = "it looks like XML or HTML"
    elif first in b"/#":
        hint = "it begins with a comment, which JSON does not have"
    elif first == b'"' or first.isalnum():
        hint = "it looks like CSV or plain text"
    else:
        hint = "it is no JSON array and no JSON object"
    message = f"The export begins with neither [ nor {{: {hint}."
    return ExportError(RejectedCode.NOT_JSON, message, place=window.place())


def begins_like_envelope(window: Window) -> bool:
    """Whether what begins at the window's place looks like `{"records": [{...`."""
    return _ENVELOPE.match(window.data, window.at) is not None


def is_envelope(value: dict[str, Any]) -> bool:
    """Whether an object is no record but has a list of objects in it."""
    if value.keys() == CORRECTED or not {"UserId", "AssetId", "EventTime", "AccessStatus"}.isdisjoint(value):
        return False
    return any(
        isinstance(inner, list) and all(isinstance(one, dict) for one in inner) for inner in value.values()
    )


def wrapped(place: Place) -> ExportError:
    """The records stand inside another object."""
    message = (
        "The records stand inside a property of one object; the export must be the array of records itself "
        "(what now stands between the square brackets, with the brackets)."
    )
    return ExportError(RejectedCode.WRONG_TOP_LEVEL, message, place=place)
