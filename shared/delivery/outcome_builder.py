"""Puts an outcome together: figures out of the ledger, status, summary, warnings. Pure."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from shared.blob_names import rejected_path
from shared.clock import utc_time
from shared.delivery.ledger import Entry, Ledger
from shared.delivery.outcome import (
    MAX_REPLIES,
    Batch,
    Notice,
    Outcome,
    Reason,
    Records,
    Rejections,
    Reported,
)
from shared.delivery.rejected_file import refusal
from shared.delivery.validate_export import ValidationResult
from shared.error_codes import Status

_FUTURE: Final = timedelta(minutes=5)


def with_ledger(outcome: Outcome, ledger: Ledger, replies: dict[str, str]) -> Outcome:
    """The outcome with every figure that the ledger knows.

    Args:
        outcome: what is known so far; replies of earlier attempts are taken over from it.
        ledger: as it was last written.
        replies: texts of the connector's replies in this attempt, by the batch's SHA-256.
    """
    texts = _earlier_replies(outcome) | replies
    # what explains trouble first: a reply may hold an id of its own, and 20 good ones would leave no room for it
    telling = sorted(ledger.entries, key=_went_well)
    kept = list(dict.fromkeys(texts[entry.sha256] for entry in telling if entry.sha256 in texts))[
        :MAX_REPLIES
    ]
    batches = [_batch(index, entry, texts, kept) for index, entry in enumerate(ledger.entries)]
    records = _records(ledger)
    aside = records.rejected + records.refused > 0
    return msgspec.structs.replace(
        outcome,
        export=msgspec.structs.replace(outcome.export, sha256=ledger.sha256),
        records=records,
        reported=_reported(ledger),
        batches=batches,
        replies=kept,
        rejections=Rejections(
            blob=rejected_path(outcome.export.name, outcome.export.etag) if aside else None,
            by_reason=[*ledger.by_reason, *_refusals(ledger)],
        ),
        warnings=_warnings(outcome, ledger),
    )


def _went_well(entry: Entry) -> bool:
    return entry.state == "accepted" and not (entry.unconfirmed or entry.refused)


def with_validation(outcome: Outcome, validation: ValidationResult) -> Outcome:
    """The outcome of an export that got no ledger: nothing was sent."""
    records = Records(read=validation.read, rejected=validation.rejected, unsent=validation.valid)
    blob = rejected_path(outcome.export.name, outcome.export.etag) if validation.rejected else None
    return msgspec.structs.replace(
        outcome,
        export=msgspec.structs.replace(outcome.export, sha256=validation.sha256),
        records=records,
        rejections=Rejections(blob=blob, by_reason=validation.by_reason),
    )


def as_duplicate(outcome: Outcome, ledger: Ledger) -> Outcome:
    """The outcome of content that another name or version has sent: nothing of it went out under this one."""
    records = Records(read=ledger.read, rejected=ledger.rejected, unsent=ledger.read - ledger.rejected)
    return msgspec.structs.replace(
        outcome, records=records, reported=None, batches=[], replies=[], duplicate_of=ledger.completed_by
    )


def status_of(ledger: Ledger) -> Status:
    """What a ledger without open batches came to."""
    records = _records(ledger)
    flawed = records.rejected or records.refused or records.unconfirmed
    skipped = any(entry.skipped for entry in ledger.entries)
    return Status.PARTIALLY_SUCCEEDED if flawed or skipped else Status.SUCCEEDED


def summary(outcome: Outcome) -> str:
    """What happened in one or two sentences, without anything out of the export."""
    parts = [_counts(outcome.records)] if outcome.records else []
    if outcome.rejections.by_reason:
        worst = outcome.rejections.by_reason[0]
        parts[-1:] = [f"{parts[-1]}: {worst.property or 'record'} {worst.reason}" if parts else worst.reason]
    text = "; ".join(parts)
    if outcome.duplicate_of:
        text = f"This content was sent before, as {outcome.duplicate_of.name}"
    if outcome.error:
        text = f"{outcome.error.message} {text}" if text else outcome.error.message
    if outcome.status is Status.GIVEN_UP:
        text = f"An operator gave it up. {text}".rstrip()
    return text if text.endswith(".") or not text else text + "."


def _counts(records: Records) -> str:
    text = f"{records.sent:,} of {records.read:,} records sent"
    for count, what in (
        (records.rejected, "rejected"),
        (records.refused, "refused by the connector"),
        (records.unconfirmed, "unconfirmed"),
        (records.unsent, "not sent"),
    ):
        text += f"; {count:,} {what}" if count else ""
    return text


def _records(ledger: Ledger) -> Records:
    accepted = [entry for entry in ledger.entries if entry.state == "accepted"]
    return Records(
        read=ledger.read,
        rejected=ledger.rejected,
        refused=sum(len(entry.refused) for entry in ledger.entries),
        unconfirmed=sum(entry.records for entry in accepted if entry.unconfirmed),
        sent=sum(entry.records - len(entry.refused) for entry in accepted if not entry.unconfirmed),
        unsent=sum(entry.records for entry in ledger.entries if entry.open),
    )


def _reported(ledger: Ledger) -> Reported | None:
    saved = [entry.saved for entry in ledger.entries if entry.saved is not None]
    skipped = [entry.skipped for entry in ledger.entries if entry.skipped is not None]
    return Reported(records_saved=sum(saved), records_skipped=sum(skipped)) if saved or skipped else None


def _refusals(ledger: Ledger) -> list[Reason]:
    counts: dict[int, int] = {}
    for entry in ledger.entries:
        if entry.refused and entry.http_status:
            counts[entry.http_status] = counts.get(entry.http_status, 0) + len(entry.refused)
    return [
        Reason(property=None, code=refusal(status).code, reason=refusal(status).reason, records=count)
        for status, count in sorted(counts.items())
    ]


def _earlier_replies(outcome: Outcome) -> dict[str, str]:
    return {
        batch.sha256: outcome.replies[batch.reply]
        for batch in outcome.batches
        if batch.reply is not None and batch.reply < len(outcome.replies)
    }


def _batch(index: int, entry: Entry, texts: dict[str, str], kept: list[str]) -> Batch:
    text = texts.get(entry.sha256)
    return Batch(
        index=index,
        first=entry.first,
        last=entry.last,
        records=entry.records,
        bytes=entry.bytes,
        sha256=entry.sha256,
        http_status=entry.http_status,
        requests=entry.requests,
        possible_copies=entry.possible_copies,
        accepted_at=entry.accepted_at,
        reply=kept.index(text) if text in kept else None,
    )


def _warnings(outcome: Outcome, ledger: Ledger) -> list[Notice]:
    warnings = []
    copies = sum(entry.possible_copies for entry in ledger.entries)
    if copies:
        requests = "1 request" if copies == 1 else f"{copies:,} requests"
        message = f"{requests} may have gone unanswered and went out again; the connector may hold a copy of what was in them."
        warnings.append(Notice(code="possible-copies", message=message))
    if any(entry.skipped for entry in ledger.entries):
        message = "The connector reported records as skipped: mostly a UserId that is no valid address in the tenant."
        warnings.append(Notice(code="records-skipped", message=message))
    return [*warnings, *time_warnings(ledger.latest_event, outcome.export.last_modified)]


def time_warnings(latest_event: str, last_modified: str | None) -> list[Notice]:
    """The warning about times that lie ahead of the export's own, if they do."""
    if not _in_the_future(latest_event, last_modified):
        return []
    message = (
        "EventTimes lie after the export was made; the usual cause is local time written without an offset."
    )
    return [Notice(code="events-in-the-future", message=message)]


def _in_the_future(latest_event: str, last_modified: str | None) -> bool:
    if not latest_event or not last_modified:
        return False
    made: datetime = utc_time(last_modified)
    return utc_time(latest_event) > made + _FUTURE
