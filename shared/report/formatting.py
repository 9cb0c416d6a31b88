"""How the report says things: statuses with a sign that needs no colour, figures, days, times."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from typing import Final

from shared.completeness.day_names import WEEKDAYS, short_day
from shared.completeness.verdict import State
from shared.error_codes import Status


@dataclass(frozen=True, slots=True)
class StatusStyle:
    """How a status looks: a word, a sign, the name of its colour in the style sheet, and what it means."""

    word: str
    sign: str
    colour: str
    meaning: str


STATUS_STYLES: Final = {
    Status.SUCCEEDED: StatusStyle("Succeeded", "●", "good", "every record was accepted"),
    Status.PARTIALLY_SUCCEEDED: StatusStyle(
        "Partially succeeded", "◐", "warn", "accepted, but some records were rejected"
    ),
    Status.DUPLICATE: StatusStyle("Duplicate", "=", "quiet", "this content was sent before"),
    Status.REJECTED: StatusStyle(
        "Rejected", "▲", "bad", "nothing was sent; fix the export and upload it again"
    ),
    Status.SUPERSEDED: StatusStyle(
        "Superseded", "»", "quiet", "overwritten before anything was sent; the newer version counts"
    ),
    Status.GIVEN_UP: StatusStyle("Given up", "×", "quiet", "closed by an operator"),  # noqa: RUF001  (a sign)
    Status.BLOCKED: StatusStyle("Blocked", "■", "bad", "something a person must fix"),
    Status.FAILED: StatusStyle("Retrying", "↻", "warn", "no action needed; Gatepost retries automatically"),
    Status.IN_PROGRESS: StatusStyle("In progress", "…", "quiet", "being sent now"),
}
_NOT_RETRIED: Final = replace(
    STATUS_STYLES[Status.FAILED], word="Failed", meaning="a temporary fault; push the file again to continue"
)


def status_style(status: Status, *, retries: bool) -> StatusStyle:
    """How a status looks.

    Args:
        status: of an outcome.
        retries: whether what is `Failed` is tried again without being asked.
    """
    return _NOT_RETRIED if status is Status.FAILED and not retries else STATUS_STYLES[status]


@dataclass(frozen=True, slots=True)
class StateStyle:
    """How a day's state looks: a sign, its class in the style sheet, and words."""

    sign: str
    kind: str
    words: str


STATE_STYLES: Final = {
    State.COMPLETE: StateStyle("●", "whole", "complete"),
    State.FEWER: StateStyle("◐", "partly", "fewer records than usual"),
    State.MISSING: StateStyle("▲", "flawed", "not complete"),
    State.STUCK: StateStyle("▲", "flawed", "not complete"),
    State.NO_HISTORY: StateStyle("○", "none", "too little history"),
    State.SO_FAR: StateStyle("·", "open", "so far"),
}


def figure(count: int | None) -> str:
    """`12,345`; a dash for what is unknown."""
    return "–" if count is None else f"{count:,}"  # noqa: RUF001  (an en dash is what a table shows)


def short_figure(count: int) -> str:
    """`40k`, `2.5k`, `1M`: for a scale."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:.2f}".rstrip("0").rstrip(".") + letter
    return str(count)


def rough_figure(count: int) -> str:
    """`950`, `1.2k`, `27k`, `1.2M`: where there is room for four characters."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:.0f}{letter}" if count >= 10 * size else f"{count / size:.1f}{letter}"
    return str(count)


def long_day(day: date) -> str:
    """`Tuesday, 24 Nov 2026`."""
    return f"{WEEKDAYS[day.weekday()]}, {short_day(day)} {day.year}"


def clock_time(moment: datetime, zone: tzinfo = UTC) -> str:
    """`24 Nov 2026, 05:12 UTC`, in the zone given and with its abbreviation."""
    local = moment.astimezone(zone)
    return f"{short_day(local.date())} {local.year}, {local:%H:%M} {local.tzname()}"
