"""The report as one HTML page: no script, nothing from elsewhere, light and dark, fit for print. Pure."""

import hashlib
from base64 import b64encode
from functools import cache
from importlib.resources import files
from typing import Final

from shared.report.calendar import calendar, key
from shared.report.charts import records_by_day, share
from shared.report.figures import Figures, TopReason
from shared.report.formatting import STATUS_STYLES, clock_time, counted, figure, long_day, short_day
from shared.report.markup import Markup, element, join
from shared.report.tables import exports_table, status_mark, table
from shared.report.tiles import tiles

FROM_THE_CONTAINER: Final = "../"
"""Where the results container's root lies, seen from `reports/latest.html`."""


def render(figures: Figures, *, root: str | None = FROM_THE_CONTAINER) -> str:
    """The page.

    Args:
        figures: what it shows.
        root: what links to outcomes begin with: the results container's address, ending in `/`;
            `None` for no links.
    """
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy()),
        element("meta", name="referrer", content="no-referrer"),
        element("title", f"Badge exports, {long_day(figures.made_at.date())}"),
        Markup(f"<style>{_style()}</style>"),
    )
    main = element(
        "main",
        tiles(figures),
        _waiting(figures, root) if figures.waiting else None,
        _records(figures),
        element("div", _calendar(figures), _statuses(figures), class_="pair"),
        _reasons(figures),
        _latest(figures, root),
    )
    body = element("body", _header(figures), main, _footer(figures))
    return "<!doctype html>\n" + element("html", head, body, lang="en") + "\n"


def _header(figures: Figures) -> Markup:
    return element(
        "header",
        element("p", "Gatepost", class_="name"),
        element("h1", "Badge exports"),
        element(
            "p",
            f"{short_day(figures.days[0].date)} to {long_day(figures.days[-1].date)}. As of "
            f"{clock_time(figures.made_at)}; all days and times are UTC.",
            class_="subtle",
        ),
    )


def _records(figures: Figures) -> Markup:
    columns = ("Day", "Exports", "Sent", "Rejected")
    rows = [
        (short_day(day.date), figure(day.exports), figure(day.sent), figure(day.rejected))
        for day in reversed(figures.days)
    ]
    legend = element(
        "ul",
        element("li", element("span", class_="swatch accent", aria_hidden="true"), "sent"),
        element("li", element("span", class_="swatch bad", aria_hidden="true"), "rejected, on top"),
        class_="key",
    )
    numbers = element(
        "details",
        element("summary", "The figures of each day"),
        table("Records sent and rejected per day, newest first", columns, rows),
    )
    return _section("records", "Records per day", legend, records_by_day(figures.days), numbers)


def _calendar(figures: Figures) -> Markup:
    without = sum(1 for day in figures.days[:-1] if not day.exports)
    note = f"{counted(without, 'day')} without an export" if without else "An export on every day"
    return _section(
        "calendar",
        "Days with exports",
        element("p", note + ".", class_="subtle"),
        calendar(figures.days),
        key(),
    )


def _statuses(figures: Figures) -> Markup:
    most = max(figures.statuses.values(), default=0)
    rows = [
        (
            join(status_mark(status), element("span", style.meaning, class_="note")),
            figure(figures.statuses.get(status, 0)),
            share(figures.statuses.get(status, 0), most, style.colour),
        )
        for status, style in STATUS_STYLES.items()
    ]
    total = element(
        "p", counted(sum(figures.statuses.values()), "export") + " in this time.", class_="subtle"
    )
    return _section(
        "statuses",
        "Exports by status",
        total,
        table("Exports by status", ("Status", "Exports", ""), rows, "bars"),
    )


def _reasons(figures: Figures) -> Markup:
    if not figures.reasons and not figures.faults:
        return _section("reasons", "Top reasons", element("p", "No record was rejected, no export failed."))
    scope = f"Counted from {counted(figures.read, 'outcome')}"
    scope += f", the newest; {figures.unread:,} older ones were not read." if figures.unread else "."
    parts = [element("p", scope, class_="subtle")]
    if figures.reasons:
        rows = [(one.text, figure(one.records), figure(one.exports)) for one in figures.reasons]
        parts.append(table("Why records were rejected", ("Reason", "Records", "Exports"), rows, "reasons"))
    if figures.faults:
        parts.append(
            table(
                "Why exports did not come through",
                ("Cause", "Exports"),
                [_fault(one) for one in figures.faults],
                "reasons",
            )
        )
    return _section("reasons", "Top reasons", *parts)


def _fault(one: TopReason) -> tuple[Markup, str]:
    return join(element("code", one.text), element("span", one.help, class_="note")), figure(one.exports)


def _waiting(figures: Figures, root: str | None) -> Markup:
    more = figures.waiting_total - len(figures.waiting)
    return _section(
        "waiting",
        "Waiting for a person",
        exports_table("Blocked exports of any age, newest first", figures.waiting, root),
        element("p", f"And {more:,} older ones.", class_="subtle") if more else None,
    )


def _latest(figures: Figures, root: str | None) -> Markup:
    if not figures.latest:
        return _section("latest", "Last exports", element("p", "There was no export in this time."))
    exports = exports_table("The last exports, newest first", figures.latest, root)
    return _section("latest", "Last exports", exports)


def _section(name: str, heading: str, *content: Markup | None) -> Markup:
    return element("section", element("h2", heading, id=name), *content, aria_labelledby=name)


def _footer(figures: Figures) -> Markup:
    return element(
        "footer",
        element(
            "p",
            "A day is the one on which Gatepost finished with an export. An accepted record is one the connector "
            "answered for; what Purview keeps of it shows in the portal's log. Links lead to outcomes in the container ",
            element("code", figures.container),
            "; they open for those who may read it. On a command line: ",
            element("code", "python gatepost.py show NAME"),
            ".",
        ),
    )


@cache
def _style() -> str:
    return files("shared.report").joinpath("page.css").read_text(encoding="utf-8")


@cache
def _policy() -> str:
    """Nothing may be loaded and nothing may run, whatever a name holds; only this style sheet counts."""
    digest = b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
