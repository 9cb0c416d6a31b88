"""What a corrected profile cannot take back: the events that were sent by the one that it replaces."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from commands.console import screen
from commands.console.command_line import command
from commands.console.formatting import count
from shared.delivery.outcome_listing import list_outcomes
from shared.delivery.ports import Container
from shared.errors import StorageError
from shared.sources.problems import SourceUnusableError
from shared.sources.profile import read_profile
from shared.sources.profile_model import Profile
from shared.sources.sent_values import changed_tables


@dataclass(frozen=True, slots=True)
class Sent:
    """How many exports of a source were sent, and the days of their events."""

    exports: int
    days: set[date]


def say_what_stays(results: Container, name: str, before: bytes, after: Profile) -> None:
    """Say, before a profile is replaced, that events which were sent keep the values that it would give them no more.

    Args:
        results: the results container.
        name: of the source.
        before: the profile that is replaced.
        after: the one that takes its place.

    Raises:
        StorageError: the results container cannot be reached.
    """
    changed = _changed(before, after)
    if not changed:
        return
    try:
        sent = sent_by(results, name)
    except StorageError as error:
        if error.why != "permission":
            raise
        sent = None
    if sent and not sent.exports:
        return
    screen.say(
        f"Changed: {', '.join(changed)}. Events that were sent so far keep their old values in Purview.",
        "yellow",
    )
    if sent is None or not sent.days:
        screen.say("How many there are cannot be told: the results container may not be read.")
        return
    first, last = min(sent.days), max(sent.days)
    screen.say(
        f"{count(sent.exports, 'export')} with events of {count(len(sent.days), 'day')} ({first} to {last}) had records sent. "
        "Later exports of the same days send those events again, with the new values. To send all of them again once the "
        "profile is put:"
    )
    screen.say_commands([command("resend", source=name, since=str(first))])


def sent_by(results: Container, name: str) -> Sent:
    """The exports of a source of which records were sent."""
    found = [set(days) for days in _days_of(results, name)]
    return Sent(len(found), set().union(*found))


def _changed(before: bytes, after: Profile) -> list[str]:
    """The tables that decide an event's values and say something new."""
    try:
        old = read_profile(before).mapping
    except SourceUnusableError:  # nothing was sent by it
        return []
    return changed_tables(old, after.mapping) if old and after.mapping else []


def _days_of(results: Container, name: str) -> Iterator[list[date]]:
    for one in list_outcomes(results):
        if one.source == name and one.sent:
            days = one.days if one.days is not None else {one.moment.date(): 1}
            yield [day for day, sent in days.items() if sent]
