"""Values of one property of many records: judged together as each of them alone, and remembered no longer than there is room."""

import tracemalloc
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.exports.columns import TextColumn, TimeColumn, Wrong
from shared.exports.record_values import Period
from shared.exports.rules import RULES, PropertyRule
from shared.exports.times import to_utc
from shared.exports.validate import violation

NO_TEXTS = [msgspec.UNSET, None, True, 0, 1.5, [], [1], {}, {"a": "b"}]
TEXTS = {
    "UserId": ["ana@example.com", "bo@example.com", "", "a@b@c", "a b@c", "x" * 400 + "@b", "\ud800@b"],
    "AssetId": ["door-1", "door-2", "", " ", "x ", "\udc00"],
    "AssetName": ["Main door", "", " ", "\ud800"],
    "AccessStatus": ["Success", "Failed", "success", "Granted", ""],
}
MINUTES = [
    "2026-11-21T08:00",
    "2026-11-21T23:59",
    "2026-02-29T08:00",
    "1999-01-01T00:00",
    "2100-01-01T00:00",
    "2026",
    "",
]
ENDS = [":00", ":30.1234567", ":00Z", ":00.5+05:30", ":59-01:00", ":60", ":00+24:00", ":00.", "", "Z", ":00 "]
TIMES = [minute + end for minute in MINUTES for end in ENDS]


def wrong_alone(rule: PropertyRule, values: Sequence[Any]) -> Wrong:
    """What is wrong with each value by itself: nothing is said of one that is missing although it must not be."""
    found: Wrong = {}
    for index, value in enumerate(values):
        if value is msgspec.UNSET:
            found |= {index: ()} if rule.required else {}
        elif wrong := tuple(violation(rule, value)):
            found[index] = wrong
    return found


@pytest.mark.parametrize("name", TEXTS)
@settings(deadline=None, max_examples=60)
@given(st.data())
def test_values_are_judged_together_as_each_alone(name: str, data: st.DataObject) -> None:
    """Whatever was judged before them, and whatever stands beside them."""
    rule = RULES.properties[name]
    column = TextColumn(rule)
    some = st.lists(st.sampled_from([*TEXTS[name], *NO_TEXTS]), min_size=1, max_size=6)
    for values in data.draw(st.lists(some, min_size=1, max_size=4)):
        assert column.wrong(values) == wrong_alone(rule, values)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.lists(st.sampled_from([*TIMES, *NO_TEXTS]), min_size=1, max_size=6), min_size=1, max_size=4)
)
def test_times_are_brought_to_utc_together_as_each_alone(batches: list[list[Any]]) -> None:
    """Whatever zones and fractions stand side by side; what is no time stays as it is."""
    rule = RULES.properties["EventTime"]
    column = TimeColumn(rule)
    for values in batches:
        times, wrong = column.in_utc(values)
        assert wrong == wrong_alone(rule, values)
        assert list(times) == [
            value if index in wrong else to_utc(value) for index, value in enumerate(values)
        ]


def test_times_of_one_form_are_given_back_as_they_are() -> None:
    """In UTC already: nothing of their records is written anew, be it the first time or not."""
    column = TimeColumn(RULES.properties["EventTime"])
    for second in ("00", "30"):
        values = [f"2026-11-21T08:{minute:02}:{second}" for minute in range(60)]
        for _ in range(2):
            times, wrong = column.in_utc(values)
            assert times is values
            assert wrong == {}


def test_a_date_that_does_not_exist_is_found_behind_times_of_the_same_form() -> None:
    """What follows its minute was seen before, and nothing is wrong with that."""
    column = TimeColumn(RULES.properties["EventTime"])
    good, bad = "2026-11-21T08:00:00", "2026-02-29T08:00:00"
    assert column.in_utc([good]) == ([good], {})
    assert column.in_utc([good, bad])[1].keys() == {1}


def test_a_rule_by_which_the_parts_of_a_time_depend_on_each_other_is_asked_for_each_time() -> None:
    """One that forbids a single moment forbids it also where its minute and its second were seen beside others."""
    pattern = "^(?!2026-11-21T08:00:30$)20[0-9-]{8}T[0-9:]{8}$"
    schema = dict(RULES.properties["EventTime"].schema) | {"pattern": pattern}
    rule = PropertyRule("EventTime", required=True, schema=schema)
    column = TimeColumn(rule)
    allowed = ["2026-11-21T08:00:00", "2026-11-21T08:30:30"]
    assert column.in_utc(allowed) == (allowed, {})
    assert column.in_utc([*allowed, "2026-11-21T08:00:30"])[1].keys() == {2}


@pytest.mark.parametrize("kind", ["good", "bad", "good and bad", "minutes", "ends"])
def test_memory_is_bounded_however_many_values_there_are(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column forgets what it has seen once that is much."""
    monkeypatch.setattr("shared.exports.columns._MAX_REMEMBERED", 200)
    texts, times = TextColumn(RULES.properties["UserId"]), TimeColumn(RULES.properties["EventTime"])

    def look_at(number: int) -> None:
        match kind:
            case "good":
                texts.wrong([f"person-{number}-{one}@example.com" for one in range(50)])
            case "bad":
                texts.wrong([f"person-{number}-{one}" for one in range(50)])
            case "good and bad":
                texts.wrong([f"{number}-{one}{'@b' * (one % 2)}" for one in range(50)])
            case "minutes":
                hours, days = number % 24, 1 + number // 24 % 28
                month, year = 1 + number // 672 % 12, 2000 + number // 8064
                times.in_utc([f"{year}-{month:02}-{days:02}T{hours:02}:{one:02}:00Z" for one in range(50)])
            case _:
                times.in_utc([f"2026-11-21T08:00:00.{number * 50 + one:07}Z" for one in range(50)])

    for number in range(60):
        look_at(number)
    tracemalloc.start()
    try:
        for number in range(60, 160):
            look_at(number)
        assert tracemalloc.get_traced_memory()[0] < 300_000
    finally:
        tracemalloc.stop()


ONE_DAY = [
    f"2026-11-21T{hour:02}:{minute:02}:{second:02}"
    for hour in (0, 8, 23)
    for minute, second in ((0, 59), (59, 0))
]
ODD_TIMES = [
    *TIMES,
    "2026-11-21T24:00:00",
    "2026-11-21T23:60:00",
    "2026-11-21T23:59:60",
    "2026-11-22T00:00:00",
    "2026-11-2\uff11T08:00:00",
]
OF_TWO = ["2026-11-21T08:00:00,2026-11-21T08:00:00", "2026-11-21T08:00:002", "026-11-21T08:00:00"]


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.sampled_from(ONE_DAY), max_size=4),
    st.lists(st.sampled_from([*ODD_TIMES, *OF_TWO, *NO_TEXTS]), max_size=2),
)
def test_times_of_one_day_are_known_only_if_each_of_them_is_right(
    times: list[Any], others: list[Any]
) -> None:
    """Whole seconds in UTC of one date; whatever else stands among them is looked at by itself."""
    rule = RULES.properties["EventTime"]
    for values in ([*times, *others], [*others, *times]):
        if not values:
            continue
        whole = not wrong_alone(rule, values) and all(len(value) == 19 for value in values)
        of_one_day = whole and len({value[:10] for value in values}) == 1
        expected = Period(min(values), max(values)) if of_one_day else None
        assert TimeColumn(rule).one_day(values) == expected


def test_a_rule_of_another_form_says_nothing_of_a_day() -> None:
    """Its times are looked at one by one."""
    schema = dict(RULES.properties["EventTime"].schema) | {"pattern": "^20[0-9-]{8}T[0-9:]{8}$"}
    column = TimeColumn(PropertyRule("EventTime", required=True, schema=schema))
    assert column.one_day(["2026-11-21T08:00:00"]) is None
