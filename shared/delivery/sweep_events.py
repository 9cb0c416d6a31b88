"""What a sweep logs beside its own line."""

from typing import Final

from shared.log import Event

SOURCES_UNREADABLE: Final = Event(
    "sources unreadable",
    "the sweep could not read the profiles of sources, so nobody watches whether one is silent; a warning",
    ("event",),
)
PEOPLE_REFRESHED: Final = Event(
    "people refreshed",
    "with every sweep, where `PEOPLE_FROM_ENTRA` is true: `/people.csv` is as Entra ID has it; information",
    ("event", "people", "disabled"),
)
PEOPLE_NOT_REFRESHED: Final = Event(
    "people not refreshed",
    "the sweep could not make `/people.csv` from Entra ID, and left it as it was; a warning",
    ("event",),
)
