"""Small facts about texts: what is white space around a value, and how a text is written in JSON."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Protocol

import msgspec

SPACE: Final = "".join(chr(code) for code in range(0x3001) if chr(code).isspace()) + "\0\ufeff"
"""What a value loses at its ends: white space of every script, NUL padding, byte order marks."""

_RARE: Final = "\0\ufeff"  # what str.strip leaves

_ESCAPED: Final = re.compile(r'["\\\x00-\x1f]')


class CsvRows(Protocol):
    """The csv module's reader, whose type has no public name."""

    @property
    def line_num(self) -> int:
        """How many lines have been read."""
        ...

    def __iter__(self) -> Iterator[list[str]]:
        """The rows."""
        ...

    def __next__(self) -> list[str]:
        """The next row."""
        ...


def stripped(text: str) -> str:
    """A text without what stands around it; the same as `text.strip(SPACE)`, quicker where nothing rare does."""
    plain = text.strip()
    if plain and (plain[0] in _RARE or plain[-1] in _RARE):
        return plain.strip(SPACE)
    return plain


def quoted(text: str) -> str:
    """A text as JSON writes it, with its quotes; it must not hold half a surrogate pair."""
    return msgspec.json.encode(text).decode() if _ESCAPED.search(text) else f'"{text}"'


def is_whole(text: str) -> bool:
    """Whether a text is made of whole characters: JSON can bring halves of surrogate pairs."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def empty_of(texts: Sequence[str]) -> list[int]:
    """The indexes of empty texts."""
    found: list[int] = []
    index = -1
    try:
        while True:
            index = texts.index("", index + 1)
            found.append(index)
    except ValueError:
        return found
