"""The rules as one value: what is derived from them keeps them, and other rules are obeyed everywhere."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shared.exports.columns import TimeColumn
from shared.exports.items import RecordRun, Rejected
from shared.exports.reader import Reader
from shared.exports.rules import RULES, PropertyRule, Rules
from shared.exports.times import to_utc
from shared.exports.validate import violation
from tests.support.exports import array, record

NAMES = list(RULES.properties)
SCHEMA: dict[str, Any] = json.loads(RULES.schema_bytes)


def rule(**schema: Any) -> PropertyRule:
    """A rule for some text."""
    return PropertyRule("Some", required=True, schema={"type": "string"} | schema)


def changed(name: str, **changes: Any) -> Rules:
    """The product's rules with one property's rule changed."""
    properties = SCHEMA["properties"]
    schema = SCHEMA | {"properties": properties | {name: properties[name] | changes}}
    return Rules(json.dumps(schema).encode())


def read(rules: Rules, *records: dict[str, Any]) -> tuple[int, int, int]:
    """How many of these records, each 50 times, are valid and not; and how many runs they came in."""
    items = list(Reader([array(one for one in records for _ in range(50))], rules))
    runs = [item for item in items if isinstance(item, RecordRun)]
    return sum(len(run.records) for run in runs), sum(isinstance(item, Rejected) for item in items), len(runs)


@st.composite
def nearly(draw: st.DrawFn, name: str) -> str:
    """A text that keeps a property's rule, or would but for one character."""
    one = RULES.properties[name]
    text = draw(
        st.from_regex(one.pattern or "", fullmatch=bool(one.pattern)) | st.sampled_from(("", *one.words))
    )
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(st.just("") | st.characters(codec="utf-8")) + text[at + draw(st.integers(0, 1)) :]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_rule_says_what_the_judge_says(name: str, data: st.DataObject) -> None:
    """Whether it has asked the judge or not."""
    text = data.draw(nearly(name))
    judge = Draft202012Validator(SCHEMA["properties"][name])
    assert RULES.properties[name].fits(text) == judge.is_valid(text)


@pytest.mark.parametrize("value", ["b@c", "abcd", "x", "", 7, None, True, [], {}, "2026-01-01T00:00:00"])
@pytest.mark.parametrize(
    "schema",
    [
        {"pattern": "^[a-z]*$"}, {"pattern": "b"}, {"maxLength": 3}, {"minLength": 2}, {"not": {"pattern": "[x]"}}, {"not": {"enum": ["x"]}},
        {"enum": ["x", "abcd"]}, {"enum": ["x"], "pattern": "^[a-z]*$"}, {"const": "x"}, {"type": "integer"}, {"type": ["string", "null"]},
        {"pattern": "^[a-z]", "maxLength": 2}, {"not": {"pattern": "x", "maxLength": 1}},
    ],
)  # fmt: skip
def test_other_rules_are_judged_as_well(schema: dict[str, Any], value: object) -> None:
    """Also those of which only the judge knows what they mean."""
    assert rule(**schema).fits(value) == Draft202012Validator({"type": "string"} | schema).is_valid(value)


@pytest.mark.unmeasured
@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        nearly("EventTime")
        | st.sampled_from(["2024-02-29T00:00:00Z", "2099-12-31T23:59:00-00:01", "2000-01-01T00:00:00+00:01"])
    ),
    st.booleans(),
)
def test_times_are_judged_in_parts_as_they_are_whole(times: list[str], known: object) -> None:  # fmt: skip
    """Minutes, what follows them and zones in any mixture."""
    column, one = TimeColumn(RULES.properties["EventTime"]), RULES.properties["EventTime"]
    if known:
        column.in_utc(
            [time[:10] + "T08:00:00" for time in times] + [f"2026-01-01{time[10:]}" for time in times]
        )
    moved, wrong = column.in_utc(times)
    for index, time in enumerate(times):
        found = tuple(violation(one, time))
        assert wrong.get(index, ()) == found
        assert moved[index] == (time if found else to_utc(time))


def test_another_word_in_the_schema_is_a_word_everywhere() -> None:
    """A status that the schema allows is sent, proven in runs like the others; without it, it is rejected."""
    granted = record(1, AccessStatus="Granted")
    rules = changed("AccessStatus", enum=["Success", "Failed", "Granted"])
    assert read(rules, granted)[:2] == (50, 0)
    assert read(rules, granted)[2] < 5
    assert read(RULES, granted)[:2] == (0, 50)
    assert rules.digest != RULES.digest


def test_other_rules_are_obeyed_on_both_paths() -> None:
    """Whether or not they can be derived: years, lengths, optional properties."""
    years = SCHEMA["properties"]["EventTime"]["pattern"].replace("^20[0-9][0-9]", "^202[0-9]")
    rules = changed("EventTime", pattern=years)
    assert read(rules, record(1), record(2, EventTime="2031-01-01T00:00:00"))[:2] == (50, 50)
    assert read(rules, record(1, EventTime="2020-01-01T00:00:00+01:00"))[:2] == (0, 50)
    assert read(changed("AssetName", maxLength=3), record(1), record(2, AssetName="abc"))[:2] == (50, 50)
    assert read(changed("AssetName", minLength=14), record(1), record(2, AssetName="abc"))[:2] == (0, 100)


def test_limits_belong_to_the_rules() -> None:
    """Size, depth and the number of reasons are obeyed as the value says, and change the digest."""
    small = replace(RULES, max_record_bytes=100)
    assert small.digest != RULES.digest
    assert replace(RULES, max_depth=2).digest != RULES.digest
    assert replace(RULES).digest == RULES.digest
    assert len(RULES.digest) == 64


def test_a_rule_says_what_the_schema_says() -> None:
    """Names, order, what is required, and the sentence for whatever is wrong."""
    assert list(SCHEMA["properties"]) == NAMES
    assert RULES.required == set(SCHEMA["required"])
    assert {one.name for one in RULES.properties.values() if one.required} == RULES.required
    assert RULES.properties["UserId"].reason(5) == SCHEMA["properties"]["UserId"]["x-gatepost"]["reason"]
    assert RULES.properties["AccessStatus"].words == ("Success", "Failed")


def test_mistakes_are_remembered_unless_they_are_long() -> None:
    """An export repeats its mistakes; a thousand of them must not fill the memory."""
    given = RULES.properties["UserId"]
    rule = PropertyRule(given.name, required=True, schema=given.schema)
    for text, remembered in (("nobody", 1), ("nobody", 1), ("n" * 100_000, 1), ("someone", 2)):
        assert not rule.fits(text)
        assert rule._text_fits.cache_info().currsize == remembered  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("UserId", "a" * 318 + "@b"),
        ("AssetId", "door 1"),
        ("AssetName", ""),
        ("EventTime", "2026-11-21T08:00:00.5+01:00"),
        ("AccessStatus", "Success"),
        ("AccessStatus", "Failed"),
    ],
)
def test_a_text_that_keeps_its_rule_needs_no_judge(name: str, text: str) -> None:
    """Most exports keep every rule, and loading the judge takes longer than reading them."""
    given = RULES.properties[name]
    rule = PropertyRule(name, required=given.required, schema=given.schema)
    assert rule.fits(text)
    assert "_judge" not in vars(rule)
