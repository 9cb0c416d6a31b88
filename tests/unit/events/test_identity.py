"""Two records are the same event if their four values are."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.events.identity import EventHashing, Key
from shared.exports.record_values import EventValues, Period
from shared.exports.rules import RULES

KEY = Key(bytes(range(32)))


def record(**changed: object) -> bytes:
    """A record's bytes."""
    usual: dict[str, object] = {
        "UserId": "anna@example.com",
        "AssetId": "door-1",
        "AssetName": "Main entrance",
        "EventTime": "2026-11-21T08:00:00",
        "AccessStatus": "Success",
    }
    return json.dumps(usual | changed, ensure_ascii=False).encode()


def hashed(*records: bytes, key: Key = KEY) -> list[int]:
    """The hashes of records."""
    return EventHashing(key).events_of(records).hashes


@pytest.mark.parametrize(
    "changed",
    [
        {"UserId": "ANNA@example.com"},
        {"AssetName": "Another name"},
        {"AssetName": ""},
        {"Badge": {"EventTime": "another", "UserId": "another@example.com"}},
        {"EventTime": "2026-11-21T08:00:00.0"},
        {"EventTime": "2026-11-21T08:00:00.0000000"},
    ],
)
def test_what_does_not_count(changed: dict[str, object]) -> None:
    """Case of ASCII letters, names, other properties, and zeros at the end of a fraction."""
    assert hashed(record(**changed)) == hashed(record())


@pytest.mark.parametrize(
    "changed",
    [
        {"UserId": "bert@example.com"},
        {"AssetId": "Door-1"},
        {"AssetId": "door-1 "},
        {"EventTime": "2026-11-21T08:00:01"},
        {"EventTime": "2026-11-21T08:00:00.1"},
        {"AccessStatus": "Failed"},
    ],
)
def test_what_counts(changed: dict[str, object]) -> None:
    """Each of the four values, exactly."""
    assert hashed(record(**changed)) != hashed(record())


def test_letters_beyond_ascii_stay_as_they_are() -> None:
    """No case folding and no normalisation: only ASCII letters are lowered."""
    assert hashed(record(UserId="Ärger@example.com")) != hashed(record(UserId="ärger@example.com"))
    assert hashed(record(UserId="ÄRGER@example.com")) == hashed(record(UserId="Ärger@example.com"))
    assert hashed(record(UserId="e\u0301@example.com")) != hashed(record(UserId="\u00e9@example.com"))


def test_escapes_count_as_what_they_stand_for() -> None:
    """AssetId counts after JSON's escapes."""
    escaped = record(AssetId="door/ä").replace(b"/", b"\\/").replace("ä".encode(), b"\\u00e4")
    assert hashed(escaped) == hashed(record(AssetId="door/ä"))


def test_trailing_zeros_leave_the_rest_of_a_fraction() -> None:
    """A fraction of tenths is the same with zeros behind it, beside times of any other length."""
    one, two, whole = hashed(
        record(EventTime="2026-11-21T08:00:00.50"),
        record(EventTime="2026-11-21T08:00:00.5"),
        record(EventTime="2026-11-21T08:00:50"),
    )
    assert one == two != whole


TIMES = ["2026-11-21T08:00:00", "2026-11-21T08:00:01", "2026-11-21T08:00:00.5", "2026-11-21T08:00:00.70"]
_TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=6)


@settings(deadline=None)
@given(st.lists(st.tuples(_TEXTS, _TEXTS), min_size=2, max_size=2))
def test_values_do_not_run_into_each_other(pairs: list[tuple[str, str]]) -> None:
    """Two records have one hash exactly if their UserIds (ASCII lowered) and AssetIds are alike."""
    hashes = hashed(*(record(UserId=who, AssetId=door) for who, door in pairs))
    lowered = [(who.encode().lower(), door) for who, door in pairs]
    assert (hashes[0] == hashes[1]) == (lowered[0] == lowered[1])


def test_what_ends_a_value_stands_in_none_but_the_last() -> None:
    """A line break is text in AssetId only: the rules let it into no other value, so that no two events are hashed alike."""
    for name in ("UserId", "EventTime", "AccessStatus"):
        right = json.loads(record())[name]
        rule = RULES.properties[name]
        assert rule.fits(right)
        assert not any(rule.fits(right[:place] + "\n" + right[place:]) for place in range(len(right) + 1))
    assert hashed(record(AssetId="a\nb"), record(AssetId="a\nc"))[0] != hashed(record(AssetId="a\nc"))[0]


def test_a_run_of_any_length_is_hashed_as_each_alone() -> None:
    """Whatever times stand side by side, and whether they are known to be of one day."""
    records = [record(UserId=f"P{number}@example.com", EventTime=time) for number, time in enumerate(TIMES)]
    alone = [hashed(one)[0] for one in records]
    assert hashed(*records) == alone
    values = EventValues(
        [f"P{number}@example.com" for number in range(2)], ["door-1"] * 2, TIMES[:2], ["Success"] * 2
    )
    for one_day in (None, Period.of(TIMES[:2])):
        assert EventHashing(KEY).events_of((), replace(values, one_day=one_day)).hashes == alone[:2]


def test_the_key_decides() -> None:
    """Another key gives other hashes, and has another id; neither shows the secret."""
    other = Key(bytes(32))
    assert hashed(record(), key=other) != hashed(record())
    assert other.id != KEY.id
    assert len(KEY.id) == 8
    assert "secret" not in repr(KEY)


def test_the_hash_never_changes() -> None:
    """What is stored today must be known in a year: the hash of a known event under a known key."""
    assert f"{hashed(record())[0]:016x}" == "72365a72e92162de"
