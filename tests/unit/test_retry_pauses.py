"""How long is waited between requests, and when it is enough for this invocation."""

import pytest

from shared.delivery.retry_pauses import RetryPauses
from shared.error_codes import FailedCode
from shared.errors import TransientError
from tests.support.fake_clock import FakeClock


def fault(asked: float | None = None) -> TransientError:
    """The connector is busy."""
    return TransientError(FailedCode.CONNECTOR_THROTTLED, "busy", retry_after_seconds=asked)


def test_waits_grow_until_something_was_accepted() -> None:
    """By chance between one second and twice as long each time; the clock takes the middle."""
    pauses = RetryPauses(FakeClock(), 300, 1_000)
    assert [pauses.after(fault()) for _ in range(3)] == [1.5, 2.5, 4.5]
    pauses.forget()
    assert pauses.after(fault()) == 1.5


def test_a_wait_may_last_until_the_very_end() -> None:
    """Of the time for one batch, which counts from its first failure, or of the invocation."""
    clock = FakeClock()
    for retry_max, deadline in ((30, 100), (100, 30)):
        pauses = RetryPauses(clock, retry_max, clock.monotonic() + deadline)
        assert pauses.after(fault(30)) == 30
        clock.sleep(30)
        with pytest.raises(TransientError):
            pauses.after(fault(1))


def test_a_wait_that_would_last_longer_ends_the_attempt() -> None:
    """The message is put back for later instead."""
    with pytest.raises(TransientError):
        RetryPauses(FakeClock(), 30, 100).after(fault(30.5))


def test_time_counts_from_the_first_failure_since_something_was_accepted() -> None:
    """Not from the beginning."""
    clock = FakeClock()
    pauses = RetryPauses(clock, 30, 1_000)
    pauses.after(fault(1))
    clock.sleep(29.5)
    with pytest.raises(TransientError):
        pauses.after(fault(1))
    pauses.forget()
    assert pauses.after(fault(30)) == 30
