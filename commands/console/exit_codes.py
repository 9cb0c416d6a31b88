"""Exit codes, for schedulers and scripts; docs/commands.md has the same table, and a test compares the two."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from shared.error_codes import Status


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    BUG = 1
    USAGE = 2
    INVALID = 3
    BLOCKED = 4
    LATER = 5
    PARTLY = 6
    NOT_FOUND = 7
    INTERRUPTED = 130


MEANINGS: Final = {
    Exit.DONE: "All is well: every record was accepted, or there was nothing to do.",
    Exit.BUG: "Something nobody foresaw. Please report what was printed.",
    Exit.USAGE: "The command line or the settings are wrong; nothing was done.",
    Exit.INVALID: "An export cannot be sent as it is. Fix it, then try again.",
    Exit.BLOCKED: "A person must fix something else first: a setting, a permission, a secret.",
    Exit.LATER: "A fault that should pass, or work that is still going on. Trying again later is enough.",
    Exit.PARTLY: "The good records were accepted (or would be); others were rejected and wait to be corrected.",
    Exit.NOT_FOUND: "There is no export or outcome of that name.",
    Exit.INTERRUPTED: "Stopped by a person: Ctrl+C, or a question answered with no.",
}
_WORST_FIRST: Final = (
    Exit.BUG,
    Exit.USAGE,
    Exit.BLOCKED,
    Exit.INVALID,
    Exit.LATER,
    Exit.NOT_FOUND,
    Exit.PARTLY,
)
_OF_STATUS: Final = {
    Status.SUCCEEDED: Exit.DONE,
    Status.DUPLICATE: Exit.DONE,
    Status.PARTIALLY_SUCCEEDED: Exit.PARTLY,
    Status.REJECTED: Exit.INVALID,
    Status.SUPERSEDED: Exit.DONE,
    Status.GIVEN_UP: Exit.DONE,
    Status.BLOCKED: Exit.BLOCKED,
    Status.FAILED: Exit.LATER,
    Status.IN_PROGRESS: Exit.LATER,
}


def exit_of(status: Status) -> Exit:
    """The code for an outcome of this status."""
    return _OF_STATUS[status]


def worst(codes: Iterable[Exit]) -> Exit:
    """The one code that stands for several exports: what needs a person most."""
    found = set(codes)
    return next((code for code in _WORST_FIRST if code in found), Exit.DONE)
