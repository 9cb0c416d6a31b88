"""A blob's lease, state by state, as Azure documents it."""

from collections.abc import Callable

import pytest

from tests.support.storage_model.leases import FREE, INFINITE, Lease, LeaseState
from tests.support.storage_model.refusals import Dialect, RefusedError

A, B = "a", "b"
LEASED = FREE.acquire(A, 15, 0.0)
ENDLESS = FREE.acquire(A, INFINITE, 0.0)
STATES = {
    LeaseState.AVAILABLE: (FREE, 1.0),
    LeaseState.LEASED: (LEASED, 1.0),
    LeaseState.EXPIRED: (LEASED, 15.0),
    LeaseState.BREAKING: (LEASED.broken(10, 0.0), 1.0),
    LeaseState.BROKEN: (LEASED.broken(10, 0.0), 10.0),
}
ACQUIRE, RENEW, RELEASE, WRITE = "acquire", "renew", "release", "write"
MISMATCH = "LeaseIdMismatchWithLeaseOperation"
BROKEN_FOR_GOOD = "LeaseIsBrokenAndCannotBeRenewed"
LOST = "LeaseNotPresentWithBlobOperation"
OTHERS = "LeaseIdMismatchWithBlobOperation"

ACTIONS: dict[str, Callable[[Lease, str, float], Lease]] = {
    ACQUIRE: lambda lease, who, now: lease.acquire(who, 15, now),
    RENEW: lambda lease, who, now: lease.renew(who, now),
    RELEASE: lambda lease, who, _now: lease.release(who),
    WRITE: lambda lease, who, now: lease.check_write(who, now),
}


@pytest.mark.parametrize("state", STATES)
def test_states_follow_from_the_time(state: LeaseState) -> None:
    """At the very second it ends, a lease has ended."""
    lease, now = STATES[state]
    assert lease.state(now) is state
    assert lease.is_locked(now) is (state in {LeaseState.LEASED, LeaseState.BREAKING})


@pytest.mark.parametrize(
    ("state", "action", "ours", "theirs", "nobodys"),
    [
        (LeaseState.AVAILABLE, ACQUIRE, "leased", "leased", None),
        (LeaseState.LEASED, ACQUIRE, "leased", "LeaseAlreadyPresent", None),
        (LeaseState.EXPIRED, ACQUIRE, "leased", "leased", None),
        (LeaseState.BREAKING, ACQUIRE, "LeaseIsBreakingAndCannotBeAcquired", "LeaseAlreadyPresent", None),
        (LeaseState.BROKEN, ACQUIRE, "leased", "leased", None),
        (LeaseState.AVAILABLE, RENEW, MISMATCH, MISMATCH, None),
        (LeaseState.LEASED, RENEW, "leased", MISMATCH, None),
        (LeaseState.EXPIRED, RENEW, "leased", MISMATCH, None),
        (LeaseState.BREAKING, RENEW, BROKEN_FOR_GOOD, MISMATCH, None),
        (LeaseState.BROKEN, RENEW, BROKEN_FOR_GOOD, MISMATCH, None),
        (LeaseState.AVAILABLE, RELEASE, MISMATCH, MISMATCH, None),
        (LeaseState.LEASED, RELEASE, "available", MISMATCH, None),
        (LeaseState.EXPIRED, RELEASE, "available", MISMATCH, None),
        (LeaseState.BREAKING, RELEASE, "available", MISMATCH, None),
        (LeaseState.BROKEN, RELEASE, "available", MISMATCH, None),
        (LeaseState.AVAILABLE, WRITE, LOST, LOST, "available"),
        (LeaseState.LEASED, WRITE, "leased", OTHERS, "LeaseIdMissing"),
        (LeaseState.EXPIRED, WRITE, LOST, LOST, "available"),
        (LeaseState.BREAKING, WRITE, "breaking", OTHERS, "LeaseIdMissing"),
        (LeaseState.BROKEN, WRITE, LOST, LOST, "available"),
    ],
)
def test_what_each_state_answers(
    state: LeaseState, action: str, ours: str, theirs: str, nobodys: str | None
) -> None:
    """To the id it was taken with, to another one, and to a write without any."""
    lease, now = STATES[state]
    for who, expected in ((A, ours), (B, theirs), ("", nobodys)):
        if expected is None:
            continue
        try:
            seen = str(ACTIONS[action](lease, who, now).state(now))
        except RefusedError as refused:
            seen = refused.code
        assert seen == expected, who


@pytest.mark.parametrize(
    ("lease", "period_seconds", "free_at"),
    [
        (LEASED, None, 15.0),
        (LEASED, 0, 1.0),
        (LEASED, 5, 6.0),
        (LEASED, 60, 15.0),
        (ENDLESS, None, 1.0),
        (ENDLESS, 60, 61.0),
        (LEASED.broken(10, 0.0), None, 10.0),
        (LEASED.broken(10, 0.0), 2, 3.0),
        (LEASED.broken(5, 0.0), 30, 5.0),
    ],
)
def test_breaking_never_lengthens_a_lease(lease: Lease, period_seconds: int | None, free_at: float) -> None:
    """At one second; without a period a lease is left to end by itself, an endless one ends at once."""
    broken = lease.broken(period_seconds, 1.0)
    assert broken.is_locked(1.0) is (free_at > 1.0)
    assert free_at == 1.0 or broken.is_locked(free_at - 0.5)
    assert broken.state(free_at) is LeaseState.BROKEN


def test_nothing_breaks_where_there_is_no_lease() -> None:
    """And what ran out is broken at once, so that it cannot be renewed."""
    with pytest.raises(RefusedError, match="LeaseNotPresentWithLeaseOperation"):
        FREE.broken(0, 1.0)
    with pytest.raises(RefusedError, match=BROKEN_FOR_GOOD):
        LEASED.broken(None, 20.0).renew(A, 20.0)


@pytest.mark.parametrize("seconds", [14, 61, 0])
def test_a_lease_has_15_to_60_seconds(seconds: int) -> None:
    """Or no end."""
    with pytest.raises(RefusedError, match="InvalidHeaderValue"):
        FREE.acquire(A, seconds, 0.0)
    assert ENDLESS.state(1e9) is LeaseState.LEASED
    assert ENDLESS.renew(A, 5.0) == ENDLESS


def test_a_renewal_starts_the_duration_anew() -> None:
    """From the time of the renewal, with the duration it was taken with; also after it ran out."""
    assert LEASED.renew(A, 10.0).ends == 25.0
    assert LEASED.renew(A, 100.0).ends == 115.0


def test_azurite_lets_anybody_renew_what_ran_out() -> None:
    """Under the id it had; Azure does not."""
    assert LEASED.renew(B, 20.0, Dialect.AZURITE).lease_id == A
