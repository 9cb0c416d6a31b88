"""A blob's lease: available, leased, expired but renewable, breaking, broken.

Times are seconds of the clock of storage. As Azure documents its "outcomes of lease operations on blobs by lease state".
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from tests.support.storage_model.refusals import Dialect, RefusedError

_SHORTEST_SECONDS, _LONGEST_SECONDS = 15, 60
INFINITE: Final = -1


class LeaseState(StrEnum):
    """As storage shows it."""

    AVAILABLE = "available"
    LEASED = "leased"
    EXPIRED = "expired"
    BREAKING = "breaking"
    BROKEN = "broken"


_LOCKED: Final = frozenset({LeaseState.LEASED, LeaseState.BREAKING})


@dataclass(frozen=True, slots=True)
class Lease:
    """One lease, changed by making another one.

    Attributes:
        lease_id: empty for no lease.
        seconds: its duration, `INFINITE` for one without end.
        ends: when it expires.
        breaks: when a broken lease lets others in; `None` if nobody broke it.
    """

    lease_id: str = ""
    seconds: int = 0
    ends: float = math.inf
    breaks: float | None = None

    def state(self, now: float) -> LeaseState:
        """What it is at this time."""
        if not self.lease_id:
            return LeaseState.AVAILABLE
        if self.breaks is not None:
            return LeaseState.BREAKING if now < self.breaks else LeaseState.BROKEN
        return LeaseState.LEASED if now < self.ends else LeaseState.EXPIRED

    def is_locked(self, now: float) -> bool:
        """Whether writing needs its id."""
        return self.state(now) in _LOCKED

    def acquire(self, lease_id: str, seconds: int, now: float) -> "Lease":
        """Take it, or take it again under the same id.

        Raises:
            RefusedError: 409 if another id has it or it is breaking; 400 for a duration that is not allowed.
        """
        state = self.state(now)
        if state in _LOCKED and lease_id != self.lease_id:
            raise RefusedError(409, "LeaseAlreadyPresent")
        if state is LeaseState.BREAKING:
            raise RefusedError(409, "LeaseIsBreakingAndCannotBeAcquired")
        if seconds != INFINITE and not _SHORTEST_SECONDS <= seconds <= _LONGEST_SECONDS:
            raise RefusedError(400, "InvalidHeaderValue")
        return Lease(lease_id, seconds, math.inf if seconds == INFINITE else now + seconds)

    def renew(self, lease_id: str, now: float, dialect: Dialect = Dialect.AZURE) -> "Lease":
        """Start its duration anew; also after it ran out, as long as nobody took it or changed the blob.

        Raises:
            RefusedError: 409.
        """
        state = self.state(now)
        anyone = state is LeaseState.EXPIRED and dialect is Dialect.AZURITE
        if state is LeaseState.AVAILABLE or (lease_id != self.lease_id and not anyone):
            raise RefusedError(409, "LeaseIdMismatchWithLeaseOperation")
        if self.breaks is not None:
            raise RefusedError(409, "LeaseIsBrokenAndCannotBeRenewed")
        return self if self.seconds == INFINITE else replace(self, ends=now + self.seconds)

    def release(self, lease_id: str) -> "Lease":
        """Give it back, in whatever state it is.

        Raises:
            RefusedError: 409 if it is another's.
        """
        if not self.lease_id or lease_id != self.lease_id:
            raise RefusedError(409, "LeaseIdMismatchWithLeaseOperation")
        return FREE

    def broken(self, period_seconds: int | None, now: float) -> "Lease":
        """Break it, as a person does who has no id: at once, after a period, or (`None`) when it would have ended.

        Raises:
            RefusedError: 409 if there is none.
        """
        state = self.state(now)
        if state is LeaseState.AVAILABLE:
            raise RefusedError(409, "LeaseNotPresentWithLeaseOperation")
        if state in {LeaseState.EXPIRED, LeaseState.BROKEN}:
            return replace(self, breaks=now)
        if state is LeaseState.BREAKING:
            latest = self.breaks if self.breaks is not None else now
            return self if period_seconds is None else replace(self, breaks=min(latest, now + period_seconds))
        latest = now if self.seconds == INFINITE and period_seconds is None else self.ends
        return replace(self, breaks=latest if period_seconds is None else min(latest, now + period_seconds))

    def check_write(self, lease_id: str, now: float) -> "Lease":
        """Whether a write with this id (empty: none) may be done, and the lease after it: what ran out is gone.

        Raises:
            RefusedError: 412.
        """
        if not self.is_locked(now):
            if lease_id:
                raise RefusedError(412, "LeaseNotPresentWithBlobOperation")
            return FREE
        if not lease_id:
            raise RefusedError(412, "LeaseIdMissing")
        if lease_id != self.lease_id:
            raise RefusedError(412, "LeaseIdMismatchWithBlobOperation")
        return self


FREE: Final = Lease()
