"""What a push waits for: the cause, when the next try is, until when it keeps trying."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from commands.console.formatting import local_minute
from shared.clock import Clock
from shared.delivery.connector_ports import Tokens
from shared.delivery.observer import NullObserver
from shared.errors import ActionRequiredError, CredentialRefusedError, TransientError

_TWO_MINUTES: Final = 120.0

type Say = Callable[[str], None]


class Waits(NullObserver):
    """Notes what goes wrong, and says so when the push has to wait.

    Args:
        clock: the real one.
        retry_seconds: how long one attempt keeps trying, from a batch's first failure.
        patience_seconds: how long the push keeps trying, from its beginning.
    """

    def __init__(self, clock: Clock, retry_seconds: float, patience_seconds: float) -> None:
        self._clock = clock
        self._retry_seconds = retry_seconds
        self._patience_ends = clock.monotonic() + patience_seconds
        self._cause = ""
        self._failing_since: float | None = None
        self.say: Say = lambda _text: None

    @contextmanager
    def request(self, batch: int) -> Iterator[Callable[[int | None], None]]:  # noqa: ARG002
        """Note what the connector answers."""
        yield self._answered

    def accepted(self, records: int) -> None:  # noqa: ARG002  (the protocol's)
        """All is well again."""
        self._cause, self._failing_since = "", None

    def failed(self, cause: str) -> None:
        """Note why the next try has to wait."""
        self._cause = cause
        if self._failing_since is None:
            self._failing_since = self._clock.monotonic()

    def waiting(self, seconds: float) -> None:
        """Say what the push waits for."""
        if not self._cause:
            return
        now = self._clock.now()
        next_try = f"{seconds:.0f} s" if seconds < _TWO_MINUTES else f"{seconds / 60:.0f} min"
        self.say(f"{self._cause}; next try in {next_try}, until {local_minute(self._until(now), now)}")

    def _answered(self, status: int | None) -> None:
        if status is None:
            self.failed("no answer from the connector")
        elif status >= HTTPStatus.BAD_REQUEST:
            self.failed(f"connector answered {status}")

    def _until(self, now: datetime) -> datetime:
        since = self._clock.monotonic() if self._failing_since is None else self._failing_since
        ends = max(since + self._retry_seconds, self._patience_ends)
        return now + timedelta(seconds=ends - self._clock.monotonic())


class WaitingClock:
    """A clock that says why it sleeps."""

    def __init__(self, clock: Clock, waits: Waits) -> None:
        self._waits = waits
        self._clock = clock
        self.now = clock.now
        self.monotonic = clock.monotonic
        self.between = clock.between
        self.every = clock.every

    def sleep(self, seconds: float) -> None:
        """Say it, then wait."""
        if seconds > 0:
            self._waits.waiting(seconds)
        self._clock.sleep(seconds)


class PushTokens:
    """Tokens whose failures are noted; a secret that is refused is not retried: it is wrong or has expired."""

    def __init__(self, tokens: Tokens, waits: Waits) -> None:
        self._tokens = tokens
        self._waits = waits
        self.credential = tokens.credential

    def token(self, *, fresh: bool = False) -> str:
        """A token that is valid now.

        Raises:
            OutcomeError: there is none.
        """
        try:
            return self._tokens.token(fresh=fresh)
        except CredentialRefusedError as error:
            raise ActionRequiredError(error.settles_as, error.message) from None
        except TransientError as error:
            self._waits.failed(error.message.rstrip("."))
            raise
