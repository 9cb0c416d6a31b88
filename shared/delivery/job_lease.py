"""Who may write a ledger: the holder of its lease, for as long as it surely is the holder.

The lease's time line, in seconds after a renewal left:

    0 ........ 15 ........ 30 ........ 40 ................ 60
    renewed    again       again       we stop trusting    Azure lets others in

A renewal has one try of at most 5 + 5 s, so two can fail before we stop; the 20 s between our stop and Azure's end
are for a request that is just leaving. Time is measured from before a renewal left, never from its answer.
"""

import uuid
from typing import TYPE_CHECKING, Final, Self

import msgspec

from shared.clock import Clock
from shared.delivery import ledger as ledgers
from shared.delivery.ledger import Ledger
from shared.delivery.ports import ABSENT, Container
from shared.error_codes import BlockedCode
from shared.errors import ActionRequiredError, ConditionError, GatepostError, LeaseLostError

if TYPE_CHECKING:
    from collections.abc import Callable

LEASE_SECONDS: Final = 60
RENEW_EVERY_SECONDS: Final = 15.0
TRUSTED_SECONDS: Final = 40.0


class JobLease:
    """Holds a ledger's lease and is the only one to write it; use it in a `with` block, which gives it back."""

    def __init__(self, state: Container, path: str, clock: Clock) -> None:
        self._state = state
        self._path = path
        self._clock = clock
        self._lease_id = str(uuid.uuid4())
        self._renewed_at = 0.0
        self._lost = False
        self._etag = ""
        self._stop_renewing: Callable[[], None] | None = None

    def open(self, planned: Ledger | None) -> Ledger:
        """Create the ledger if it is absent, take the lease, then read what is there.

        Args:
            planned: what to create; `None` if the ledger must exist already.

        Raises:
            LeaseTakenError: somebody else is at it.
            ActionRequiredError: `ledger-damaged`, `newer-ledger`, `ledger-gone`.
        """
        if planned:
            self._create(planned)
        started = self._clock.monotonic()
        self._state.acquire(self._path, self._lease_id, LEASE_SECONDS)
        self._renewed_at = started
        self._stop_renewing = self._clock.every(RENEW_EVERY_SECONDS, self._renew)
        document = self._state.read(self._path)
        if document is None:
            raise ActionRequiredError(
                BlockedCode.LEDGER_GONE, "The export's ledger is gone from the state container."
            )
        self._etag = document.etag
        return _decode(document.data)

    def _create(self, planned: Ledger) -> None:
        try:
            self._state.write(self._path, ledgers.encode(planned), ABSENT)
        except ConditionError:
            return

    def write(self, ledger: Ledger) -> None:
        """Write the ledger, on condition that it is still ours and as we left it.

        Raises:
            LeaseLostError: it is not.
        """
        self.check()
        try:
            self._etag = self._state.write(
                self._path, ledgers.encode(ledger), self._etag, lease_id=self._lease_id
            )
        except ConditionError:
            self._lost = True
            raise LeaseLostError("another worker has written the ledger") from None

    def check(self) -> None:
        """Make sure the ledger is still ours; asked before every request and every write.

        Raises:
            LeaseLostError: it is not, or too long has passed since the last renewal to be sure.
        """
        if self._lost or self._clock.monotonic() - self._renewed_at > TRUSTED_SECONDS:
            self._lost = True
            raise LeaseLostError("the ledger's lease could not be renewed")

    def _renew(self) -> None:
        started = self._clock.monotonic()
        try:
            self._state.renew(self._path, self._lease_id)
        except ConditionError:
            self._lost = True
        except GatepostError:
            return  # the next try, or check(), decides
        else:
            self._renewed_at = started

    def __enter__(self) -> Self:
        """Nothing is taken before `open`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop renewing and give the lease back, whatever happened."""
        if self._stop_renewing:
            self._stop_renewing()
            self._state.release(self._path, self._lease_id)


def _decode(data: bytes) -> Ledger:
    try:
        version = ledgers.schema_version(data)
        ledger = ledgers.decode(data) if version <= ledgers.SCHEMA_VERSION else None
    except msgspec.MsgspecError:
        raise ActionRequiredError(BlockedCode.LEDGER_DAMAGED, "The export's ledger cannot be read.") from None
    if ledger is None:
        message = f"The export's ledger has version {version}, newer than this program."
        raise ActionRequiredError(BlockedCode.NEWER_LEDGER, message)
    if not ledger.sound:
        raise ActionRequiredError(
            BlockedCode.LEDGER_DAMAGED, "The export's ledger does not add up; batches are missing in it."
        )
    return ledger
