"""From an examination to a ledger: the decision to send, frozen; or what is left of it, cut anew by other rules."""

import msgspec

from shared import __version__
from shared.delivery.ledger import Entry, Ledger, entry_of
from shared.delivery.validate_export import ValidationResult
from shared.exports.batches import Batch
from shared.exports.validate import RULES_DIGEST


def planned(validation: ValidationResult, job_id: str, max_bytes: int, now: str) -> Ledger:
    """The ledger of an export of which nothing was sent yet."""
    return Ledger(
        version=__version__,
        rules=RULES_DIGEST,
        job_id=job_id,
        sha256=validation.sha256,
        created_at=now,
        read=validation.read,
        rejected=validation.rejected,
        by_reason=validation.by_reason,
        latest_event=validation.latest_event,
        max_bytes=max_bytes,
        entries=[entry_of(batch) for batch in validation.batches],
    )


def frozen(ledger: Ledger) -> list[tuple[int, int]]:
    """Input record numbers of the batches that were sent, or may have been, whatever the rules say today."""
    return [(entry.first, entry.last) for entry in ledger.entries if entry.fixed]


def replan(ledger: Ledger, validation: ValidationResult) -> Ledger:
    """The same ledger under other rules: accepted and sending ranges stay, the rest is cut anew.

    Args:
        ledger: cut by other rules.
        validation: by today's rules, with `frozen(ledger)` kept as ranges.
    """
    kept = [entry for entry in ledger.entries if entry.fixed]
    found: dict[int, Batch] = {}
    entries: list[Entry] = []
    for batch in validation.batches:
        old = next((entry for entry in kept if entry.first <= batch.first and batch.last <= entry.last), None)
        if old:
            found[old.first] = batch
        else:
            entries.append(entry_of(batch))
    entries.extend(_carried_over(entry, found.get(entry.first)) for entry in kept)
    entries.sort(key=lambda entry: entry.first)
    return msgspec.structs.replace(
        ledger,
        version=__version__,
        rules=RULES_DIGEST,
        entries=entries,
        rejected=ledger.read - sum(entry.records for entry in entries),
        by_reason=validation.by_reason,
        latest_event=validation.latest_event,
    )


def _carried_over(entry: Entry, batch: Batch | None) -> Entry:
    """A batch that may have been accepted, as today's rules write it; one they no longer send stays in doubt."""
    if not entry.open:
        return entry
    if batch is None:
        return msgspec.structs.replace(entry, state="accepted", unconfirmed=True)
    fresh = entry_of(batch, state=entry.state, requests=entry.requests, possible_copies=entry.possible_copies)
    return msgspec.structs.replace(fresh, http_status=entry.http_status)
