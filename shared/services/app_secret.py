"""The client secret as people put it into a vault: with a line end, in quotes, or its ID in place of its value."""

import re
from typing import Final

_GUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_QUOTES: Final = frozenset({'""', "''"})
TRIMMED: Final = "it has blanks, quotes or a line end around it, which are not used"
_ID: Final = "It looks like the secret's ID (a GUID): put its value into the vault."
_WAS_TRIMMED: Final = "It had blanks, quotes or a line end around it, which were not used."


def trimmed(value: str) -> str:
    """A secret without blanks, line ends, byte order marks and a pair of quotes around it; none has them inside."""
    before = None
    while value != before:
        before = value
        value = value.strip().strip("\ufeff\u200b\x00")
        if value[:1] + value[-1:] in _QUOTES and len(value) > 1:
            value = value[1:-1]
    return value


def hint(value: str) -> str:
    """What may be wrong with a secret that Entra ID refuses; empty if nothing can be seen."""
    if _GUID.fullmatch(trimmed(value)):
        return _ID
    return _WAS_TRIMMED if trimmed(value) != value else ""
