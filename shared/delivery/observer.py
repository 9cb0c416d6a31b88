"""Who is told what happens during an attempt: the seam at which telemetry sits, so that delivery knows none of it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from shared.delivery.outcome import Outcome

if TYPE_CHECKING:
    from shared.delivery.sweep_result import SweepResult

type Answered = Callable[[int | None], None]
"""Takes the status of the reply, or `None` if there was none."""


class Observer(Protocol):
    """Is told; never raises, never waits for anybody."""

    def request(self, batch: int) -> AbstractContextManager[Answered]:
        """Enter it while a request is on its way; `batch` counts from 0, as in the outcome."""
        ...

    def accepted(self, records: int) -> None:
        """The ledger has noted that the connector took so many records."""
        ...

    def ended(self, outcome: Outcome, *, seconds: float, newly_rejected: int) -> None:
        """An attempt has ended.

        Args:
            outcome: as this attempt wrote it; `InProgress` if it had to leave the export to another attempt.
            seconds: how long the attempt took.
            newly_rejected: rejected records that no earlier attempt at this version has reported.
        """
        ...

    def remapped(self, before: Outcome, after: Outcome, *, seconds: float) -> None:
        """A pass over an export's rejected records has ended.

        Args:
            before: the outcome from before the pass.
            after: the outcome as it is now; without a new entry in `passes` nothing was gained.
            seconds: how long it took.
        """
        ...

    def sweep_ended(self, sweep_result: "SweepResult", now: datetime) -> None:
        """A sweep has ended."""
        ...


class NullObserver:
    """Tells nobody."""

    def request(self, batch: int) -> AbstractContextManager[Answered]:  # noqa: ARG002  (the protocol's)
        """Nothing to do."""
        return nullcontext(lambda _status: None)

    def accepted(self, records: int) -> None:
        """Nothing to do."""

    def ended(self, outcome: Outcome, *, seconds: float, newly_rejected: int) -> None:
        """Nothing to do."""

    def remapped(self, before: Outcome, after: Outcome, *, seconds: float) -> None:
        """Nothing to do."""

    def sweep_ended(self, sweep_result: "SweepResult", now: datetime) -> None:
        """Nothing to do."""


NULL_OBSERVER: Final = NullObserver()
