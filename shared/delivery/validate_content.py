"""Step 3 and pass 1: the ledgers of an export's content, and its records judged in the light of them."""

from dataclasses import dataclass, replace
from typing import Protocol

from shared.delivery.decided import Decided, decided_by
from shared.delivery.export_rules import ExportRules
from shared.delivery.ledger_store import LedgerStore, StoredLedger, completed_one
from shared.delivery.operator_requests import active_resend
from shared.delivery.outcome import Outcome
from shared.delivery.plan import larger_limits
from shared.delivery.rejected_file import RejectedFile
from shared.delivery.validate_export import ValidationResult
from shared.delivery.waiting import MAX_UNFINISHED_STARTS
from shared.error_codes import BlockedCode
from shared.errors import ActionRequiredError
from shared.exports.batches import Limits

type Ledgers = dict[str, StoredLedger]
"""The ledgers of one content, by their paths."""


@dataclass(frozen=True, slots=True)
class ValidatedContent:
    """What pass 1 found, and the ledgers of that content."""

    found: ValidationResult
    decided: Decided
    rejected_file: RejectedFile
    ledgers: Ledgers


def check_starts(begun: Outcome) -> None:
    """Make sure that earlier attempts came to an end.

    Raises:
        ActionRequiredError: `worker-died`: too many in a row did not.
    """
    if begun.unfinished_starts >= MAX_UNFINISHED_STARTS:
        message = f"{MAX_UNFINISHED_STARTS} starts in a row did not come to an end."
        raise ActionRequiredError(BlockedCode.WORKER_DIED, message)


def named_ledgers(ledgers: LedgerStore, begun: Outcome) -> Ledgers:
    """Step 3: the ledgers of the content that the outcome names.

    Raises:
        ActionRequiredError: `ledger-gone`: some of it was sent, and nothing says what.
    """
    if not begun.ledger:
        return {}
    known = ledgers.of_content(begun.ledger, active_resend(begun))
    nothing = not any(one.ledger for one in known.values())
    if nothing and any(batch.requests for batch in begun.batches):
        message = "The ledger of this export is gone from the state container."
        raise ActionRequiredError(BlockedCode.LEDGER_GONE, message)
    return known


class FirstPass(Protocol):
    """Reads a content for pass 1; `Passes` and `RejectedPasses` are such."""

    @property
    def rules(self) -> ExportRules:
        """By which it is read."""
        ...

    def validate(
        self, limits: Limits, decided: Decided, ledger: str
    ) -> tuple[ValidationResult, RejectedFile]:
        """Read it once."""
        ...


def validate_content(  # noqa: PLR0913  (the last one has a default)
    passes: FirstPass,
    ledgers: LedgerStore,
    limits: Limits,
    begun: Outcome,
    known: Ledgers,
    *,
    any_complete: bool = True,
) -> ValidatedContent:
    """Pass 1, once more where ledgers of the same bytes turn up, or where the batches must be larger.

    Args:
        passes: read the export.
        ledgers: of the job.
        limits: of a batch, as the settings say.
        begun: the outcome that begins the attempt.
        known: the ledgers that it names.
        any_complete: whether a complete ledger of any rules ends it.
    """
    key, request_id = begun.ledger, active_resend(begun)
    while True:
        path = ledgers.path(key, passes.rules.digest, request_id) if key else ""
        own = known.get(path)
        decided = _decided(own, known)
        lowered = own.ledger.max_bytes if own and own.ledger else None
        within = Limits(limits.max_records, min(limits.max_bytes, lowered or limits.max_bytes))
        found, rejected_file = passes.validate(within, decided, path)
        validated = ValidatedContent(found, decided, rejected_file, known)
        if found.stopped:
            return validated
        if found.key != key:
            key = found.key
            known = ledgers.of_content(key, request_id)
            if any_complete and completed_one(known.values()):
                return replace(validated, ledgers=known)
            if known:
                continue
        larger = None if lowered else larger_limits(found, limits)
        if larger is None:
            return validated
        limits = larger


def _decided(own: StoredLedger | None, known: Ledgers) -> Decided:
    others = [(one.accepted, one.in_doubt) for one in known.values() if one is not own and one.ledger]
    own = own or StoredLedger("", "")
    return decided_by(own.ledger, own.bits, others)
