"""The product's log: every line is an event with a fixed name; its attributes stand beside the text.

Attributes become `customDimensions` in Application Insights. Nothing out of an export and no URL is ever in a line,
and no character that a reader would not see.
"""

import logging
from dataclasses import dataclass
from typing import Final

from shared.printable import escaped

SCOPE: Final = "gatepost"
"""The name of our logger, tracer and meter."""

LOGGER: Final = logging.getLogger(SCOPE)


@dataclass(frozen=True, slots=True)
class Event:
    """A log line in `traces`: `customDimensions.event` is its name, the attributes stand beside it as text."""

    name: str
    description: str
    attributes: tuple[str, ...] = ()


OUTCOME_UNREADABLE: Final = Event(
    "outcome unreadable",
    "an outcome in the results container cannot be read; an attempt replaces it, the report leaves it out; a warning",
    ("event", "outcome"),
)
DAY_JUDGED: Final = Event(
    "day judged",
    "with every report: whether yesterday is complete, in one sentence; information",
    ("event", "day", "state", "records", "usual_low", "usual_high", "summary", "notice"),
)
REPORT_FAILED: Final = Event(
    "report failed", "the report could not be written; the next one tries again; a warning", ("event",)
)


def say(level: int, event: Event, text: str, **attributes: object) -> None:
    """Write a line.

    Args:
        level: of `logging`.
        event: what happened; its `attributes` but `event` itself are those given.
        text: for people.
        attributes: simple values.
    """
    shown = {name: escaped(value) if isinstance(value, str) else value for name, value in attributes.items()}
    LOGGER.log(level, "%s: %s", event.name, escaped(text), extra={"event": event.name} | shown)
