"""Several calls at the same time, each in a thread of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context


def in_threads[T](calls: Sequence[Callable[[], T]]) -> list[T]:
    """Make calls at the same time and wait for all of them; gives what they returned, in their order.

    What one of them raises is raised when all have ended. Each works in the caller's context, so that what it calls hangs under
    the same invocation.
    """
    if len(calls) == 1:
        return [calls[0]()]
    with ThreadPoolExecutor(max_workers=len(calls), thread_name_prefix="request") as threads:
        running = [threads.submit(copy_context().run, call) for call in calls]
    return [one.result() for one in running]
