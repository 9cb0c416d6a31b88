"""Time as something that is passed in, so that tests move it instead of sleeping."""

import random
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall clock, monotonic clock, waiting and chance."""

    def now(self) -> datetime:
        """The current time, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...

    def between(self, low_seconds: float, high_seconds: float) -> float:
        """A random number of seconds between the two."""
        ...

    def every(self, seconds: float, action: Callable[[], None]) -> Callable[[], None]:
        """Run an action every so often beside whatever else happens; gives what stops it (and waits for it).

        Seconds are counted from one beginning to the next: an action that takes long does not put off the one after it.
        """
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current time, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def between(self, low_seconds: float, high_seconds: float) -> float:
        """A random number of seconds between the two."""
        return random.uniform(low_seconds, high_seconds)  # noqa: S311  (spreads retries; guards nothing)

    def every(self, seconds: float, action: Callable[[], None]) -> Callable[[], None]:
        """Run an action every so often on a thread of its own, in the caller's context; gives what stops it (and waits)."""
        over = threading.Event()

        def repeat() -> None:
            wait = seconds
            while not over.wait(wait):
                started = time.monotonic()
                action()
                wait = max(0.0, seconds - (time.monotonic() - started))

        def stop() -> None:
            over.set()
            thread.join()

        thread = threading.Thread(target=copy_context().run, args=(repeat,), name="every", daemon=True)
        thread.start()
        return stop


def utc_text(moment: datetime) -> str:
    """`2026-11-22T05:00:01Z`: UTC, whole seconds, as every document of ours writes times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_time(text: str) -> datetime:
    """The moment a text of `utc_text` names.

    Raises:
        ValueError: if the text is no ISO 8601 time.
    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
