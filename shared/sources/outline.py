"""What stands out in JSON when everything but brackets and line breaks is taken away."""

from dataclasses import dataclass
from typing import Final

from shared.exports.rules import RULES

_NOT_KEPT: Final = bytes(set(range(256)) - set(b"{}[]\n"))
_ONE_KIND: Final = bytes.maketrans(b"{}[]", b"()()")


@dataclass(frozen=True, slots=True)
class Outline:
    """What can be seen of JSON without reading it.

    Attributes:
        line_breaks: how many there are.
        surely_shallow: whether no value in it is nested deeper than the rules allow; it must prove to be valid.
    """

    line_breaks: int
    surely_shallow: bool


def outline(data: bytes) -> Outline:
    """Look at JSON; both are found in one go, as its bytes are many times those that are kept."""
    kept = data.translate(_ONE_KIND, _NOT_KEPT)
    brackets = kept.replace(b"\n", b"")
    return Outline(len(kept) - len(brackets), _surely_shallow(brackets))


def _surely_shallow(brackets: bytes) -> bool:
    """Empty pairs are taken away again and again, each time one level.

    Brackets inside texts may keep it from ending in nothing, and then it is not sure.
    """
    for _ in range(RULES.max_depth):
        if not brackets:
            return True
        brackets = brackets.replace(b"()", b"")
    return not brackets
