"""What an event is: four values of its record, and the keyed hash that stands for them.

Two records are the same event if their UserId (ASCII letters in lower case), AssetId, EventTime (as sent, without trailing
zeros of its fraction) and AccessStatus are the same; AssetName and other properties do not count. The values are joined with
the length of each before it, so that no two events give the same text, and hashed to 8 bytes under the job's own key.
"""

import hashlib
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

HASH_BYTES: Final = 8
SECRET_BYTES: Final = 32
_SECONDS: Final = 19
"""Characters of a time without a fraction."""


class _Values(msgspec.Struct, gc=False, rename="pascal"):
    """The four values of a record; everything else in it is passed over."""

    user_id: str
    asset_id: str
    event_time: str
    access_status: str


_RECORDS: Final = msgspec.json.Decoder(list[_Values])


@dataclass(frozen=True, slots=True)
class Key:
    """The key of a job's hashes; with it anybody could tell whose event a hash stands for, so it is never shown.

    Attributes:
        secret: 32 bytes by chance.
    """

    secret: bytes = field(repr=False)

    @property
    def id(self) -> bytes:
        """Names the key without giving it away: 8 bytes."""
        return hashlib.blake2b(self.secret, digest_size=HASH_BYTES, person=b"gatepost key id").digest()


@dataclass(frozen=True, slots=True)
class Events:
    """The events of records that follow each other.

    Attributes:
        hashes: of each, as an integer of 64 bits.
        times: the EventTime of each, in UTC as it is sent.
    """

    hashes: list[int]
    times: list[str]


def events_of(records: Sequence[bytes], key: Key) -> Events:
    """The events of valid records.

    Args:
        records: the bytes that are sent, each a JSON object with the four values as texts.
        key: of the job.
    """
    found = _RECORDS.decode(b"[%b]" % b",".join(records))
    times = [one.event_time for one in found]
    shown = times if set(map(len, times)) <= {_SECONDS} else list(map(_without_zeros, times))
    # bytes.lower leaves everything but ASCII letters alone, and no UserId holds a line break
    persons = "\n".join([one.user_id for one in found]).encode().lower().decode().split("\n")
    texts = [
        f"{len(who)}:{who}{len(one.asset_id)}:{one.asset_id}{len(time)}:{time}{one.access_status}"
        for who, time, one in zip(persons, shown, found, strict=True)
    ]
    return Events(_hashed(texts, key), times)


def _hashed(texts: list[str], key: Key) -> list[int]:
    secret, blake2b = key.secret, hashlib.blake2b
    digests = [blake2b(text, digest_size=HASH_BYTES, key=secret).digest() for text in map(str.encode, texts)]
    return unpacked(b"".join(digests)).tolist()


def _without_zeros(time: str) -> str:
    return time.rstrip("0").rstrip(".") if "." in time else time


def packed(hashes: "array[int]") -> bytes:
    """Hashes as they are stored: 8 bytes each, the lowest byte first."""
    return _little(hashes).tobytes()


def unpacked(data: bytes) -> "array[int]":
    """Hashes out of their stored bytes."""
    found = array("Q")
    found.frombytes(data)
    return _little(found)


def _little(hashes: "array[int]") -> "array[int]":
    """The lowest byte first, on any machine."""
    if sys.byteorder == "little":
        return hashes
    turned = hashes[:]  # pragma: no cover  (no machine of ours)
    turned.byteswap()  # pragma: no cover
    return turned  # pragma: no cover
