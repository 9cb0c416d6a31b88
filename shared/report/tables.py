"""The report's tables."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

from shared.clock import utc_time
from shared.completeness.day_names import short_day
from shared.error_codes import Status
from shared.report.figures import ExportRow
from shared.report.formatting import StatusStyle, figure, status_style
from shared.report.markup import Markup, element, join

_FIGURES: Final = frozenset({"Exports", "Records", "Not sent", "Usual"})
"""Columns that stand to the right."""


def exports_table(caption: str, exports: Sequence[ExportRow], zone: tzinfo) -> Markup:
    """Exports with how they stand; what an outcome says in full can be opened beneath its name."""
    columns = ("When", "Export", "Status", "Records", "Not sent")
    rows = [
        (
            _moment(row.moment, zone),
            join(
                element("bdi", row.name),
                element("span", row.summary, class_="note") if _tells(row) else None,
                _details(row),
            ),
            join(
                status_mark(status_style(row.status, retries=row.retry is not None)),
                element("span", _next(row, zone), class_="note") if _next(row, zone) else None,
            ),
            figure(row.sent),
            figure(_not_sent(row)),
        )
        for row in exports
    ]
    return table(caption, columns, rows, "exports")


def _moment(moment: datetime, zone: tzinfo) -> str:
    local = moment.astimezone(zone)
    return f"{short_day(local.date())}, {local:%H:%M}"


def _details(row: ExportRow) -> Markup | None:
    told = [text for text in row.details if text != row.summary]
    if not told:
        return None
    return element(
        "details",
        element("summary", "Details"),
        *(element("p", text, class_="note") for text in told),
        element("p", "Outcome: ", element("code", row.path), class_="note"),
    )


def _not_sent(row: ExportRow) -> int | None:
    """Rejected records and those that wait; a duplicate was sent under another name."""
    if row.status in {Status.DUPLICATE, Status.SUPERSEDED}:
        return 0
    if row.rejected is None and row.not_sent is None:
        return None
    return (row.rejected or 0) + (row.not_sent or 0)


def _tells(row: ExportRow) -> bool:
    """Whether the summary says more than the figures beside it."""
    return bool(row.summary) and row.status is not Status.SUCCEEDED


def _next(row: ExportRow, zone: tzinfo) -> str:
    if row.status is Status.BLOCKED:
        return "tried again daily" if row.retry == "auto" else "only when asked"
    if row.next_attempt_at:
        return f"next try {_moment(utc_time(row.next_attempt_at), zone)}"
    return ""


def status_mark(style: StatusStyle) -> Markup:
    """A status as its sign and its word."""
    sign = element("span", style.sign, class_="sign", aria_hidden="true")
    return element("span", sign, style.word, class_=f"status {style.colour}")


def table(
    caption: str, columns: Sequence[str], rows: Sequence[Sequence[str | Markup]], kind: str = "plain"
) -> Markup:
    """A table whose roles are spelled out, since on a phone its rows are drawn as blocks."""
    heads = (
        element("th", name, scope="col", role="columnheader", class_=_kind(name))
        if name
        else element("td", role="cell")
        for name in columns
    )
    lines = (
        element(
            "tr",
            *(
                element("td", cell, role="cell", data_name=name or None, class_=_kind(name))
                for name, cell in zip(columns, row, strict=True)
            ),
            role="row",
        )
        for row in rows
    )
    return element(
        "table",
        element("caption", caption, class_="unseen" if kind != "reasons" else None),
        element("thead", element("tr", *heads, role="row"), role="rowgroup"),
        element("tbody", *lines, role="rowgroup"),
        role="table",
        class_=kind,
    )


def _kind(column: str) -> str | None:
    return "figure" if column in _FIGURES else None
