"""What a listing shows of an outcome without its document; `shared.delivery.outcome_listing` reads it back."""

from shared.delivery.event_metadata import as_metadata
from shared.delivery.outcome import Outcome


def mapping_tried(outcome: Outcome) -> str:
    """Digest of the mapping under which what it rejected was last tried; empty if it had no source."""
    return outcome.mapping_tried or (outcome.source.mapping if outcome.source else "")


def metadata(outcome: Outcome) -> dict[str, str]:
    """The metadata of an outcome's blob, all as text."""
    return {
        "status": outcome.status.value,
        "retry": outcome.retry or "",
        "code": outcome.error.code if outcome.error else "",
        "recordssent": str(outcome.records.sent) if outcome.records else "",
        "recordsrejected": str(outcome.records.rejected) if outcome.records else "",
        "finishedat": outcome.finished_at or "",
        "nextattemptat": outcome.next_attempt_at or "",
        "retryfrom": outcome.retry_from or "",
        "events": as_metadata(outcome.events),
        "source": outcome.source.name if outcome.source else "",
        "mapping": mapping_tried(outcome),
        "uploadedat": outcome.export.last_modified or "",
    }
