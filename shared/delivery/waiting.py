"""What a message asks for, given the outcome that is there; and how long the next one waits."""

import math
from datetime import datetime, timedelta
from typing import Final

from shared.clock import utc_time
from shared.delivery.outcome import Outcome
from shared.error_codes import Status
from shared.errors import OutcomeError, TransientError
from shared.messages import Message

FAILED_DELAYS_SECONDS: Final = (300, 600, 1_200, 2_400, 3_600)
"""Waits after the first, second, ... failure in a row; the last one for all that follow."""

EARLY: Final = timedelta(minutes=2)
"""A requeue may show this much before the outcome's `nextAttemptAt`: clocks differ. Every delay is longer."""


def should_process(previous: Outcome | None, message: Message, now: datetime) -> bool:
    """Whether a message asks for anything.

    A person asks by a new command and need not wait; the copy of one that comes back is only what is left of it, and a
    request to send known content again that is delivered twice is still one request.
    """
    if previous is None:
        return True
    begun = previous.resend_of is not None and previous.resend_of.id == message.resend
    if message.resend and not begun:
        return True
    asked = message.trigger == "command" and message.tries == 0 and not begun
    if previous.status is Status.FAILED and not asked and _is_stray(previous, message, now):
        return False
    if previous.status.final:
        return asked and previous.status in {Status.REJECTED, Status.GIVEN_UP}
    return asked or not (previous.status is Status.BLOCKED and previous.retry == "person")


def delay_seconds(error: OutcomeError, tries: int) -> int:
    """Seconds until the next attempt; what the connector asks for counts, but from the second time not for less."""
    usual = FAILED_DELAYS_SECONDS[min(tries, len(FAILED_DELAYS_SECONDS) - 1)]
    if isinstance(error, TransientError) and error.retry_after_seconds is not None:
        return max(math.ceil(error.retry_after_seconds), usual if tries else 1)
    return usual


def _is_stray(failed: Outcome, message: Message, now: datetime) -> bool:
    """Whether another message looks after a failed export: one that follows its last attempt, or is still to show.

    Messages are delivered twice by the host and by Event Grid, and queued once more by the sweep during a backlog; if
    each of them came back for ever, an outage would multiply them.
    """
    if message.after is not None:
        return message.after != failed.attempts
    return failed.next_attempt_at is not None and utc_time(failed.next_attempt_at) - now > EARLY
