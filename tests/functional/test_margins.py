"""Figures and orders that a glance does not notice: what comes before what, the tenth of a kind, the latest of many."""

from datetime import timedelta
from itertools import pairwise

import msgspec
import pytest

from shared.clock import utc_time
from shared.delivery.attempt import Attempt, Invocation
from shared.delivery.finish import Ending
from shared.delivery.found_export import FoundExport
from shared.delivery.job_lease import JobLease
from shared.delivery.ledger_store import LedgerStore
from shared.delivery.observer import NullObserver
from shared.delivery.open_attempt import Opening
from shared.delivery.outcome import Outcome, Records
from shared.delivery.outcome_store import OutcomeStore
from shared.error_codes import Status
from shared.messages import Message
from tests.support.exports import export
from tests.support.fake_clock import MORNING
from tests.support.fake_connector import BROKEN
from tests.support.reports import written
from tests.support.world import World


def test_the_lease_is_renewed_after_the_token_and_before_the_body() -> None:
    """A token may take a minute to fetch: a renewal before that says nothing about now."""
    world = World()
    order: list[str] = []
    token, renew, write = world.tokens.token, world.state.renew, world.state.append

    def fetching(*, fresh: bool = False) -> str:
        order.append("token")
        return token(fresh=fresh)

    def renewing(name: str, lease_id: str) -> None:
        order.append("renew")
        renew(name, lease_id)

    def appending(name: str, data: bytes, etag: str) -> str:
        order.append("ledger")
        return write(name, data, etag)

    world.tokens.token = fetching  # type: ignore[method-assign]
    world.state.renew = renewing  # type: ignore[method-assign]
    world.state.append = appending  # type: ignore[method-assign]
    world.connector.on_post = lambda when, _what: order.append(when)
    world.upload("day.json", export(15))
    world.run()
    # the last renewal is that before open files are deleted
    assert order == ["ledger", *["ledger", "token", "renew", "post", "posted"] * 2, "ledger", "renew"]


def test_after_ten_possible_copies_of_a_batch_it_is_tried_once_a_day() -> None:
    """Each request without an answer may have been taken; from the tenth copy on only one a day is risked."""
    world = World().with_settings(RETRY_MAX_SECONDS="20")
    world.connector.always = BROKEN
    world.upload("day.json", export(3))
    world.run_days(4)
    waits = []
    for outcome in world.outcomes:
        assert outcome.finished_at is not None
        assert outcome.next_attempt_at is not None
        wait = utc_time(outcome.next_attempt_at) - utc_time(outcome.finished_at)
        waits.append((outcome.batches[0].possible_copies, wait >= timedelta(days=1)))
    assert [day for _, day in waits] == [copies >= 10 for copies, _ in waits]
    assert 10 in [copies for copies, _ in waits]
    daily = [copies for copies, day in waits if day]
    assert all(later - earlier == 1 for earlier, later in pairwise(daily))


@pytest.mark.parametrize("order", [("a", "b", "c"), ("c", "b", "a"), ("b", "c", "a")])
def test_a_sweep_says_when_records_were_last_sent(order: tuple[str, ...]) -> None:
    """The latest of all, wherever it is listed; also over several slices."""
    for seconds in ("1500", "0"):
        world = World().with_settings(INVOCATION_SECONDS=seconds)
        for age, name in enumerate(order, 1):
            finished, sent = MORNING - timedelta(hours=age), Records(read=3, sent=3)
            written(world.results, f"{name}.json", Status.SUCCEEDED, finished, records=sent)
        written(world.results, "d.json", Status.REJECTED, MORNING, code="not-json")
        assert world.sweep(check=False).last_sent_at == MORNING - timedelta(hours=1)


class _Told(NullObserver):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.newly_rejected: list[int] = []

    def ended(self, outcome: Outcome, *, seconds: float, newly_rejected: int) -> None:
        """Keep it."""
        self.newly_rejected.append(newly_rejected)


@pytest.mark.parametrize(
    ("before", "now", "newly"), [(None, 5, 5), (0, 5, 5), (3, 5, 2), (5, 5, 0), (5, 3, 0), (5, None, 0)]
)
def test_rejected_records_are_counted_once_and_never_taken_back(
    before: int | None, now: int | None, newly: int
) -> None:
    """A counter that goes down is refused by every tool; other rules may reject fewer records."""
    world, told = World(), _Told()
    message = Message("day.json", "0x1")
    invocation = Invocation("i", world.settings.job_id, "2026-11-22T05:00:00Z")
    attempt = Attempt(message, FoundExport("day.json", "0x1", "gone"), "badging-exports", invocation, 0, 9, 9)
    store = OutcomeStore(world.results, "day.json", "0x1")
    ledgers = LedgerStore(world.state, "job", JobLease(world.state, world.lease, world.clock))
    ending = Ending(attempt, store, ledgers, world.queue, world.clock, told)
    kept = written(world.results, "x.json", Status.SUCCEEDED, MORNING)
    previous = (
        None if before is None else msgspec.structs.replace(kept, records=Records(read=9, rejected=before))
    )
    outcome = msgspec.structs.replace(kept, records=None if now is None else Records(read=9, rejected=now))
    ending.closed(Opening(outcome, previous, closed=True))
    assert told.newly_rejected == [newly]
