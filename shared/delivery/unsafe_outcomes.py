"""Outcomes of exports whose names must not be touched: they are listed under the name's SHA-256, and only documents know it."""

from shared.blob_names import outcome_path
from shared.delivery.outcome_listing import ListedOutcome, read_outcome
from shared.delivery.ports import Blob, Container
from shared.errors import MissingBlobError
from shared.messages import Message


def message_of(results: Container, outcome: ListedOutcome) -> Message | None:
    """The sweep's message about an outcome; `None` if its document is gone."""
    if not outcome.has_unsafe_name:
        return Message(outcome.name, outcome.etag, "sweep")
    document = read_outcome(results, outcome.path)
    return Message(document.export.name, document.export.etag, "sweep") if document else None


def has_outcome(results: Container, export: Blob) -> bool:
    """Whether an export with an unsafe name has its outcome, which is listed elsewhere."""
    try:
        results.head(outcome_path(export.name, export.etag))
    except MissingBlobError:
        return False
    return True
