"""The sample of a badging system's own exports: a source out of `sources/`, a table of it, and one of the days after."""

import json
from pathlib import Path
from typing import Any, Final

SOURCE: Final = "headquarters"
_SHIPPED: Final = Path(__file__).resolve().parent.parent / "sources/lenel-onguard"
_DAYS_AGAIN: Final = 4
"""Rows that the second table has again: the system exports the last days every night."""

KNOWN_BEFORE: Final = 3
"""Records of these rows that are not sent a second time, since the connector has accepted them before."""

_NEW: Final = (
    ("2026-11-02 07:58:41.0", "10877", "52344", "Access Granted", "HQ-1F-LOBBY-IN"),
    ("2026-11-02 12:01:17.0", "", "61007", "Access Denied", "HQ-B1-SERVER"),
)
_NEW_SENT: Final = (
    ("bo.lindqvist@example.com", "HQ-1F-LOBBY-IN", "2026-11-02T13:58:41", "Success"),
    ("edda.roehr@example.com", "HQ-B1-SERVER", "2026-11-02T18:01:17", "Failed"),
)


def sources() -> dict[str, bytes]:
    """What the sources container holds, by name: profile and people file."""
    return {f"{SOURCE}/{name}": (_SHIPPED / name).read_bytes() for name in ("profile.toml", "people.csv")}


def first_table() -> tuple[bytes, list[dict[str, Any]]]:
    """A table as the system writes it, and what the connector should receive of it."""
    sent = json.loads((_SHIPPED / "expected.json").read_text(encoding="utf-8"))
    return (_SHIPPED / "sample.csv").read_bytes(), sent


def second_table() -> tuple[bytes, list[dict[str, Any]]]:
    """The last rows of the first table once more, and two new ones; and what the connector should receive of it."""
    data, before = first_table()
    header, *rows = data.decode().splitlines()
    new = [
        f'"{time}","{person}","{card}","","","{event}","{door}","HQ PANEL 01","NULL","{884_133 + at}"'
        for at, (time, person, card, event, door) in enumerate(_NEW)
    ]
    again = before[
        -(_DAYS_AGAIN - 1) :
    ]  # the fourth of these rows has an outcome that the profile does not know
    names = ("UserId", "AssetId", "AssetName", "EventTime", "AccessStatus")
    sent = [
        dict(zip(names, (user, door, door, time, status), strict=True))
        for user, door, time, status in _NEW_SENT
    ]
    text = "\n".join([header, *rows[-_DAYS_AGAIN:], *new]) + "\n"
    return text.encode(), [*again[KNOWN_BEFORE:], *sent]
