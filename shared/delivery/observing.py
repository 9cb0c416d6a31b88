"""Who is told what happens during a look: the seam at which telemetry sits, so that delivery knows none of it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Final, Protocol

from shared.delivery.outcome import Outcome
from shared.delivery.swept import Swept

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
        """A look has ended.

        Args:
            outcome: as this look wrote it; `InProgress` if it had to leave the export to somebody or to later.
            seconds: how long the look took.
            newly_rejected: rejected records that no earlier look at this version has reported.
        """
        ...

    def swept(self, swept: Swept, now: datetime) -> None:
        """A sweep has ended."""
        ...


class Silence:
    """Tells nobody."""

    def request(self, batch: int) -> AbstractContextManager[Answered]:  # noqa: ARG002  (the protocol's)
        """Nothing to do."""
        return nullcontext(lambda _status: None)

    def accepted(self, records: int) -> None:
        """Nothing to do."""

    def ended(self, outcome: Outcome, *, seconds: float, newly_rejected: int) -> None:
        """Nothing to do."""

    def swept(self, swept: Swept, now: datetime) -> None:
        """Nothing to do."""


SILENCE: Final = Silence()
