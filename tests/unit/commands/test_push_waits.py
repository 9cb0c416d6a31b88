"""A push knows why it waits, and until when."""

import pytest

from commands.push_waits import PushTokens, WaitingClock, Waits
from shared.error_codes import FailedCode
from shared.errors import ActionRequiredError, CredentialRefusedError, TransientError
from tests.support.fake_clock import FakeClock
from tests.support.fake_connector import FakeTokens

RETRY_SECONDS = 300.0


class Waiting:
    """A push on a clock that is moved, and what it has said."""

    def __init__(self, patience_seconds: float = 0.0) -> None:
        self.time = FakeClock()
        self.waits = Waits(self.time, RETRY_SECONDS, patience_seconds)
        self.clock = WaitingClock(self.time, self.waits)
        self.said: list[str] = []
        self.waits.say = self.said.append

    def answer(self, status: int | None) -> None:
        """A request that brings this status, or no answer."""
        with self.waits.request(0) as answered:
            answered(status)

    def until(self, seconds: float) -> str:
        """So many seconds after the beginning, as people here write it."""
        moment = self.time._start.timestamp() + seconds
        return f"{type(self.time._start).fromtimestamp(moment).astimezone():%H:%M}"


def test_the_end_is_counted_from_the_first_failure() -> None:
    """Not from the last one; an acceptance starts it anew."""
    push = Waiting()
    push.answer(503)
    push.clock.sleep(60)
    push.answer(429)
    push.clock.sleep(60)
    push.answer(200)
    push.waits.accepted(5)
    push.clock.sleep(30)
    push.answer(None)
    push.clock.sleep(1)
    assert push.said == [
        f"connector answered 503; next try in 60 s, until {push.until(300)}",
        f"connector answered 429; next try in 60 s, until {push.until(300)}",
        f"no answer from the connector; next try in 1 s, until {push.until(450)}",
    ]


def test_patience_puts_off_the_end() -> None:
    """Waits between attempts are said in minutes."""
    push = Waiting(patience_seconds=3_600)
    push.answer(503)
    push.clock.sleep(300)
    assert push.said == [f"connector answered 503; next try in 5 min, until {push.until(3_600)}"]


def test_a_token_that_cannot_be_had_is_a_cause_too() -> None:
    """Key Vault or Entra ID may be away; a secret that is refused ends the push."""
    push, tokens = Waiting(), FakeTokens()
    watched = PushTokens(tokens, push.waits)
    tokens.failures.append(TransientError(FailedCode.ENTRA_UNAVAILABLE, "Entra ID cannot be reached."))
    with pytest.raises(TransientError):
        watched.token()
    push.clock.sleep(2)
    assert push.said[0].startswith("Entra ID cannot be reached; next try in 2 s")
    tokens.failures.append(CredentialRefusedError(FailedCode.SECRET_WRONG, "Wrong."))
    with pytest.raises(ActionRequiredError, match="secret-refused"):
        watched.token(fresh=True)
    assert watched.token() == "token-1"
