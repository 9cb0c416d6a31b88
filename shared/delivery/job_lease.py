"""For a job, one attempt at a time: the holder of the job's lease, for as long as it surely is the holder.

The lease's time line, in seconds after a renewal began:

    0 ........ 15 ........ 30 ........ 40 ................ 60
    renewed    again       again       we stop trusting    storage lets others in

A renewal has one try of at most 5 + 5 s. Time is measured from before a renewal left, never from its answer. Clocks are
not all there is: a machine that was suspended does not notice. So a renewal that began after the ledger said `sending`
must have succeeded before the first byte of the body is read (`renew`): nobody had the lease in between.
"""

import uuid
from typing import TYPE_CHECKING, Self

from shared.clock import Clock
from shared.delivery.ports import ABSENT, Container
from shared.delivery.waiting import LEASE_SECONDS, RENEW_EVERY_SECONDS, RENEW_PAUSE_SECONDS, TRUSTED_SECONDS
from shared.errors import (
    ConditionError,
    GatepostError,
    LeaseLostError,
    MissingBlobError,
    StorageError,
)

if TYPE_CHECKING:
    from collections.abc import Callable


class JobLease:
    """Holds a job's lease; use it in a `with` block, which takes it, renews it, and gives it back.

    Args:
        state: the state container.
        path: of the blob whose lease it is; made if it is missing.
        clock: its monotonic side decides how long a renewal is trusted.

    Attributes:
        holder: names this holder; another one has another name.
    """

    def __init__(self, state: Container, path: str, clock: Clock) -> None:
        self._state = state
        self._path = path
        self._clock = clock
        self._lease_id = str(uuid.uuid4())
        self.holder = self._lease_id[:8]
        self._renewed_at = 0.0
        self._lost = False
        self._stop_renewing: Callable[[], None] | None = None

    def __enter__(self) -> Self:
        """Take the lease and begin to renew it.

        Raises:
            LeaseTakenError: another attempt has it.
            StorageError: storage cannot be written.
        """
        started = self._clock.monotonic()
        try:
            self._acquire()
        except MissingBlobError:
            self._make()
            started = self._clock.monotonic()
            self._acquire_made()
        self._renewed_at = started
        self._stop_renewing = self._clock.every(RENEW_EVERY_SECONDS, self._renew_in_time)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop renewing and give the lease back, whatever happened."""
        if self._stop_renewing:
            self._stop_renewing()
            self._state.release(self._path, self._lease_id)

    def seconds_left(self) -> float:
        """How long the last renewal is trusted from now on; 0 or less: no longer."""
        if self._lost:
            return 0.0
        return self._renewed_at + TRUSTED_SECONDS - self._clock.monotonic()

    def check(self) -> None:
        """Make sure the lease is still ours; asked before every write and every body.

        Raises:
            LeaseLostError: it is not, or the last renewal is too long ago to be sure.
        """
        if self.seconds_left() <= 0:
            raise self.lost("the job's lease could not be renewed")

    def renew(self) -> None:
        """Renew the lease now: nobody had it between its last renewal and this one.

        Raises:
            LeaseLostError: it is not ours any more, or cannot be renewed for as long as the last renewal is trusted.
        """
        while True:
            self.check()
            if self._renew_once():
                return
            self.check()
            self._clock.sleep(RENEW_PAUSE_SECONDS)

    def lost(self, why: str) -> LeaseLostError:
        """The error that says so; from now on nothing is written any more."""
        self._lost = True
        return LeaseLostError(why)

    def _renew_in_time(self) -> None:
        self._renew_once()

    def _renew_once(self) -> bool:
        started = self._clock.monotonic()
        try:
            self._state.renew(self._path, self._lease_id)
        except (ConditionError, MissingBlobError):
            self._lost = True
        except GatepostError:
            return False  # the next try, or check(), decides
        else:
            self._renewed_at = max(self._renewed_at, started)
            return True
        return False

    def _acquire(self) -> None:
        self._state.acquire(self._path, self._lease_id, LEASE_SECONDS)

    def _make(self) -> None:
        try:
            self._state.write(self._path, b"", ABSENT)
        except ConditionError:
            return  # another attempt was faster, or this is the echo of our own write

    def _acquire_made(self) -> None:
        try:
            self._acquire()
        except MissingBlobError:
            raise StorageError("the blob of the job's lease vanishes as soon as it is made") from None
