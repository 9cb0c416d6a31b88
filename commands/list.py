"""`list`: outcomes as a table, newest first."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Final

import typer
from rich.text import Text

from commands import outcome_lookup
from commands.console import screen
from commands.console.formatting import count, main_reason, records
from commands.console.styles import status_text
from commands.console.tables import Column, show_table
from commands.context import command_context
from commands.day import show_notes
from commands.options import AsJson, PushedHere, SettingsFile, StateFolder, between, status_named
from commands.results import results_and_scope
from shared.clock import utc_text, utc_time
from shared.completeness.sentences import verdict_line
from shared.completeness.verdict import State
from shared.delivery import outcome_listing
from shared.delivery.outcome import Outcome
from shared.delivery.outcome_listing import ListedOutcome
from shared.delivery.ports import Container
from shared.delivery.remaps_left import remaps_left
from shared.error_codes import RejectedCode, Status
from shared.printable import printable
from shared.report.one_day import one_day

_SWEEPS_APART: Final = timedelta(days=2)
"""What an older sweep has left was queued by another one since."""

_WIDE: Final = 110
"""From this width on a row has one line; below, two."""


@dataclass(frozen=True, slots=True)
class Row:
    """One outcome in the list; counts are `None` for an export that could not be read."""

    when: str
    export: str
    etag: str
    status: str
    retry: str | None
    sent: int | None
    rejected: int | None
    reason: str


def list_outcomes(
    context: typer.Context,
    *,
    days: Annotated[
        int, typer.Option(callback=between(1, 3_650), metavar="N", help="How many days back.")
    ] = 7,
    status: Annotated[
        Status | None,
        typer.Option(parser=status_named, metavar="STATUS", help="Only this status, such as Blocked."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="Only these names, such as '2026/11/*'.")
    ] = None,
    as_json: AsJson = False,
    pushed: PushedHere = False,
    state: StateFolder = None,
    settings: SettingsFile = None,
) -> None:
    """List what happened to exports, newest first.

    Example: python gatepost.py list --days 2 --status Blocked
    """
    results, scope = results_and_scope(command_context(context), settings, state, pushed=pushed)
    since = scope.now - timedelta(days=days)
    listed = list(outcome_listing.list_outcomes(results))
    rows = _rows_of(results, _chosen(listed, since, status, name))
    if as_json:
        screen.show_json([asdict(row) for row in rows])
        return
    if rows:
        _show(rows)
        screen.say()
    screen.say(totals(rows, days, chosen=bool(status or name)))
    if not pushed:
        _say_remaps_left(results, scope.now)
    if not (status or name or pushed):
        found = one_day(results, scope, scope.today - timedelta(days=1), listed=listed)
        if found.verdict.state is State.COMPLETE or found.verdict.state.is_incomplete:
            screen.say(verdict_line(found.verdict, scope.zone, found.not_sent))
        show_notes(found.notes)


def _say_remaps_left(results: Container, now: datetime) -> None:
    """How many exports wait for the next sweep, because the last one had too many to try under a changed mapping."""
    left = remaps_left(results)
    if left and now - utc_time(left.swept_at) < _SWEEPS_APART:
        screen.say(
            f"The sweep of {left.swept_at} has had {count(left.queued, 'export')} tried under a changed mapping; "
            f"{left.left:,} more wait for the next one."
        )


def _chosen(
    listed: Iterable[ListedOutcome], since: datetime, status: Status | None, name: str | None
) -> list[ListedOutcome]:
    """Those that were asked for, newest first."""
    found = [
        one
        for one in listed
        if one.moment >= since
        and (status is None or one.status is status)
        and (name is None or fnmatchcase(one.name, name))
    ]
    return sorted(found, key=lambda one: (one.moment, one.path), reverse=True)


def _rows_of(results: Container, listed: Iterable[ListedOutcome]) -> list[Row]:
    """Their rows; documents are read only where the listing does not say everything."""
    return [_row(results, one) for one in listed]


def reason_of(outcome: Outcome) -> str:
    """Why an export is not simply done, in one phrase; empty if it is."""
    if outcome.duplicate_of:
        return f"sent before, as {printable(outcome.duplicate_of.name)}"
    if outcome.rejections.by_reason and (
        outcome.error is None or outcome.error.code == RejectedCode.TOO_MANY_INVALID
    ):
        return main_reason(outcome.rejections.by_reason)
    if outcome.error:
        return outcome.error.message.rstrip(".")
    if outcome.warnings:
        return outcome.warnings[0].message.rstrip(".")
    return "in progress" if outcome.status is Status.IN_PROGRESS else ""


def totals(rows: Sequence[Row], days: int, *, chosen: bool = False) -> str:
    """The last line: how many exports, by status, and their records.

    Args:
        rows: of the list.
        days: how many were asked for.
        chosen: whether a status or a name was asked for.
    """
    if not rows:
        return f"No {'such ' if chosen else ''}outcomes in the last {count(days, 'day')}."
    counts = Counter(row.status for row in rows)
    order = [status.value for status in Status]
    by_status = ", ".join(f"{counts[status]} {status}" for status in order if counts[status])
    sent, rejected = sum(row.sent or 0 for row in rows), sum(row.rejected or 0 for row in rows)
    return f"{count(len(rows), 'export')}: {by_status}. {records(sent)} sent, {rejected:,} rejected."


def _row(results: Container, listed: ListedOutcome) -> Row:
    found = None if listed.status is Status.SUCCEEDED else outcome_lookup.read(results, listed)
    return Row(
        when=utc_text(listed.moment),
        export=found.outcome.export.name if found else listed.name,
        etag=listed.etag,
        status=listed.status if found or listed.status is Status.SUCCEEDED else "(unreadable)",
        retry=listed.retry,
        sent=listed.sent,
        rejected=listed.rejected,
        reason=reason_of(found.outcome) if found else "",
    )


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
    show_table(columns, cells, below)


def _cells(row: Row, *, wide: bool) -> list[str | Text]:
    name = [printable(row.export)] if wide else []
    return [
        row.when[:16].replace("T", " "),
        *name,
        status_text(row.status),
        "-" if row.sent is None else f"{row.sent:,}",
        "-" if row.rejected is None else f"{row.rejected:,}",
        *([row.reason] if wide else []),
    ]


def _below(row: Row) -> str:
    return f"  {printable(row.export)}" + (f": {row.reason}" if row.reason else "")
