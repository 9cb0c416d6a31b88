"""Makes the next items ready while the current one is in use."""

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Final

from shared.delivery.ledger import Entry

READY_BYTES: Final = 16 << 20
"""Bodies that are ready and not on their way are at most this large together, or one."""

_END: Final = object()


def prefetch[T](items: Iterator[T], ahead: int) -> Generator[T]:
    """Yield the same items in the same order; a thread works on the next ones meanwhile.

    Whatever the iterator raises is raised here, in its place. Closing this generator waits for the thread, which works
    in the caller's context, so that what it calls hangs under the same invocation.

    Args:
        items: are made one after another.
        ahead: so many at most are held ready.
    """
    context = copy_context()

    def following() -> T | object:
        return next(items, _END)

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as thread:
        coming = deque([thread.submit(context.run, following)])
        try:
            while (item := coming.popleft().result()) is not _END:
                while len(coming) < ahead:
                    coming.append(thread.submit(context.run, following))
                yield item  # type: ignore[misc]  # _END has just been ruled out
        finally:
            thread.shutdown(wait=False, cancel_futures=True)


def bodies_ahead(most: int, entries: Sequence[Entry]) -> int:
    """How many bodies may be held ready.

    Args:
        most: so many, if they are not too large for that.
        entries: the batches that they are.
    """
    largest = max((entry.bytes for entry in entries), default=1)
    return max(1, min(most, READY_BYTES // largest))
