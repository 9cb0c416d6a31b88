"""Made-up exports of badging systems and their people file, for the benchmark of sources: the same ones every time."""

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

_WORDS: Final = ("Access Granted",) * 44 + ("Access Denied",) * 3 + ("Invalid Access Level",)
_ALARMS: Final = ("Door Held Open", "Door Forced Open")
_BEGIN: Final = datetime(2026, 10, 5, 0, 0, 0)
_DOORS: Final = 400
_ALARM_SHARE: Final = 0.05
_HEADER: Final = (
    "EVENT_LOCAL_TIME,EMPID,CARDNUM,LASTNAME,FIRSTNAME,EVDESCR,READERDESC,PANELNAME,SSNO,SERIALNUM"
)

CSV_PROFILE: Final = b"""
version = 1
name = "Lenel OnGuard: SQL or report export (CSV)"
[input]
format = "csv"
missing = ["NULL"]
[time]
from = "EVENT_LOCAL_TIME"
format = "%Y-%m-%d %H:%M:%S"
zone = "America/Chicago"
[[person]]
from = "EMPID"
directory = "people.csv"
key = "EMPID"
[[person]]
from = "CARDNUM"
directory = "people.csv"
key = "BADGE"
compare = "number"
[asset]
id = "READERDESC"
name = "READERDESC"
[outcome]
from = "EVDESCR"
success = ["Access Granted"]
failed = ["Access Denied", "Invalid Access Level", "Invalid Badge", "Inactive Badge"]
ignore = ["Access Granted No Entry*"]
"""

JSON_PROFILE: Final = b"""
version = 1
name = "Gallagher Command Centre: REST events, one a line"
[input]
format = "json"
[time]
from = "time"
format = "iso"
[[person]]
from = "cardholder.id"
directory = "people.csv"
key = "EMPID"
[asset]
id = "source.id"
name = "source.name"
[outcome]
from = { join = ["group.id", "type.name"], with = "/" }
success = ["23/Access Granted"]
failed = ["18/*"]
ignore = ["23/*"]
[[ignore]]
from = "group.id"
is_not = ["18", "23"]
"""


def write_people(path: Path, people: int) -> None:
    """The people file: employee number, badge, account."""
    with path.open("w", encoding="utf-8") as file:
        file.write("EMPID,BADGE,UPN\n")
        file.writelines(
            f"{100000 + number},{5000000 + number},person.number{number}@example.com\n"
            for number in range(people)
        )


def write_csv(path: Path, rows: int, people: int) -> None:
    """A report of OnGuard's kind; a third of a minute's events share a second, one row in twenty is an alarm."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(_HEADER + "\r\n")
        for time, who, door, word in _events(rows, people):
            person = f"{100000 + who},{5000000 + who}" if who >= 0 else ","
            file.write(
                f"{time:%Y-%m-%d %H:%M:%S}.0,{person},QUILL          ,ADA       ,{word},HQ-{door:03}-IN,HQ PANEL 01,NULL,88\r\n"
            )


def write_jsonl(path: Path, rows: int, people: int) -> None:
    """Events of Gallagher's kind, one a line."""
    with path.open("w", encoding="utf-8", newline="") as file:
        for time, who, door, word in _events(rows, people):
            file.write(json.dumps(_event(time, who, door, word)) + "\n")


def _event(time: datetime, who: int, door: int, word: str) -> dict[str, Any]:
    group = "29" if who < 0 else "23" if word == "Access Granted" else "18"
    event = {
        "id": "61320",
        "time": f"{time:%Y-%m-%dT%H:%M:%SZ}",
        "message": "Ada Quill was granted access through Main door into HQ Lobby.",
        "priority": 1,
        "source": {"id": f"HQ-{door:03}-IN", "name": f"HQ-{door:03}-IN"},
        "group": {"id": group, "name": "Card Event"},
        "type": {"id": "20001", "name": word},
        "division": {"id": "2", "name": "Root division"},
    }
    person = {
        "cardholder": {"id": str(100000 + who), "name": "Quill, Ada"},
        "card": {"number": str(5000000 + who)},
    }
    return event | (person if who >= 0 else {})


def _events(rows: int, people: int) -> Iterator[tuple[datetime, int, int, str]]:
    chance = random.Random(16)
    for number in range(rows):
        time = _BEGIN + timedelta(seconds=number * 86_400 // 1_000_000)
        if chance.random() < _ALARM_SHARE:
            yield time, -1, chance.randrange(_DOORS), chance.choice(_ALARMS)
        else:
            yield time, chance.randrange(people), chance.randrange(_DOORS), chance.choice(_WORDS)
