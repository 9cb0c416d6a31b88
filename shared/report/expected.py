"""What sources owe, as completeness is judged by it: from their profiles."""

from collections.abc import Mapping
from datetime import timedelta, tzinfo
from zoneinfo import ZoneInfo

from shared.completeness.due import Expected
from shared.sources.profile_model import Profile


def expected_of(profiles: Mapping[str, Profile], zone: tzinfo) -> dict[str, Expected]:
    """Zone and schedule of each source; one on trial owes nothing.

    Args:
        profiles: by source.
        zone: of days, where a source has none of its own.
    """
    return {name: _expected(profile, zone) for name, profile in profiles.items()}


def _expected(profile: Profile, zone: tzinfo) -> Expected:
    schedule = profile.schedule
    named = schedule.zone if schedule else _time_zone(profile)
    its_zone = ZoneInfo(named) if named else zone
    if schedule is None or not profile.policy.send:
        return Expected(its_zone)
    every = timedelta(days=1) if schedule.daily else timedelta(hours=schedule.every_hours)
    return Expected(its_zone, every, schedule.days, schedule.by)


def _time_zone(profile: Profile) -> str | None:
    return profile.mapping.time.zone if profile.mapping else None
