"""The rules as one value: what is derived from them keeps them, and other rules are obeyed everywhere."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.exports.proven_values import proven_values, surely_fits, zoned
from shared.exports.reader import Reader, RecordRun, Rejected
from shared.exports.rules import RULES, PropertyRule, Rules
from shared.exports.times import ANY_MOMENT, ZONE, to_utc
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


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_has_something_that_is_proven_from_its_bytes(name: str) -> None:
    """A rule in a form that cannot be derived makes every export slow, and this test says so."""
    assert proven_values(RULES.properties[name])


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
def test_what_is_proven_keeps_the_rule(name: str, data: st.DataObject) -> None:
    """Whatever the derived expressions match is accepted by the judge; a time exists, in UTC within the years."""
    one = RULES.properties[name]
    text = data.draw(nearly(name))
    raw = json.dumps(text, ensure_ascii=data.draw(st.booleans())).encode()
    if any(re.fullmatch(expression, raw) for expression in proven_values(one)) or surely_fits(one, text):
        assert one.fits(text)
        assert name != "EventTime" or one.fits(to_utc(text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("UserId", "ana@example.com"), ("UserId", "zoë@пример.example"), ("UserId", "a" * 157 + "@" + "b" * 157),
        ("AssetId", "4"), ("AssetId", "Tür 1 / 東 b"), ("AssetName", ""), ("AssetName", "Büro 🚪"),
        ("EventTime", "2000-01-01T00:00:00"), ("EventTime", "2099-12-31T23:59:59.1234567"), ("EventTime", "2024-01-31T08:00:00Z"),
        ("EventTime", "2001-04-30T08:00:00.5+23:59"), ("EventTime", "2098-12-31T23:59:59-23:59"),
        ("AccessStatus", "Success"), ("AccessStatus", "Failed"),
    ],
)  # fmt: skip
def test_the_usual_is_proven(name: str, text: str) -> None:
    """What badging systems write does not need the judge."""
    assert surely_fits(RULES.properties[name], text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("UserId", "a" * 158 + "@b"), ("UserId", "a\u200b@b"), ("UserId", 'a"@b'), ("AssetId", "x "), ("AssetId", r"x\/"),
        ("AssetName", 7), ("AssetName", None), ("EventTime", "2024-02-29T00:00:00"), ("EventTime", "2000-06-01T00:00:00Z"),
        ("EventTime", "2099-06-01T00:00:00Z"), ("AccessStatus", "Success\n"), ("AccessStatus", "success"),
    ],
)  # fmt: skip
def test_what_is_unusual_is_left_to_the_judge(name: str, text: object) -> None:
    """Which may accept it all the same."""
    assert not surely_fits(RULES.properties[name], text)


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param({"pattern": "^[a-z]*$"}, id="a star"),
        pytest.param({"pattern": "^a.c$"}, id="a dot"),
        pytest.param({"pattern": "^\\d+$"}, id="a backslash"),
        pytest.param({"pattern": '^"$'}, id="a quote"),
        pytest.param({"pattern": "[a-z]$"}, id="no beginning"),
        pytest.param({"pattern": "^[a-z]{2,9}$", "maxLength": 5}, id="a length beside a count"),
        pytest.param({"pattern": "^[a-z]+$", "not": {"pattern": "^x"}}, id="something else forbidden"),
        pytest.param({"not": {"pattern": "[x]"}}, id="only something forbidden"),
        pytest.param({"pattern": "^[a-z]", "maxLength": 5}, id="a length and an open end"),
        pytest.param({"pattern": "^[a-z]", "not": {"pattern": "[^a-z]$"}}, id="only something allowed at the end"),
        pytest.param({"minLength": 2}, id="another keyword"),
        pytest.param({"maxLength": 9}, id="only a length"),
        pytest.param({"enum": ["a"], "pattern": "^[a-z]*$"}, id="words and more"),
        pytest.param({"pattern": "^[a-z]"}, id="nothing forbidden at the end"),
        pytest.param({"pattern": "^20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]$"}, id="a time without zones"),
        pytest.param({"pattern": f"^20\\d\\d{ANY_MOMENT}{ZONE}?$"}, id="years of which only the inner ones are known"),
        pytest.param({"pattern": f"^20[0-9][0-9]{ANY_MOMENT}{ZONE}?[a-z]$"}, id="something behind the zone"),
    ],
)  # fmt: skip
def test_what_cannot_be_derived_is_not_proven(schema: dict[str, Any]) -> None:
    """A rule of another form makes the reader slow, never wrong."""
    one = rule(**schema)
    assert proven_values(one) == ()
    assert not surely_fits(one, "2026-01-01T00:00:00")
    assert zoned(one) == b""


def test_only_a_time_has_a_form_with_a_zone() -> None:
    """Whatever else is derived from a rule is none."""
    assert zoned(rule(pattern="^[a-z]+$")) == b""
    assert re.fullmatch(zoned(RULES.properties["EventTime"]), b'"2026-11-21T08:00:00Z"')


def test_sets_and_counts_are_derived() -> None:
    """With what is forbidden taken out of every set, and texts no longer than the schema allows."""
    one = rule(pattern="^([A-F]{2}-)?[^@x]+$", maxLength=40, **{"not": {"pattern": "[y\u00e9]"}})
    assert proven_values(one) == ()  # counts and a length
    one = rule(pattern="^[^@x]+$", maxLength=40, **{"not": {"pattern": "[y]"}})
    assert surely_fits(one, "a" * 36)
    assert not surely_fits(one, "a" * 41)
    for text in ("x", "y", "@", "é" * 41, ""):
        assert not surely_fits(one, text)
    assert surely_fits(one, "é")
    assert not surely_fits(rule(pattern="^[^@]+$", **{"not": {"pattern": "[é]"}}), "è")
    assert surely_fits(rule(pattern="^([A-F]{2}-)?[0-9]+$"), "AB-7")


def test_a_set_holds_the_printable_ascii_and_letters_that_it_allows() -> None:
    """Whole blocks of letters only where each of them is allowed; control characters are left to the judge."""
    one = rule(pattern="^[^@]+$")
    assert surely_fits(one, " a~")
    assert surely_fits(one, "é")
    assert not surely_fits(one, "a\x1fb")
    assert not surely_fits(one, "a\x7fb")
    assert not surely_fits(rule(pattern="^[a-z]+$"), "é")
    assert surely_fits(rule(enum=["zoë"]), "zoë")


def test_the_last_character_may_be_whatever_is_not_forbidden_there() -> None:
    """Each character of the set is, and no other."""
    one = rule(pattern="^[a-z]", **{"not": {"pattern": "[xy]$"}})
    assert all(surely_fits(one, f"x{last}") for last in "b[-]^z")
    assert not any(surely_fits(one, f"b{last}") for last in "xy")


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
