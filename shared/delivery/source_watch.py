"""Watches for sources that are silent: what a sweep, a report and a command count of their exports, and what is due."""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Final

from shared.delivery.outcome_listing import ListedOutcome
from shared.delivery.source_listing import ListedProfile
from shared.delivery.source_store import SourceStore
from shared.delivery.sweep_events import SOURCES_UNREADABLE
from shared.error_codes import Status
from shared.errors import GatepostError
from shared.log import say
from shared.settings import Settings
from shared.sources.silence import Owing, Standing, standing
from shared.sources.uploads import Uploads

type SourceUploads = dict[str, Uploads]
"""By source; of exports that belong to none, by their first folder."""
AHEAD: Final = timedelta(days=2)
"""So far ahead a sweep says what is due: until the next one, and for a day on which it does not run."""
_ENDED_WELL: Final = frozenset({Status.SUCCEEDED, Status.PARTIALLY_SUCCEEDED})


def counts(outcome: ListedOutcome) -> bool:
    """Whether an export came as it should: it ended well (a duplicate is no news), or waits on purpose."""
    return outcome.status in _ENDED_WELL or outcome.waits_on_purpose


def watched_sources(sources: SourceStore) -> Collection[str] | None:
    """The sources that have a profile: of other folders nothing is remembered, there may be very many.

    Args:
        sources: have the profiles.

    Returns:
        Their names; `None` if they cannot be told now.
    """
    try:
        return sources.listed().keys()
    except GatepostError:
        return None


def note_upload(uploads: SourceUploads, outcome: ListedOutcome) -> None:
    """Remember an export that counts.

    Args:
        uploads: of all sources; takes it.
        outcome: of one version of an export.
    """
    if outcome.source and outcome.uploaded_at and counts(outcome):
        uploads.setdefault(outcome.source, Uploads()).add(outcome.uploaded_at, outcome.newest_event)


def owing(listed: ListedProfile, zone: tzinfo, *, sending: bool) -> Owing:
    """What a source owes by its profile; nothing while it is on trial or sending is off.

    Args:
        listed: its profile.
        zone: of days, where its schedule names none.
        sending: whether anything is sent at all.
    """
    owes = sending and listed.profile.policy.send
    return Owing(listed.profile.schedule if owes else None, zone, listed.uploaded_at)


def standings(
    sources: SourceStore, settings: Settings, uploads: Mapping[str, Uploads], now: datetime
) -> dict[str, Standing]:
    """How each source with a profile stands; a sweep goes on without them if profiles cannot be read.

    Args:
        sources: have the profiles.
        settings: whether anything is sent, and the zone of days.
        uploads: by source.
        now: UTC.
    """
    try:
        listed = sources.listed()
    except GatepostError as error:
        say(logging.WARNING, SOURCES_UNREADABLE, f"nobody watches whether sources are silent: {error}")
        return {}
    return {
        name: standing(
            owing(one, settings.report_zone, sending=settings.connector_sending),
            uploads.get(name) or Uploads(),
            now,
            now + AHEAD,
        )
        for name, one in listed.items()
    }
