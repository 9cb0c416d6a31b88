"""The report as one HTML page: no script, nothing from elsewhere, light and dark, fit for print. Pure."""

import hashlib
from base64 import b64encode
from functools import cache
from importlib.resources import files

from shared.completeness.day_names import short_day
from shared.counted import counted
from shared.report.calendar import calendar, key
from shared.report.charts import records_by_day, share
from shared.report.figures import Figures, TopReason
from shared.report.formatting import STATUS_STYLES, clock_time, figure, long_day, status_style
from shared.report.markup import Markup, element, join, section
from shared.report.tables import exports_table, status_mark, table
from shared.report.tiles import tiles
from shared.report.yesterday import first_line, verdict


def render(figures: Figures) -> str:
    """The page."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy()),
        element("meta", name="referrer", content="no-referrer"),
        element("title", first_line(figures)),
        Markup(f"<style>{_style()}</style>"),
    )
    main = element(
        "main",
        section("verdict", "Is it complete?", *verdict(figures)),
        _notes(figures) if figures.notes else None,
        tiles(figures),
        _waiting(figures) if figures.waiting else None,
        _records(figures),
        element("div", _calendar(figures), _statuses(figures), class_="pair"),
        _reasons(figures),
        _latest(figures),
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
            f"{short_day(figures.days[0].date)} to {long_day(figures.days[-1].date)}, by the day of the events. As of "
            f"{clock_time(figures.made_at, figures.zone)}.",
            class_="subtle",
        ),
    )


def _notes(figures: Figures) -> Markup:
    rows = [(element("bdi", note.source), note.text) for note in figures.notes]
    return section(
        "notes", "Sources to look at", table("Sources to look at", ("Source", "What"), rows, "sources")
    )


def _records(figures: Figures) -> Markup:
    columns = ("Day", "Exports", "Records", "Usual", "Not sent")
    rows = [
        (
            short_day(day.date),
            figure(day.exports),
            figure(day.records),
            f"{day.usual.low:,} to {day.usual.high:,}" if day.usual else "not known",
            figure(day.not_sent),
        )
        for day in reversed(figures.days)
    ]
    marks = (("accent", "sent"), ("today", "sent so far today"), ("warn", "not sent"), ("band", "usual"))
    legend = element(
        "ul",
        *(
            element("li", element("span", class_=f"swatch {kind}", aria_hidden="true"), words)
            for kind, words in marks
        ),
        class_="key",
    )
    numbers = element(
        "details",
        element("summary", "The figures of each day"),
        table("Records sent and not sent by the day of their events, newest first", columns, rows),
    )
    return section("records", "Records by day", legend, records_by_day(figures.days), numbers)


def _calendar(figures: Figures) -> Markup:
    incomplete = sum(1 for day in figures.days[:-1] if day.state.is_incomplete)
    note = (
        f"{counted(incomplete, 'day')} not complete or with fewer records than usual"
        if incomplete
        else "No day is known to lack records"
    )
    return section(
        "calendar",
        "Days",
        element("p", note + ".", class_="subtle"),
        calendar(figures.days),
        key(figures.days),
    )


def _statuses(figures: Figures) -> Markup:
    most = max(figures.statuses.values(), default=0)
    rows = [
        (
            join(status_mark(style), element("span", style.meaning, class_="note")),
            figure(figures.statuses[status]),
            share(figures.statuses[status], most, style.colour),
        )
        for status in STATUS_STYLES
        for style in [status_style(status, retries=figures.retries)]
        if figures.statuses.get(status)
    ]
    total = element(
        "p", counted(sum(figures.statuses.values()), "export") + " in this time.", class_="subtle"
    )
    return section(
        "statuses",
        "Exports by status",
        total,
        table("Exports by status", ("Status", "Exports", ""), rows, "bars") if rows else None,
    )


def _reasons(figures: Figures) -> Markup:
    if not figures.reasons and not figures.faults:
        return section(
            "reasons",
            "Why records were rejected",
            element("p", "No record was rejected, and no export failed."),
        )
    scope = f"Counted from {counted(figures.read, 'outcome')}"
    scope += f", the newest; {figures.unread:,} older ones were not read." if figures.unread else "."
    parts = [element("p", scope, class_="subtle")]
    if figures.reasons:
        rows = [(one.text, figure(one.records), figure(one.exports)) for one in figures.reasons]
        parts.append(table("Reasons", ("Reason", "Records", "Exports"), rows, "reasons"))
    if figures.faults:
        parts.append(
            table(
                "Why exports were not sent",
                ("Cause", "Exports"),
                [_fault(one) for one in figures.faults],
                "reasons",
            )
        )
    return section("reasons", "Why records were rejected", *parts)


def _fault(one: TopReason) -> tuple[Markup, str]:
    return join(element("code", one.text), element("span", one.help, class_="note")), figure(one.exports)


def _waiting(figures: Figures) -> Markup:
    more = figures.waiting_total - len(figures.waiting)
    return section(
        "waiting",
        "Needs action",
        exports_table("Exports of any age that need action, newest first", figures.waiting, figures.zone),
        element("p", f"And {more:,} older ones.", class_="subtle") if more else None,
    )


def _latest(figures: Figures) -> Markup:
    if not figures.latest:
        return section("latest", "Last exports", element("p", "There was no export in this time."))
    exports = exports_table("The last exports, newest first", figures.latest, figures.zone)
    return section("latest", "Last exports", exports)


def _footer(figures: Figures) -> Markup:
    return element(
        "footer",
        element(
            "p",
            "A day is the one on which people used their badges. It is complete when what was due or usually comes has "
            "come, nothing of it waits, and it has no fewer records than the same weekday of the last weeks. A record "
            "that was sent is one the connector answered for; what Purview keeps of it shows in the portal's log. "
            "Outcomes lie in the container ",
            element("code", figures.container),
            ". On a command line: ",
            element("code", "python gatepost.py day"),
            " and ",
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
