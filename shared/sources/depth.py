"""How deep JSON is nested: a quick answer that is never wrong where it says "surely not too deep"."""

from typing import Final

from shared.exports.rules import RULES

_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"{}[]"))
_ONE_KIND: Final = bytes.maketrans(b"{}[]", b"()()")


def surely_shallow(data: bytes) -> bool:
    """Whether no value in this JSON is nested deeper than the rules allow; it must prove to be valid.

    Empty pairs are taken away again and again, each time one level. Brackets inside texts may keep it from ending in nothing,
    and then it is not sure.
    """
    brackets = data.translate(_ONE_KIND, _NOT_BRACKETS)
    for _ in range(RULES.max_depth):
        if not brackets:
            return True
        brackets = brackets.replace(b"()", b"")
    return not brackets
