"""Sources made on the spot: a profile and people file as text, an export as bytes, and what comes out of them."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shared.events.first_of_each import FirstOfEach
from shared.exports.items import REPEATED, LeftOut, Rejected
from shared.exports.unpacking import Unpacked
from shared.sources.profile import read_profile
from shared.sources.reader import SourceReader
from shared.sources.source import Source, make_source
from shared.sources.tally import Counts

PEOPLE = """Id,Badge,UPN
1,0011,ada@example.com
2,0012,bo@example.com
3,0013,
"""
TABLE = """
version = 1
name = "A table"
[input]
format = "csv"
[time]
from = "Time"
format = "%Y-%m-%d %H:%M:%S"
zone = "UTC"
[[person]]
from = "Id"
directory = "people.csv"
key = "Id"
[asset]
id = "Door"
name = "Name"
[outcome]
from = "Event"
success = ["Granted"]
failed = ["Denied*"]
ignore = ["Denied - nothing"]
"""
EVENTS = TABLE.replace('"csv"', '"json"')
HEADER = "Time,Id,Door,Name,Event\n"


@dataclass(frozen=True)
class Mapped:
    """What came out: records, what was rejected (number, line, codes, content), and the counts."""

    records: list[dict[str, Any]]
    rejected: list[tuple[int, int | None, tuple[str, ...], Any]]
    numbers: list[int]
    counts: Counts
    latest: str

    @property
    def codes(self) -> Counter[str]:
        """How often each code rejected a row."""
        return Counter(code for _, _, codes, _ in self.rejected for code in codes)


def source(profile: str, **files: str | bytes) -> Source:
    """A source; `people="..."` is its people.csv."""
    read = {f"{name}.csv": text.encode() if isinstance(text, str) else text for name, text in files.items()}
    return make_source("made", read_profile(profile.encode()), read)


def mapped(
    profile: str,
    export: str | bytes | Iterable[bytes],
    *,
    name: str = "day.csv",
    people: str | bytes = PEOPLE,
) -> Mapped:
    """Map an export by a profile."""
    return read(source(profile, people=people), export, name)


def read(made: Source, export: str | bytes | Iterable[bytes], name: str) -> Mapped:
    """Map an export of a source."""
    if isinstance(export, str):
        export = export.encode()
    chunks = [export] if isinstance(export, bytes) else export
    reader = SourceReader(Unpacked(chunks, 1 << 30), made, name)
    records: list[dict[str, Any]] = []
    rejected: list[tuple[int, int | None, tuple[str, ...], Any]] = []
    numbers: list[int] = []
    left_out: Counter[str] = Counter()
    first = FirstOfEach()
    for item in first.of(reader):
        if isinstance(item, Rejected):
            codes = tuple(violation.code for violation in item.record.violations)
            rejected.append((item.number, item.place().line, codes, json.loads(item.record.content)))
        elif isinstance(item, LeftOut):
            left_out[item.code] += 1
        else:
            records += [json.loads(record) for record in item.records]
            numbers += item.numbers
    counts = reader.counts.first_of_each(first.repeated)
    assert counts.read == reader.read
    assert counts.valid == len(records)
    assert counts.rejected == len(rejected)
    assert left_out == Counter(counts.ignored | {REPEATED: counts.repeated})
    assert reader.read == len(records) + len(rejected) + left_out.total()
    return Mapped(records, rejected, numbers, counts, reader.latest_event)
