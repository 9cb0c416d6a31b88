"""Every delay, cap and age of delivery in one place, and whether a message is to be processed now.

Seconds and timedeltas; what the connector asks for is in its reply (`shared.delivery.classify_reply`).
"""

import math
from datetime import datetime, timedelta
from typing import Final

from shared.clock import Clock, utc_time
from shared.delivery.outcome import Outcome
from shared.delivery.remap_due import is_due_whole
from shared.errors import OutcomeError
from shared.messages import Message

LEASE_SECONDS: Final = 60
RENEW_EVERY_SECONDS: Final = 15.0
RENEW_PAUSE_SECONDS: Final = 1.0
TRUSTED_SECONDS: Final = 40.0
"""The job's lease; see the time line in `shared.delivery.job_lease`."""

LEASE_TAKEN_SECONDS: Final = 15
LEASE_LOST_SECONDS: Final = 300
FAILED_DELAYS_SECONDS: Final = (300, 600, 1_200, 2_400, 3_600)
"""Waits after the first, second, ... failure in a row; the last one for all that follow."""

GROWING_SECONDS: Final = 10
EMPTY_EXPORT_SECONDS: Final = 120
MAX_STEP_SECONDS: Final = 600
"""Waits that double stop growing here: for the lease, and for an export that changes while it is read."""

YOUNG: Final = timedelta(minutes=1)
"""An empty blob younger than this may still be announced before its content (SFTP, Data Lake)."""

EARLY: Final = timedelta(minutes=2)
"""A requeued message may show this much before the outcome's `nextAttemptAt`: clocks differ."""

MIN_PAUSE_SECONDS: Final = 1.0
MAX_PAUSE_SECONDS: Final = 60.0
"""Between two requests for the same batch within an invocation."""

MANY_COPIES: Final = 10
ONE_DAY_SECONDS: Final = 86_400.0
"""After so many possible copies of a batch it is tried once a day."""

MAX_REFUSED_SINGLY: Final = 20
MAX_UNFINISHED_STARTS: Final = 10
SECRET_REQUEUES: Final = 3
MAX_CONFLICTS: Final = 10
MAX_REMAP_TRIES: Final = 20
"""After so many failures in a row a pass over rejected records that a sweep has queued waits for the next sweep."""

MISSED: Final = timedelta(minutes=15)
DEAD_WORKER: Final = timedelta(hours=2)
OVERDUE: Final = timedelta(hours=1)
RETENTION_MARGIN: Final = timedelta(days=10)
"""What the sweep takes for missed, dead, overdue; and how long before deletion it no longer trusts that a document is gone."""

REJECTED_WAITS: Final = timedelta(days=14)
"""How long a rejected export counts among those that wait, if no newer version of that name is there."""

SWEEP_AGAIN_SECONDS: Final = 300
REPORT_DELAY_SECONDS: Final = 300
REPORT_PENDING: Final = timedelta(minutes=30)


def should_process(
    previous: Outcome | None,
    message: Message,
    now: datetime,
    *,
    is_current: bool = True,
    mapping: str | None = None,
) -> bool:
    """Whether a message without a new request asks for anything, given the stored outcome.

    1. No outcome yet: yes. A final one: no, unless it is to be tried under another mapping. A version that is gone or overwritten is closed at once.
    2. A requeued message: only if no attempt has begun since it was put. Messages are delivered twice by the host and
       by Event Grid, and queued once more by the sweep; if each of them went on for ever, an outage would multiply them.
    3. `Blocked` until a person asks: no. `Failed`: not before its own requeued message is due (no other has such a time).

    Args:
        previous: the stored outcome.
        message: as it was on the queue.
        now: UTC.
        is_current: whether the container holds the version that the outcome is about.
        mapping: of the export's source, as it is now, where the message asks to try it; `None`: there is none.
    """
    if previous is None:
        return True
    if is_due_whole(previous, message, mapping, is_current=is_current):
        return True
    persons_turn = previous.retry == "person"
    if previous.status.final or not is_current:
        return not (previous.status.final or persons_turn)
    if message.after is not None:
        return message.after == previous.attempts
    if previous.next_attempt_at:
        return utc_time(previous.next_attempt_at) - now <= EARLY
    return not persons_turn


def retries_exhausted(outcome: Outcome, now: datetime, retry_days: int) -> bool:
    """Whether an export that failed has been tried for `RETRY_DAYS`, from its upload or the last request for it.

    Args:
        outcome: as it is stored.
        now: UTC.
        retry_days: the setting.
    """
    if outcome.retry != "auto":
        return False
    since = max((one for one in (outcome.export.last_modified, outcome.retry_from) if one), default=None)
    return since is not None and now - utc_time(since) > timedelta(days=retry_days)


def failed_delay_seconds(error: OutcomeError, tries: int, retry_max_seconds: float) -> int:
    """Seconds until the next attempt.

    What the other side asked for is obeyed where it is more than is waited within an invocation. Less than that was
    waited, and it failed again: from the second time on the usual waits hold, or an outage would become a storm.

    Args:
        error: what failed.
        tries: failures in a row before this one.
        retry_max_seconds: how long a batch is retried within an invocation.
    """
    usual = FAILED_DELAYS_SECONDS[min(tries, len(FAILED_DELAYS_SECONDS) - 1)]
    asked = error.retry_after_seconds
    if asked is None:
        return usual
    if asked > retry_max_seconds or not tries:
        return max(1, math.ceil(asked))
    return max(math.ceil(asked), usual)


def lease_taken_seconds(clock: Clock, waits: int) -> int:
    """A random time around 15 s, doubled with each wait, up to 10 minutes."""
    usual = min(LEASE_TAKEN_SECONDS << min(waits, 10), MAX_STEP_SECONDS)
    return min(MAX_STEP_SECONDS, math.ceil(clock.between(usual * 2 / 3, usual * 4 / 3)))


def growing_seconds(tries: int) -> int:
    """10 s, 20 s, ... at most 10 minutes: an export that grows while it is read must not keep a worker busy."""
    return min(GROWING_SECONDS << min(tries, 10), MAX_STEP_SECONDS)


def pause_seconds(clock: Clock, failures: int, asked_seconds: float | None) -> float:
    """Seconds until the same batch is posted again in this invocation.

    Args:
        clock: for chance.
        failures: how often it has failed, from 1.
        asked_seconds: what the connector asked for, if it did.
    """
    if asked_seconds is not None:
        return max(asked_seconds, MIN_PAUSE_SECONDS)
    return clock.between(MIN_PAUSE_SECONDS, min(MAX_PAUSE_SECONDS, 2.0**failures))
