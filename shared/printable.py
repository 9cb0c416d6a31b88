"""Text that came from outside, as a terminal, a log line, a summary or a JSON document may show it.

A name can hold characters that a terminal obeys, that turn the text around them, or that nobody sees. They are never
dropped, since two names must not look alike: they are shown by their codes.
"""

import hashlib
import re
from typing import Final

MAX_CHARACTERS: Final = 200
"""Of a name in a line; a longer one ends in the beginning of its SHA-256, so that two long names never become one."""

_DIGEST_DIGITS: Final = 16
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufff9-\ufffc\U000e0100-\U000e01ef]"
)
"""Letters and marks that show nothing, beside what Python itself calls not printable: controls, C1, formats (among
them all that turn text, and soft hyphens), separators of lines and paragraphs, spaces other than the ordinary one,
surrogates, private and unassigned characters."""
_FROM_BYTES: Final = range(0xDC80, 0xDD00)
"""What Python makes of bytes in a file name that are not UTF-8."""


def is_shown(character: str) -> bool:
    """Whether a reader sees this character, and a terminal does no more than show it."""
    return character.isprintable() and not _UNSEEN.match(character)


def escaped(text: str) -> str:
    r"""A text as one line that shows everything: `\x1b` for what is not shown; if there is any, `\\` for a backslash."""
    if text.isprintable() and not _UNSEEN.search(text):
        return text
    return "".join(map(_shown, text))


def printable(name: str) -> str:
    """A name for a message or a log line: everything is shown; at most 200 characters, and a long name keeps a hash."""
    text = escaped(name)
    if len(text) <= MAX_CHARACTERS:
        return text
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_DIGITS]
    room = MAX_CHARACTERS - len("...") - _DIGEST_DIGITS
    beginning = ""
    for one in name if text is name else map(_shown, name):
        if len(beginning) + len(one) > room:
            break
        beginning += one
    return f"{beginning}...{digest}"


def escaped_json(document: bytes) -> bytes:
    """A JSON document in UTF-8 whose texts hold the same characters, written so that a terminal obeys none of them."""
    if document.isascii() and b"\x7f" not in document:
        return document  # inside its texts JSON itself escapes the other control characters of ASCII
    text = document.decode()
    return "".join(one if one == "\n" or is_shown(one) else _json_escape(one) for one in text).encode()


def _shown(character: str) -> str:
    if is_shown(character):
        return "\\\\" if character == "\\" else character
    number = ord(character)
    if number in _FROM_BYTES:
        return f"\\x{number - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


def _json_escape(character: str) -> str:
    r"""A character as JSON writes it: `\u202e`, or two such for one beyond the first 65,536."""
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
