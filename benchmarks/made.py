"""Exports made for measuring: about 200 bytes a record, written alike, as a badging system writes them."""

import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

_START: Final = datetime(2026, 11, 20, tzinfo=UTC)
_EVENTS_A_SECOND: Final = 12
"""With persons and doors in turns, no event comes again."""
_SECONDS: Final = 79_999
_STRIDE: Final = 7_919
"""Primes: these seconds of a day are as mixed as can be, and no event comes again within seven hundred million records."""
_FORMAT: Final = "%Y-%m-%dT%H:%M:%S"
_STEP: Final = 10_000
FORMS: Final = ("one line", "lines", "JSON lines", "gzip", "half bad", "offsets", "out of order")


def record(number: int) -> dict[str, Any]:
    """A valid record; numbered, so that no two exports are the same content."""
    return {
        "UserId": f"person{number % 9_000:04d}@example.com",
        "AssetId": f"door-{number % 400:04d}",
        "AssetName": "Main Building, 1st floor",
        "EventTime": (_START + timedelta(seconds=number // _EVENTS_A_SECOND)).strftime(_FORMAT),
        "AccessStatus": "Success" if number % 9 else "Failed",
        "SourceSystem": "Lenel",
        "Sequence": 100_000_000 + number,
    }


def write(path: Path, records: int, form: str = "one line", first: int = 0) -> Path:
    """Write an export in one of `FORMS`; compact, so that a body re-made by `json.dumps` is the same to the byte."""
    with gzip.open(path, "wb", compresslevel=1) if form == "gzip" else path.open("wb") as file:
        for piece in _pieces(_texts(range(first, first + records), form), form):
            file.write(piece)
    return path


def _texts(numbers: range, form: str) -> Iterator[str]:
    for number in numbers:
        made = record(number)
        if form == "half bad" and number % 2:
            made["AccessStatus"] = "Granted"
        if form == "out of order":
            made["EventTime"] = (_START + timedelta(seconds=number * _STRIDE % _SECONDS)).strftime(_FORMAT)
        if form == "offsets":
            made["EventTime"] += "+01:00"
        yield json.dumps(made, separators=(",", ":"))


def _pieces(texts: Iterable[str], form: str) -> Iterator[bytes]:
    lines = form == "JSON lines"
    separator = "\n" if lines else "," if form in {"one line", "gzip"} else ",\n"
    gathered: list[str] = []
    before = "" if lines else "["
    for text in texts:
        gathered.append(text)
        if len(gathered) == _STEP:
            yield (before + separator.join(gathered)).encode()
            before, gathered = separator, []
    yield (before + separator.join(gathered) if gathered else "" if before != "[" else before).encode()
    if not lines:
        yield b"]"
