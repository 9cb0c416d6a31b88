"""Puts an outcome together: figures out of the ledgers of its content, status, summary, warnings. Pure."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from shared.delivery.event_days import Events, events_of, without_repeats
from shared.delivery.index_warnings import index_warnings
from shared.delivery.ledger import Entry, Ledger, Plan, newest_of
from shared.delivery.ledger_store import StoredLedger, accepted_by
from shared.delivery.mapping_figures import mapping_fields
from shared.delivery.outcome import (
    MAX_REPLIES,
    Batch,
    Outcome,
    Reason,
    Records,
    Rejections,
    Reported,
)
from shared.delivery.outcome_rejections import rejected_blob, rejections_of
from shared.delivery.outcome_texts import cut_warnings, time_warnings, warnings
from shared.delivery.rejected_file import refusal
from shared.delivery.validate_export import ValidationResult
from shared.error_codes import Status


def with_ledgers(
    outcome: Outcome, stored: Sequence[StoredLedger], replies: dict[str, str] | None = None
) -> Outcome:
    """The outcome with every figure that the ledgers of its content know.

    Args:
        outcome: what is known so far; replies of earlier attempts are taken over from it.
        stored: the ledgers; the one whose plan is the newest says what was read and rejected. None: no change.
        replies: texts of the connector's replies in this attempt, by the batch's SHA-256.
    """
    newest = newest_ledger(stored)
    if newest is None:
        return outcome
    entries = _entries(stored, newest)
    texts = _earlier_replies(outcome) | (replies or {})
    # what explains trouble first: a reply may hold an id of its own, and 20 good ones would leave no room for it
    telling = sorted(entries, key=_went_well)
    kept = list(dict.fromkeys(texts[entry.sha256] for entry in telling if entry.sha256 in texts))[
        :MAX_REPLIES
    ]
    refused = _refused(stored, newest)
    records = _count_records(stored, newest, len(refused))
    return msgspec.structs.replace(
        outcome,
        export=msgspec.structs.replace(outcome.export, sha256=newest.plan.sha256 or newest.plan.key),
        ledger=newest.plan.key,
        records=records,
        events=_events(entries, newest.plan),
        ignored=newest.plan.ignored,
        **mapping_fields(newest.plan.mapping),
        in_doubt_elsewhere=sum(entry.in_doubt_elsewhere for entry in entries if entry.closed),
        reported=_reported(entries),
        batches=[_batch(index, entry, texts, kept) for index, entry in enumerate(entries)],
        replies=kept,
        rejections=Rejections(
            blob=rejected_blob(outcome, records.rejected + records.refused),
            by_reason=[*newest.plan.by_reason, *_refusals(refused)],
        ),
        warnings=warnings(outcome, entries, newest),
    )


def with_validation(outcome: Outcome, validation: ValidationResult) -> Outcome:
    """The outcome of an export that got no ledger: nothing of it was sent under this name."""
    outcome = _nothing_sent(outcome, validation)
    return msgspec.structs.replace(
        outcome,
        export=msgspec.structs.replace(outcome.export, sha256=validation.sha256 or None),
        rejections=rejections_of(outcome, validation),
        warnings=[
            *cut_warnings(cut=validation.cut),
            *time_warnings(validation.latest_event, outcome.export.last_modified),
            *index_warnings(validation.index_warnings),
            *(validation.mapping.warnings if validation.mapping else []),
        ],
    )


def as_duplicate(outcome: Outcome, ledger: Ledger, validation: ValidationResult | None = None) -> Outcome:
    """The outcome of content that another name or version has sent: nothing of it was sent under this one.

    Args:
        outcome: what is known so far.
        ledger: of which nothing is left to send.
        validation: what pass 1 found, if there was one; else the ledger's plan says what was read.
    """
    plan = ledger.plan
    if validation:
        outcome = with_validation(outcome, validation)
    else:
        rejected = Rejections(blob=outcome.rejections.blob, by_reason=plan.by_reason)
        outcome = msgspec.structs.replace(_nothing_sent(outcome, plan), rejections=rejected)
    records = outcome.records
    if records:  # that its events were sent says nothing about this name: it sends everything or nothing
        unsent = records.unsent + records.repeated
        records = msgspec.structs.replace(records, unsent=unsent, repeated=0)
    return msgspec.structs.replace(
        outcome,
        records=records,
        events=without_repeats(outcome.events),
        ledger=plan.key,
        reported=None,
        batches=[],
        replies=[],
        in_doubt_elsewhere=0,
        duplicate_of=ledger.completed_by,
    )


def _nothing_sent(outcome: Outcome, found: ValidationResult | Plan) -> Outcome:
    """The figures of an export of which nothing was sent under this name."""
    return msgspec.structs.replace(
        outcome,
        records=Records(
            read=found.read,
            rejected=found.rejected,
            unsent=found.read - found.rejected - found.left_out,
            ignored=found.left_out - found.repeated,
            repeated=found.repeated,
        ),
        events=events_of(
            found.first_event, found.last_event, dict.fromkeys(found.days, 0), found.repeated_days
        ),
        ignored=found.ignored,
        **mapping_fields(found.mapping),
    )


def newest_ledger(stored: Sequence[StoredLedger]) -> Ledger | None:
    """The ledger whose plan is the newest; `None` if there is none."""
    return newest_of(one.ledger for one in stored if one.ledger)


def _count_records(stored: Sequence[StoredLedger], newest: Ledger, refused: int) -> Records:
    """What became of each input record, each number counted once.

    Args:
        stored: the ledgers of the content.
        newest: the one of them that was planned last: records that another one has refused are judged by it again.
        refused: how many records the connector has refused.
    """
    accepted = [one for item in stored for one in item.entries if one.state == "accepted"]
    taken = sum(entry.records - len(entry.refused) for entry in accepted)
    if any(item.ledger and item.ledger is not newest and item.ledger.accepted_any for item in stored):
        taken = accepted_by(stored).count()
    unconfirmed = min(taken, sum(min(one.unconfirmed, one.records - len(one.refused)) for one in accepted))
    plan = newest.plan
    return Records(
        read=plan.read,
        rejected=plan.rejected,
        refused=refused,
        unconfirmed=unconfirmed,
        sent=taken - unconfirmed,
        unsent=plan.read - plan.rejected - plan.left_out - refused - taken,
        ignored=plan.left_out - plan.repeated,
        repeated=plan.repeated,
    )


def status_of(outcome: Outcome) -> Status:
    """What an export of which nothing is left to send came to."""
    records = outcome.records
    flawed = records and (records.rejected or records.refused or records.unconfirmed)
    skipped = outcome.reported and outcome.reported.records_skipped
    return Status.PARTIALLY_SUCCEEDED if flawed or skipped else Status.SUCCEEDED


def _entries(stored: Sequence[StoredLedger], newest: Ledger) -> list[Entry]:
    """Every batch that counts: of the newest ledger all, of the others those that were sent or may have been."""
    others = [one for item in stored if item.ledger is not newest for one in item.entries if one.closed]
    return sorted([*newest.entries, *others], key=lambda entry: entry.first)


def _refused(stored: Sequence[StoredLedger], newest: Ledger) -> dict[int, int]:
    """The connector's HTTP status by input record number, of what it refused and has not accepted under other rules."""
    found = newest.refused
    others = [item for item in stored if item.ledger is not newest] if found else []
    accepted = accepted_by(others)
    return {number: status for number, status in found.items() if number not in accepted}


def _events(entries: Sequence[Entry], plan: Plan) -> Events:
    """When the valid records' events were; a day counts as sent what the connector has accepted."""
    sent: Counter[str] = Counter()
    for entry in entries:
        for day, records in entry.days.items():
            sent[day] += records if entry.state == "accepted" else 0
    return events_of(plan.first_event, plan.last_event, sent, plan.repeated_days)


def _went_well(entry: Entry) -> bool:
    return entry.state == "accepted" and not (entry.unconfirmed or entry.refused)


def _reported(entries: Sequence[Entry]) -> Reported | None:
    saved = [entry.saved for entry in entries if entry.saved is not None]
    skipped = [entry.skipped for entry in entries if entry.skipped is not None]
    return Reported(records_saved=sum(saved), records_skipped=sum(skipped)) if saved or skipped else None


def _refusals(refused: dict[int, int]) -> list[Reason]:
    counts = Counter(status for status in refused.values() if status)
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
