"""Writes times in UTC into the bytes of records, in the place of those that the badging system wrote."""

import re
from collections.abc import Collection, Sequence
from typing import Final

from shared.exports.joined_records import JoinedRecords
from shared.exports.validate import with_event_time

_BEFORE: Final = re.compile(rb'"EventTime"[ \t\r\n]*:[ \t\r\n]*"')


def with_times(
    records: Sequence[bytes], old: Sequence[str], times: Sequence[str], odd: Collection[int]
) -> Sequence[bytes]:
    """Records with other times.

    Args:
        records: those that are not odd have one EventTime each.
        old: their times as they are written.
        times: those that they are to have.
        odd: indexes of records that stay as they are.
    """
    if isinstance(records, JoinedRecords) and (made := _together(records, old, times, odd)):
        return made
    return [
        record if index in odd or before == time else with_event_time(record, time)
        for index, (record, before, time) in enumerate(zip(records, old, times, strict=True))
    ]


def _together(
    records: JoinedRecords, old: Sequence[str], times: Sequence[str], odd: Collection[int]
) -> JoinedRecords | None:
    """All at once, where each has its time behind the same bytes; no text in such records has a quote inside."""
    found = _BEFORE.search(records.joined)
    if found is None:
        return None
    first, *pieces = records.joined.split(found[0])
    if len(pieces) != len(old):
        return None
    made = [
        piece if index in odd or before == time else time.encode() + piece[len(before) :]
        for index, (piece, before, time) in enumerate(zip(pieces, old, times, strict=True))
    ]
    return records.with_bytes(found[0].join((first, *made)))
