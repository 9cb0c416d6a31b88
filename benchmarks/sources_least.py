"""The least that mapping an export must do in Python: what `benchmarks.sources` shows beside our way and the script.

It reads and hashes the file, takes the texts of each row that the profile names, looks person, door and minute up in dicts, and puts
the texts of the records into bodies, which it hashes. It checks nothing, knows no rules and no reasons, and fits one file.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

_SEGMENT: Final = 1 << 18
_BATCH: Final = 5_000
_ZONE: Final = ZoneInfo("America/Chicago")
_WORDS: Final = {"Access Granted": "Success", "Access Denied": "Failed", "Invalid Access Level": "Failed"}

type _Columns = tuple[Sequence[str], Sequence[str], Sequence[str], Sequence[str]]
"""Number of the person, door, outcome word and time in UTC, row by row."""


class _Named(msgspec.Struct, gc=False):
    id: str = ""
    name: str = ""


class _Event(msgspec.Struct, gc=False):
    time: str
    source: _Named
    type: _Named
    cardholder: _Named = msgspec.field(default_factory=_Named)


_EVENT: Final = msgspec.json.Decoder(_Event)


def least_json(export: Path, known: dict[str, str]) -> int:
    """Events one a line; the number of records."""
    return _bodies(map(_EVENT.decode_lines, _segments(export)), known, _of_events)


def least_csv(export: Path, known: dict[str, str]) -> int:
    """A table without quotes; the number of records."""
    segments = enumerate(_segments(export))
    rows = (segment.decode().splitlines()[number == 0 :] for number, segment in segments)  # below the header
    return _bodies(rows, known, _of_lines)


def _of_events(events: list[_Event]) -> _Columns:
    numbers, doors = [one.cardholder.id for one in events], [one.source.id for one in events]
    return numbers, doors, [one.type.name for one in events], [one.time[:19] for one in events]


def _of_lines(lines: list[str]) -> _Columns:
    times, numbers, _, _, _, words, doors, _ = zip(*[line.split(",", 7) for line in lines], strict=True)
    return numbers, doors, words, [f"{_minute(time[:16])}{time[16:19]}" for time in times]


def _bodies[T](parts: Iterable[T], known: dict[str, str], columns_of: Callable[[T], _Columns]) -> int:
    waiting, count = list[str](), 0
    for numbers, doors, words, times in map(columns_of, parts):
        upns = list(map(known.get, numbers))
        shared = map(_door, doors, words)
        waiting += [
            f'{{"UserId":"{upn}",{door}"EventTime":"{time}"}}'
            for upn, door, time in zip(upns, shared, times, strict=True)
            if upn
        ]
        while len(waiting) >= _BATCH:
            count += _sent(waiting[:_BATCH])
            del waiting[:_BATCH]
    return count + _sent(waiting)


def _sent(records: list[str]) -> int:
    hashlib.sha256(f"[{','.join(records)}]".encode()).digest()
    return len(records)


def _segments(export: Path) -> Iterator[bytes]:
    """Some hundred whole lines at a time, all of which are hashed."""
    hashing = hashlib.sha256()
    with export.open("rb") as file:
        while segment := file.read(_SEGMENT) + file.readline():
            hashing.update(segment)
            yield segment


@cache
def _door(door: str, word: str) -> str:
    return f'"AssetId":"{door}","AssetName":"{door}","AccessStatus":"{_WORDS.get(word)}",'


@cache
def _minute(text: str) -> str:
    return f"{datetime.fromisoformat(text).replace(tzinfo=_ZONE).astimezone(UTC):%Y-%m-%dT%H:%M}"


LEAST: Final[dict[str, Callable[[Path, dict[str, str]], int]]] = {"csv": least_csv, "json": least_json}
"""By the form of the export."""
