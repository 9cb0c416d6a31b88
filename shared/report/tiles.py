"""The tiles at the top: how many records were sent, how many wait, and whether action is needed."""

from datetime import timedelta
from typing import Final

from shared.completeness.day_names import short_day
from shared.counted import counted
from shared.report.figures import Figures
from shared.report.formatting import clock_time, figure
from shared.report.markup import Markup, element
from shared.report.yesterday import yesterday

_STALE: Final = timedelta(days=4)
"""How long ago the last records may have been sent before the page draws attention to it: a long weekend."""


def tiles(figures: Figures) -> Markup:
    """Four figures in words."""
    tiles = [_day(figures), _not_sent(figures), _needs_action(figures), _last_sent(figures)]
    heading = element("h2", "At a glance", id="glance", class_="unseen")
    return element("section", heading, element("dl", *tiles, class_="tiles"), aria_labelledby="glance")


def _day(figures: Figures) -> Markup:
    day = yesterday(figures)
    note = f"records sent, from {counted(day.exports, 'export')}"
    return _tile(f"Events of {short_day(day.date)}", figure(day.records), note, alarm=day.state.is_incomplete)


def _not_sent(figures: Figures) -> Markup:
    waiting = sum(figures.not_sent.values())
    unknown = sum(row.not_sent is None for row in figures.open)
    exports = counted(len(figures.open), "export")
    note = f"records, in {exports}" if figures.open else "nothing waits"
    if unknown:
        note += f"; {unknown:,} of unknown size"
    return _tile("Not sent", figure(waiting), note, alarm=bool(waiting or unknown))


def _needs_action(figures: Figures) -> Markup:
    note = "blocked, or rejected and not replaced" if figures.waiting_total else "no action needed"
    return _tile(
        "Needs action", counted(figures.waiting_total, "export"), note, alarm=figures.waiting_total > 0
    )


def _last_sent(figures: Figures) -> Markup:
    moment = figures.last_sent_at
    if moment is None:
        return _tile("Records last sent", "never", "no export with records yet", alarm=True)
    return _tile(
        "Records last sent",
        short_day(moment.astimezone(figures.zone).date()),
        clock_time(moment, figures.zone).rpartition(", ")[2],
        alarm=figures.made_at - moment > _STALE,
    )


def _tile(name: str, value: str, note: str, *, alarm: bool = False) -> Markup:
    sign = element("span", "▲ ", class_="bad", aria_hidden="true") if alarm else None
    return element(
        "div",
        element("dt", name),
        element("dd", sign, value, class_="value"),
        element("dd", note, class_="subtle"),
        class_="tile alarm" if alarm else "tile",
    )
