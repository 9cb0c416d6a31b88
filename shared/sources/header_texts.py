"""The names of columns as a message shows them; a line that is no header but a row is never shown."""

import re
from collections.abc import Sequence
from typing import Final

from shared.sources.texts import SPACE

_COLUMNS: Final = 60
_CHARACTERS: Final = 60
_OF_A_ROW: Final = re.compile(
    r"""
    .*@                     # an address
    | .*[0-9]{1,2}:[0-9]{2} # a time of day
    | .*[0-9]{3}            # a number of a card or a person, a year
    | [0-9]+\Z
    """,
    re.VERBOSE | re.DOTALL,
)


def shown_names(names: Sequence[str]) -> str:
    """The names for a message, as the end of a sentence; where one looks like a row's content, only how many there are."""
    stripped = [name.strip(SPACE) for name in names]
    if not any(stripped):
        return "no names"
    if any(map(_OF_A_ROW.match, stripped)):
        return f"{len(stripped)} cells that look like a row, not like names of columns"
    return ", ".join(name[:_CHARACTERS] for name in stripped[:_COLUMNS])
