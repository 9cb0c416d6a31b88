"""Makes the next item ready while the current one is in use."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Final

_END: Final = object()


def prefetch[T](items: Iterator[T]) -> Generator[T]:
    """Yield the same items in the same order; a thread works on the next one meanwhile (one at most is held ready).

    Whatever the iterator raises is raised here, in its place. Closing this generator waits for the thread, which works
    in the caller's context, so that what it calls hangs under the same invocation.
    """
    context = copy_context()

    def following() -> T | object:
        return next(items, _END)

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as thread:
        coming = thread.submit(context.run, following)
        while (item := coming.result()) is not _END:
            coming = thread.submit(context.run, following)
            yield item  # type: ignore[misc]  # _END has just been ruled out
