"""RE2 expressions: linear time whatever the pattern and the text, and other threads run meanwhile.

The only module that knows the library. A text with half a surrogate pair, which only JSON can bring, is searched with
U+FFFD in its place.
"""

from collections.abc import Callable
from typing import Final

import re2  # type: ignore[import-untyped]  # ships no types

_OPTIONS: Final = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 8 << 20


class PatternError(ValueError):
    """An expression that RE2 does not take, or that has not exactly one group; the text says which."""


def one_group(pattern: str) -> Callable[[str], str]:
    """A function that searches a text and gives what the one group found; empty if there was nothing.

    Raises:
        PatternError: if the expression is wrong, or has another number of groups than one.
    """
    try:
        compiled = re2.compile(pattern, _OPTIONS)
    except re2.error as error:
        said = error.args[0]
        shown = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise PatternError(
            f"is no expression that RE2 reads ({shown}); look-around and back references are not in it"
        ) from None
    if compiled.groups != 1:
        raise PatternError(
            f"must have exactly one group in round brackets, it has {compiled.groups}; "
            "write (?:...) for brackets that only hold together"
        )
    search = compiled.search

    def found(text: str) -> str:
        try:
            match = search(text)
        except UnicodeEncodeError:
            match = search(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
        return (match[1] or "") if match else ""

    return found
