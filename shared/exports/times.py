"""EventTime: a real date and time, brought to UTC the way Microsoft's own sample writes it (no suffix)."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

_PARTS: Final = re.compile(r"(.{19})(\.[0-9]{1,7})?(?:(Z)|([+-])(..):(..))?")


def to_utc(text: str) -> str:
    """The same moment in UTC without a suffix; a fraction is copied as it stands.

    Without `Z` or an offset the text already is UTC (the connector's rule) and comes back unchanged.

    Args:
        text: of the form the record schema demands.

    Raises:
        ValueError: if there is no such date or time, or its year in UTC is not one of 2000 to 2099.
    """
    parts = _PARTS.fullmatch(text)
    if not parts:
        raise ValueError("not a time")
    local, fraction, zulu, sign, hours, minutes = parts.groups()
    moment = datetime.fromisoformat(local).replace(tzinfo=UTC)
    if not sign:
        return text[:-1] if zulu else text
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    moment = moment.replace(tzinfo=timezone(-offset if sign == "-" else offset)).astimezone(UTC)
    if not 2000 <= moment.year <= 2099:  # noqa: PLR2004  (design: years 2000 to 2099)
        raise ValueError("out of range")
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + (fraction or "")
