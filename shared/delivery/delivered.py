"""What the steps between the two ends of an attempt came to."""

from collections.abc import Collection
from dataclasses import dataclass

from shared.delivery import attempt_end, outcome_builder
from shared.delivery.ledger import Ledger
from shared.delivery.ledger_store import StoredLedger, is_touched
from shared.delivery.outcome import ExportVersion, Outcome
from shared.delivery.validate_export import ValidationResult
from shared.error_codes import Status
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


def completed_before(
    begun: Outcome,
    known: Collection[StoredLedger],
    done: Ledger,
    version: ExportVersion,
    found: ValidationResult | None = None,
) -> Delivered:
    """Step 5: all of this content was sent, under this version or another one.

    Args:
        begun: the outcome that begins the attempt.
        known: the ledgers of the content.
        done: the one of which nothing is left to send.
        version: of the export.
        found: by pass 1, if there was one.
    """
    if done.completed_by == version:
        outcome = outcome_builder.with_ledgers(begun, [*known])
        return Delivered(attempt_end.finished(outcome, outcome_builder.status_of(outcome)), touched=True)
    duplicate = outcome_builder.as_duplicate(begun, done, found)
    return Delivered(attempt_end.finished(duplicate, Status.DUPLICATE), touched=True)


def stopped_by(begun: Outcome, known: Collection[StoredLedger], error: Stop) -> Delivered:
    """An error ends the attempt; what its ledgers say holds.

    Args:
        begun: the outcome that begins the attempt.
        known: the ledgers of the content.
        error: that ends it.
    """
    return Delivered(outcome_builder.with_ledgers(begun, [*known]), error, touched=is_touched(known))
