"""Every code an outcome's `error` can carry: what happened, what to do, and what becomes of the export.

One place to look, with a module for each kind (`rejected`, `blocked`, `failed`), so that the reference, the alerts and the code cannot disagree. A code's kind decides the outcome's status;
`shared.errors` has one exception for each kind and takes no other, so a code cannot end with a status that is not its own.
Within a kind the order is that of an export's way: name, reading, configuration, secret and token, connector, state.
"""

from types import MappingProxyType
from typing import Final

from shared.error_codes.blocked import BlockedCode
from shared.error_codes.code import ErrorCode, Retry, Status, Who
from shared.error_codes.failed import FailedCode
from shared.error_codes.rejected import RejectedCode

__all__ = [
    "ERROR_CODES",
    "BlockedCode",
    "ErrorCode",
    "FailedCode",
    "RejectedCode",
    "Retry",
    "Status",
    "Who",
    "error_code",
]

_KINDS: Final[tuple[type[ErrorCode], ...]] = (RejectedCode, BlockedCode, FailedCode)

ERROR_CODES: Final = MappingProxyType({code.value: code for kind in _KINDS for code in kind})
"""Every code by its text."""


def error_code(text: str) -> ErrorCode | None:
    """The code that a stored outcome names; `None` for one that only another version of Gatepost knows."""
    return ERROR_CODES.get(text)
