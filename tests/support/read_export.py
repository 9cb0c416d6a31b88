"""Reads made-up exports as a pass does, with the fast path or without it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared.delivery.ledger import entry_of
from shared.delivery.planned_records import as_planned, planned_bodies, unjudged_as_planned
from shared.delivery.record_bits import RecordBits
from shared.errors import ExportError
from shared.exports.batches import Limits, cut
from shared.exports.fast_path import FastPath, Segment
from shared.exports.items import RecordRun, Rejected
from shared.exports.reader import Reader
from shared.exports.rules import RULES
from shared.exports.unpacking import Unpacked

MAX_BYTES = 500_000_000


class NoFastPath(FastPath):
    """A fast path that takes nothing."""

    def segment(self, data: bytes, at: int, *, in_array: bool) -> Segment | None:
        """Leave everything to the exact path."""
        del data, at, in_array
        return None


@dataclass
class Found:
    """What a pass found.

    Attributes:
        valid: the bytes to send of each valid record, by its number.
        rejected: what was rejected.
        exact: how many records came out one by one.
        error: what ended the pass, if anything did.
    """

    valid: dict[int, bytes]
    rejected: list[Rejected]
    exact: int
    latest_event: str
    sha256: str
    error: ExportError | None = None

    @property
    def records(self) -> list[Any]:
        """The valid records, decoded."""
        return [json.loads(raw) for raw in self.valid.values()]

    @property
    def verdict(self) -> tuple[object, ...]:
        """Everything two passes must agree on."""
        error = self.error and (self.error.code, self.error.message, self.error.place)
        rejected = [(one.number, one.record) for one in self.rejected]
        return (error,) if error else (self.valid, rejected, self.latest_event, self.sha256)

    @property
    def codes(self) -> list[list[tuple[str, str]]]:
        """Property and code of every violation of every rejected record."""
        return [[(one.name, one.code) for one in rejected.record.violations] for rejected in self.rejected]


def chunked(data: bytes, size: int) -> Iterator[bytes]:
    """Data as storage streams it."""
    return (data[start : start + size] for start in range(0, len(data), size))


def read(data: bytes, *, chunk: int = 1 << 22, max_bytes: int = MAX_BYTES, fast: bool = True) -> Found:
    """One pass; an `ExportError` is kept, anything else comes out."""
    unpacked = Unpacked(chunked(data, chunk), max_bytes)
    reader = Reader(unpacked)
    if not fast:
        reader._fast = NoFastPath(RULES)
    found = Found({}, [], 0, "", "")
    try:
        for item in reader:
            if isinstance(item, RecordRun):
                found.valid.update(zip(item.numbers, item.records, strict=True))
                found.exact += len(item.records) == 1
            else:
                found.rejected.append(item)
                found.exact += 1
    except ExportError as error:
        found.error = error
    found.latest_event = reader.latest_event
    found.sha256 = unpacked.sha256
    if fast and reader.as_it_stands and found.valid and not found.error:
        _same_without_a_judge(data, chunk, found.valid)
    return found


def _same_without_a_judge(data: bytes, chunk: int, valid: dict[int, bytes]) -> None:
    """A second pass over an export that goes as it stands gives the same bodies, quickly or not."""
    planned = [body.batch for body in cut([RecordRun([*valid], [*valid.values()])], Limits(7, MAX_BYTES))]
    entries, bits = [entry_of(batch) for batch in planned], RecordBits()
    for number in valid:
        bits.add(number, number)

    def unpacked() -> Unpacked:
        return Unpacked(chunked(data, chunk), MAX_BYTES, hashed=False)

    quick = unjudged_as_planned(unpacked(), entries, bits, ahead=1)
    bodies = [*as_planned(quick, lambda: planned_bodies(Reader(unpacked()), entries, bits, 1), entries)]
    assert [body.batch for body in bodies] == planned
    assert [number for body in bodies for numbers in body.numbers for number in numbers] == [*valid]


def error_of(data: bytes, **how: Any) -> ExportError:
    """What ends a pass that must end with an error."""
    error = read(data, **how).error
    assert error is not None
    return error
