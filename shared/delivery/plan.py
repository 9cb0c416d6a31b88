"""From what pass 1 found to a plan: which batches are to be sent, and how large they may be."""

from typing import Final

import msgspec

from shared import __version__
from shared.delivery.decided import Decided
from shared.delivery.ledger import SCHEMA_VERSION, Entry, Plan, entry_of
from shared.delivery.record_bits import RecordBits
from shared.delivery.validate_export import ValidationResult
from shared.error_codes import BlockedCode
from shared.errors import ActionRequiredError
from shared.exports.batches import Batch, Limits

MAX_PLANNED: Final = 2_000
"""Batches in a plan: both limits of a batch yield to that. A ledger is written for every batch; its cost must not grow
with the square of the export."""

MAX_ENTRIES: Final = 20_000
"""Batches in a ledger, after the connector has had them made smaller."""

_MAX_RECORDS: Final = 50_000  # a request of the connector holds no more
_MAX_BYTES: Final = 50_000_000


def larger_limits(validation: ValidationResult, limits: Limits) -> Limits | None:
    """Limits under which an export needs fewer batches; `None` if it needs few enough, or they cannot grow."""
    factor = -(-len(validation.batches) // MAX_PLANNED)
    if factor <= 1:
        return None
    grown = Limits(
        min(_MAX_RECORDS, limits.max_records * (factor + 1)), min(_MAX_BYTES, limits.max_bytes * (factor + 1))
    )
    return grown if grown != limits else None


def make_plan(  # noqa: PLR0913  (what a plan is made of)
    validation: ValidationResult,
    decided: Decided,
    rules: str,
    request_id: str | None,
    now: str,
    *,
    number: int,
) -> Plan:
    """The plan of an attempt.

    Args:
        validation: what pass 1 found, with closed batches kept as ranges.
        decided: what it was told to leave as it is.
        rules: digest of the rules by which it judged.
        request_id: of the resend this is for, if it is for one.
        now: UTC.
        number: one more than the highest of the content's plans.

    Raises:
        ActionRequiredError: `ledger-mismatch`: the export does not yield the closed batches any more;
            `batches-too-small`.
    """
    closed = {entry.first: entry for entry in decided.closed}
    found = {batch.first: batch for batch in validation.batches}
    if any(found.get(first) != entry.batch for first, entry in closed.items()):
        raise mismatch()
    doubtful = _doubtful(validation, decided)
    entries = [
        _entry(batch, validation, decided, doubtful)
        for batch in validation.batches
        if batch.first not in closed
    ]
    if len(entries) + len(closed) > MAX_ENTRIES:
        raise too_many_batches()
    return Plan(
        schema_version=SCHEMA_VERSION,
        version=__version__,
        rules=rules,
        key=validation.key,
        sha256=validation.sha256 if validation.mapped_key else "",
        request_id=request_id,
        number=number,
        planned_at=now,
        read=validation.read,
        rejected=validation.rejected,
        ignored=validation.ignored,
        repeated=validation.repeated,
        sent_elsewhere=validation.sent_elsewhere,
        by_reason=validation.by_reason,
        mapping=validation.mapping,
        latest_event=validation.latest_event,
        rejected_cut=validation.cut,
        first_event=validation.first_event,
        last_event=validation.last_event,
        repeated_days=validation.repeated_days,
        index_warnings=[*validation.index_warnings],
        bits=validation.bits.sha256,
        entries=entries,
    )


def mismatch() -> ActionRequiredError:
    """The export does not yield what its ledger wrote down."""
    message = "The export does not yield the batches that its ledger wrote down."
    return ActionRequiredError(BlockedCode.LEDGER_MISMATCH, message)


def too_many_batches() -> ActionRequiredError:
    """The connector, or the settings, let through too little at a time."""
    message = f"The export would need more than {MAX_ENTRIES:,} requests."
    return ActionRequiredError(BlockedCode.BATCHES_TOO_SMALL, message)


def _entry(batch: Batch, validation: ValidationResult, decided: Decided, doubtful: RecordBits) -> Entry:
    """The entry of a batch; one that an earlier plan had in the same words keeps the count of its requests."""
    earlier = decided.planned.get(batch.sha256)
    days = validation.events.days(batch.first, batch.last)
    entry = msgspec.structs.replace(entry_of(batch), days=days)
    if earlier and earlier.batch == batch:
        entry = msgspec.structs.replace(entry, requests=earlier.requests, http_status=earlier.http_status)
    if not doubtful:
        return entry
    within = doubtful.within(batch.first, batch.last)
    sent = within.count() - within.without(validation.bits).count()
    return msgspec.structs.replace(entry, in_doubt_elsewhere=sent)


def _doubtful(validation: ValidationResult, decided: Decided) -> RecordBits:
    """Records that were in doubt under other rules, and those whose events are, or were never confirmed."""
    doubtful = RecordBits()
    for number in validation.about_events.doubtful:
        doubtful.add(number, number)
    return doubtful.union(decided.in_doubt_elsewhere)
