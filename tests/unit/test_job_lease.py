"""The lease's time line, step by step on a clock that is moved."""

from collections.abc import Callable

import msgspec
import pytest

from shared.delivery import ledger as ledgers
from shared.delivery.job_lease import LEASE_SECONDS, RENEW_EVERY_SECONDS, TRUSTED_SECONDS, JobLease
from shared.delivery.ledger import Ledger
from shared.errors import ActionRequiredError, LeaseLostError, LeaseTakenError, MissingBlobError, StorageError
from tests.support.fake_clock import FakeClock
from tests.support.fake_storage import FakeContainer

PATH = "ledger/job/9f.json"
LEDGER = Ledger(
    version="1.0.0",
    rules="r",
    job_id="job",
    sha256="9f" * 32,
    created_at="2026-11-22T05:00:00Z",
    read=0,
    rejected=0,
    by_reason=[],
    latest_event="",
    max_bytes=1,
    entries=[],
)


class _State(FakeContainer):
    """Counts renewals; one may be told to fail, and to take its time."""

    renewals = 0
    fails: Exception | None = None
    takes_seconds = 0.0

    def renew(self, name: str, lease_id: str) -> None:
        """Count, wait, fail or renew."""
        self.renewals += 1
        assert isinstance(self.clock, FakeClock)
        self.clock.passed_seconds += self.takes_seconds
        if self.fails:
            raise self.fails
        super().renew(name, lease_id)


def _opened() -> tuple[_State, FakeClock, JobLease]:
    clock = FakeClock()
    state = _State("gatepost-state", clock)
    lease = JobLease(state, PATH, clock)
    assert lease.open(LEDGER) == LEDGER
    return state, clock, lease


def test_opening_creates_takes_the_lease_and_then_reads() -> None:
    """In this order: what was there before our lease may be another's, what we read after it is ours."""
    state, _, lease = _opened()
    other = FakeContainer.acquire
    with pytest.raises(LeaseTakenError):
        other(state, PATH, "somebody", LEASE_SECONDS)
    lease.write(LEDGER)
    assert ledgers.decode(state.data(PATH)) == LEDGER


def test_a_ledger_that_is_there_is_not_created_anew() -> None:
    """The first decision stands, whatever the second one would have been."""
    clock = FakeClock()
    state = _State("gatepost-state", clock)
    state.put(PATH, ledgers.encode(LEDGER))
    with JobLease(state, PATH, clock) as lease:
        assert lease.open(msgspec.structs.replace(LEDGER, read=7)) == LEDGER


def test_without_a_plan_there_must_be_a_ledger() -> None:
    """Its absence is said, and nothing is created."""
    clock = FakeClock()
    state = _State("gatepost-state", clock)
    with JobLease(state, PATH, clock) as lease, pytest.raises(MissingBlobError):
        lease.open(None)
    assert state.names() == []


def test_a_ledger_that_vanishes_before_it_is_read_needs_a_person() -> None:
    """Lease taken, document gone: nothing is guessed."""
    clock = FakeClock()
    state = _State("gatepost-state", clock)
    state.read = lambda _name: None  # type: ignore[assignment,method-assign]
    with JobLease(state, PATH, clock) as lease, pytest.raises(ActionRequiredError) as caught:
        lease.open(LEDGER)
    assert caught.value.code == "ledger-gone"


def test_renewed_every_fifteen_seconds_it_is_kept_for_hours() -> None:
    """As long as renewals go through, nobody else gets in."""
    state, clock, lease = _opened()
    clock.sleep(2 * 3_600)
    lease.check()
    lease.write(LEDGER)
    assert state.renewals == 2 * 3_600 // RENEW_EVERY_SECONDS


@pytest.mark.parametrize("failure", [StorageError("down"), MissingBlobError("gone")])
def test_after_forty_seconds_without_a_renewal_it_is_not_trusted(failure: Exception) -> None:
    """At 40 s it still is, a moment later no more; Azure lets others in at 60 s."""
    state, clock, lease = _opened()
    state.fails = failure
    clock.sleep(TRUSTED_SECONDS)
    lease.check()
    clock.sleep(0.001)
    with pytest.raises(LeaseLostError):
        lease.check()
    before = state.data(PATH)
    with pytest.raises(LeaseLostError):
        lease.write(LEDGER)
    assert state.data(PATH) == before


def test_once_lost_it_stays_lost() -> None:
    """A renewal that succeeds afterwards changes nothing: somebody may have been in between."""
    state, clock, lease = _opened()
    state.fails = StorageError("down")
    clock.sleep(TRUSTED_SECONDS + 1)
    with pytest.raises(LeaseLostError):
        lease.check()
    state.fails = None
    clock.sleep(RENEW_EVERY_SECONDS)
    with pytest.raises(LeaseLostError):
        lease.check()


def test_a_late_renewal_counts_if_nobody_asked_in_between() -> None:
    """Two fail, the third goes through at 45 s: Azure has let nobody in before 60 s, so it is still ours."""
    state, clock, lease = _opened()
    state.fails = StorageError("down")
    clock.sleep(38)
    state.fails = None
    clock.sleep(7 + TRUSTED_SECONDS)
    lease.check()


def test_time_counts_from_before_a_renewal_left() -> None:
    """A renewal whose answer took 9 s is as old as its beginning."""
    state, clock, lease = _opened()
    state.takes_seconds = 9.0
    clock.sleep(15)
    state.fails = StorageError("down")
    state.takes_seconds = 0.0
    clock.pass_until(15 + TRUSTED_SECONDS)
    lease.check()
    clock.pass_until(15 + TRUSTED_SECONDS + 0.001)
    with pytest.raises(LeaseLostError):
        lease.check()


def test_a_renewal_that_is_refused_ends_it_at_once() -> None:
    """Somebody else has it: no waiting for 40 s."""
    state, clock, lease = _opened()
    state.steal_lease(PATH)
    clock.sleep(RENEW_EVERY_SECONDS)
    with pytest.raises(LeaseLostError):
        lease.check()


@pytest.mark.parametrize("change", [FakeContainer.steal_lease, lambda state, path: state.put(path, b"other")])
def test_a_write_under_another_lease_or_over_another_version_is_refused(
    change: Callable[[FakeContainer, str], object],
) -> None:
    """Both conditions are on every write; after that nothing more is written."""
    state, _, lease = _opened()
    change(state, PATH)
    before = state.data(PATH)
    for _ in range(2):
        with pytest.raises(LeaseLostError):
            lease.write(LEDGER)
    assert state.data(PATH) == before


def test_leaving_gives_the_lease_back_and_stops_renewing() -> None:
    """Also when leaving because of an error."""
    state, clock, lease = _opened()
    with pytest.raises(ZeroDivisionError), lease:
        raise ZeroDivisionError
    state.acquire(PATH, "next", LEASE_SECONDS)
    clock.sleep(100)
    assert state.renewals == 0


def test_leaving_without_having_opened_touches_nothing() -> None:
    """A lease that was never taken is not given back."""
    clock = FakeClock()
    state = _State("gatepost-state", clock)
    state.put(PATH, ledgers.encode(LEDGER))
    state.acquire(PATH, "somebody", LEASE_SECONDS)
    with JobLease(state, PATH, clock) as lease, pytest.raises(LeaseTakenError):
        lease.open(LEDGER)
    with pytest.raises(LeaseTakenError):
        state.acquire(PATH, "third", LEASE_SECONDS)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "ledger-damaged"),
        (b"{}", "ledger-damaged"),
        (b'{"schemaVersion": 1}', "ledger-damaged"),
        (b'{"schemaVersion": 2, "anything": []}', "newer-ledger"),
    ],
)
def test_a_ledger_that_cannot_be_read_needs_a_person(data: bytes, code: str) -> None:
    """And its lease is given back."""
    clock = FakeClock()
    state = _State("gatepost-state", clock)
    state.put(PATH, data)
    with JobLease(state, PATH, clock) as lease, pytest.raises(ActionRequiredError) as caught:
        lease.open(LEDGER)
    assert caught.value.code == code
    state.acquire(PATH, "next", LEASE_SECONDS)
