"""Processes that are forked from this one, a few at a time, and what became of them."""

import os
import resource
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_MEMORY_BYTES: Final = 4 << 30
_OWN_FOLDER: Final = ("TMPDIR", "PYTEST_DEBUG_TEMPROOT")
_ended_early: Final[dict[int, int]] = {}
"""Exit statuses of children that ended while another call waited for its own."""


def run_children[T](
    tasks: Iterable[T], child: Callable[[T], int], *, jobs: int = 1, folder: Path | None = None
) -> Iterator[tuple[T, bool]]:
    """Do each task in a process of its own.

    Args:
        tasks: asked for one after another, whenever there is room.
        child: does it, and returns its exit code.
        jobs: how many processes there may be at a time.
        folder: where each gets an empty folder for its files, until it ends; the system's, if not given.

    Yields:
        Tasks that are done, and whether their process came to its end with exit code 0.
    """
    running: dict[int, tuple[T, str]] = {}
    for task in tasks:
        own = tempfile.mkdtemp(dir=folder)
        pid = os.fork()
        if not pid:
            _enter(own)
            code = 1
            try:
                code = child(task)
            finally:
                os._exit(code)
        running[pid] = task, own
        if len(running) == jobs:
            yield _ended(running)
    while running:
        yield _ended(running)


def limit(cpu_seconds: float, seconds: float) -> None:
    """End this process when it has worked, or waited, for longer; a new limit takes the place of the one before."""
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _ended[T](running: dict[int, tuple[T, str]]) -> tuple[T, bool]:
    pid = next((one for one in running if one in _ended_early), 0)
    while pid not in running:
        pid, status = os.wait()
        _ended_early[pid] = status
    status = _ended_early.pop(pid)
    task, own = running.pop(pid)
    with suppress(ProcessLookupError):  # if it left no process behind
        os.killpg(pid, signal.SIGKILL)
    shutil.rmtree(own, ignore_errors=True)
    return task, status == 0


def _enter(own: str) -> None:
    """Leave the parent's terminal, group, and folder for temporary files."""
    os.setsid()
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(silent, stream)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    os.environ.update(dict.fromkeys(_OWN_FOLDER, own))
    tempfile.tempdir = None
