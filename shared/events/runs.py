"""A run: hashes of events of one date that the connector accepted on one day, sorted and packed. Immutable, named by its content.

What is in a run, byte by byte: 8 of a mark, 8 of the key's id, 8 that say how many hashes follow (the lowest byte first), the
hashes in rising order, 8 each, and 16 of a checksum of all before.
"""

import hashlib
import heapq
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import lt
from typing import Final

from shared.events.identity import HASH_BYTES
from shared.events.packing import packed, unpacked
from shared.events.rising import rising

_MARK: Final = b"GPEVENT1"
_HEAD_BYTES: Final = 24
_CHECKSUM_BYTES: Final = 16


class DamagedRunError(Exception):
    """It is no run, or not the whole of one."""


@dataclass(frozen=True, slots=True)
class Run:
    """Events, by their hashes.

    Attributes:
        key_id: of the key under which they were hashed.
        hashes: in rising order, each once.
    """

    key_id: bytes
    hashes: "array[int]"


def run_of(key_id: bytes, hashes: Iterable[int]) -> Run:
    """A run of hashes that come in any order; one that comes twice is kept once."""
    return Run(key_id, rising(array("Q", hashes)))


def encode_run(run: Run) -> bytes:
    """The bytes of a run."""
    body = _MARK + run.key_id + len(run.hashes).to_bytes(8, "little") + packed(run.hashes)
    return body + _checksum(body)


def decode_run(data: bytes) -> Run:
    """Read a run, and make sure that it is whole.

    Raises:
        DamagedRunError: it is not.
    """
    body = memoryview(data)[:-_CHECKSUM_BYTES]  # a run of a million events is not copied to be looked at
    count = int.from_bytes(body[16:_HEAD_BYTES], "little")
    whole = len(body) == _HEAD_BYTES + HASH_BYTES * count
    if not (data.startswith(_MARK) and whole and data.endswith(_checksum(body))):
        raise DamagedRunError
    hashes = unpacked(body[_HEAD_BYTES:], HASH_BYTES)
    if not all(map(lt, hashes, memoryview(hashes)[1:])):
        raise DamagedRunError
    return Run(data[8:16], hashes)


def union(runs: Sequence[Run]) -> Run:
    """One run of several under the same key, without making an object of every hash at the same time.

    Raises:
        ValueError: they are under several keys, or there is none.
    """
    (key_id,) = {run.key_id for run in runs}
    merged = array("Q", heapq.merge(*(run.hashes for run in runs)))
    if all(one != another for one, another in pairwise(merged)):
        return Run(key_id, merged)
    once = array("Q", merged[:1])
    once.extend(another for one, another in pairwise(merged) if one != another)
    return Run(key_id, once)


def name_of(data: bytes) -> str:
    """What names a run or another immutable file by its content."""
    return hashlib.sha256(data).hexdigest()


def _checksum(body: bytes | memoryview) -> bytes:
    return hashlib.blake2b(body, digest_size=_CHECKSUM_BYTES).digest()
