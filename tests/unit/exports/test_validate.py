"""The judge: every rule of the schema, what lies beyond it, and the bytes that are sent."""

import json
import re
import sys
import unicodedata
from typing import Any

import pytest

from shared.exports.rules import RULES
from shared.exports.validate import OTHER_PROPERTY, Violation
from tests.support.exports import record
from tests.support.read_export import Found, read

SAID = [rule["x-gatepost"] for rule in json.loads(RULES.schema_bytes)["properties"].values()]
SENTENCES = {
    "must be a real date and time, in UTC between the years 2000 and 2099",
    *(said["reason"] for said in SAID),
    *(mistake["reason"] for said in SAID for mistake in said.get("nearly", ())),
}


def judged(changes: dict[str, Any]) -> Found:
    """A record with changes, read alone."""
    return read(b"[" + json.dumps(record(1, **changes), ensure_ascii=False).encode() + b"]")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("UserId", "a@b"),
        ("UserId", "zoë.müller@exämple.com"),
        ("UserId", "o'brien+x/y@example.com"),
        ("UserId", "x" * 309 + "@example.co"),
        ("UserId", "🚪" * 318 + "@b"),
        ("AssetId", "1"),
        ("AssetId", "Bldg 7 / Door 3"),
        ("AssetId", "東"),
        ("AssetId", "x\u200b"),
        ("AssetName", ""),
        ("AssetName", " padded \n"),
        ("AssetName", 'the "big" door ' * 40),
        ("EventTime", "2026-11-21T08:00:00.1234567-23:59"),
        ("AccessStatus", "Failed"),
        ("Anything", None),
        ("Anything", [{"a": [True, False, 1.5, ""]}]),
        ("", "an empty name"),
        ("userid", 5),
    ],
)
def test_what_the_rules_allow_is_sent(name: str, value: Any) -> None:
    """Every accepted value, and the record comes out as it went in."""
    whole = record(1) | {name: value}
    found = read(json.dumps(whole).encode())
    assert found.codes == []
    assert found.records[0] | {"EventTime": ""} == whole | {"EventTime": ""}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("UserId", "jdoe", "not-an-address"),
        ("UserId", "DOMAIN\\jdoe", "not-an-address"),
        ("UserId", "@example.com", "not-an-address"),
        ("UserId", "a@", "not-an-address"),
        ("UserId", "a@b@c", "not-an-address"),
        ("UserId", "a\u200b@b", "not-an-address"),
        ("UserId", "a@b\x7f", "not-an-address"),
        ("UserId", "a@\U000e0041b", "not-an-address"),
        ("UserId", "a b@c", "not-an-address"),
        ("UserId", "a@b\n", "not-an-address"),
        ("UserId", "\ta@b", "not-an-address"),
        ("UserId", "a@b\u00a0", "not-an-address"),
        ("UserId", "a\u3000@b", "not-an-address"),
        ("UserId", "a@b\u2028", "not-an-address"),
        ("UserId", "\ufeffa@b", "not-an-address"),
        ("UserId", "x" * 319 + "@b", "not-an-address"),
        ("UserId", "", "not-an-address"),
        ("UserId", 12345, "not-an-address"),
        ("UserId", ["a@b"], "not-an-address"),
        ("AssetId", "", "empty-or-padded"),
        ("AssetId", " ", "empty-or-padded"),
        ("AssetId", " x", "empty-or-padded"),
        ("AssetId", "x\n", "empty-or-padded"),
        ("AssetId", "x\u0085", "empty-or-padded"),
        ("AssetId", "\u2009x", "empty-or-padded"),
        ("AssetId", 7, "empty-or-padded"),
        ("AssetName", 7, "not-text"),
        ("AssetName", ["x"], "not-text"),
        ("EventTime", "2026-11-21 08:00:00", "not-a-time"),
        ("EventTime", "2026-11-21T08:00:00z", "not-a-time"),
        ("EventTime", "2026-11-21t08:00:00", "not-a-time"),
        ("EventTime", "2026-11-21T08:00:00+0100", "not-a-time"),
        ("EventTime", "2026-11-21T08:00:00+24:00", "not-a-time"),
        ("EventTime", "2026-11-21T08:00:00+01:60", "not-a-time"),
        ("EventTime", "2026-11-21T08:00:00.", "not-a-time"),
        ("EventTime", "2026-11-21T08:00:00.12345678", "not-a-time"),
        ("EventTime", "2026-11-21T08:00:00,5", "not-a-time"),
        ("EventTime", "2026-11-21T08:00:00\n", "not-a-time"),
        ("EventTime", "2026-11-21T08:00:00Z\n", "not-a-time"),
        ("EventTime", " 2026-11-21T08:00:00", "not-a-time"),
        ("EventTime", "2026-11-21T08:00", "not-a-time"),
        ("EventTime", "2026-11-21", "not-a-time"),
        ("EventTime", "20261121T080000", "not-a-time"),
        ("EventTime", "1999-12-31T23:59:59", "not-a-time"),
        ("EventTime", "2100-01-01T00:00:00", "not-a-time"),
        ("EventTime", "２０２６-11-21T08:00:00", "not-a-time"),  # noqa: RUF001  (digits, but not these)
        ("EventTime", "11/21/2026 8:00 AM", "not-a-time"),
        ("EventTime", 1763712000, "not-a-time"),
        ("EventTime", "", "not-a-time"),
        ("EventTime", "2026-02-30T08:00:00", "no-such-time"),
        ("EventTime", "2026-11-21T24:00:00", "no-such-time"),
        ("EventTime", "2099-12-31T23:59:59-00:01", "no-such-time"),
        ("AccessStatus", "success", "not-allowed"),
        ("AccessStatus", "SUCCESS", "not-allowed"),
        ("AccessStatus", "Success ", "not-allowed"),
        ("AccessStatus", "Failed\n", "not-allowed"),
        ("AccessStatus", "Failure", "not-allowed"),
        ("AccessStatus", "Granted", "not-allowed"),
        ("AccessStatus", "", "not-allowed"),
        ("AccessStatus", True, "not-allowed"),
        ("AccessStatus", 1, "not-allowed"),
    ],
)
def test_what_breaks_a_rule_is_set_aside_with_its_reason(name: str, value: Any, code: str) -> None:
    """Nothing is guessed; the reason names property and code, and never quotes the value."""
    found = judged({name: value})
    assert found.codes == [[(name, code)]]
    assert found.rejected[0].record.violations[0].reason in SENTENCES


@pytest.mark.parametrize("name", ["UserId", "AssetId", "EventTime", "AccessStatus"])
def test_a_required_property_may_not_be_missing_or_null(name: str) -> None:
    """Missing says so; null is a value that breaks the rule."""
    found = judged({name: None})
    assert found.codes == [[(name, "missing")]]
    (violation,) = found.rejected[0].record.violations
    assert violation.reason == "is missing"
    assert violation.countable is violation
    whole = record(1) | {name: None}
    codes = read(b"[" + json.dumps(whole).encode() + b"]").codes
    assert codes != [[(name, "missing")]]
    assert [one for one, _ in codes[0]] == [name]


def test_an_asset_name_may_be_missing_but_not_null() -> None:
    """Optional means that it can be left out."""
    assert judged({"AssetName": None}).codes == []
    whole = record(1) | {"AssetName": None}
    assert read(json.dumps(whole).encode()).codes == [[("AssetName", "not-text")]]


def test_all_violations_come_at_once_in_property_order() -> None:
    """The schema's order first, then the record's own; one reason a property."""
    raw = (
        b'[{"z": 1e999, "AccessStatus": 1, "\\ud800": 1, "EventTime": "2026-02-30T00:00:00", "AssetId": ""}]'
    )
    assert read(raw).codes == [
        [
            ("UserId", "missing"),
            ("AssetId", "empty-or-padded"),
            ("EventTime", "no-such-time"),
            ("AccessStatus", "not-allowed"),
            ("z", "inexact-number"),
            ("\ufffd", "half-a-character"),
        ]
    ]


@pytest.mark.parametrize("text", [r"\ud83d", r"\ude00", r"\ud83d\u0041", r"\ude00\ud83d", r"x\uDFFF"])
@pytest.mark.parametrize("name", ["UserId", "AssetId", "AssetName", "Other"])
def test_half_a_surrogate_pair_is_a_violation(name: str, text: str) -> None:
    """It is no character, wherever it stands; a whole pair is one."""
    raw = json.dumps(record(1, Other="@")).replace(
        json.dumps(record(1, Other="@")[name]), f'"a{text}@example.com"'
    )
    assert read(f"[{raw}]".encode()).codes == [[(name, "half-a-character")]]
    assert not read(f"[{raw.replace(text, '\\ud83d\\ude00')}]".encode()).codes


def test_half_a_pair_is_found_in_nested_names_and_values() -> None:
    """Also deep inside a property that the rules do not know."""
    for inner in (r'{"\ud800": 1}', r'[["\udc00"]]', r'{"a": [{"b": "\ud800x"}]}'):
        raw = json.dumps(record(1))[:-1] + f', "Extra": {inner}}}'
        assert read(f"[{raw}]".encode()).codes == [[("Extra", "half-a-character")]]


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("EventTime", "2026-11-21 08:00:00", "must have a T, not a space, between date and time"),
        ("EventTime", "2026-11-21  08:00:00Z", "must have a T, not a space, between date and time"),
        ("EventTime", "2026-11-21T08:00:00+0100", "must have a colon in its offset: +01:00, not +0100"),
        ("EventTime", "2026-11-21T08:00:00.123-0500", "must have a colon in its offset: +01:00, not +0100"),
        ("EventTime", "21.11.2026 08:00", "must begin with year, month, day"),
        ("EventTime", "11/21/26 8:00 AM", "must begin with year, month, day"),
        ("EventTime", "2026-11-21T08:15:00.123456789Z", "must have at most 7 digits after the second"),
        ("EventTime", "2026-11-21T08:15:00.12345678", "must have at most 7 digits after the second"),
        ("EventTime", "2026-11-21T08:15:00,123", "must have a point, not a comma, after the second"),
        ("EventTime", "2026-11-21T08:15", "must have seconds"),
        ("EventTime", "2026-11-21T08:15+01:00", "must have seconds"),
        ("EventTime", "2026-11-21", "must have a time behind the date"),
        ("EventTime", "2026-11-21T08:15:00+01", "must have hours and minutes in its offset"),
        ("EventTime", "1795246500", "must be a date and time, not seconds or milliseconds"),
        ("EventTime", "1795246500123", "must be a date and time, not seconds or milliseconds"),
        ("EventTime", "/Date(1795246500123)/", "must be a date and time like 2026-11-22T05:00:00, not .NET"),
        ("EventTime", "Nov 21 2026 8:15 p.m.", "must be written in 24 hours"),
        ("EventTime", "yesterday", "must be a date and time like"),
        ("UserId", "CORP\\ann", "must be the person's UPN or e-mail address, not a domain"),
        ("UserId", "ann@example.com   ", "must not end in spaces or NUL characters"),
        ("UserId", "ann@example.com\0", "must not end in spaces or NUL characters"),
        ("UserId", "4711", "must be a UPN or e-mail address"),
        ("EventTime", 5, "must be a date and time like"),
    ],
)
def test_what_is_nearly_right_gets_the_closest_sentence(name: str, value: Any, reason: str) -> None:
    """The code stays the rule's; the sentence names the one thing to change."""
    (violation,) = judged({name: value}).rejected[0].record.violations
    assert violation.code == {"EventTime": "not-a-time", "UserId": "not-an-address"}[name]
    assert violation.reason.startswith(reason)


@pytest.mark.parametrize("spelling", ["userId", "userid", "USERID"])
def test_a_name_in_another_case_is_shown(spelling: str) -> None:
    """Names are compared exactly, and people are told what theirs looks like."""
    whole = record(1)
    whole[spelling] = whole.pop("UserId")
    (violation,) = read(json.dumps([whole]).encode()).rejected[0].record.violations
    assert (violation.name, violation.code) == ("UserId", "missing")
    assert violation.reason == f"is missing; it is written {spelling} here, and upper and lower case matter"


def test_no_invisible_character_stands_in_an_address() -> None:
    """White space, control and format characters are refused one by one, all others accepted."""
    rule = RULES.properties["UserId"]
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    refused = {ord(one) for one in re.findall(rule.forbidden or "", every)}
    invisible = {
        code
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in {"Cc", "Cf", "Zs", "Zl", "Zp"}
    }
    assert refused == invisible
    assert not any(rule.fits(f"a{chr(code)}@b") for code in invisible)


def test_a_name_is_shown_short_and_whole() -> None:
    """A property's name goes into the rejected file, but not a megabyte of it and not half a character."""
    long = "n" * 5_000
    raw = json.dumps(record(1))[:-1] + f', "{long}": 1e999}}'
    (violation,) = read(raw.encode()).rejected[0].record.violations
    assert violation.name == long[:200]
    assert violation.countable == Violation(OTHER_PROPERTY, violation.code, violation.reason)


def test_no_record_has_more_than_a_hundred_reasons() -> None:
    """A record of thousands of wrong numbers does not blow up the rejected file."""
    raw = json.dumps(record(1))[:-1] + "".join(f', "{n}": 1e999' for n in range(5_000)) + "}"
    assert len(read(raw.encode()).rejected[0].record.violations) == 100


def test_of_a_repeated_property_the_last_counts() -> None:
    """The record is written anew with the last value, so that every reader sees the same."""
    raw = json.dumps(record(1))[:-1]
    for repeated, sent in (
        ('"AccessStatus": "nonsense"', None),
        ('"AccessStatus": "Failed"', {"AccessStatus": "Failed"}),
        ('"EventTime": "2026-11-21T08:00:00+01:00"', {"EventTime": "2026-11-21T07:00:00"}),
        ('"x": {"a": 1, "a": 2}', {"x": {"a": 2}}),
    ):
        found = read(f"[{raw}, {repeated}}}]".encode())
        assert found.records == ([] if sent is None else [record(1) | sent])
        if sent:
            assert found.valid[1].count(b'"AccessStatus"') == 1
            assert found.valid[1].count(b'"a"') <= 1
    first = raw.replace('"UserId": "', '"UserId": "nobody", "UserId": "')
    assert read(f"[{first}}}]".encode()).records == [record(1)]


def test_only_the_time_is_rewritten() -> None:
    """A time with a zone is replaced in place; every other byte, white space included, stays."""
    raw = '{ "AssetId":"x",\r\n "EventTime" : "2026-11-21T08:00:00.50+01:00", "UserId":"ä@b","AccessStatus":"Failed", "n": 1.10 }'
    expected = raw.replace("08:00:00.50+01:00", "07:00:00.50")
    assert read(raw.encode()).valid == {1: expected.encode()}


def test_rejected_content_is_the_original_on_one_line() -> None:
    """Line breaks between properties go, everything else stays as it stood."""
    raw = '{\r\n  "UserId": "ä",\n  "n": 1.10\r\n}'
    assert read(raw.encode()).rejected[0].record.content == '{  "UserId": "ä",  "n": 1.10}'.encode()


def test_the_digest_names_the_rules() -> None:
    """A ledger can tell whether its batches were cut by today's rules."""
    assert len(bytes.fromhex(RULES.digest)) == 32
