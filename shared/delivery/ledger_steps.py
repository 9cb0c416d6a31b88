"""The steps from one ledger to the next: planned, sending, accepted, refused, cut in parts. Pure."""

from collections.abc import Sequence

import msgspec

from shared.delivery.classify_reply import ReplyDecision
from shared.delivery.ledger import Entry, Ledger, Plan, closed_entries, entry_of
from shared.delivery.outcome import ExportVersion
from shared.exports.batches import Batch


def planned(ledger: Ledger | None, plan: Plan) -> Ledger:
    """A ledger after a new plan: its closed entries, and the plan's."""
    entries = sorted([*closed_entries(ledger), *plan.entries], key=lambda entry: entry.first)
    max_bytes = ledger.max_bytes if ledger else None
    return Ledger(plan=plan, entries=entries, max_bytes=max_bytes, rejected_cut=plan.rejected_cut)


def is_as_planned(ledger: Ledger, plan: Plan) -> bool:
    """Whether a new plan says nothing that the ledger does not say already."""
    anew = msgspec.structs.replace(
        plan,
        version=ledger.plan.version,
        number=ledger.plan.number,
        planned_at=ledger.plan.planned_at,
        entries=ledger.plan.entries,
    )
    return anew == ledger.plan and _unnamed(planned(ledger, plan)) == _unnamed(ledger)


def _unnamed(ledger: Ledger) -> list[Entry]:
    """The entries without their open files: earlier attempts had others for what is not closed."""
    return [msgspec.structs.replace(one, file="") for one in ledger.entries]


def sending(ledger: Ledger, index: int) -> Ledger:
    """Before a request leaves; a batch that already is `sending` may become a copy."""
    entry = ledger.entries[index]
    copies = entry.possible_copies + (entry.state == "sending")
    return ledger.with_entry(index, msgspec.structs.replace(entry, state="sending", possible_copies=copies))


def accepted(ledger: Ledger, index: int, decision: ReplyDecision, refused: list[int], now: str) -> Ledger:
    """After the connector accepted a batch.

    Args:
        ledger: as it was.
        index: of the batch's entry.
        decision: what the reply means.
        refused: input record numbers of the records it named as failed.
        now: UTC.
    """
    whole = ledger.entries[index]
    entry = msgspec.structs.replace(
        whole,
        state="accepted",
        http_status=decision.http_status,
        accepted_at=now,
        unconfirmed=min(decision.unconfirmed, whole.records),
        refused=refused,
        saved=decision.saved,
        skipped=decision.skipped,
    )
    return ledger.with_entry(index, entry)


def refused(ledger: Ledger, index: int, decision: ReplyDecision) -> Ledger:
    """After the connector refused a batch of one record.

    Args:
        ledger: as it was.
        index: of the batch's entry.
        decision: what the reply means.
    """
    entry = ledger.entries[index]
    return ledger.with_entry(
        index,
        msgspec.structs.replace(
            entry, state="refused", http_status=decision.http_status, refused=[entry.first]
        ),
    )


def reopened(ledger: Ledger) -> Ledger:
    """Refused records are to be sent again: the connector accepted none, so the refusals were not about them."""
    entries = [
        msgspec.structs.replace(entry, state="planned", refused=[]) if entry.state == "refused" else entry
        for entry in ledger.entries
    ]
    return msgspec.structs.replace(ledger, entries=entries)


def split(ledger: Ledger, index: int, parts: Sequence[Batch], days: Sequence[dict[str, int]]) -> Ledger:
    """A batch cut into smaller ones; whatever may have been accepted of it stays counted, and its open file stays theirs.

    Args:
        ledger: as it was.
        index: of the batch's entry.
        parts: what takes its place, in order.
        days: of which days each part's events are.
    """
    whole = ledger.entries[index]
    first, *rest = (
        msgspec.structs.replace(
            entry_of(part), possible_copies=whole.possible_copies, file=whole.file, days=of_part
        )
        for part, of_part in zip(parts, days, strict=True)
    )
    first = msgspec.structs.replace(
        first, requests=whole.requests, in_doubt_elsewhere=whole.in_doubt_elsewhere
    )
    return ledger.with_entry(index, first, *rest)


def completed(ledger: Ledger, version: ExportVersion, now: str) -> Ledger:
    """A ledger of which nothing is left to send.

    Args:
        ledger: as it was.
        version: the export under which the last batch was sent.
        now: UTC.
    """
    return msgspec.structs.replace(ledger, completed_by=version, completed_at=now)
