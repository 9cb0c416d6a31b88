"""The log lines: one an export, one a sweep, and silence in between.

Every line is an event of `shared.telemetry.names`.
"""

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from shared.clock import utc_text
from shared.error_codes import Status
from shared.log import LOGGER, say
from shared.printable import printable
from shared.telemetry.names import (
    EXPORT_EXPIRING,
    EXPORT_FINISHED,
    INVOCATION_FAILED,
    REMAP_FINISHED,
    SECRET_EXPIRY_UNKNOWN,
    SOURCE_DUE,
    SWEEP_FINISHED,
)

if TYPE_CHECKING:
    from shared.delivery.outcome import Outcome
    from shared.delivery.sweep_result import SweepResult
    from shared.sources.silence import Standing

_DIGITS: Final = 16
_LEVELS: Final = {
    Status.REJECTED: logging.ERROR,
    Status.BLOCKED: logging.ERROR,
    Status.FAILED: logging.WARNING,
    Status.PARTIALLY_SUCCEEDED: logging.WARNING,
}


def quiet_libraries() -> None:
    """Quieten libraries: urllib3 logs the connector's path with its query, azure-identity what Entra ID answered."""
    for name in ("azure", "urllib3"):
        logging.getLogger(name).setLevel(logging.ERROR)
    LOGGER.setLevel(logging.INFO)


def export_finished(outcome: "Outcome", seconds: float) -> None:
    """The one line at the end of an attempt, with the outcome's figures as attributes.

    Args:
        outcome: as the attempt left it.
        seconds: how long the attempt took.
    """
    text = f"{outcome.status.value} {printable(outcome.export.name)}: {outcome.summary}"
    say(_LEVELS.get(outcome.status, logging.INFO), EXPORT_FINISHED, text, **_figures(outcome, seconds))


def remap_finished(before: "Outcome", after: "Outcome", seconds: float) -> None:
    """The one line at the end of a pass over rejected records.

    Args:
        before: the outcome from before it.
        after: the outcome as the pass left it.
        seconds: how long it took.
    """
    gained = len(after.passes) > len(before.passes)
    tried = before.records.rejected if before.records else 0
    left = after.records.rejected if after.records else 0
    sent = after.passes[-1].sent if gained else 0
    stopped = "remap-stopped" in {one.code for one in after.warnings}
    name = printable(after.export.name)
    say(
        logging.WARNING if stopped else logging.INFO,
        REMAP_FINISHED,
        f"{name}: {sent:,} of {tried:,} rejected records sent; {left:,} still rejected",
        export=name,
        source=after.source.name if after.source else "",
        status=after.status.value,
        tried=tried,
        sent=sent,
        rejected=left,
        warnings=",".join(warning.code for warning in after.warnings),
        duration_seconds=round(seconds, 3),
    )


def sweep_finished(sweep_result: "SweepResult") -> None:
    """The one line at the end of a sweep, and one for each thing in it that a person should know."""
    for name in sweep_result.expiring:
        text = f"{printable(name)}: it waits on purpose, and storage deletes the export within 10 days"
        say(logging.ERROR, EXPORT_EXPIRING, text, export=printable(name))
    if sweep_result.expiry_problem:
        say(logging.WARNING, SECRET_EXPIRY_UNKNOWN, sweep_result.expiry_problem)
    for name, its in sweep_result.standings.items():
        _source_due(name, its)
    waiting = sum(sweep_result.waiting.values())
    days_left = "" if sweep_result.secret_days_left is None else round(sweep_result.secret_days_left, 1)
    left = f"; {sweep_result.remaps_left:,} to be tried under a changed mapping by the next one"
    left = left if sweep_result.remaps_left else ""
    say(
        logging.INFO,
        SWEEP_FINISHED,
        f"{sweep_result.queued} queued, {waiting} waiting{left}",
        queued=sweep_result.queued,
        remaps=sweep_result.remaps_due - sweep_result.remaps_left,
        remaps_left=sweep_result.remaps_left,
        waiting=waiting,
        expiring=len(sweep_result.expiring),
        days_left=days_left,
    )


def _source_due(source: str, its: "Standing") -> None:
    """What is due of a source, a line each, and how many of those of two days have not come."""
    for due in its.due:
        say(
            logging.INFO,
            SOURCE_DUE,
            f"{source} by {utc_text(due.by)}",
            **{
                "source": source,
                "from": utc_text(due.begins),
                "by": utc_text(due.by),
                "missing": max(due.missing, 0),
                "from_before": utc_text(due.before),
                "missing_before": max(due.missing_before, 0),
                "every_hours": (its.every or timedelta()) // timedelta(hours=1),
                "last_upload": utc_text(its.last),
                "last_event": its.newest_event.isoformat() if its.newest_event else "",
            },
        )


def invocation_failed(code: str, export: str, detail: str) -> None:
    """An invocation that ends with an exception; the exception itself carries no detail.

    Args:
        code: of the exception.
        export: the blob's name as it may be shown, or `-`.
        detail: what happened, in words of ours.
    """
    say(logging.ERROR, INVOCATION_FAILED, f"{code}: {detail}", code=code, export=export)


def top_reason(outcome: "Outcome") -> str:
    """The most frequent reason for a rejected or refused record: property and fixed sentence; empty if none."""
    reasons = outcome.rejections.by_reason
    if not reasons:
        return ""
    most = max(reasons, key=lambda reason: reason.records)
    return f"{most.property or 'record'} {most.reason}"


def _figures(outcome: "Outcome", seconds: float) -> dict[str, object]:
    records = outcome.records
    return {
        "status": outcome.status.value,
        "final": outcome.status.final,
        "trigger": outcome.trigger,
        "export": printable(outcome.export.name),
        "invocation_id": outcome.invocation_id,
        "code": outcome.error.code if outcome.error else "",
        "retry": outcome.retry or "",
        "top_reason": top_reason(outcome),
        "read": records.read if records else 0,
        "sent": records.sent if records else 0,
        "rejected": records.rejected if records else 0,
        "refused": records.refused if records else 0,
        "unconfirmed": records.unconfirmed if records else 0,
        "unsent": records.unsent if records else 0,
        "ignored": records.ignored if records else 0,
        "repeated": records.repeated if records else 0,
        **_of_source(outcome),
        "uploaded": outcome.export.last_modified or "",
        "newest_event": (outcome.events.last if outcome.events else "") or "",
        "batches": len(outcome.batches),
        "requests": sum(batch.requests for batch in outcome.batches),
        "possible_copies": sum(batch.possible_copies for batch in outcome.batches),
        "warnings": ",".join(warning.code for warning in outcome.warnings),
        "attempts": outcome.attempts,
        "duration_seconds": round(seconds, 3),
        "export_bytes": outcome.export.bytes or 0,
    }


def _of_source(outcome: "Outcome") -> dict[str, object]:
    """Which source in which version, as far as a query needs to tell them apart."""
    source = outcome.source
    if source is None:
        return {"source": "", "profile": "", "people": ""}
    people = ",".join(sha256[:_DIGITS] for _, sha256 in sorted(source.people.items()))
    return {"source": source.name, "profile": source.profile[:_DIGITS], "people": people}
