"""The quick way: what is remembered, packed away or decoded together changes nothing."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.sources.event_columns import EventColumns
from shared.sources.memo import Memo
from tests.support.sources import EVENTS, HEADER, PEOPLE, TABLE, mapped
from tests.unit.sources.test_properties import PEOPLE_FILE, ROWS, SURE, full, table

DATED = "Nr,Card,UPN,valid_from,valid_until\n1,0011,ada@example.com,2026-01-01,2026-10-31\n2,12,Bo@example.com,,\n"


def alone(profile: str, rows: list[dict[str, str]], people: str) -> tuple[list[Any], Counter[str]]:
    """Every row mapped in an export of its own, where nothing can be remembered; of equal events the first counts."""
    records: list[Any] = []
    reasons: Counter[str] = Counter()
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        found = mapped(profile, table([row]), people=people)
        reasons += found.codes + Counter(found.counts.ignored)
        for record in found.records:
            event = tuple(record[name] for name in ("AssetId", "EventTime", "AccessStatus"))
            event = (record["UserId"].lower(), *event)
            if event in seen:
                reasons["repeated"] += 1
            else:
                records.append(record)
            seen.add(event)
    return records, reasons


@settings(deadline=None, max_examples=40)
@given(rows=ROWS, profile=SURE, people=st.sampled_from([PEOPLE_FILE, DATED]), times=st.integers(1, 40))
def test_many_rows_are_mapped_like_each_of_them(
    rows: list[dict[str, str]], profile: str, people: str, times: int
) -> None:
    """What the quick way remembers of one row is right for the next: together they give what each gives alone."""
    rows = full(rows) * times
    together = mapped(profile, table(rows), people=people)
    reasons = together.codes + Counter(together.counts.ignored)
    if together.counts.repeated:
        reasons["repeated"] = together.counts.repeated
    once, once_reasons = alone(profile, rows[: len(rows) // times], people)
    again = {code: count * times for code, count in once_reasons.items() if code != "repeated"}
    valid = len(rows) - sum(again.values())
    expected = Counter(again) + Counter(repeated=valid - len(once))
    assert (together.records, reasons) == (once, expected)


@pytest.mark.parametrize("people", [PEOPLE, PEOPLE + "4,0014,\u00e4@example.com\n5,0015,o'x@example.com\n"])
def test_missing_words_are_no_keys(people: str) -> None:
    """A word that means nothing is not looked up, even if the people file has it as a key."""
    profile = TABLE.replace('"csv"', '"csv"\nmissing = ["2"]')
    found = mapped(profile, HEADER + "2026-11-22 07:58:12,2,D,,Granted\n", people=people)
    assert found.counts.ignored == {"no-person": 1}


def test_a_key_of_two_accounts_stays_ambiguous_however_it_is_kept() -> None:
    """The dict of the first key knows its exceptions: two persons, none, and a name that JSON escapes."""
    people = "Id,UPN\n1,ada@example.com\n1,ADA@example.com\n1,bo@example.com\n2,\n3,a\\b@example.com\n4,Cy@example.com\n"
    rows = "".join(f"2026-11-22 07:58:1{n},{n},D,,Granted\n" for n in range(1, 6))
    found = mapped(TABLE, HEADER + rows, people=people)
    assert [record["UserId"] for record in found.records] == ["a\\b@example.com", "Cy@example.com"]
    assert found.codes == {"person-ambiguous": 1, "person-unknown": 1}
    assert found.counts.ignored == {"person-without-account": 1}


def test_a_memo_asks_once_and_forgets_the_older_half() -> None:
    """Long keys are not kept, and never more than so many bytes."""
    asked: list[Any] = []

    def give(key: str) -> int:
        asked.append(key)
        return len(key)

    memo = Memo[str, int](give, 2_000)
    assert [memo["a"], memo["a"], memo["x" * 300], memo["x" * 300]] == [1, 1, 300, 300]
    assert asked == ["a", "x" * 300, "x" * 300]
    for number in range(100):
        assert memo[f"{number}"] == len(f"{number}")
        assert len(memo) <= 14
    asked.clear()
    assert (memo["99"], memo["a"]) == (2, 1)
    assert asked == ["a"]


@pytest.mark.parametrize("odd", ["7", "7.50", "true", "null", '["x"]', "{}"])
def test_events_that_differ_from_those_before(odd: str) -> None:
    """Once a path has led to something else than a text, the events before and after still read alike."""
    lines = [
        json.dumps({"Time": "2026-11-22 07:58:12", "Id": "1", "Door": f"D{n}", "Event": "Granted"})
        for n in range(9)
    ]
    other = lines[0].replace('"D0"', odd)
    columns = EventColumns.of_paths(["Time", "Door"])
    for some in (lines, [*lines, other], lines):
        found = columns.of_events("\n".join(some).encode(), lines=True)
        assert found is not None
        assert list(zip(*found.columns, strict=True)) == [
            tuple(columns.of_one(line.encode())) for line in some
        ]
    together = mapped(EVENTS, "\n".join([*lines, other, *lines]))
    assert [record["AssetId"] for record in together.records][:9] == [f"D{n}" for n in range(9)]
    assert together.counts.repeated == 9


def test_an_object_that_becomes_null() -> None:
    """Null may stand where an object was, and the other way round."""
    columns = EventColumns.of_paths(["who.id", "who.name", "at"])
    events = [
        {"who": {"id": "1", "name": "a"}, "at": "x"},
        {"who": None, "at": "x"},
        {"at": None},
        {"who": {"id": "2"}},
    ]
    for some in (events[:1], events[:2], events[1:], events):
        found = columns.of_events(json.dumps(some).encode(), lines=False)
        assert found is not None
        assert list(zip(*found.columns, strict=True)) == [
            tuple(columns.of_one(json.dumps(event).encode())) for event in some
        ]


def test_more_values_than_an_object_usually_has() -> None:
    """However many properties a profile names, each is read from its own place, null on the way or not."""
    names = [f"p{number}" for number in range(11)]
    columns = EventColumns.of_paths([*names, "who.id"])
    event = {name: f"{name}!" for name in names} | {"who": {"id": "1"}}
    for some in ([event], [event, event | {"who": None, "p9": None}]):
        found = columns.of_events(json.dumps(some).encode(), lines=False)
        assert found is not None
        assert list(zip(*found.columns, strict=True)) == [
            tuple(columns.of_one(json.dumps(one).encode())) for one in some
        ]


def test_a_missing_word_that_looks_like_a_time() -> None:
    """It stays missing beside other times of its minute."""
    profile = TABLE.replace('"csv"', '"csv"\nmissing = ["2026-11-22 07:58:14"]')
    rows = "".join(f"2026-11-22 07:58:{second},1,D{second},,Granted\n" for second in range(10, 20))
    found = mapped(profile, HEADER + rows)
    assert [record["AssetId"] for record in found.records] == [f"D{n}" for n in range(10, 20) if n != 14]
    assert found.codes == {"time-unreadable": 1}
