"""The exporter's guide: its examples are what they say, its rules are the schema's."""

import json
import re

import pytest

from shared.blob_names import Kind, classify_name
from shared.error_codes import ERROR_CODES
from shared.errors import ExportError
from shared.exports.items import Rejected
from shared.exports.reader import Reader
from shared.exports.rules import RULES
from shared.exports.unpacking import Unpacked
from tests.support.guides import ROOT, code_of, examples, guide, rows, section

TEXT = guide("prepare-an-export.md")


def _read(data: bytes) -> Reader:
    return Reader(Unpacked([data], 1 << 20, hashed=False))


def _counts(data: bytes) -> tuple[int, list[str]]:
    """Records accepted, and the reasons of the others."""
    good, reasons = 0, []
    for item in _read(data):
        if isinstance(item, Rejected):
            reasons += [one.name for one in item.record.violations]
        else:
            good += len(item.records)
    return good, reasons


@pytest.mark.parametrize(("count", "example"), examples(TEXT, "accepted"))
def test_the_examples_are_accepted(count: str, example: str) -> None:
    """Each example of an export is read and accepted whole."""
    assert _counts(example.encode()) == (int(count), [])


def test_the_rules_are_the_schemas() -> None:
    """The table of properties says, word for word, what Gatepost says of a record that breaks a rule."""
    found = {code_of(row[0]): row[1:] for row in rows(section(TEXT, "The record"))}
    assert found == {
        name: ["required" if rule.required else "optional", rule.reason(None)]
        for name, rule in RULES.properties.items()
    }


def test_the_endings_are_those_that_are_taken() -> None:
    """Every ending the guide names is an export, plain and packed; those of uploads on their way are left alone."""
    text = section(TEXT, "The file")
    endings = re.findall(r"`(\.[a-z]+)`", text)
    assert endings == [".json", ".jsonl", ".ndjson", ".gz", ".tmp", ".part", ".filepart"]
    for ending in endings[:3]:
        assert classify_name("day" + ending) is classify_name("day" + ending + ".gz") is Kind.EXPORT
    assert {classify_name("day.json" + ending) for ending in endings[4:]} == {Kind.IGNORED}


@pytest.mark.parametrize("user", ["EXAMPLE\\pilar", "pilar", "Pinilla, Pilar", "104711"])
def test_what_is_no_user_is_refused(user: str) -> None:
    """Logins, names and card numbers are no UserIds, as the guide says."""
    record = {"UserId": user, "AssetId": "A", "EventTime": "2026-11-22T05:00:00", "AccessStatus": "Success"}
    assert user == "104711" or user in TEXT
    assert _counts(json.dumps([record]).encode()) == (0, ["UserId"])


@pytest.mark.parametrize("status", ["success", "Granted", "1", "", "Failure", "SUCCESS"])
def test_nothing_is_guessed(status: str) -> None:
    """Words that are nearly right are mistakes."""
    record = {
        "UserId": "a@example.com",
        "AssetId": "A",
        "EventTime": "2026-11-22T05:00:00",
        "AccessStatus": status,
    }
    assert _counts(json.dumps([record]).encode()) == (0, ["AccessStatus"])


@pytest.mark.parametrize(
    ("time", "sent"),
    [
        ("2026-07-22T08:58:12+02:00", b"2026-07-22T06:58:12"),
        ("2026-11-22T07:58:12", b"2026-11-22T07:58:12"),
        ("2026-11-22T07:59:40Z", b"2026-11-22T07:59:40"),
        ("22/11/2026 08:58", None),
        ("11/22/26", None),
        (1_795_334_292, None),
    ],
)
def test_times_become_what_the_guide_says(time: object, sent: bytes | None) -> None:
    """With a zone they are converted, without one they are UTC, and what is ambiguous is refused."""
    record = {"UserId": "a@example.com", "AssetId": "A", "EventTime": time, "AccessStatus": "Success"}
    (item,) = _read(json.dumps([record]).encode())
    assert isinstance(item, Rejected) is (sent is None)
    assert sent is None or (not isinstance(item, Rejected) and sent + b'"' in item.records[0])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"records": [{"UserId": "a@example.com"}]}', "wrong-top-level"),
        (b'[{"UserId": "a@example.com" "AssetId": "A",}]', "broken-json"),
        ('[{"UserId": "jürgen@example.com"}]'.encode("latin-1"), "wrong-encoding"),
        (b'[{"UserId": "a@exam', "truncated"),
        (b'[{"UserId": NaN}]', "broken-json"),
        (b"UserId,AssetId\na@example.com,A\n", "not-json"),
        (b"", "empty-export"),
        (b'"[{\\"UserId\\": 1}]"', "not-json"),
        (b'[{"UserId": "a@example.com"},\0\0\0', "truncated"),
    ],
)
def test_what_is_often_wrong_gets_the_code_the_guide_names(data: bytes, code: str) -> None:
    """Each line of the table of mistakes is what really comes out."""
    with pytest.raises(ExportError) as raised:
        list(_read(data))
    assert raised.value.code == code
    assert code in TEXT or code == "empty-export"
    assert code in ERROR_CODES


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"userId": "a@example.com"}, "UserId is missing; it is written userId here"),
        ({"EventTime": "2026-11-22 05:00:00"}, "EventTime must have a T, not a space, between date and time"),
        ({"EventTime": "2026-11-22T05:00:00+0100"}, "EventTime must have a colon in its offset"),
    ],
)
def test_the_reasons_are_those_the_guide_quotes(record: dict[str, str], says: str) -> None:
    """What Gatepost says of a record that is nearly right begins as the guide has it."""
    (item,) = _read(json.dumps([record]).encode())
    assert isinstance(item, Rejected)
    assert any(f"{one.name} {one.reason}".startswith(says) for one in item.record.violations)
    assert f"| {says} |" in TEXT


def test_an_empty_day_is_two_brackets() -> None:
    """`[]` is an export without records."""
    assert _counts(b"[]") == (0, [])


def test_the_schema_is_where_the_guide_says() -> None:
    """The link to the schema leads to the very file the judge uses."""
    (path,) = re.findall(r"\]\(\.\./(shared/\S+schema\.json)\)", TEXT)
    assert (ROOT / path).read_bytes() == RULES.schema_bytes
