"""Sample exports: what `make run` uploads, and what should become of each.

Made up from counting alone, so that every run shows the same figures. Names and doors are nobody's.
"""

import codecs
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from local.sample_tables import KNOWN_BEFORE, SOURCE, first_table, second_table
from shared.error_codes import Status

_DOORS: Final = ("Main entrance", "Büro München", "Server room", "Łódź warehouse", "R&D / 研究室")
_PEOPLE: Final = ("amara.osei", "bjorn.lund", "chen.wei", "dana.kowalska", "elodie.martin", "farid.rahimi")
_MORNING: Final = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
LARGE: Final = 120_000
FOLDER: Final = "2026/11/22"


@dataclass(frozen=True)
class Sample:
    """One export, and what should become of it.

    Attributes:
        sent: what the connector should receive of it, record by record.
        requests: how many requests that should take.
        ignored: how many rows its source should leave out.
        repeated: how many events should not be sent a second time.
        code: of the outcome's error.
    """

    name: str
    data: bytes
    status: Status
    sent: list[dict[str, Any]] = field(default_factory=list)
    requests: int = 0
    ignored: int = 0
    repeated: int = 0
    code: str | None = None


def samples() -> list[Sample]:
    """All of them."""
    return [
        _good(),
        _microsoft_style(),
        _single(),
        _with_bad_records(),
        _broken(),
        _table(),
        _table_that_overlaps(),
        _large(),
    ]


def record(number: int) -> dict[str, Any]:
    """A badge record; every fourth time has an offset, every third record an extra property."""
    moment = _MORNING + timedelta(seconds=number)
    made: dict[str, Any] = {
        "UserId": f"{_PEOPLE[number % len(_PEOPLE)]}@example.com",
        "AssetId": f"door-{number % 40:02d}",
        "AssetName": _DOORS[number % len(_DOORS)],
        "EventTime": _with_offset(moment) if number % 4 == 0 else _plain(moment),
        "AccessStatus": "Failed" if number % 17 == 0 else "Success",
    }
    return made | ({"SourceSystem": "Lenel", "Card": number} if number % 3 == 0 else {})


def as_received(sent: dict[str, Any]) -> dict[str, Any]:
    """A record as the connector should receive it: the same, its time in UTC without a suffix."""
    moment = datetime.fromisoformat(sent["EventTime"])
    return sent | {"EventTime": _plain(moment.astimezone(UTC) if moment.tzinfo else moment)}


def _good() -> Sample:
    records = [record(number) for number in range(1, 301)]
    return _succeeds("lenel.json", json.dumps(records, ensure_ascii=False, indent=2).encode(), records, 1)


def _microsoft_style() -> Sample:
    """As PowerShell writes it: a byte order mark, four blanks of indent, Windows line ends."""
    records = [record(number) for number in range(1_001, 1_011)]
    text = json.dumps(records, ensure_ascii=False, indent=4).replace("\n", "\r\n")
    return _succeeds("microsoft.json", codecs.BOM_UTF8 + text.encode(), records, 1)


def _single() -> Sample:
    """One record alone is an object, not an array; the connector wants an array all the same."""
    one = record(2_001)
    return _succeeds("one-record.json", json.dumps(one, ensure_ascii=False).encode(), [one], 1)


def _with_bad_records() -> Sample:
    records = [record(number) for number in range(3_001, 3_201)]
    for at in (10, 20, 30, 40, 50):
        records[at]["AccessStatus"] = "Access Granted"
    for at in (60, 70, 80):
        records[at]["UserId"] = "BADGE-0042"
    records[90]["EventTime"] = "21/11/2026 06:00"
    del records[100]["AssetId"]
    bad = {10, 20, 30, 40, 50, 60, 70, 80, 90, 100}
    good = [one for at, one in enumerate(records) if at not in bad]
    status = Status.PARTIALLY_SUCCEEDED
    return Sample(f"{FOLDER}/bad-records.json", _lines(records), status, list(map(as_received, good)), 1)


def _broken() -> Sample:
    """A comma is missing, as it was on Microsoft's own page for a year."""
    text = json.dumps([record(number) for number in range(4_001, 4_011)], ensure_ascii=False, indent=2)
    broken = text.replace('",\n    "AssetId": "door-05"', '"\n    "AssetId": "door-05"', 1)
    return Sample(f"{FOLDER}/broken.json", broken.encode(), Status.REJECTED, code="broken-json")


def _table() -> Sample:
    """A badging system's own export: badge numbers, local times, words of its own."""
    data, sent = first_table()
    name = f"{SOURCE}/2026-11-01.csv"
    return Sample(name, data, Status.PARTIALLY_SUCCEEDED, sent, requests=1, ignored=4, repeated=1)


def _table_that_overlaps() -> Sample:
    """The next day's, which holds some of the days before once more."""
    data, sent = second_table()
    name = f"{SOURCE}/2026-11-02.csv"
    return Sample(name, data, Status.PARTIALLY_SUCCEEDED, sent, requests=1, repeated=KNOWN_BEFORE)


def _large() -> Sample:
    records = [record(number) for number in range(10_001, 10_001 + LARGE)]
    return _succeeds("all-doors.json", _lines(records), records, LARGE // 5_000)


def _succeeds(name: str, data: bytes, records: list[dict[str, Any]], requests: int) -> Sample:
    return Sample(f"{FOLDER}/{name}", data, Status.SUCCEEDED, list(map(as_received, records)), requests)


def _lines(records: Iterable[dict[str, Any]]) -> bytes:
    """An array with one record a line."""
    return ("[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in records) + "\n]\n").encode()


def _plain(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def _with_offset(moment: datetime) -> str:
    return _plain(moment + timedelta(hours=1)) + "+01:00"
