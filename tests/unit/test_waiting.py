"""Every delay, and whether a message is to be processed now."""

from datetime import timedelta

import msgspec
import pytest

from shared.clock import utc_text
from shared.delivery import waiting
from shared.delivery.outcome import Export, Outcome
from shared.delivery.waiting import (
    failed_delay_seconds,
    growing_seconds,
    lease_taken_seconds,
    pause_seconds,
    retries_exhausted,
    should_process,
)
from shared.error_codes import FailedCode, Retry, Status
from shared.errors import TransientError
from shared.messages import Message
from tests.support.fake_clock import MORNING, FakeClock


def _outcome(status: Status, retry: Retry = None, **changes: object) -> Outcome:
    made = Outcome(
        status=status,
        retry=retry,
        export=Export(container="c", name="n", etag="e", last_modified=utc_text(MORNING)),
        attempts=3,
        job_id="j",
        invocation_id="i",
        version="2.0.0",
        started_at=utc_text(MORNING),
    )
    return msgspec.structs.replace(made, **changes)


def _failed(due_in_seconds: int) -> Outcome:
    due = utc_text(MORNING + timedelta(seconds=due_in_seconds))
    return _outcome(Status.FAILED, "auto", next_attempt_at=due)


# outcome, `after` of the message, whether the version is there, whether it is processed
ROWS: dict[str, tuple[Outcome | None, int | None, bool, bool]] = {
    "nothing known": (None, None, True, True),
    "nothing known, gone": (None, None, False, True),
    "nothing known, a requeued message": (None, 3, True, True),
    **{
        f"{status} {there}": (_outcome(status), None, there, False)
        for status in Status
        if status.final
        for there in (True, False)
    },
    "final, its own requeued message": (_outcome(Status.SUCCEEDED), 3, True, False),
    "in progress": (_outcome(Status.IN_PROGRESS), None, True, True),
    "in progress, its requeued message": (_outcome(Status.IN_PROGRESS), 3, True, True),
    "in progress, a stray copy": (_outcome(Status.IN_PROGRESS), 2, True, False),
    "in progress, gone": (_outcome(Status.IN_PROGRESS), 2, False, True),
    "blocked, auto": (_outcome(Status.BLOCKED, "auto"), None, True, True),
    "blocked, auto, gone": (_outcome(Status.BLOCKED, "auto"), None, False, True),
    "blocked, a person": (_outcome(Status.BLOCKED, "person"), None, True, False),
    "blocked, a person, gone": (_outcome(Status.BLOCKED, "person"), None, False, False),
    "blocked, a person, a requeued message": (_outcome(Status.BLOCKED, "person"), 3, True, True),
    "failed, due": (_failed(0), None, True, True),
    "failed, due in two minutes": (_failed(120), None, True, True),
    "failed, due a second later": (_failed(121), None, True, False),
    "failed, not due, its requeued message": (_failed(3_600), 3, True, True),
    "failed, not due, a stray copy": (_failed(3_600), 2, True, False),
    "failed, due, a stray copy": (_failed(0), 2, True, False),
    "failed, not due, gone": (_failed(3_600), 2, False, True),
    "failed, due at no known time": (_outcome(Status.FAILED, "auto"), None, True, True),
}


@pytest.mark.parametrize("row", [pytest.param(row, id=why) for why, row in ROWS.items()])
def test_a_message_is_processed_if_nobody_else_will(
    row: tuple[Outcome | None, int | None, bool, bool],
) -> None:
    """Messages are delivered twice; each of them going on for ever would multiply an outage."""
    outcome, after, current, expected = row
    message = Message("n", "e", after=after)
    assert should_process(outcome, message, MORNING, is_current=current) is expected


def _error(asked: float | None) -> TransientError:
    return TransientError(FailedCode.CONNECTOR_THROTTLED, "no", retry_after_seconds=asked)


# what the other side asked for, failures before this one, seconds until the next attempt; 300 s are waited within one
DELAYS = [
    (None, 0, 300), (None, 1, 600), (None, 2, 1_200), (None, 3, 2_400), (None, 4, 3_600), (None, 99, 3_600),
    (0.0, 0, 1), (0.2, 0, 1), (7.0, 0, 7), (7.5, 0, 8), (299.0, 0, 299),
    (0.0, 1, 600), (7.0, 1, 600), (7.0, 4, 3_600), (300.0, 1, 600),
    (301.0, 0, 301), (301.0, 4, 301), (86_400.0, 0, 86_400), (86_400.0, 9, 86_400),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "tries", "delay"), DELAYS)
def test_the_next_attempt_waits_as_long_as_was_asked_or_longer(
    asked: float | None, tries: int, delay: int
) -> None:
    """Never at once: what was asked for and kept did not help the first time."""
    assert failed_delay_seconds(_error(asked), tries, 300) == delay


@pytest.mark.parametrize(
    ("status", "retry", "days", "from_days", "exhausted"),
    [
        (Status.FAILED, "auto", 60.0, None, False),
        (Status.FAILED, "auto", 60.01, None, True),
        (Status.BLOCKED, "auto", 60.01, None, True),
        (Status.BLOCKED, "person", 99, None, False),
        (Status.IN_PROGRESS, None, 99, None, False),
        (Status.SUCCEEDED, None, 99, None, False),
        (Status.FAILED, "auto", 99, 40, False),
        (Status.FAILED, "auto", 101, 40, True),
        (Status.FAILED, "auto", 60.01, -40, True),
    ],
)
def test_retries_end_after_so_many_days(
    status: Status, retry: Retry, days: float, from_days: int | None, *, exhausted: bool
) -> None:
    """From the upload or the last request for it, whichever is later."""
    since = utc_text(MORNING + timedelta(days=from_days)) if from_days else None
    outcome = _outcome(status, retry, retry_from=since)
    assert retries_exhausted(outcome, MORNING + timedelta(days=days), 60) is exhausted


def test_an_export_of_unknown_age_is_tried_on() -> None:
    """One that was gone at every look has no time of its own."""
    outcome = _outcome(Status.FAILED, "auto", export=Export(container="c", name="n", etag="e"))
    assert not retries_exhausted(outcome, MORNING + timedelta(days=999), 60)


class _Chance(FakeClock):
    """Gives one end of what chance may give."""

    def __init__(self, *, high: bool) -> None:
        super().__init__()
        self._high = high

    def between(self, low_seconds: float, high_seconds: float) -> float:
        """The end."""
        return high_seconds if self._high else low_seconds


@pytest.mark.parametrize(
    ("waits", "low", "high"), [(0, 10, 20), (1, 20, 40), (5, 320, 600), (6, 400, 600), (10**6, 400, 600)]
)
def test_whoever_waits_for_the_lease_waits_longer_each_time(waits: int, low: int, high: int) -> None:
    """Around 15 s, doubled, up to 10 minutes; by chance, so that waiters do not ask together."""
    assert lease_taken_seconds(_Chance(high=False), waits) == low
    assert lease_taken_seconds(_Chance(high=True), waits) == high


def test_an_export_that_grows_is_asked_for_less_and_less_often() -> None:
    """10 s, 20 s, ... at most 10 minutes."""
    assert [growing_seconds(tries) for tries in (0, 1, 2, 5, 6, 10**6)] == [10, 20, 40, 320, 600, 600]


@pytest.mark.parametrize(
    ("failures", "asked", "low", "high"),
    [(1, None, 1, 2), (3, None, 1, 8), (6, None, 1, 60), (999, None, 1, 60), (9, 0.0, 1, 1), (1, 20.5, 20.5, 20.5)],
)  # fmt: skip
def test_a_batch_waits_by_chance_or_as_asked(
    failures: int, asked: float | None, low: float, high: float
) -> None:
    """At least a second."""
    assert pause_seconds(_Chance(high=False), failures, asked) == low
    assert pause_seconds(_Chance(high=True), failures, asked) == high


def test_waits_and_ages_are_those_of_the_design() -> None:
    """Guides, texts and the lease's time line name them: who changes one here changes them there."""
    found = {name: value for name, value in vars(waiting).items() if name.isupper() and name != "UTC"}
    assert found == {
        "LEASE_SECONDS": 60,
        "RENEW_EVERY_SECONDS": 15,
        "RENEW_PAUSE_SECONDS": 1,
        "TRUSTED_SECONDS": 40,
        "LEASE_TAKEN_SECONDS": 15,
        "LEASE_LOST_SECONDS": 300,
        "FAILED_DELAYS_SECONDS": (300, 600, 1_200, 2_400, 3_600),
        "GROWING_SECONDS": 10,
        "EMPTY_EXPORT_SECONDS": 120,
        "MAX_STEP_SECONDS": 600,
        "YOUNG": timedelta(minutes=1),
        "EARLY": timedelta(minutes=2),
        "MIN_PAUSE_SECONDS": 1,
        "MAX_PAUSE_SECONDS": 60,
        "MANY_COPIES": 10,
        "ONE_DAY_SECONDS": 86_400,
        "MAX_REFUSED_SINGLY": 20,
        "MAX_UNFINISHED_STARTS": 10,
        "SECRET_REQUEUES": 3,
        "MAX_CONFLICTS": 10,
        "MAX_REMAP_TRIES": 20,
        "MISSED": timedelta(minutes=15),
        "DEAD_WORKER": timedelta(hours=2),
        "OVERDUE": timedelta(hours=1),
        "RETENTION_MARGIN": timedelta(days=10),
        "REJECTED_WAITS": timedelta(days=14),
        "SWEEP_AGAIN_SECONDS": 300,
        "REPORT_DELAY_SECONDS": 300,
        "REPORT_PENDING": timedelta(minutes=30),
    }
