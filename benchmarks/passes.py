"""One pass over an export, in the ways that are compared; each is run in a process of its own (`benchmarks.child`).

`ours` is what the function does before it sends: read, unpack, check, normalise, cut, hash. `naive` is what a competent
person writes in an afternoon. `script` does what Microsoft's sample script does, step by step, in Python: the whole file as
objects, chunks of 50,000, no check; its faults are kept, a single record as an object among them. `floor` reads and hashes.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from jsonschema import Draft202012Validator

from shared.delivery.rejected_file import RejectedFile
from shared.delivery.validate_export import validate_export
from shared.events.date_index import HashIndex
from shared.events.identity import SECRET_BYTES, Key
from shared.events.repeat_filter import DateEvents, Known, Left, RepeatFilter
from shared.exports.batches import Limits, cut
from shared.exports.items import RecordRun
from shared.exports.reader import Reader
from shared.exports.rules import RULES
from shared.exports.unpacking import Unpacked

CHUNK_BYTES: Final = 4 << 20
MAX_RECORDS: Final = 5_000
SCRIPT_RECORDS: Final = 50_000
_LIMITS: Final = Limits(MAX_RECORDS, 10_000_000)
_MAX_BYTES: Final = 5_000_000_000


class Nowhere:
    """Takes rejected records and forgets them."""

    def add(self, data: bytes) -> None:
        """Forget."""

    def mark(self) -> None:
        """Forget."""

    def commit(self, *, marked_only: bool = False) -> None:
        """Forget."""


def ours(path: Path) -> int:
    """Pass 1; gives the number of valid records."""
    reader = Reader(Unpacked(_chunks(path), _MAX_BYTES))
    return validate_export(reader, RejectedFile(Nowhere()), _LIMITS).valid


class _NoEvents(RepeatFilter):
    """Lets every record go and looks at no event."""

    def left_out(self, *_: object) -> dict[int, Left]:
        """Nothing is left out."""
        return {}


def without_events(path: Path) -> int:
    """Pass 1 as it would be if the same event could go twice: what this takes less is the price of every event once."""
    reader = Reader(Unpacked(_chunks(path), _MAX_BYTES))
    repeats = _NoEvents(Known(Key(bytes(SECRET_BYTES)), lambda _date: DateEvents(HashIndex(), HashIndex())))
    return validate_export(reader, RejectedFile(Nowhere()), _LIMITS, repeats=repeats).valid


def naive(path: Path) -> int:
    """Load, judge each record, dump each batch."""
    return sum(body.count(b'"UserId"') for body in naive_bodies(path))


def naive_utc(path: Path) -> int:
    """The same, where times have offsets."""
    return sum(body.count(b'"UserId"') for body in naive_bodies(path, to_utc=True))


def naive_bodies(path: Path, *, to_utc: bool = False) -> Iterator[bytes]:
    """The bodies a person would post.

    Args:
        path: of the export.
        to_utc: whether its times have offsets.
    """
    validator = Draft202012Validator(json.loads(RULES.schema_bytes))
    with path.open(encoding="utf-8-sig") as file:
        valid = [record for record in json.load(file) if validator.is_valid(record)]
    for record in valid if to_utc else ():
        moment = datetime.fromisoformat(record["EventTime"]).astimezone(UTC)
        record["EventTime"] = moment.strftime("%Y-%m-%dT%H:%M:%S")
    for start in range(0, len(valid), MAX_RECORDS):
        yield json.dumps(valid[start : start + MAX_RECORDS], separators=(",", ":")).encode()


def our_bodies(path: Path) -> Iterator[bytes]:
    """The bodies we would post."""
    records = Reader(Unpacked(_chunks(path), _MAX_BYTES))
    for body in cut((one for one in records if isinstance(one, RecordRun)), _LIMITS):
        yield body.data


def script(path: Path) -> int:
    """Everything in memory, pretty-printed in chunks of 50,000, unchecked."""
    with path.open(encoding="utf-8-sig") as file:
        records = json.load(file)
    sent = 0
    for start in range(0, len(records), SCRIPT_RECORDS):
        chunk = records[start : start + SCRIPT_RECORDS]
        body = json.dumps(chunk if len(chunk) > 1 else chunk[0], indent=4)
        sent += body.count('"UserId"')
    return sent


def floor(path: Path) -> int:
    """Reading and hashing alone; counts nothing."""
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return 0


NAIVE_OF: Final = {"one line": "naive", "half bad": "naive", "out of order": "naive", "offsets": "naive utc"}
"""The naive way of each form that has one of its own."""

WAYS: Final[dict[str, Callable[[Path], int]]] = {
    "ours": ours,
    "without events": without_events,
    "naive": naive,
    "naive utc": naive_utc,
    "script": script,
    "floor": floor,
}


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
