"""The tiles at the top: did yesterday's badge data arrive, and does anybody have to act?"""

from datetime import timedelta
from typing import Final

from shared.report.figures import Figures
from shared.report.formatting import counted, figure, short_day
from shared.report.markup import Markup, element

_STALE: Final = timedelta(days=4)
"""How long ago the last records may have been sent before the page draws attention to it: a long weekend."""

_WEEK: Final = timedelta(days=7)


def tiles(figures: Figures) -> Markup:
    """Four figures in words."""
    tiles = [*_yesterday(figures), _last_sent(figures), _period(figures), _blocked(figures)]
    heading = element("h2", "At a glance", id="glance", class_="unseen")
    return element("section", heading, element("dl", *tiles, class_="tiles"), aria_labelledby="glance")


def _yesterday(figures: Figures) -> list[Markup]:
    """Nothing is worth an alarm only where the same day of the week before had something."""
    wanted = figures.made_at.date() - timedelta(days=1)
    usual = any(day.exports for day in figures.days if day.date == wanted - _WEEK)
    return [
        _tile(
            "Yesterday",
            counted(day.exports, "export"),
            counted(day.sent, "record") + " sent" + _rejected(day.rejected)
            if day.exports
            else "nothing arrived",
            alarm=usual and not day.exports,
        )
        for day in figures.days
        if day.date == wanted
    ]


def _last_sent(figures: Figures) -> Markup:
    moment = figures.last_sent_at
    if moment is None:
        return _tile("Records last sent", "never", "no export with records yet", alarm=True)
    return _tile(
        "Records last sent",
        short_day(moment.date()),
        f"{moment:%H:%M} UTC",
        alarm=figures.made_at - moment > _STALE,
    )


def _period(figures: Figures) -> Markup:
    sent, rejected = sum(day.sent for day in figures.days), sum(day.rejected for day in figures.days)
    return _tile(
        f"Last {counted(len(figures.days), 'day')}", figure(sent), "records sent" + _rejected(rejected)
    )


def _blocked(figures: Figures) -> Markup:
    note = "to be corrected by a person" if figures.waiting_total else "nobody needs to act"
    return _tile("Blocked", counted(figures.waiting_total, "export"), note, alarm=figures.waiting_total > 0)


def _rejected(count: int) -> str:
    return f", {figure(count)} rejected" if count else ""


def _tile(name: str, value: str, note: str, *, alarm: bool = False) -> Markup:
    sign = element("span", "▲ ", class_="bad", aria_hidden="true") if alarm else None
    return element(
        "div",
        element("dt", name),
        element("dd", sign, value, class_="value"),
        element("dd", note, class_="subtle"),
        class_="tile alarm" if alarm else "tile",
    )
