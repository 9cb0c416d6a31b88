"""What usually lies behind a reason, for the person who has to correct an exporter or a spreadsheet."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from shared.delivery.outcome import Reason
from shared.exports.validate import Violation

type Key = tuple[str, str]
"""A property and the code of a reason."""

_HINTS: Final[dict[Key, str]] = {
    ("AccessStatus", "not-allowed"): (
        'AccessStatus: write exactly "Success" or "Failed", with a capital first letter. The exporter must translate '
        "the badging system's own words (granted, denied, valid card) into these two."
    ),
    ("UserId", "not-an-address"): (
        "UserId: write the person's sign-in name or e-mail address, such as ann@example.com. A badge number, a short "
        "login name or a display name is not enough."
    ),
    ("AssetId", "empty-or-padded"): (
        'AssetId: write it in double quotes, also if it is a number ("4711"), and remove leading and trailing spaces.'
    ),
    ("AssetName", "not-text"): (
        'AssetName: write it in double quotes ("12"), or leave the property out if there is no name; null is not allowed.'
    ),
    ("EventTime", "not-a-time"): (
        "EventTime: spreadsheets and many systems write local forms such as 21.11.2026 08:00 or 11/21/2026 8:00 AM. "
        "The exporter must write 2026-11-21T08:00:00 in UTC, or local time with its offset: 2026-11-21T09:00:00+01:00."
    ),
    ("EventTime", "no-such-time"): (
        "EventTime: the day or the time does not exist (30 February, 24:00:00). Midnight is 00:00:00 of the next day."
    ),
    ("UserId", "person-unknown"): (
        "UserId: add the missing people to the people file; `source try --unknown FILE` lists their keys. An empty UPN "
        "is a person without an account."
    ),
    ("UserId", "person-ambiguous"): (
        "UserId: the people file has a key with two accounts. Remove one, or give both valid_from and valid_until."
    ),
    ("AccessStatus", "outcome-unknown"): (
        "AccessStatus: put each new word into one of the lists of [outcome] in the profile; `source try` shows them all."
    ),
    ("EventTime", "time-unreadable"): (
        "EventTime: compare [time] format with the file; %-d, %-m, %-H and %-I take one digit or two."
    ),
    ("EventTime", "time-zone-missing"): (
        "EventTime: give [time] its zone, the one of the doors' clocks, such as Europe/Berlin."
    ),
}
_MISSING: Final = "Missing properties: write the names exactly UserId, AssetId, EventTime and AccessStatus, capitals included."
_SPACE: Final = re.compile(r"\d{4}-\d\d-\d\d +\d\d:\d\d")
_TOO_FINE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{8}")
_NO_COLON: Final = re.compile(r"\d{4}-\d\d-\d\dT.*[+-]\d{4}")


def hints(reasons: Iterable[Reason], seen: Mapping[Key, str]) -> list[str]:
    """The hints for these reasons, each once, in their order.

    Args:
        reasons: of the export.
        seen: hints of `hint_for` that know more than the reason alone.
    """
    found = []
    for one in reasons:
        key = (one.property or "", one.code)
        general = _MISSING if one.code == "missing" else _HINTS.get(key)
        found.append(seen.get(key, general))
    return list(dict.fromkeys(hint for hint in found if hint))


def hint_for(record: Mapping[str, Any], violation: Violation) -> str:
    """What a rejected record itself tells about a reason, without quoting its values; empty if nothing."""
    name = violation.name
    if violation.code == "missing":
        close = next((other for other in record if other.casefold() == name.casefold()), "")
        return f"{name}: the file has {close}. Names must match exactly, capitals included." if close else ""
    value = record.get(name)
    if name != "EventTime" or not isinstance(value, str):
        return ""
    if _SPACE.match(value):
        return "EventTime: put a T between date and time, not a space: 2026-11-21T08:00:00."
    if _TOO_FINE.match(value):
        return "EventTime: write at most 7 digits after the second: 2026-11-21T08:00:00.1234567."
    if _NO_COLON.fullmatch(value):
        return "EventTime: write the offset with a colon: 2026-11-21T09:00:00+01:00."
    return ""
