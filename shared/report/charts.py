"""The report's drawings. Each says in its title and description what it shows, and the page repeats it as a table.

Across, everything is in percent of the drawing's width, so that one drawing fits a phone and a desk without its
letters shrinking; upward, in pixels.
"""

import math
from collections.abc import Sequence
from typing import Final

from shared.completeness.day_names import short_day
from shared.completeness.usual import UsualRange
from shared.counted import counted
from shared.report.figures import Day
from shared.report.formatting import figure, long_day, short_figure
from shared.report.markup import Markup, element

_TOP: Final = 10
_HEIGHT: Final = 180
_FOOT: Final = 26
_ALL: Final = _TOP + _HEIGHT + _FOOT
_GAP: Final = 0.28
_SMALLEST: Final = 2.0
_MAX_LABELS: Final = 5
_WEEK: Final = 7
_SATURDAY: Final = 5
_QUARTERS: Final = (0, 2, 4)


def records_by_day(days: Sequence[Day]) -> Markup:
    """Bars, one a day: what was sent, what waits on top of it, what is usual behind them; weekends are shaded."""
    most = _ceiling(max((max(day.records + day.not_sent, _high(day)) for day in days), default=0))
    wide = 100 / max(1, len(days))
    step = _step(len(days))
    last = len(days) - 1 - step // 2
    labels = [
        element(
            "text",
            short_day(day.date),
            x=_percent((place + 0.5) * wide),
            y=_TOP + _HEIGHT + 19,
            class_="label" if (last - place) // step % 2 == 0 else "label second",
        )
        for place, day in enumerate(days)
        if (last - place) % step == 0
    ]
    sent, waiting = sum(day.records for day in days), sum(day.not_sent for day in days)
    drawing = element(
        "svg",
        element("title", "Records sent and not sent, by the day of their events", id="chart-title"),
        element(
            "desc",
            f"{figure(sent)} records sent and {figure(waiting)} not sent in {len(days)} days. The table below has "
            "each day.",
            id="chart-description",
        ),
        *(_weekend(place * wide, wide) for place, day in enumerate(days) if day.date.weekday() >= _SATURDAY),
        *_rules(),
        *(_column(day, place * wide, wide, most, today=day is days[-1]) for place, day in enumerate(days)),
        *labels,
        role="img",
        aria_labelledby="chart-title chart-description",
        width="100%",
        height=_ALL,
    )
    return element("div", _scale(most), drawing, class_="chart")


def share(count: int, most: int, colour: str) -> Markup:
    """A bar beside a figure; it says nothing the figure does not say, so it is hidden from readers."""
    width = max(1.0, 100 * count / most) if count and most else 0.0
    bar = element("rect", x=0, y=0, width=_percent(width), height=10, rx=2, class_=f"fill-{colour}")
    return element("svg", bar, aria_hidden="true", class_="share", width="100%", height=10)


def _step(days: int) -> int:
    """Days from one label to the next: about five labels; whole weeks where they are long. A small phone shows every second one."""
    step = math.ceil(days / _MAX_LABELS)
    return step if step <= _WEEK // 2 else math.ceil(step / _WEEK) * _WEEK


def _weekend(left: float, wide: float) -> Markup:
    return element("rect", x=_percent(left), y=_TOP, width=_percent(wide), height=_HEIGHT, class_="weekend")


def _column(day: Day, left: float, wide: float, most: int, *, today: bool) -> Markup:
    """What is usual, what was sent, what waits; its words show where a pointer rests."""
    usual = f", usual {day.usual.low:,} to {day.usual.high:,}" if day.usual else ""
    words = f"{long_day(day.date)}{' (so far)' if today else ''}: {counted(day.records, 'record')}{usual}"
    if day.not_sent:
        words += f", {figure(day.not_sent)} not sent"
    return element(
        "g",
        element("title", words),
        _band(day.usual, left, wide, most) if day.usual else None,
        *_bars(day, left, wide, most, today=today),
    )


def _band(usual: UsualRange, left: float, wide: float, most: int) -> Markup:
    height = max(1.0, _HEIGHT * (usual.high - usual.low) / most)
    top = _TOP + _HEIGHT * (1 - usual.high / most)
    return element(
        "rect", x=_percent(left), y=f"{top:.1f}", width=_percent(wide), height=f"{height:.1f}", class_="band"
    )


def _bars(day: Day, left: float, wide: float, most: int, *, today: bool) -> list[Markup]:
    parts = []
    top = float(_TOP + _HEIGHT)
    for count, colour in ((day.records, "today" if today else "accent"), (day.not_sent, "warn")):
        if count:
            height = max(_SMALLEST, _HEIGHT * count / most)
            top -= height
            parts.append(
                element(
                    "rect",
                    x=_percent(left + wide * _GAP / 2),
                    y=f"{top:.1f}",
                    width=_percent(wide * (1 - _GAP)),
                    height=f"{height:.1f}",
                    class_=f"bar fill-{colour}",
                )
            )
    return parts


def _high(day: Day) -> int:
    return day.usual.high if day.usual else 0


def _rules() -> list[Markup]:
    return [element("line", x1="0", x2="100%", y1=y, y2=y, class_="rule") for y in map(_height, _QUARTERS)]


def _scale(most: int) -> Markup:
    texts = (
        element("text", short_figure(most * quarter // 4), x="100%", y=_height(quarter) + 4, class_="scale")
        for quarter in _QUARTERS
    )
    return element("svg", *texts, aria_hidden="true", width="40", height=_ALL)


def _height(quarter: int) -> int:
    return _TOP + _HEIGHT - _HEIGHT * quarter // 4


def _ceiling(count: int) -> int:
    """The next round figure: 1, 2, 4, 5 or 10 times a power of ten; at least 10."""
    power = 10
    while True:
        for times in (1, 2, 4, 5):
            if times * power >= count:
                return times * power
        power *= 10


def _percent(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") + "%"
