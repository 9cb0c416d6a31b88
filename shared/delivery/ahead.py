"""Makes the next item ready while the current one is in use."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

_END: Final = object()


def ahead[T](items: Iterator[T]) -> Generator[T]:
    """Yield the same items in the same order; a thread works on the next one meanwhile (one at most is held ready).

    Whatever the iterator raises is raised here, in its place. Closing this generator waits for the thread.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as thread:
        coming = thread.submit(next, items, _END)
        while (item := coming.result()) is not _END:
            coming = thread.submit(next, items, _END)
            yield item  # type: ignore[misc]  # _END has just been ruled out
