"""An open file: the events that requests are about to send, written down before they leave.

So that a worker that comes after a death knows the events in doubt without reading the export again. Immutable, named by its
content; the ledger's entry names it. A line of JSON with what it is about, then the records, packed: number, index of the event's
date, hash.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from shared.events.packing import different, packed, unpacked

if TYPE_CHECKING:
    from array import array

_RECORD_BYTES: Final = 4 + 2 + 8
MAX_DATES: Final = 1 << 16


class _Head(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    open: int = 1
    ledger: str
    key_id: str
    planned_at: str
    by: str
    dates: list[str]
    records: int


class DamagedOpenFileError(Exception):
    """It is no open file, or not the whole of one."""


@dataclass(frozen=True, slots=True)
class OpenFile:
    """The events of one request, or of several that leave together.

    Attributes:
        ledger: path of the ledger whose entries name it.
        key_id: of the key under which the events were hashed.
        planned_at: when they were planned, UTC.
        by: names the worker that wrote it, so that no two attempts write the same file.
        dates: the dates of its events in UTC.
        numbers: input record numbers, rising; of 4 bytes each.
        date_of: of each record, the index of its event's date; of 2 bytes.
        hashes: of each record's event; of 8 bytes.
    """

    ledger: str
    key_id: bytes
    planned_at: str
    by: str
    dates: list[str]
    numbers: "array[int]"
    date_of: "array[int]"
    hashes: "array[int]"


def encode_open_file(file: OpenFile) -> bytes:
    """The bytes of an open file."""
    head = _Head(
        ledger=file.ledger,
        key_id=file.key_id.hex(),
        planned_at=file.planned_at,
        by=file.by,
        dates=file.dates,
        records=len(file.numbers),
    )
    line = msgspec.json.encode(head)
    return b"".join((line, b"\n", packed(file.numbers), packed(file.date_of), packed(file.hashes)))


def decode_open_file(data: bytes) -> OpenFile:
    """Read an open file; that its content is the one it is named by, the caller makes sure of.

    Raises:
        DamagedOpenFileError: it is none.
    """
    line, _, body = data.partition(b"\n")
    try:
        head = msgspec.json.decode(line, type=_Head)
        key_id = bytes.fromhex(head.key_id)
    except (msgspec.MsgspecError, ValueError):
        raise DamagedOpenFileError from None
    count = head.records
    if len(body) != count * _RECORD_BYTES:
        raise DamagedOpenFileError
    numbers = unpacked(body[: 4 * count], 4)
    date_of = unpacked(body[4 * count : 6 * count], 2)
    if any(index >= len(head.dates) for index in different(date_of)):
        raise DamagedOpenFileError
    hashes = unpacked(body[6 * count :], 8)
    return OpenFile(head.ledger, key_id, head.planned_at, head.by, head.dates, numbers, date_of, hashes)
