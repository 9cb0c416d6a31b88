"""A clock that tests move."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MORNING = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


class FakeClock:
    """Stands still until a sleep or a test moves it."""

    def __init__(self, start: datetime = MORNING) -> None:
        self._start = start
        self.passed_seconds = 0.0
        self._repeated: list[_Repeated] = []

    def now(self) -> datetime:
        """The start and what has passed since."""
        return self._start + timedelta(seconds=self.passed_seconds)

    def monotonic(self) -> float:
        """What has passed."""
        return self.passed_seconds

    def sleep(self, seconds: float) -> None:
        """Move on at once; what is to happen every so often happens on the way."""
        self.pass_until(self.passed_seconds + seconds)

    def pass_until(self, end_seconds: float) -> None:
        """Move on to a moment of the monotonic clock."""
        while self._repeated and (due := min(self._repeated, key=lambda one: one.due)).due <= end_seconds:
            self.passed_seconds = max(self.passed_seconds, due.due)
            due.due += due.seconds
            due.action()
        self.passed_seconds = max(self.passed_seconds, end_seconds)

    def between(self, low_seconds: float, high_seconds: float) -> float:
        """No chance: the middle."""
        return (low_seconds + high_seconds) / 2

    def every(self, seconds: float, action: Callable[[], None]) -> Callable[[], None]:
        """Run an action whenever so much time was moved."""
        repeated = _Repeated(self.passed_seconds + seconds, seconds, action)
        self._repeated.append(repeated)
        return lambda: self._repeated.remove(repeated)


@dataclass(eq=False)
class _Repeated:
    due: float
    seconds: float
    action: Callable[[], None]
