"""Standard output and standard error as they may be: any code page, closed, a pipe nobody reads, a disk that is full."""

import errno
import os
import sys
from typing import Final, TextIO

from commands.console.exit_codes import Exit

_NOBODY_READS: Final = frozenset({errno.EPIPE, errno.ESHUTDOWN, errno.EINVAL})
"""Windows says EINVAL."""


def prepare_streams() -> None:
    """Let a terminal that lacks a character show its code, and a stream that is closed take what is written."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123  (stays open as long as the program)
        elif reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def is_of_a_stream(error: OSError) -> bool:
    """Whether an error came from writing to a stream: that of a file names the file."""
    return error.filename is None


def ended_by_stream(error: OSError) -> Exit:
    """Say that a result cannot be written, where that is possible; gives the exit code.

    A reader that went away (`| head`) has seen what it wanted: nothing is said.
    """
    for stream in (sys.stdout, sys.stderr):
        _flushed(stream)
    if error.errno in _NOBODY_READS:
        return Exit.INTERRUPTED
    reason = error.strerror or "unknown reason"
    sys.stderr.write(f"Error: The output cannot be written: {reason}.\nCheck where it is written to.\n")
    _flushed(sys.stderr)
    return Exit.BLOCKED


def flush_streams() -> Exit | None:
    """Write what is left; gives the exit code if that is not possible."""
    errors = [_flushed(stream) for stream in (sys.stdout, sys.stderr)]
    return next((ended_by_stream(error) for error in errors if error), None)


def _flushed(stream: TextIO) -> OSError | None:
    """Write what is left; a stream that cannot be written goes nowhere from then on, or Python would try once more."""
    try:
        stream.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return error
    return None
