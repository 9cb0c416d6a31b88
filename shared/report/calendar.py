"""A calendar of days and whether each is complete: a table, since its text is what it says."""

from collections.abc import Sequence
from typing import Final

from shared.completeness.day_names import WEEKDAYS, short_day
from shared.completeness.verdict import State
from shared.counted import counted
from shared.report.figures import Day
from shared.report.formatting import STATE_STYLES, long_day, rough_figure
from shared.report.markup import Markup, element, join

_WEEK: Final = 7


def calendar(days: Sequence[Day]) -> Markup:
    """Weeks from Monday to Sunday; days outside the period are empty cells."""
    before = [None] * days[0].date.weekday()
    after = [None] * (_WEEK - 1 - days[-1].date.weekday())
    cells: list[Day | None] = [*before, *days, *after]
    weeks = [cells[start : start + _WEEK] for start in range(0, len(cells), _WEEK)]
    heads = (
        element("th", element("abbr", weekday[:3], title=weekday), scope="col", role="columnheader")
        for weekday in WEEKDAYS
    )
    return element(
        "table",
        element("caption", "Whether each day of events is complete", class_="unseen"),
        element("thead", element("tr", *heads)),
        element(
            "tbody",
            *(element("tr", *(_cell(day, days[-1]) for day in week)) for week in weeks),
        ),
        class_="calendar",
    )


def key(days: Sequence[Day]) -> Markup:
    """What the signs mean; only those that the calendar shows."""
    shown = {day.state for day in days}
    entries = {
        (style.sign, style.kind, style.words): None for state, style in STATE_STYLES.items() if state in shown
    }
    return element(
        "ul",
        *(
            element("li", element("span", sign, class_=f"sign {kind}", aria_hidden="true"), " ", words)
            for sign, kind, words in entries
        ),
        class_="key",
    )


def _cell(day: Day | None, today: Day) -> Markup:
    if day is None:
        return element("td", class_="outside")
    style = STATE_STYLES[day.state]
    shown = short_day(day.date) if day.date.day == 1 else str(day.date.day)
    said = join(
        element("time", shown, datetime=day.date.isoformat(), aria_hidden="true", class_="number"),
        element(
            "span",
            element("span", style.sign, class_="sign"),
            element("span", f" {rough_figure(day.records)}", class_="rough") if day.records else None,
            aria_hidden="true",
            class_="mark",
        ),
        element("span", _sentence(day), class_="unseen"),
    )
    return element("td", said, class_=style.kind + (" today" if day is today else ""))


def _sentence(day: Day) -> str:
    words = STATE_STYLES[day.state].words
    if day.state is State.NO_HISTORY and not day.exports:
        words = "no export"
    waiting = f", {day.not_sent:,} not sent" if day.not_sent else ""
    return f"{long_day(day.date)}: {words}, {counted(day.records, 'record')}{waiting}"
