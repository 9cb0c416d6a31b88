"""Looking at one export: of records of one event the first stays, and every item keeps its number and its place."""

import json

from shared.events.first_of_each import FirstOfEach
from shared.exports.items import REPEATED, Item, LeftOut, RecordRun, Rejected, in_order
from shared.exports.validate import Invalid


def _record(user: str, door: str = "d") -> bytes:
    values = {"UserId": user, "AssetId": door, "EventTime": "2026-11-22T05:00:00", "AccessStatus": "Success"}
    return json.dumps(values).encode()


def test_only_the_first_of_each_event_stays() -> None:
    """Within a run, at its ends, in a later run, and in another spelling of the account; nothing else is touched."""
    a, b, c = _record("a@example.com"), _record("b@example.com"), _record("c@example.com")
    rejected, ignored = Rejected(6, Invalid((), b"")), LeftOut(7, "rule")
    items: list[Item] = [
        RecordRun.from_first(1, [a, a, b, _record("A@Example.com"), c]),
        rejected,
        ignored,
        RecordRun.from_first(8, [c]),
        RecordRun.from_first(9, [_record("c@example.com", "other")]),
    ]
    first = FirstOfEach()
    assert list(in_order(first.of(items))) == [
        RecordRun.from_first(1, [a]),
        LeftOut(2, REPEATED),
        RecordRun.from_first(3, [b]),
        LeftOut(4, REPEATED),
        RecordRun.from_first(5, [c]),
        rejected,
        ignored,
        LeftOut(8, REPEATED),
        RecordRun.from_first(9, [_record("c@example.com", "other")]),
    ]
    assert first.repeated == 3
