"""Several calls at the same time, each in a thread of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from functools import cache
from typing import Final

_MOST: Final = 64
"""Calls at a time: eight requests of each of as many attempts."""


def in_threads[T](calls: Sequence[Callable[[], T]], meanwhile: Callable[[], None]) -> list[T]:
    """Make calls at the same time and wait for all of them; gives what they returned, in their order.

    What one of them raises is raised when all have ended. Each works in the caller's context, so that what it calls hangs under
    the same invocation.

    Args:
        calls: to be made.
        meanwhile: the caller does this itself while they are made.
    """
    running = [_threads().submit(copy_context().run, call) for call in calls]
    try:
        meanwhile()
    finally:
        wait(running)
    return [one.result() for one in running]


@cache
def _threads() -> ThreadPoolExecutor:
    """Those of this worker; as many are started as are busy at the same time."""
    return ThreadPoolExecutor(max_workers=_MOST, thread_name_prefix="request")
