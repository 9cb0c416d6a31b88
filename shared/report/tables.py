"""The report's tables."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from shared.error_codes import Status
from shared.report.figures import ExportRow
from shared.report.formatting import STATUS_STYLES, figure, short_day
from shared.report.markup import Markup, element, join

_FIGURES: Final = frozenset({"Exports", "Sent", "Rejected", "Records"})
"""Columns that stand to the right."""


def exports_table(caption: str, exports: Sequence[ExportRow], root: str | None) -> Markup:
    """Exports with their outcomes; `root` is what links begin with, `None` for no links."""
    columns = ("When (UTC)", "Export", "Status", "Sent", "Rejected")
    rows = [
        (
            f"{short_day(row.moment.date())}, {row.moment:%H:%M}",
            join(
                _name(row, root),
                element("span", row.summary, class_="note") if _tells(row) else None,
            ),
            join(status_mark(row.status), element("span", _next(row), class_="note") if _next(row) else None),
            figure(row.sent),
            figure(row.rejected),
        )
        for row in exports
    ]
    return table(caption, columns, rows, "exports")


def _name(row: ExportRow, root: str | None) -> Markup:
    name = element("bdi", row.name)
    return element("a", name, href=root + quote(row.path)) if root else name


def _tells(row: ExportRow) -> bool:
    """Whether the summary says more than the figures beside it."""
    return bool(row.summary) and row.status is not Status.SUCCEEDED


def _next(row: ExportRow) -> str:
    if row.status is Status.BLOCKED:
        return "tried again daily" if row.retry == "auto" else "only when asked"
    if row.next_attempt_at:
        return f"next try {row.next_attempt_at[11:16]} UTC"
    return ""


def status_mark(status: Status) -> Markup:
    """A status as its sign and its word."""
    style = STATUS_STYLES[status]
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
