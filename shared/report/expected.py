"""What sources owe, as completeness is judged by it: from their profiles."""

from collections.abc import Mapping
from datetime import timedelta, tzinfo
from zoneinfo import ZoneInfo

from shared.completeness.due import Expected
from shared.delivery.source_listing import ListedProfile
from shared.delivery.source_watch import owing
from shared.sources.profile_model import Profile


def expected_of(
    profiles: Mapping[str, ListedProfile], zone: tzinfo, *, sending: bool = True
) -> dict[str, Expected]:
    """Zone and schedule of each source; one on trial owes nothing.

    Args:
        profiles: by source.
        zone: of days, where a source has none of its own.
        sending: whether the app sends at all; while it does not, no source is late.
    """
    return {name: _expected(listed, zone, sending=sending) for name, listed in profiles.items()}


def _expected(listed: ListedProfile, zone: tzinfo, *, sending: bool) -> Expected:
    profile, schedule = listed.profile, listed.profile.schedule
    owed = owing(listed, zone, sending=sending)
    its_zone = ZoneInfo(named) if (named := schedule.zone if schedule else _time_zone(profile)) else zone
    if schedule is None or not profile.policy.send:
        return Expected(its_zone, owing=owed)
    every = timedelta(days=1) if schedule.daily else timedelta(hours=schedule.every_hours)
    return Expected(its_zone, every, schedule.days, schedule.by, owed)


def _time_zone(profile: Profile) -> str | None:
    return profile.mapping.time.zone if profile.mapping else None
