"""The lease's time line, step by step on a clock that is moved."""

from collections.abc import Callable

import pytest

from shared.delivery.job_lease import JobLease
from shared.delivery.waiting import (
    LEASE_SECONDS,
    RENEW_EVERY_SECONDS,
    RENEW_PAUSE_SECONDS,
    TRUSTED_SECONDS,
)
from shared.errors import LeaseLostError, LeaseTakenError, StorageError
from tests.support.fake_clock import FakeClock
from tests.support.fake_storage import FakeContainer

PATH = "lease/job"


class _State(FakeContainer):
    """Counts renewals; taking and renewing may be told to fail, and to take their time."""

    renewals = 0
    fails: Exception | None = None
    takes_seconds = 0.0

    def acquire(self, name: str, lease_id: str, seconds: int) -> None:
        """Wait, then take."""
        super().acquire(name, lease_id, seconds)
        self._wait()

    def renew(self, name: str, lease_id: str) -> None:
        """Count, wait, fail or renew."""
        self.renewals += 1
        self._wait()
        if self.fails:
            raise self.fails
        super().renew(name, lease_id)

    def _wait(self) -> None:
        assert isinstance(self.clock, FakeClock)
        self.clock.passed_seconds += self.takes_seconds


def _new() -> tuple[_State, FakeClock, JobLease]:
    clock = FakeClock()
    state = _State("gatepost-state", clock)
    return state, clock, JobLease(state, PATH, clock)


def _taken() -> tuple[_State, FakeClock, JobLease]:
    state, clock, lease = _new()
    lease.__enter__()
    state.renewals = 0
    return state, clock, lease


def test_the_blob_is_made_and_then_nobody_else_gets_its_lease() -> None:
    """The first attempt of a job finds nothing there."""
    state, _, lease = _new()
    with lease:
        assert state.names() == [PATH]
        with pytest.raises(LeaseTakenError), JobLease(state, PATH, state.clock):
            pass
        lease.check()


def test_two_that_make_the_blob_at_once_are_one_holder() -> None:
    """The slower one finds it made, and the lease taken."""
    state, clock, lease = _new()

    def faster(what: str, _name: str) -> None:
        if what == "write":
            state.on_change = lambda _what, _name: None
            JobLease(state, PATH, clock).__enter__()

    state.on_change = faster
    with pytest.raises(LeaseTakenError), lease:
        pass


def test_a_blob_that_vanishes_as_soon_as_it_is_made_is_a_fault_of_storage() -> None:
    """Nothing is sent without a lease."""
    state, _, lease = _new()
    state.on_change = lambda what, name: state.delete(name) if what == "wrote" else None
    with pytest.raises(StorageError), lease:
        pass


def test_renewed_every_fifteen_seconds_it_is_kept_for_hours() -> None:
    """As long as renewals go through, nobody else gets in."""
    state, clock, lease = _taken()
    clock.sleep(2 * 3_600)
    lease.check()
    assert state.renewals == 2 * 3_600 // RENEW_EVERY_SECONDS


def test_after_forty_seconds_without_a_renewal_it_is_not_trusted() -> None:
    """A moment before it still is; Azure lets others in at 60 s."""
    state, clock, lease = _taken()
    state.fails = StorageError("down")
    clock.sleep(TRUSTED_SECONDS - 0.001)
    lease.check()
    assert lease.seconds_left() == pytest.approx(0.001)
    clock.sleep(0.001)
    with pytest.raises(LeaseLostError):
        lease.check()


def test_once_lost_it_stays_lost() -> None:
    """A renewal that succeeds afterwards changes nothing: another worker may have been in between."""
    state, clock, lease = _taken()
    state.fails = StorageError("down")
    clock.sleep(TRUSTED_SECONDS + 1)
    with pytest.raises(LeaseLostError):
        lease.check()
    state.fails = None
    clock.sleep(RENEW_EVERY_SECONDS)
    assert lease.seconds_left() == 0
    for ask in (lease.check, lease.renew):
        with pytest.raises(LeaseLostError):
            ask()


def test_time_counts_from_before_the_lease_was_taken() -> None:
    """Storage's answer took 9 s: the lease is as old as the question."""
    state, clock, lease = _new()
    state.put(PATH, b"")
    state.takes_seconds = 9.0
    with lease:
        state.takes_seconds = 0.0
        assert lease.seconds_left() == TRUSTED_SECONDS - 9
        state.fails = StorageError("down")
        clock.pass_until(TRUSTED_SECONDS)
        with pytest.raises(LeaseLostError):
            lease.check()


def test_making_the_blob_first_does_not_make_the_lease_older() -> None:
    """It counts from the try that took it."""
    state, clock, lease = _new()
    state.on_change = lambda what, _name: clock.sleep(20) if what == "write" else None
    with lease:
        assert lease.seconds_left() == TRUSTED_SECONDS


def test_time_counts_from_before_a_renewal_left() -> None:
    """A renewal whose answer took 9 s is as old as its beginning."""
    state, clock, lease = _taken()
    state.takes_seconds = 9.0
    clock.sleep(15)
    state.fails = StorageError("down")
    state.takes_seconds = 0.0
    clock.pass_until(15 + TRUSTED_SECONDS - 0.001)
    lease.check()
    clock.pass_until(15 + TRUSTED_SECONDS)
    with pytest.raises(LeaseLostError):
        lease.check()


def test_a_renewal_asked_for_leaves_after_the_question() -> None:
    """The fence: it is not enough that one succeeded before."""
    state, clock, lease = _taken()
    clock.sleep(14)
    lease.renew()
    assert state.renewals == 1
    assert lease.seconds_left() == TRUSTED_SECONDS


def test_a_renewal_asked_for_is_tried_until_the_last_one_is_too_old() -> None:
    """A second apart; then the lease is lost, and no body leaves."""
    state, clock, lease = _taken()
    state.fails = StorageError("down")
    with pytest.raises(LeaseLostError):
        lease.renew()
    assert clock.passed_seconds == TRUSTED_SECONDS
    regular = TRUSTED_SECONDS // RENEW_EVERY_SECONDS
    assert state.renewals == TRUSTED_SECONDS // RENEW_PAUSE_SECONDS + regular


def test_a_renewal_that_goes_through_in_the_end_is_one() -> None:
    """Storage was down for three seconds."""
    state, clock, lease = _taken()
    state.fails = StorageError("down")

    def up() -> None:
        state.fails = None

    clock.every(3, up)
    lease.renew()
    assert clock.passed_seconds == 3
    assert lease.seconds_left() == TRUSTED_SECONDS


@pytest.mark.parametrize("change", [FakeContainer.steal_lease, FakeContainer.delete])
def test_a_renewal_that_is_refused_ends_it_at_once(change: Callable[[FakeContainer, str], object]) -> None:
    """Another worker has it, or it is gone: no waiting for 40 s."""
    state, clock, lease = _taken()
    change(state, PATH)
    with pytest.raises(LeaseLostError):
        lease.renew()
    assert clock.passed_seconds == 0
    state, clock, lease = _taken()
    change(state, PATH)
    clock.sleep(RENEW_EVERY_SECONDS)
    with pytest.raises(LeaseLostError):
        lease.check()


def test_leaving_gives_the_lease_back_and_stops_renewing() -> None:
    """Also when leaving because of an error."""
    state, clock, lease = _new()
    with pytest.raises(ZeroDivisionError), lease:
        raise ZeroDivisionError
    state.acquire(PATH, "next", LEASE_SECONDS)
    clock.sleep(100)
    assert state.renewals == 0


def test_a_lease_that_was_never_taken_is_not_given_back() -> None:
    """The holder keeps it, and nothing is renewed."""
    state, clock, lease = _new()
    state.put(PATH, b"")
    state.acquire(PATH, "another", LEASE_SECONDS)
    with pytest.raises(LeaseTakenError), lease:
        pass
    with pytest.raises(LeaseTakenError):
        state.acquire(PATH, "third", LEASE_SECONDS)
    clock.sleep(RENEW_EVERY_SECONDS)
    assert state.renewals == 0


def test_every_holder_has_a_name_of_its_own() -> None:
    """It stands in the journals' lines."""
    state, clock, lease = _new()
    assert lease.holder != JobLease(state, PATH, clock).holder
    assert len(lease.holder) == 8
