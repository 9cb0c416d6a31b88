"""What stands out in JSON when everything but brackets, quotes and line breaks is taken away."""

from dataclasses import dataclass
from typing import Final

from shared.exports.rules import RULES

_NOT_KEPT: Final = bytes(set(range(256)) - set(b'{}[]"\\\n'))
_ONE_KIND: Final = bytes.maketrans(b"{}[]", b"()()")


@dataclass(frozen=True, slots=True)
class Outline:
    """What can be seen of valid JSON without reading it.

    Attributes:
        line_breaks: how many there are.
        is_shallow: whether no value in it is nested deeper than the rules allow.
    """

    line_breaks: int
    is_shallow: bool


def outline(data: bytes) -> Outline:
    """Look at JSON values that follow each other; all is found in one go, as their bytes are many times those that are kept."""
    kept = data.translate(_ONE_KIND, _NOT_KEPT)
    if b"\\" in kept:
        unescaped = data.replace(rb"\\", b"").replace(rb"\"", b"")
        kept = unescaped.translate(_ONE_KIND, _NOT_KEPT).replace(b"\\", b"")
    line_breaks = kept.count(b"\n")
    brackets = kept.translate(None, b'"\n')
    quotes = len(kept) - len(brackets) - line_breaks
    if 2 * kept.count(b'""') != quotes:  # a bracket stands between the two quotes of a text
        brackets = b"".join(kept.split(b'"')[::2]).translate(None, b"\n")
    return Outline(line_breaks, _is_shallow(brackets))


def _is_shallow(brackets: bytes) -> bool:
    """Empty pairs are taken away again and again, each time one level."""
    for _ in range(RULES.max_depth):
        if not brackets:
            return True
        brackets = brackets.replace(b"()", b"")
    return not brackets
