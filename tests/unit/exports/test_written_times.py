"""Times in UTC in the place of those that an export wrote."""

import json

import pytest

from shared.exports.joined_records import JoinedRecords
from shared.exports.written_times import with_times
from tests.support.exports import record

WROTE, SENT = "2026-11-21T08:00:00+01:00", "2026-11-21T07:00:00"


@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("odd", [[], [0], [1], [0, 1]])
def test_only_records_that_go_get_another_time(odd: list[int], *, joined: bool) -> None:
    """One that is rejected keeps what it came with, so that a person finds it again."""
    old, times = [WROTE, WROTE, SENT], [SENT, SENT, SENT]
    texts = [json.dumps(record(number, EventTime=time)).encode() for number, time in enumerate(old)]
    together = JoinedRecords(b",".join(texts), b'{"UserId": "', 3)
    found = [bytes(one) for one in with_times(together if joined else texts, old, times, odd)]
    assert found == [
        text if index in odd else text.replace(WROTE.encode(), SENT.encode())
        for index, text in enumerate(texts)
    ]
