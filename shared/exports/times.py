"""EventTime: a real date and time, brought to UTC the way Microsoft's own sample writes it (no suffix)."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

ANY_MOMENT: Final = "-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]"
"""Month to second as the record schema writes them; whether they exist, it cannot say."""

_OFFSET: Final = len("+00:00")
_PARTS: Final = re.compile(r"(.{19})(\.[0-9]{1,7})?(?:(Z)|([+-])(..):(..))?")


def to_utc(text: str) -> str:
    """The same moment in UTC without a suffix; a fraction is copied as it stands.

    Without `Z` or an offset the text already is UTC (the connector's rule) and is returned unchanged.

    Args:
        text: of the form the record schema demands; its years are not looked at.

    Raises:
        ValueError: if there is no such date or time.
    """
    parts = _PARTS.fullmatch(text)
    if not parts:
        raise ValueError("not a time")
    local, fraction, zulu, sign, hours, minutes = parts.groups()
    datetime.fromisoformat(local)
    if not sign:
        return text[:-1] if zulu else text
    if minutes == "00":
        return _moved(local[:13], sign, hours, minutes)[:13] + local[13:] + (fraction or "")
    return _moved(local[:16], sign, hours, minutes) + local[16:] + (fraction or "")


def without_zone(text: str) -> str:
    """A time, or the end of one, without its `Z` or offset."""
    if text.endswith("Z"):
        return text[:-1]
    return text[:-_OFFSET] if text[-_OFFSET : -_OFFSET + 1] in {"+", "-"} else text


@lru_cache(maxsize=4096)
def _moved(local: str, sign: str, hours: str, minutes: str) -> str:
    """A local time, to the hour or the minute, in UTC to the minute; an export has few of them beside its records."""
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    moment = datetime.fromisoformat(local).replace(tzinfo=UTC) + (offset if sign == "-" else -offset)
    return moment.strftime("%Y-%m-%dT%H:%M")
