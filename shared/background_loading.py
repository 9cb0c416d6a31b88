"""Imports what a worker will need while it still waits for its first message.

The functions host needs some time between loading the functions and bringing a message: it starts its listener and asks the
queue. What is imported meanwhile does not stand between the message and the first request.
"""

import gc
import threading
from collections.abc import Callable
from contextlib import suppress


class BackgroundLoading:
    """One thread that imports, started at most once.

    An invocation waits for its end first: two threads that import the same libraries would wait for each other's locks, and where
    these form a ring, Python hands out a module that is half loaded.

    Args:
        load: imports; what it raises is lost, since it is raised again where the import is needed.
    """

    def __init__(self, load: Callable[[], None]) -> None:
        self._load = load
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin; returns at once."""
        with self._lock:
            if self._thread is None:
                # no daemon: a library must not be cut off in the middle of its start when the process ends
                self._thread = threading.Thread(target=self._run, name="loading")
                self._thread.start()

    def wait(self) -> None:
        """Wait for the end, if it was started."""
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        gc.disable()  # what is imported stays: looking for what could go takes a tenth of the time
        try:
            with suppress(Exception):  # see `load`
                self._load()
        finally:
            gc.enable()
            gc.freeze()
