"""A calendar of days with and without exports: a table, since its text is what it says."""

from collections.abc import Sequence
from typing import Final

from shared.report.figures import Day
from shared.report.formatting import WEEKDAYS, counted, long_day, short_day
from shared.report.markup import Markup, element, join

_WEEK: Final = 7


def calendar(days: Sequence[Day]) -> Markup:
    """Weeks from Monday to Sunday; days outside the period are empty cells."""
    before = [None] * days[0].date.weekday()
    after = [None] * (_WEEK - 1 - days[-1].date.weekday())
    cells: list[Day | None] = [*before, *days, *after]
    weeks = [cells[start : start + _WEEK] for start in range(0, len(cells), _WEEK)]
    today = days[-1]
    heads = (
        element("th", element("abbr", weekday[:3], title=weekday), scope="col", role="columnheader")
        for weekday in WEEKDAYS
    )
    return element(
        "table",
        element("caption", "Exports by the day Gatepost finished with them (UTC)", class_="unseen"),
        element("thead", element("tr", *heads)),
        element(
            "tbody",
            *(element("tr", *(_cell(day, today) for day in week)) for week in weeks),
        ),
        class_="calendar",
    )


def key() -> Markup:
    """What the signs mean."""
    entries = (
        ("whole", "all came through"),
        ("partly", "some records rejected"),
        ("flawed", "needs attention"),
        ("none", "no export"),
    )
    return element(
        "ul",
        *(
            element(
                "li", element("span", _SIGNS[kind], class_=f"sign {kind}", aria_hidden="true"), " ", words
            )
            for kind, words in entries
        ),
        class_="key",
    )


_SIGNS: Final = {"whole": "●", "partly": "◐", "flawed": "▲", "none": "–", "open": "·"}  # noqa: RUF001  (an en dash is meant)


def _cell(day: Day | None, today: Day) -> Markup:
    if day is None:
        return element("td", class_="outside")
    kind = _kind(day, today)
    shown = short_day(day.date) if day.date.day == 1 else str(day.date.day)
    said = join(
        element("time", shown, datetime=day.date.isoformat(), aria_hidden="true", class_="number"),
        element(
            "span",
            element("span", _SIGNS[kind], class_="sign"),
            f" {day.exports}" if day.exports else "",
            aria_hidden="true",
            class_="mark",
        ),
        element("span", _sentence(day, kind), class_="unseen"),
    )
    return element("td", said, class_=kind + (" today" if day is today else ""))


def _kind(day: Day, today: Day) -> str:
    if day.exports:
        return "flawed" if day.troubled else "partly" if day.partly else "whole"
    return "open" if day is today else "none"


def _sentence(day: Day, kind: str) -> str:
    if kind == "open":
        return f"{long_day(day.date)}: no export yet"
    if kind == "none":
        return f"{long_day(day.date)}: no export"
    partly = f", {day.partly:,} with records rejected" if day.partly else ""
    troubled = f", {day.troubled:,} that did not come through" if day.troubled else ""
    return (
        f"{long_day(day.date)}: {counted(day.exports, 'export')}{partly}{troubled}, "
        f"{counted(day.sent, 'record')} sent"
    )
