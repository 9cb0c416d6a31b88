"""Where and why an export cannot be read, in words for a badge administrator; no sentence quotes the export."""

import json
import re
from typing import Final

from shared.error_codes import RejectedCode
from shared.errors import ExportError, Place
from shared.exports.window import Window

_REASONS: Final = {
    "Expecting ',' delimiter": "a comma or a closing bracket is missing before this place",
    "Expecting ':' delimiter": "a colon is missing after a property name",
    "Expecting property name enclosed in double quotes": "a property name in double quotes is missing here",
    "Illegal trailing comma before end of object": "extra comma before }",
    "Illegal trailing comma before end of array": "extra comma before ]",
    "Expecting value": "a value is missing here, or a text has no double quotes",
    "Invalid \\escape": "a backslash inside a text must be written twice",
    "Invalid \\uXXXX escape": "a backslash inside a text must be written twice",
    "Unterminated string starting at": "a text begins here and its closing double quote is missing",
}
"""What the standard library's decoder says, in words for people who never heard of a delimiter."""

_LINE_BREAK: Final = (
    "a text on this line has no closing double quote (a line break inside a text is written \\n)"
)
_CONTROL_CHARACTER: Final = "a control character stands inside a text (a tab is written \\t)"

_UNFINISHED: Final = re.compile(
    r"t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?|-|\.|[eE][+-]?|u[0-9a-fA-F]{0,3}|N(?:aN?)?|-?I[infty]*"
)
"""Where the decoder stops when a file ends in the middle of a literal, a number or an escape."""
_LONGEST_UNFINISHED: Final = 10
_ENVELOPE: Final = re.compile(rb'\{\s*"[^"]*"\s*:\s*\[\s*\{')
_ENCODED_TWICE: Final = re.compile(rb'"(?:\s|\\[nrt])*(?:\[(?:\s|\\[nrt])*)?\{(?:\s|\\[nrt])*\\"')
_ZIP: Final = b"PK\x03\x04"
_NO_NUMBERS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|NaN|-?Infinity', re.DOTALL)


def broken(window: Window, number: int, text: str, error: json.JSONDecodeError, *, ends: bool) -> ExportError:
    """What is wrong with a record that cannot be decoded.

    Args:
        window: at the record.
        number: the record's number, from 1.
        text: what the decoder was given, from the record's `{` on.
        error: what the standard library's decoder says about it.
        ends: whether the export ends where `text` does.
    """
    unterminated = error.msg.startswith("Unterminated")
    left = text[error.pos : error.pos + _LONGEST_UNFINISHED]
    at = window.at + len(text[: error.pos].encode())
    if ends and (unterminated or _UNFINISHED.fullmatch(left) or not text[error.pos :].strip()):
        place = window.place(at if unterminated else len(window.data), number)
        message = f"The file ends in the middle of record {number}, at {place}."
        return ExportError(RejectedCode.TRUNCATED, message, place=place)
    if not ends and (unterminated or len(left) < _LONGEST_UNFINISHED):
        return too_large(window, number, ", or a quote or bracket is missing in it")
    place = window.place(at, number)
    return broken_at(place, _REASONS.get(error.msg) or _control_character(error.msg, left))


def broken_at(place: Place, why: str) -> ExportError:
    """The JSON breaks at a place."""
    return ExportError(RejectedCode.BROKEN_JSON, f"Broken JSON at {place}: {why}.", place=place)


def no_number(window: Window, number: int, text: str) -> ExportError:
    """NaN or an infinity, which some systems write, stands in a record.

    Args:
        window: at the record.
        number: the record's number, from 1.
        text: what the decoder was given, from the record's `{` on.
    """
    found = next(one for one in _NO_NUMBERS.finditer(text) if not one[0].startswith('"'))
    place = window.place(window.at + len(text[: found.start()].encode()), number)
    return broken_at(place, f"{found[0]} is not valid JSON. Omit the property")


def too_deep(window: Window, number: int, max_depth: int) -> ExportError:
    """A record is nested deeper than so many levels.

    Args:
        window: at the record.
        number: the record's number, from 1.
        max_depth: the limit.
    """
    place = window.place(record=number)
    message = (
        f"Record {number} is nested deeper than {max_depth} levels, or a closing bracket is missing in it. It begins at "
        f"{place}."
    )
    return ExportError(RejectedCode.NESTED_TOO_DEEP, message, place=place)


def too_large(window: Window, number: int, or_else: str = "") -> ExportError:
    """A record has more than 1 MiB.

    Args:
        window: at the record.
        number: the record's number, from 1.
        or_else: what else may be the matter, where that is not known.
    """
    place = window.place(record=number)
    message = f"Record {number} is larger than 1 MiB{or_else}. It begins at {place}."
    return ExportError(RejectedCode.RECORD_TOO_LARGE, message, place=place)


def not_json(window: Window, first: bytes) -> ExportError:
    """An export begins, at the window's place, with what no JSON export begins with; `first` is its first character."""
    data = window.data[window.at :]
    if data.startswith(_ZIP):
        hint = "it is an Excel workbook or another zip file, whatever its name says"
    elif first == b"<":
        hint = "it looks like XML or HTML"
    elif first in b"/#":
        hint = "it begins with a comment, which JSON does not have"
    elif _ENCODED_TWICE.match(data):
        hint = "its JSON is written inside a text (encoded twice); write the list itself"
    elif data[:5].strip() == b"null":
        hint = "it is null; write [] for a day without events"
    elif first == b'"' or first.isalnum():
        hint = "it looks like CSV or plain text"
    else:
        hint = "it is not JSON"
    message = f"The file must begin with [ or {{; {hint}."
    return ExportError(RejectedCode.NOT_JSON, message, place=window.place())


def begins_like_envelope(window: Window) -> bool:
    """Whether what begins at the window's place looks like `{"records": [{...`."""
    return _ENVELOPE.match(window.data, window.at) is not None


def wrapped(place: Place) -> ExportError:
    """The records stand inside another object, which begins at a place."""
    message = (
        "The file must be a list [ ... ]; here the list is inside an object. Write the list alone, with its square "
        "brackets."
    )
    return ExportError(RejectedCode.WRONG_TOP_LEVEL, message, place=place)


def _control_character(said: str, left: str) -> str:
    if not said.startswith("Invalid control character"):
        return "this is not valid JSON"
    return _LINE_BREAK if left[:1] in "\r\n" else _CONTROL_CHARACTER
