"""What really stands where JSON cannot go on: told by the next characters, above all those that no editor shows.

A guess is called a guess. No sentence quotes the file.
"""

import re
from typing import Final

from shared.error_codes import RejectedCode

LOOKED_AT: Final = 64
"""Characters that are looked at."""

_EVERY_OTHER: Final = re.compile(r"(?:\0[^\0]){3}|(?:[^\0]\0){3}")
_NULS: Final = re.compile(r"\0")
_KNOWN: Final = (
    (
        re.compile("\ufeff"),
        "an invisible byte order mark stands here; files were probably joined. Remove it",
    ),
    (
        re.compile("\x1a"),
        "an invisible Ctrl-Z (byte 1A) stands here, which old programs write at the end of a file. Remove it",
    ),
    (
        re.compile("[\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000]"),
        "a space or an invisible character that JSON does not allow stands here; only blank, tab and line break may",
    ),
    (
        re.compile("[\u2018-\u201f\u00ab\u00bb\u2032-\u2036\uff02]"),
        'a typographic quote stands here; JSON takes only the straight double quote "',
    ),
    (
        re.compile("['`]"),
        "a single quote stands here, so this may be Python's or JavaScript's own notation; JSON takes only double quotes",
    ),
    (re.compile(r"//|/\*|#"), "a comment begins here, which JSON does not have"),
    (re.compile(r"<{7} |={7}[\r\n]|>{7} "), "an unresolved merge of two versions stands here"),
    (re.compile("<"), "HTML or XML begins here, often an error message that was written into the file"),
    (
        re.compile("&(?:quot|amp|lt|gt|#\\d+|#x[0-9a-f]+);", re.IGNORECASE),
        "the text is escaped for HTML here",
    ),
    (
        re.compile(r"(?:None|nil|True|False|TRUE|FALSE|NULL|undefined)\b"),
        "JSON writes true, false and null in small letters, and has no other word",
    ),
    (
        re.compile(r"object Object\]"),
        "this is what JavaScript prints for an object; the program must write it as JSON",
    ),
    (
        re.compile(r"(?:new\s+)?[A-Za-z_$][\w$.]*\("),
        "this looks like the notation of a program or a database's shell; export plain JSON",
    ),
    (re.compile(r"[A-Za-z_$][\w$]*\s*:"), "a property name has no double quotes"),
    (
        re.compile(r"[+.]\d|0[0-9xX]|\d+[.](?:\D|$)"),
        "a number is written as JSON does not have it; write it as text, or without leading + or 0",
    ),
    (re.compile(r"\\rtf"), "this is a rich text document; save it as plain text"),
    (
        re.compile(r'"(?:\s|\\[nrt])*\{(?:\s|\\[nrt])*\\"'),
        "a record is written inside a text here (encoded twice); write the record itself",
    ),
)
_ASCII: Final = re.compile(rb"[\t\r\n -~]+")
_CONTROL: Final = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def misplaced(text: str, encoding: str = "utf-8") -> tuple[RejectedCode, str] | None:
    """What is known about what stands here: the code, and why as the end of a sentence; `None` if nothing is.

    Args:
        text: from the place on at which JSON cannot go on.
        encoding: of the file.
    """
    text = text[:LOOKED_AT]
    if _EVERY_OTHER.match(text):
        why = "from here on every second byte is NUL; UTF-16 was probably added to a file in UTF-8"
        return RejectedCode.WRONG_ENCODING, why
    if _is_two_of_one(text, encoding):
        why = "from here on the bytes make no UTF-16; UTF-8 was probably added to a file in UTF-16"
        return RejectedCode.WRONG_ENCODING, why
    if _NULS.match(text):
        why = "NUL bytes follow, so the file was not written completely, or is damaged"
        return RejectedCode.TRUNCATED, why
    for pattern, why in _KNOWN:
        if pattern.match(text):
            return RejectedCode.BROKEN_JSON, why
    if _CONTROL.match(text):
        return RejectedCode.BROKEN_JSON, "an invisible control character stands here. Remove it"
    return None


def _is_two_of_one(text: str, encoding: str) -> bool:
    """Whether the characters here are two of ASCII each, taken for one; never in UTF-8."""
    return encoding != "utf-8" and _ASCII.fullmatch(text[:4].encode(encoding, "replace")) is not None
