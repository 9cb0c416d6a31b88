"""What the steps between the two ends of an attempt came to."""

from dataclasses import dataclass

from shared.delivery.outcome import Outcome
from shared.errors import ExportChangedError, OutcomeError, TimeUsedUpError

type Stop = OutcomeError | TimeUsedUpError | ExportChangedError


@dataclass(frozen=True, slots=True)
class Delivered:
    """How far the steps came.

    Attributes:
        outcome: with the figures that are known, and its status if nothing stopped them.
        stopped: what ended them; `None`: nothing is left to do.
        progress: whether anything was accepted in this invocation.
        touched: whether ledgers say that anything was accepted or may have been.
    """

    outcome: Outcome
    stopped: Stop | None = None
    progress: bool = False
    touched: bool = False
