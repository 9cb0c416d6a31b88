"""What an event is: four values of its record, and the keyed hash that stands for them.

Two records are the same event if their UserId (ASCII letters in lower case), AssetId, EventTime (as sent, without trailing
zeros of its fraction) and AccessStatus are the same; AssetName and other properties do not count. The hash is SipHash-2-4, made
for many short texts under a secret key: 8 bytes, of which nobody learns anything without the key.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Final

import msgspec
from siphashc import siphash

from shared.exports.joined_records import in_brackets
from shared.exports.record_values import EventValues, Period, RecordValues

HASH_BYTES: Final = 8
SECRET_BYTES: Final = 32
_SIPHASH_KEY_BYTES: Final = 16
_SECONDS: Final = 19
"""Characters of a time without a fraction."""
_BETWEEN: Final = "\n"
"""Stands in no time, status or UserId that keeps its rule, so that no two events give the same text."""
_RECORDS: Final = msgspec.json.Decoder(list[RecordValues])


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
        return self.derived(b"gatepost key id", HASH_BYTES)

    def derived(self, purpose: bytes, size: int) -> bytes:
        """So many bytes for a purpose, of at most 16 bytes; they tell nothing of the key, or of those for another purpose."""
        return hashlib.blake2b(self.secret, digest_size=size, person=purpose).digest()


@dataclass(frozen=True, slots=True)
class Events:
    """The events of records that follow each other.

    Attributes:
        hashes: of each, as an integer of 64 bits.
        times: the EventTime of each, in UTC as it is sent.
        period: of the times.
        one_day: the same, if they are known to be of one day in UTC.
        span: of the times without trailing zeros, which are in order as their moments are.
    """

    hashes: list[int]
    times: Sequence[str]
    period: Period
    one_day: Period | None
    span: Period


class EventHashing:
    """Hashes the events of records.

    Attributes:
        key: of the job.
    """

    def __init__(self, key: Key) -> None:
        self.key = key
        self._siphash_key = key.derived(b"gatepost events", _SIPHASH_KEY_BYTES)

    def events_of(self, records: Sequence[bytes], values: EventValues | None = None) -> Events:
        """The events of valid records.

        Args:
            records: the bytes that are sent, each a JSON object with the four values as texts.
            values: what stands in them; `None` if nobody has looked yet.
        """
        values = values_of(records, values)
        times = values.event_times if values.one_day else _without_zeros(values.event_times)
        period = values.period
        span = period if times is values.event_times else Period.of(times)
        # what may hold anything comes last
        texts = zip(times, values.access_statuses, _lowered(values.user_ids), values.asset_ids, strict=True)
        hashes = list(map(siphash, repeat(self._siphash_key), map(_BETWEEN.join, texts)))
        return Events(hashes, values.event_times, period, values.one_day, span)


def values_of(records: Sequence[bytes], values: EventValues | None) -> EventValues:
    """What makes the events of valid records.

    Args:
        records: their bytes.
        values: what is known already; `None`: they are decoded.
    """
    if values:
        return values
    found = _RECORDS.decode(in_brackets(b",".join(records)))
    return EventValues(
        [one.user_id for one in found],
        [one.asset_id for one in found],
        [one.event_time for one in found],
        [one.access_status for one in found],
    )


def _lowered(user_ids: Sequence[str]) -> Sequence[str]:
    """In lower case as far as they are ASCII, which is all that bytes know of."""
    text = _BETWEEN.join(user_ids).encode()
    lowered = text.lower()
    return user_ids if lowered == text else lowered.decode().split(_BETWEEN)


def _without_zeros(times: Sequence[str]) -> Sequence[str]:
    if set(map(len, times)) == {_SECONDS}:
        return times
    return [time.rstrip("0").rstrip(".") if "." in time else time for time in times]
