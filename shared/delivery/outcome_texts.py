"""An outcome's summary and its warnings, as a person reads them. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.clock import utc_time
from shared.delivery.index_warnings import index_warnings
from shared.delivery.ledger import Entry, Ledger
from shared.delivery.outcome import (
    Notice,
    Outcome,
    Records,
)
from shared.delivery.rejected_file import MAX_FILE_BYTES
from shared.printable import printable

_FUTURE: Final = timedelta(minutes=5)


def summary(outcome: Outcome) -> str:
    """What happened in one or two sentences, without anything out of the export."""
    if outcome.duplicate_of:
        return f"This content was sent before, as {printable(outcome.duplicate_of.name)}."
    since = sum(one.sent for one in outcome.passes)
    counts = _counts(outcome.records, since) if outcome.records else ""
    reasons = _reasons(outcome) if outcome.rejections.by_reason else ""
    error = outcome.error.message if outcome.error else ""
    text = " ".join(filter(None, (error, ": ".join(filter(None, (counts, reasons))))))
    return text if text.endswith(".") or not text else text + "."


def time_warnings(latest_event: str, last_modified: str | None) -> list[Notice]:
    """The warning about times that lie ahead of the export's own, if they do."""
    if not _in_the_future(latest_event, last_modified):
        return []
    message = "EventTimes are later than the export itself; the usual cause is local time written without an offset."
    return [Notice(code="events-in-the-future", message=message)]


def cut_warnings(*, cut: bool) -> list[Notice]:
    """The warning about a rejected file that had no room for every record, if that was so."""
    if not cut:
        return []
    megabytes = MAX_FILE_BYTES // 1_000_000
    message = (
        f"The rejected file ends after {megabytes} MB; the other rejected records are only in the export."
    )
    return [Notice(code="rejected-file-cut", message=message)]


def _reasons(outcome: Outcome) -> str:
    worst, *others = outcome.rejections.by_reason
    text = f"{worst.property or 'record'} {worst.reason}"
    if not others:
        return text
    more = "1 other reason" if len(others) == 1 else f"{len(others)} other reasons"
    return f"{text} (and {more})"


def _counts(records: Records, since: int) -> str:
    """How many records were sent, and what became of the others; `since`: sent once the mapping had changed."""
    text = f"{records.sent:,} of {records.read:,} records sent"
    text += f", {since:,} of them since the mapping has changed" if since else ""
    for count, what in (
        (records.ignored, "ignored"),
        (records.repeated, "repeated"),
        (records.rejected, "rejected"),
        (records.refused, "refused by the connector"),
        (records.unconfirmed, "unconfirmed"),
        (records.unsent, "not sent"),
    ):
        text += f"; {count:,} {what}" if count else ""
    return text


def warnings(outcome: Outcome, entries: Sequence[Entry], newest: Ledger) -> list[Notice]:
    """What a person should know although the status does not say it.

    Args:
        outcome: says when the export was last modified.
        entries: every batch that counts.
        newest: the ledger that was planned last; says when the latest event was.
    """
    warnings = []
    copies = sum(entry.possible_copies for entry in entries)
    if copies:
        requests = (
            "1 request got no answer and was"
            if copies == 1
            else f"{copies:,} requests got no answer and were"
        )
        message = f"{requests} repeated; Purview may hold those records twice."
        warnings.append(Notice(code="possible-copies", message=message))
    doubtful = sum(entry.in_doubt_elsewhere for entry in entries if entry.closed)
    if doubtful:
        message = (
            f"{doubtful:,} records stand in another request as well, which got no answer or was never confirmed; Purview may "
            "hold them twice."
        )
        warnings.append(Notice(code="in-doubt-elsewhere", message=message))
    if any(entry.skipped for entry in entries):
        message = "The connector skipped records: mostly a UserId that is not a valid address in the tenant."
        warnings.append(Notice(code="records-skipped", message=message))
    if any(_differs(entry) for entry in entries):
        message = (
            "The connector's figures do not add up to what was sent; the difference counts as unconfirmed."
        )
        warnings.append(Notice(code="figures-differ", message=message))
    warnings += cut_warnings(cut=newest.rejected_cut)
    warnings += time_warnings(newest.plan.latest_event, outcome.export.last_modified)
    warnings += index_warnings(newest.plan.index_warnings)
    return [*warnings, *(newest.plan.mapping.warnings if newest.plan.mapping else [])]


def _differs(entry: Entry) -> bool:
    return entry.saved is not None and entry.saved + (entry.skipped or 0) != entry.records


def _in_the_future(latest_event: str, last_modified: str | None) -> bool:
    if not latest_event or not last_modified:
        return False
    made: datetime = utc_time(last_modified)
    return utc_time(latest_event) > made + _FUTURE
