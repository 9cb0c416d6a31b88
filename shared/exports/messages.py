"""Where and why an export cannot be read, in words for a badge administrator; no sentence quotes the export."""

import json
import re
from typing import Final

from shared.counted import counted
from shared.error_codes import RejectedCode
from shared.errors import ExportError, Place
from shared.exports.foreign import begins_as
from shared.exports.misplaced import LOOKED_AT, misplaced
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
_MANY_NULS: Final = "\0\0\0\0"
_SWAPPED_BYTES: Final = 8
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
    place, here = window.place(at, number), text[error.pos :]
    if error.msg.startswith("Invalid control character"):
        return _in_text(place, here)
    return _at(place, here, window.encoding, _REASONS.get(error.msg, "this is not valid JSON"))


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


def not_json(window: Window) -> ExportError:
    """An export begins, at the window's place, with what no JSON export begins with."""
    data = window.data[window.at :]
    if data.startswith(b"\xef\xbf\xbe") or (window.encoding != "utf-8" and _swapped(data)):
        message = "The file's byte order mark does not fit its text: the bytes of each pair are the other way round."
        return ExportError(RejectedCode.WRONG_ENCODING, message, place=window.place())
    message = f"The file must begin with [ or {{; {begins_as(data)}."
    return ExportError(RejectedCode.NOT_JSON, message, place=window.place())


def unexpected(window: Window, number: int, why: str) -> ExportError:
    """Something stands at the window's place that should not.

    Args:
        window: there.
        number: of the record that should begin, or is about to end, from 1.
        why: what is said if nothing more is known.
    """
    text = window.data[window.at : window.at + 4 * LOOKED_AT].decode(errors="ignore")
    return _at(window.place(record=number), text, window.encoding, why)


def truncated(window: Window, read: int, why: str) -> ExportError:
    """The export ends at the window's place, where it should not.

    Args:
        window: at the end.
        read: records before it.
        why: one sees that.
    """
    place = window.place()
    message = f"The file ends after {counted(read, 'record')}, at {place}: {why}."
    return ExportError(RejectedCode.TRUNCATED, message, place=place)


def _at(place: Place, text: str, encoding: str, why: str) -> ExportError:
    """What stands at a place, told by the text there; `why` if nothing is known."""
    code, known = misplaced(text, encoding) or (RejectedCode.BROKEN_JSON, why)
    if code is RejectedCode.BROKEN_JSON:
        return broken_at(place, known)
    begins = "The encoding changes" if code is RejectedCode.WRONG_ENCODING else "The file breaks off"
    return ExportError(code, f"{begins} at {place}: {known}.", place=place)


def _swapped(data: bytes) -> bool:
    """Whether what was read as UTF-16 makes sense with the bytes of each pair exchanged."""
    text = data[:_SWAPPED_BYTES].decode(errors="ignore")[:2]
    return all(ord(one) & 0xFF == 0 for one in text)


def _in_text(place: Place, here: str) -> ExportError:
    """A control character stands inside a text."""
    if here.startswith(_MANY_NULS):
        message = f"The file breaks off at {place}: NUL bytes follow, so it was not written completely, or is damaged."
        return ExportError(RejectedCode.TRUNCATED, message, place=place)
    return broken_at(place, _LINE_BREAK if here[:1] in "\r\n" else _CONTROL_CHARACTER)
