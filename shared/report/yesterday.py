"""The first thing on the page: was yesterday complete, and which source explains it if it was not?"""

from typing import Final

from shared.completeness.sentences import source_sentence, verdict_line
from shared.completeness.verdict import State
from shared.report.figures import Day, Figures
from shared.report.formatting import STATE_STYLES, figure, long_day
from shared.report.markup import Markup, element, join
from shared.report.tables import table

MAX_SOURCES: Final = 20


def first_line(figures: Figures) -> str:
    """The verdict on yesterday, as text."""
    return verdict_line(yesterday(figures).verdict, figures.zone, figures.not_sent)


def yesterday(figures: Figures) -> Day:
    """The day before the report was made; today, where it covers no other."""
    return figures.days[max(0, len(figures.days) - 2)]


def verdict(figures: Figures) -> list[Markup | None]:
    """Yesterday in one line; while it is not due yet, the day before as well; then each source."""
    first = yesterday(figures)
    days = [first]
    if first.state is State.SO_FAR and len(figures.days) > len(days) + 1:
        days.append(figures.days[-3])
    lines = [
        element(
            "p", _said(figures, day), class_=f"verdict {STATE_STYLES[day.state].kind}" if not place else None
        )
        for place, day in enumerate(days)
    ]
    return [*lines, _sources(figures, first)]


def _said(figures: Figures, day: Day) -> Markup:
    sign = element("span", STATE_STYLES[day.state].sign, class_="sign", aria_hidden="true")
    return join(sign, verdict_line(day.verdict, figures.zone, figures.not_sent))


def _sources(figures: Figures, day: Day) -> Markup | None:
    if len(day.verdict.sources) <= 1:
        return None
    worst = sorted(day.verdict.sources, key=lambda one: (list(State).index(one.state), one.source))
    rows = [
        (
            join(
                element("span", STATE_STYLES[one.state].sign, class_=f"sign {STATE_STYLES[one.state].kind}"),
                element("bdi", one.source or "(no folder)"),
            ),
            figure(one.records),
            f"{one.usual.low:,} to {one.usual.high:,}" if one.usual else "not known",
            source_sentence(one, day.date, figures.zone, figures.not_sent)
            if one.state is not State.COMPLETE
            else "complete",
        )
        for one in worst[:MAX_SOURCES]
    ]
    more = len(worst) - len(rows)
    return join(
        table(
            f"Sources on {long_day(day.date)}",
            ("Source", "Records", "Usual", "How it stands"),
            rows,
            "sources",
        ),
        element("p", f"And {more:,} more, all no worse.", class_="subtle") if more else None,
    )
