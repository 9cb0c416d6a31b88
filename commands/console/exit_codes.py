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
    NOT_COMPLETE = 8
    NOT_KNOWN = 9
    INTERRUPTED = 130


MEANINGS: Final = {
    Exit.DONE: "OK: every record was accepted, or there was nothing to do.",
    Exit.BUG: "An unexpected error. Please report what was printed.",
    Exit.USAGE: "The command line or the settings are wrong; nothing was done.",
    Exit.INVALID: "An export cannot be sent as it is. Fix it, then try again.",
    Exit.BLOCKED: "Something else must be fixed first: a setting, a permission, a secret.",
    Exit.LATER: "A temporary problem, or work that is still in progress. Try again later.",
    Exit.PARTLY: "Some records were accepted (or would be); others were rejected and must be corrected.",
    Exit.NOT_FOUND: "There is no file, export or outcome of that name.",
    Exit.NOT_COMPLETE: "`day`: the day is not complete, or has fewer records than usual.",
    Exit.NOT_KNOWN: "`day`: it cannot be told yet: the day is not over or not due, or there is too little history.",
    Exit.INTERRUPTED: "Stopped by Ctrl+C, by answering no to a question, or because nobody reads the output.",
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
    """The one code that stands for several exports: the one that most needs action."""
    found = set(codes)
    return next((code for code in _WORST_FIRST if code in found), Exit.DONE)
