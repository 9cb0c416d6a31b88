"""What usually lies behind a reason, for a badge administrator whose exporter or spreadsheet has to be corrected."""

from collections.abc import Iterable
from typing import Final

from shared.delivery.outcome import Reason

_HINTS: Final = {
    ("AccessStatus", "not-allowed"): (
        'AccessStatus: write exactly "Success" or "Failed", with a capital first letter. The exporter must put '
        "the badging system's own words (granted, denied, valid card) into these two."
    ),
    ("UserId", "not-an-address"): (
        "UserId: write the person's sign-in name or e-mail address, such as ann@example.com. A badge number, a bare "
        "login or a display name is not enough."
    ),
    ("AssetId", "empty-or-padded"): (
        'AssetId: write it in double quotes, also where it is a number ("4711"), and cut off blanks that fill a column.'
    ),
    ("AssetName", "not-text"): (
        'AssetName: write it in double quotes ("12"), or leave the property out where there is no name; null is no name.'
    ),
    ("EventTime", "not-a-time"): (
        "EventTime: spreadsheets and many systems write local forms such as 21.11.2026 08:00 or 11/21/2026 8:00 AM. "
        "The exporter must write 2026-11-21T08:00:00 in UTC, or local time with its offset: 2026-11-21T09:00:00+01:00."
    ),
    ("EventTime", "no-such-time"): (
        "EventTime: the day or the time does not exist (30 February, 24:00:00). Midnight is 00:00:00 of the next day."
    ),
}
_MISSING: Final = "Missing properties: names are written exactly UserId, AssetId, EventTime and AccessStatus, capitals included."


def hints(reasons: Iterable[Reason]) -> list[str]:
    """The hints for these reasons, each once, in their order."""
    found = [
        _MISSING if one.code == "missing" else _HINTS.get((one.property or "", one.code)) for one in reasons
    ]
    return list(dict.fromkeys(hint for hint in found if hint))
