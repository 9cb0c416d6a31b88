"""`list`: the outcomes as a table, newest first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Final

import typer
from rich.text import Text

from commands import outcome_lookup
from commands.console import screen
from commands.console.screen import Column
from commands.context import SettingsFile, command_context
from commands.results import PushedHere, StateFolder, results_for
from commands.validate import records
from shared.clock import utc_time
from shared.delivery.outcome import Outcome
from shared.delivery.ports import Blob, Container
from shared.error_codes import Status

_WIDE: Final = 110
"""From this width on a row has one line; below, two."""


@dataclass(frozen=True, slots=True)
class Row:
    """One outcome as the list shows it; counts are `None` for an export that could not be read."""

    when: str
    export: str
    etag: str
    status: str
    retry: str | None
    sent: int | None
    rejected: int | None
    reason: str


def list_outcomes(  # noqa: PLR0913  (each one is an option)
    context: typer.Context,
    *,
    days: Annotated[int, typer.Option(min=1, metavar="N", help="How many days back.")] = 7,
    status: Annotated[
        Status | None, typer.Option(metavar="S", case_sensitive=False, help="Only these, such as Blocked.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="GLOB", help="Only exports so named, such as '2026/11/*'.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False,
    pushed: PushedHere = False,
    state: StateFolder = None,
    settings: SettingsFile = None,
) -> None:
    """List what became of exports, newest first.

    Example: python gatepost.py list --days 2 --status Blocked
    """
    results = results_for(command_context(context), settings, state, pushed=pushed)
    since = datetime.now(UTC) - timedelta(days=days)
    rows = rows_of(results, since, status, name)
    if as_json:
        screen.show_json([asdict(row) for row in rows])
        return
    if rows:
        _show(rows)
        screen.say()
    screen.say(totals(rows, days, chosen=bool(status or name)))


def rows_of(results: Container, since: datetime, status: Status | None, name: str | None) -> list[Row]:
    """The rows, newest first; documents are read only where the listing does not say everything.

    Raises:
        StorageError: the container cannot be read.
    """
    found = []
    for blob in outcome_lookup.listed(results):
        when = _when(blob)
        if when < since or (status and blob.metadata.get("status") != status):
            continue
        if name and not fnmatchcase(outcome_lookup.name_of(blob.name), name):
            continue
        found.append((when, blob))
    found.sort(key=lambda one: (one[0], one[1].name), reverse=True)
    return [_row(results, when, blob) for when, blob in found]


def reason_of(outcome: Outcome) -> str:
    """Why an export is not simply done, in one phrase; empty if it is."""
    if outcome.duplicate_of:
        return f"sent before, as {screen.name_text(outcome.duplicate_of.name)}"
    if outcome.rejections.by_reason and (outcome.error is None or outcome.error.code == "too-many-invalid"):
        worst = outcome.rejections.by_reason[0]
        return f"{worst.property or 'the record'} {worst.reason}"
    if outcome.error:
        return outcome.error.message.rstrip(".")
    if outcome.warnings:
        return outcome.warnings[0].message.rstrip(".")
    return "being worked on" if outcome.status is Status.IN_PROGRESS else ""


def totals(rows: Sequence[Row], days: int, *, chosen: bool = False) -> str:
    """The last line: how many exports, by status, and their records."""
    if not rows:
        such = "such outcomes" if chosen else "outcomes"
        return f"No {such} in the last {days} day{'' if days == 1 else 's'}."
    counts = Counter(row.status for row in rows)
    order = [status.value for status in Status]
    by_status = ", ".join(f"{counts[status]} {status}" for status in order if counts[status])
    sent, rejected = sum(row.sent or 0 for row in rows), sum(row.rejected or 0 for row in rows)
    exports = f"{len(rows):,} export{'' if len(rows) == 1 else 's'}"
    return f"{exports}: {by_status}. {records(sent)} sent, {rejected:,} rejected."


def _row(results: Container, when: datetime, blob: Blob) -> Row:
    metadata = blob.metadata
    status = metadata.get("status", "")
    found = None if status == Status.SUCCEEDED else outcome_lookup.read(results, blob)
    return Row(
        when=when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        export=found.outcome.export.name if found else outcome_lookup.name_of(blob.name),
        etag=blob.name.rpartition("/")[2].removesuffix(".json"),
        status=status or "(unreadable)",
        retry=metadata.get("retry") or None,
        sent=_count(metadata.get("recordssent", "")),
        rejected=_count(metadata.get("recordsrejected", "")),
        reason=reason_of(found.outcome) if found else "",
    )


def _when(blob: Blob) -> datetime:
    finished = blob.metadata.get("finishedat", "")
    return utc_time(finished) if finished else blob.last_modified


def _count(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def _show(rows: Sequence[Row]) -> None:
    wide = screen.out().width >= _WIDE
    columns = [
        Column("When (UTC)"),
        *([Column("Export", gives_way=True)] if wide else []),
        Column("Status"),
        Column("Sent", number=True),
        Column("Rejected", number=True),
        *([Column("Reason", gives_way=True)] if wide else []),
    ]
    cells = [_cells(row, wide=wide) for row in rows]
    below = None if wide else [_below(row) for row in rows]
    screen.show_table(columns, cells, below)


def _cells(row: Row, *, wide: bool) -> list[str | Text]:
    name = [screen.name_text(row.export)] if wide else []
    return [
        row.when[:16].replace("T", " "),
        *name,
        screen.status_text(row.status),
        "-" if row.sent is None else f"{row.sent:,}",
        "-" if row.rejected is None else f"{row.rejected:,}",
        *([row.reason] if wide else []),
    ]


def _below(row: Row) -> str:
    return f"  {screen.name_text(row.export)}" + (f": {row.reason}" if row.reason else "")
