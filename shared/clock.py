"""Time as something that is passed in, so that tests move it instead of sleeping."""

import random
import time
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
