"""The report's tables."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from shared.faults import Status
from shared.report.figures import Seen
from shared.report.markup import Markup, element, join
from shared.report.words import FACES, figure, short_day

_FIGURES: Final = frozenset({"Exports", "Sent", "Rejected", "Records"})
"""Columns that stand to the right."""


def exports_table(caption: str, exports: Sequence[Seen], root: str | None) -> Markup:
    """Exports with their outcomes; `root` is what links begin with, `None` for no links."""
    columns = ("When (UTC)", "Export", "Status", "Sent", "Rejected")
    rows = [
        (
            f"{short_day(seen.moment.date())}, {seen.moment:%H:%M}",
            join(
                _name(seen, root),
                element("span", seen.summary, class_="note") if _tells(seen) else None,
            ),
            join(
                status_mark(seen.status), element("span", _next(seen), class_="note") if _next(seen) else None
            ),
            figure(seen.sent),
            figure(seen.rejected),
        )
        for seen in exports
    ]
    return table(caption, columns, rows, "exports")


def _name(seen: Seen, root: str | None) -> Markup:
    name = element("bdi", seen.name)
    return element("a", name, href=root + quote(seen.path)) if root else name


def _tells(seen: Seen) -> bool:
    """Whether the summary says more than the figures beside it."""
    return bool(seen.summary) and seen.status is not Status.SUCCEEDED


def _next(seen: Seen) -> str:
    if seen.status is Status.BLOCKED:
        return "tried again daily" if seen.retry == "auto" else "only when asked"
    if seen.next_attempt_at:
        return f"next try {seen.next_attempt_at[11:16]} UTC"
    return ""


def status_mark(status: Status) -> Markup:
    """A status as its sign and its word."""
    face = FACES[status]
    sign = element("span", face.sign, class_="sign", aria_hidden="true")
    return element("span", sign, face.word, class_=f"status {face.colour}")


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
