"""What an event is: four values of its record, and the keyed hash that stands for them.

Two records are the same event if their UserId (ASCII letters in lower case), AssetId, EventTime (as sent, without trailing
zeros of its fraction) and AccessStatus are the same; AssetName and other properties do not count. The values are joined with
the length of each before it, so that no two events give the same text, and hashed to 8 bytes under the job's own key.
"""

import hashlib
import sys
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Final

import msgspec

from shared.exports.record_values import EventValues, RecordValues

HASH_BYTES: Final = 8
SECRET_BYTES: Final = 32
_SECONDS: Final = 19
"""Characters of a time without a fraction."""
_BEFORE_SECONDS: Final = f"{_SECONDS}:"


_RECORDS: Final = msgspec.json.Decoder(list[RecordValues])
_MAX_REMEMBERED: Final = 1 << 15


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
    times: Sequence[str]


class EventHashing:
    """Hashes the events of records; it remembers persons and doors, which an export repeats.

    Attributes:
        key: of the job.
    """

    def __init__(self, key: Key) -> None:
        self.key = key
        self._keyed = hashlib.blake2b(digest_size=HASH_BYTES, key=key.secret)
        self._persons = _Prefixed(_lowered)
        self._doors = _Prefixed(str)

    def events_of(self, records: Sequence[bytes], values: EventValues | None = None) -> Events:
        """The events of valid records.

        Args:
            records: the bytes that are sent, each a JSON object with the four values as texts.
            values: what stands in them; `None` if nobody has looked yet.
        """
        values = values or _values_of(records)
        times = values.event_times
        shown = times if set(map(len, times)) <= {_SECONDS} else list(map(_without_zeros, times))
        texts = map(
            "".join,
            zip(
                self._persons.of(values.user_ids),
                self._doors.of(values.asset_ids),
                [f"{len(time)}:" for time in shown] if shown is not times else repeat(_BEFORE_SECONDS),
                shown,
                values.access_statuses,
                strict=False,  # one may repeat for ever
            ),
        )
        return Events(self._hashed(texts), times)

    def _hashed(self, texts: Iterable[str]) -> list[int]:
        begun, digests = self._keyed.copy, list[bytes]()
        for text in map(str.encode, texts):
            one = begun()  # much cheaper than to begin anew with the key
            one.update(text)
            digests.append(one.digest())
        return unpacked(b"".join(digests)).tolist()


class _Prefixed(dict[str, str]):
    """Texts with their length before them, each made once."""

    def __init__(self, form: Callable[[str], str]) -> None:
        super().__init__()
        self._form = form

    def __missing__(self, text: str) -> str:
        made = self[text] = f"{len(text)}:{self._form(text)}"
        return made

    def of(self, texts: Sequence[str]) -> list[str]:
        """The same texts with their lengths."""
        if len(self) > _MAX_REMEMBERED:
            self.clear()
        return list(map(self.__getitem__, texts))


def _values_of(records: Sequence[bytes]) -> EventValues:
    found = _RECORDS.decode(b"[%b]" % b",".join(records))
    return EventValues(
        [one.user_id for one in found],
        [one.asset_id for one in found],
        [one.event_time for one in found],
        [one.access_status for one in found],
    )


def _lowered(text: str) -> str:
    """In lower case as far as it is ASCII, which is all that bytes know of."""
    return text.encode().lower().decode()


def _without_zeros(time: str) -> str:
    return time.rstrip("0").rstrip(".") if "." in time else time


def packed(hashes: "array[int]") -> bytes:
    """Hashes as they are stored: 8 bytes each, the lowest byte first."""
    return _little(hashes).tobytes()


def unpacked(data: bytes | memoryview) -> "array[int]":
    """Hashes out of their stored bytes, in an array that has no room to grow: a large index is many of them."""
    found = array("Q", [0]) * (len(data) // HASH_BYTES)
    if found:
        memoryview(found).cast("B")[:] = data
    return _little(found)


def _little(hashes: "array[int]") -> "array[int]":
    """The lowest byte first, on any machine."""
    if sys.byteorder == "little":
        return hashes
    turned = hashes[:]  # pragma: no cover  (no machine of ours)
    turned.byteswap()  # pragma: no cover
    return turned  # pragma: no cover
