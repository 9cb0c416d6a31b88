"""What a cell looks like: a number, a time, an address; for telling values from names."""

import re
from typing import Final

ADDRESS: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
GUID: Final = re.compile(r"\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?")
NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
CODE: Final = re.compile(r"[A-Za-z]{0,4}[-_ ]?[0-9]{2,}")
_TIME: Final = re.compile(r"[0-9]{1,2}:[0-9]{2}|[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}")
_NULLS: Final = frozenset({"null", "(null)", "<null>", "n/a", "#n/a", "nil", "-", "--"})


def is_value(cell: str) -> bool:
    """Whether a cell is surely no column's name: a number, a time, an address, a GUID, a word for nothing."""
    return bool(
        NUMBER.fullmatch(cell)
        or ADDRESS.fullmatch(cell)
        or GUID.fullmatch(cell)
        or _TIME.search(cell)
        or is_null(cell)
        or cell.casefold() in {"true", "false"}
    )


def is_null(cell: str) -> bool:
    """Whether a cell is a word that databases and reports write for nothing."""
    return cell.casefold() in _NULLS
