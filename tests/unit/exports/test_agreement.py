"""The fast path, the exact path and `jsonschema` agree on everything that can be written into an export."""

import calendar
import json
import re
import time
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shared.exports.rules import RULES
from tests.support.exports import record
from tests.support.read_export import read

pytestmark = pytest.mark.unmeasured

SCHEMA = Draft202012Validator(json.loads(RULES.schema_bytes))
PARTS = re.compile(r"(....)-(..)-(..)T(..):(..):(..)(\.\d+)?(Z|[+-]..:..)?", re.ASCII)

texts = st.text(st.characters(codec="utf-8"), max_size=12)
awkward = st.sampled_from([
    "", " ", "a@b", "a@b ", "@", "x\n", "\u0085x", "x\u200b", "Zoë@example.com", "東京", "🚪", '"', "\\", "},{", '":"',
    "\x7f", "a" * 330 + "@b", "EventTime", "\u2028", "Success", "Failed", "success", "null", "1e5", "\ufeff",
])  # fmt: skip
times = st.builds(
    "{}-{}-{}T{}:{}:{}{}{}".format,
    st.sampled_from(["2000", "2024", "2026", "2099", "2100", "1999"]),
    st.sampled_from(["01", "02", "04", "12", "13", "00"]),
    st.sampled_from(["01", "28", "29", "30", "31", "32", "00"]),
    st.sampled_from(["00", "08", "23", "24"]),
    st.sampled_from(["00", "59", "60"]),
    st.sampled_from(["00", "59", "60"]),
    st.sampled_from(["", ".0", ".1234567", ".12345678", "."]),
    st.sampled_from(["", "", "Z", "z", "+00:00", "-00:01", "+05:30", "+23:59", "+24:00", "+0100"]),
)
numbers = st.sampled_from([
    "0", "-0", "1", "01", "1.", ".5", "-", "1e5", "1E+400", "1e-400", "123456789012345", "1234567890123456789",
    "18446744073709551615", "18446744073709551616", "18446744073709551617", "100000000000000000000", "0.1", "1.10", "0.1234567", "12345678.123456", "52.520000000000003",
    "0.12345678901234567890", "NaN", "-Infinity", "+1", "1e99999999999999999999",
])  # fmt: skip
escapes = st.sampled_from([
    r"\u0041", r"\n", r"\/", r"\"", r"\\", r"\ud83d\ude00", r"\ud83d", r"\udc00", r"\u00e9", r"\u0000", r"\u0020",
    r"\u12", r"\x", "\t", "\x00", "\n",
])  # fmt: skip


@st.composite
def quoted(draw: st.DrawFn, plain: st.SearchStrategy[str]) -> str:
    """A text as some system may write it: escaped or not, sometimes with an escape in its middle."""
    text = json.dumps(draw(plain), ensure_ascii=draw(st.booleans()))
    if not draw(st.integers(0, 5)):
        at = draw(st.integers(1, len(text) - 1))
        text = text[:at] + draw(escapes) + text[at:]
    return text


RULE_NAMES = st.sampled_from([json.dumps(name) for name in record(1)])
nested = st.recursive(
    quoted(texts) | numbers | st.sampled_from(["true", "false", "null"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda values: "[" + ",".join(values) + "]")
        | st.lists(st.tuples(quoted(texts) | RULE_NAMES, inner), max_size=3).map(
            lambda pairs: "{" + ",".join(f"{key}:{value}" for key, value in pairs) + "}"
        )
    ),
    max_leaves=5,
)
VALUES = {
    "UserId": quoted(st.sampled_from(["ana@example.com", "o'brien+x@example.com"]) | awkward),
    "AssetId": quoted(st.sampled_from(["door-1", "Bldg 7 / Door 3"]) | awkward | texts),
    "AssetName": quoted(texts | awkward),
    "EventTime": quoted(st.just("2026-11-21T08:00:00") | times),
    "AccessStatus": quoted(st.sampled_from(["Success", "Failed"]) | awkward),
}


PLAIN_MEMBERS = [(json.dumps(name), json.dumps(value)) for name, value in record(1).items()]


@st.composite
def odd_record(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Members of a record, as JSON texts: mostly right, in places anything."""
    members = PLAIN_MEMBERS
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from([*VALUES, "Extra"]))
        value = draw(VALUES.get(name, nested) | nested)
        key = draw(st.just(json.dumps(name)) | quoted(st.just(name)))
        match draw(st.sampled_from(["replace", "replace", "add", "drop", "shuffle"])):
            case "replace":
                members = [(k, value if k == json.dumps(name) else v) for k, v in members]
            case "add":
                at = draw(st.integers(0, len(members)))
                members = [*members[:at], (key, value), *members[at:]]
            case "drop":
                members = [(k, v) for k, v in members if k != json.dumps(name)]
            case _:
                members = draw(st.permutations(members))
    return members


@st.composite
def export_text(draw: st.DrawFn) -> str:
    """An export: runs of records written alike, odd ones among them, in any of the accepted forms."""
    colon = draw(st.sampled_from([":", ": ", " :\t"]))
    comma = draw(st.sampled_from([",", ", ", ",\r\n  "]))
    array = draw(st.booleans())
    separator = draw(st.sampled_from([",", ",\n", " ,\r\n"] if array else ["\n", "\r\n", " ", "\n\n"]))
    records: list[str] = []
    for members in draw(st.lists(st.just(PLAIN_MEMBERS) | odd_record(), min_size=1, max_size=6)):
        text = "{" + comma.join(f"{key}{colon}{value}" for key, value in members) + "}"
        records.extend([text] * draw(st.integers(1, 4)))
    whole = separator.join(records)
    return f"[{whole}]" if array else whole


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """An export with bytes changed, taken out or put in."""
    data = bytearray(draw(export_text()).encode())
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data) - 1))
        match draw(st.sampled_from(["change", "cut", "insert"])):
            case "change":
                data[at] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del data[at : at + draw(st.integers(1, 40))]
            case _:
                data[at:at] = draw(
                    st.sampled_from([b'"', b"{", b"}", b"[", b",", b"\\", b"\0", b"\xff", b"\n", b"9"])
                )
        if not data:
            break
    return bytes(data)


def agreeing(data: bytes, chunk: int = 1 << 20) -> None:
    """Read with the fast path and without: the same in everything."""
    assert read(data, chunk=chunk).verdict == read(data, chunk=chunk, fast=False).verdict


class NoDouble:
    """A number that the plain judge cannot keep."""


def no_constant(word: str) -> Any:
    """NaN is no JSON."""
    raise ValueError(word)


def plain_number(text: str) -> Any:
    """The number, if printing it again with as many digits as a double has gives the same value."""
    if not re.search(r"[.eE]", text) and len(text) <= 20 and -(2**63) <= int(text) < 2**64:
        return int(text)
    if len(text) > 40 or abs(int(re.search(r"[eE]([+-]?\d+)|$", text)[1] or 0)) > 400:  # type: ignore[index]
        return NoDouble()
    value = float(text)
    if value in {float("inf"), float("-inf")}:
        return NoDouble()
    exact = Fraction(text)
    return (
        value if exact in {Fraction(repr(value)), Fraction(f"{value:.17g}"), Fraction(value)} else NoDouble()
    )


def holds(value: Any, wrong: Any) -> bool:
    """Whether something wrong stands in a value, at any depth."""
    if isinstance(value, dict):
        return any(holds(one, wrong) for pair in value.items() for one in pair)
    return any(holds(one, wrong) for one in value) if isinstance(value, list) else bool(wrong(value))


def is_half(value: Any) -> bool:
    """Whether a text holds half of a surrogate pair."""
    return (
        isinstance(value, str)
        and value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") != value
    )


def in_utc(text: str) -> str | None:
    """The time by plain arithmetic on days and minutes, without a suffix; `None` if there is none."""
    parts = PARTS.fullmatch(text)
    assert parts
    year, month, day, hour, minute, second = map(int, parts.groups()[:6])
    if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    zone = parts[8] or "Z"
    shift = 0 if zone == "Z" else int(zone[0] + "1") * (int(zone[1:3]) * 60 + int(zone[4:]))
    moment = calendar.timegm((year, month, day, hour, minute, second)) - shift * 60
    utc = time.gmtime(moment)
    return time.strftime("%Y-%m-%dT%H:%M:%S", utc) + (parts[7] or "") if 2000 <= utc.tm_year <= 2099 else None


def plainly_judged(text: str) -> dict[str, Any] | None:
    """What the rules say about one record, with nothing but the schema and the standard library."""
    value = json.loads(text, parse_float=plain_number, parse_int=plain_number)
    halves = holds(value, is_half)
    if halves or holds(value, lambda one: isinstance(one, NoDouble)) or not SCHEMA.is_valid(value):
        return None
    utc = in_utc(value["EventTime"])
    return value | {"EventTime": utc} if utc else None


MANY = settings(max_examples=4_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SOME = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SOME
@given(export_text(), st.sampled_from([1, 7, 1 << 20]))
def test_both_paths_agree_on_any_export(text: str, chunk: int) -> None:
    """Accepted, rejected, bodies, latest event, and the error with its place."""
    agreeing(text.encode(), chunk)


@SOME
@given(damaged())
def test_both_paths_agree_on_damaged_exports(data: bytes) -> None:
    """Also where bytes were changed, lost or added."""
    agreeing(data)


@SOME
@given(odd_record())
@example([('"\0UserId"', '"ana@example.com"'), *PLAIN_MEMBERS[1:]])  # once taken for UTF-16
def test_both_paths_agree_with_the_schema(members: list[tuple[str, str]]) -> None:
    """What is sent is what `jsonschema` and plain date arithmetic accept, as the same JSON value; nothing else is."""
    text = "{" + ", ".join(f"{key}: {value}" for key, value in members) + "}"
    data = ("[" + ",\n".join([text] * 4) + "]").encode()
    found = read(data)
    if found.error:
        assert found.error.code == "broken-json"
        with pytest.raises(ValueError, match=r"."):
            json.loads(data, parse_constant=no_constant)
        return
    expected = plainly_judged(text)
    assert found.records == ([] if expected is None else [expected] * 4)
    assert len(found.rejected) == (4 if expected is None else 0)


@pytest.mark.soak
@MANY
@given(export_text(), st.sampled_from([1, 7, 1 << 20]))
def test_both_paths_agree_on_thousands_of_exports(text: str, chunk: int) -> None:
    """The same in full counts."""
    agreeing(text.encode(), chunk)


@pytest.mark.soak
@MANY
@given(damaged())
def test_both_paths_agree_on_thousands_of_damaged_exports(data: bytes) -> None:
    """The same in full counts."""
    agreeing(data)
