"""How long to wait before requests are tried again within one invocation, and when it is enough."""

from shared.clock import Clock
from shared.delivery.waiting import pause_seconds
from shared.errors import TransientError


class RetryPauses:
    """Counts the failures in a row.

    Args:
        clock: for time and chance.
        retry_max_seconds: counts from the first failure.
        deadline: monotonic seconds; no request leaves after it.
    """

    def __init__(self, clock: Clock, retry_max_seconds: float, deadline: float) -> None:
        self._clock = clock
        self._retry_max_seconds = retry_max_seconds
        self._deadline = deadline
        self._since: float | None = None
        self._failures = 0

    def forget(self) -> None:
        """Something was accepted: it is counted anew."""
        self._since, self._failures = None, 0

    def after(self, error: TransientError) -> float:
        """Seconds to wait after a failure.

        Raises:
            TransientError: that error, if nothing is to be tried again within this invocation.
        """
        now = self._clock.monotonic()
        self._since = now if self._since is None else self._since
        self._failures += 1
        pause = pause_seconds(self._clock, self._failures, error.retry_after_seconds)
        until = min(self._since + self._retry_max_seconds, self._deadline)
        if not error.at_once or now + pause > until:
            raise error
        return pause
