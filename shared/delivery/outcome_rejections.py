"""Where an outcome says that its rejected records are."""

import msgspec

from shared.blob_names import rejected_path
from shared.delivery.operator_requests import active_resend
from shared.delivery.outcome import Outcome, Rejections
from shared.delivery.validate_export import ValidationResult


def rejected_blob(outcome: Outcome, records: int) -> str | None:
    """The path of the rejected file.

    Args:
        outcome: of the export.
        records: so many are in the file; 0: there is none.
    """
    resend = active_resend(outcome)
    return rejected_path(outcome.export.name, outcome.export.etag, resend) if records else None


def rejections_of(outcome: Outcome, found: ValidationResult) -> Rejections:
    """What pass 1 has rejected, and the path of its file."""
    return Rejections(blob=rejected_blob(outcome, found.rejected), by_reason=found.by_reason)


def naming_plan(outcome: Outcome, found: ValidationResult) -> Outcome:
    """The outcome of an attempt that has planned and sent nothing yet: with the content's ledger, and with the rejected file.

    The file is there by now. So an attempt that ends this version without reading it knows both.
    """
    return msgspec.structs.replace(outcome, ledger=found.key, rejections=rejections_of(outcome, found))
