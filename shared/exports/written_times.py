"""Writes times in UTC into the bytes of records, in the place of those that the badging system wrote."""

import re
from collections.abc import Collection, Sequence
from typing import Final

from shared.exports.items import JoinedRecords, RecordValues
from shared.exports.validate import with_event_time

_BEFORE: Final = re.compile(rb'"EventTime"[ \t\r\n]*:[ \t\r\n]*"')


def with_times(
    records: Sequence[bytes], values: Sequence[RecordValues], times: Sequence[str], odd: Collection[int]
) -> Sequence[bytes]:
    """Records with other times, which are noted in their values as well.

    Args:
        records: those that are not odd have one EventTime each.
        values: of each.
        times: of each.
        odd: indexes of records that stay as they are.
    """
    old = [value.event_time for value in values]
    made: Sequence[bytes] | None = None
    if isinstance(records, JoinedRecords):
        made = _together(records, old, times, odd)
    if made is None:
        made = [
            record if index in odd or before == time else with_event_time(record, time)
            for index, (record, before, time) in enumerate(zip(records, old, times, strict=True))
        ]
    for value, time in zip(values, times, strict=True):
        value.event_time = time
    return made


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
