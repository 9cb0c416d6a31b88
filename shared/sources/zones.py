"""Time zones out of the pinned IANA data, and a local time's moments in UTC.

The data of the package `tzdata` is used wherever the code runs, never the machine's own: two machines must not send
different times.
"""

from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

_DATA: Final = files("tzdata")


class ZoneNameError(ValueError):
    """There is no such zone; the text says so and names what may be meant."""


@cache
def zone_names() -> frozenset[str]:
    """Every name in the IANA data."""
    return frozenset(_DATA.joinpath("zones").read_text(encoding="ascii").split())


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of that name, spelled exactly.

    Raises:
        ZoneNameError: if the IANA data has no such name.
    """
    if name not in zone_names():
        close = get_close_matches(name, zone_names(), 1, 0.75)
        hint = f"; is {close[0]} meant?" if close else ", such as Europe/Berlin or America/New_York"
        raise ZoneNameError("must be a name of the IANA list" + hint)
    with _DATA.joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def moments(local: datetime, zone: ZoneInfo) -> list[datetime]:
    """The moments in UTC at which clocks in a zone show a local time, earliest first.

    One as a rule; two in the hour that happens twice; none in the hour that is skipped.

    Args:
        local: without a zone.
        zone: where the clock hangs.
    """
    found = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(one for one in found if one.astimezone(zone).replace(tzinfo=None) == local)
