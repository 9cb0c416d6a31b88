"""The fast path: what it proves, and what it must leave to the exact one."""

import json
import re
from typing import Any

import pytest

from shared.exports import fast_path
from tests.support.exports import record
from tests.support.read_export import Found, read

WHITE_SPACE = "\x85\xa0\u1680\u2000\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"


def repeated(one: dict[str, Any] | str, *, times: int = 400, separator: str = ",\n") -> bytes:
    """An export that writes every record alike."""
    text = one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)
    return ("[" + separator.join([text] * times) + "]").encode()


def with_extra(json_text: str) -> str:
    """A record with one more property."""
    return json.dumps(record(1))[:-1] + f', "Extra": {json_text}}}'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(json.dumps(record(1)), id="plain"),
        pytest.param(json.dumps(record(1), indent=2), id="pretty"),
        pytest.param(json.dumps(record(1), separators=(",", ":")), id="compact"),
        pytest.param(json.dumps(record(1, AssetName="東京の正面玄関 " * 4)), id="escaped, not Latin"),
        pytest.param(json.dumps(record(1, AssetName="東京🚪"), ensure_ascii=False), id="not Latin"),
        pytest.param(json.dumps(record(1, AssetId="a/b")).replace("/", "\\/"), id="escaped slash"),
        pytest.param(json.dumps(record(1, EventTime="2026-11-21T08:00:00.123Z")), id="Z"),
        pytest.param(json.dumps(record(1, EventTime="2026-11-21T08:00:00+05:30")), id="offset"),
        pytest.param(
            json.dumps(record(1, UserId="zoë.ユーザー@пример.example.com"), ensure_ascii=False),
            id="address not Latin",
        ),
        pytest.param(with_extra("12345678.125"), id="number"),
        pytest.param(with_extra("-123456789012345"), id="long number"),
        pytest.param(with_extra("null"), id="null"),
        pytest.param(with_extra('{"Building": {"Name": "HQ", "Floor": 3}}'), id="nested object"),
        pytest.param(with_extra('"EventTime"'), id="a key as a text"),
        pytest.param(with_extra("{}"), id="empty object"),
    ],
)
def test_records_written_alike_are_proven_from_their_bytes(text: str) -> None:
    """After the first record of a piece the exact path is not needed."""
    found = read(repeated(text))
    assert len(found.valid) == 400
    assert found.exact <= 2
    assert found.verdict == read(repeated(text), fast=False).verdict


def test_lines_without_brackets_are_proven_too() -> None:
    """One record a line, which is how most systems write a large export."""
    data = "\n".join([json.dumps(record(1))] * 400).encode()
    found = read(data)
    assert len(found.valid) == 400
    assert found.exact <= 3


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(with_extra("[1]"), id="list"),
        pytest.param(with_extra("1e5"), id="exponent"),
        pytest.param(with_extra('"' + "x" * 9_000 + '"'), id="long text"),
        pytest.param(with_extra('{"EventTime": "2026-01-01T00:00:00"}'), id="two times"),
        pytest.param(with_extra('1, "Extra": 2'), id="repeated property"),
        pytest.param(json.dumps(record(1)).replace("UserId", "User\\u0049d"), id="escaped key"),
        pytest.param(json.dumps(record(1)).replace("EventTime", "\\u0045ventTime"), id="escaped time's key"),
        pytest.param(json.dumps(record(1, EventTime="2024-02-29T08:00:00")), id="leap day"),
        pytest.param(json.dumps(record(1, UserId="zoë@example.com")), id="address escaped"),
        pytest.param(json.dumps(record(1) | {f"p{n}": n for n in range(20)}), id="many properties"),
    ],
)
def test_what_cannot_be_proven_goes_the_exact_way(text: str) -> None:
    """It is sent all the same."""
    found = read(repeated(text))
    assert len(found.valid) == 400
    assert found.exact == 400


def test_several_shapes_are_proven_side_by_side() -> None:
    """An optional property, another order of keys, a time with and without a zone."""
    one = record(1)
    variants = [
        one,
        record(2, AssetName=None),
        dict(reversed(one.items())),
        record(3, EventTime="2026-11-21T08:00:00Z"),
        one | {"Note": None},
    ]
    data = ("[" + ",\n".join(json.dumps(variants[n % 5]) for n in range(1_000)) + "]").encode()
    found = read(data)
    assert len(found.valid) == 1_000
    assert found.exact < 20
    assert found.verdict == read(data, fast=False).verdict


def test_a_late_shape_is_still_learned() -> None:
    """Records that teach nothing do not use up the lessons."""
    odd = with_extra("[1]")
    data = ("[" + ",".join([odd] * 500 + [json.dumps(record(1))] * 500) + "]").encode()
    found = read(data)
    assert len(found.valid) == 1_000
    assert found.exact < 540


def test_what_can_never_be_proven_takes_no_place_from_what_can() -> None:
    """Only few patterns are kept; a shape with a list in it needs none."""
    odd = [with_extra("[1]").replace("Extra", f"Extra{n}") for n in range(20)]
    found = read(("[" + ",".join(odd + [json.dumps(record(1))] * 500) + "]").encode())
    assert len(found.valid) == 520
    assert found.exact < 40


def unlike(changes: dict[str, Any]) -> Found:
    """An export of one shape with one odd record in its middle, on the fast path."""
    odd = json.dumps(record(1) | changes, ensure_ascii=False)
    plain = json.dumps(record(1))
    data = ("[" + ",\n".join([plain] * 5 + [odd] + [plain] * 5) + "]").encode()
    found = read(data)
    assert found.verdict == read(data, fast=False).verdict
    return found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("UserId", "a@b@c"), ("UserId", "a b@c"), ("UserId", ""), ("UserId", "@b"), ("UserId", "x" * 400 + "@b"),
        ("AssetId", ""), ("AssetId", " "), ("AssetId", "x "), ("AssetId", " x"), ("AssetId", "x\n"), ("AssetId", "x\t"),
        ("AssetName", 5), ("AssetName", None), ("AssetName", True),
        ("EventTime", "2026-02-29T00:00:00"), ("EventTime", "2026-04-31T00:00:00"), ("EventTime", "2026-11-21T24:00:00"),
        ("EventTime", "2026-11-21T08:00:60"), ("EventTime", "2026-11-21T08:00:00.12345678"), ("EventTime", "1999-01-01T00:00:00"),
        ("AccessStatus", "success"), ("AccessStatus", "Successful"), ("AccessStatus", None),
        *(("UserId", f"zoë{space}z@example.com") for space in WHITE_SPACE),
    ],
)  # fmt: skip
def test_the_sweep_stops_at_a_bad_record(name: str, value: Any) -> None:
    """It is found among any number of good ones, and they are found around it."""
    found = unlike({name: value})
    assert [one for one, _ in found.codes[0]] == [name]
    assert found.rejected[0].number == 6
    assert len(found.valid) == 10


@pytest.mark.parametrize(
    ("key", "text"),
    [(",", "foo,{"), ("EventTime ", '"EventTime": "'), (" ", "},{"), ("}", "},\n{"), (":", '": "')],
)
def test_no_text_or_key_is_taken_for_structure(key: str, text: str) -> None:
    """Names and texts made of quotes, braces and commas move no cut and no time."""
    tricky = {key: text, ":x": 1} | record(1, AssetName=text, EventTime="2026-11-21T08:00:00Z")
    for separators in ((",", ":"), (", ", ": ")):
        text = json.dumps([tricky] * 300, separators=separators)
        found = read(text.encode())
        assert found.records == [tricky | {"EventTime": "2026-11-21T08:00:00"}] * 300
        assert found.verdict == read(text.encode(), fast=False).verdict


@pytest.mark.parametrize("time", ["2026-11-21T08:00:00", "2026-11-21T08:00:00+01:00"])
@pytest.mark.parametrize(
    "text", ["never", "2026-11-22T05:00:00+01:00", "2099-01-01T00:00:00", "Zoe badge 77"]
)
def test_an_event_time_inside_another_property_is_not_the_records(time: str, text: str) -> None:
    """Also where the records before it had none there: it stays as it is, and is nobody's latest event."""
    usual = json.dumps(record(1, EventTime=time, Raw={"EventTime": None}))
    odd = json.dumps(record(2, EventTime=time, Raw={"EventTime": text}))
    data = f"[{','.join([usual] * 3 + [odd] + [usual] * 3)}]".encode()
    found = read(data)
    assert found.verdict == read(data, fast=False).verdict
    assert found.latest_event in {"2026-11-21T08:00:00", "2026-11-21T07:00:00"}
    assert json.loads(found.valid[4])["Raw"] == {"EventTime": text}


def test_memory_does_not_grow_with_the_shapes_of_exports(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern is made for each shape, and `re`, which keeps hundreds, is made to forget them."""
    monkeypatch.setattr(fast_path, "_REMEMBERED_BYTES", 20_000)
    monkeypatch.setattr(fast_path._Remembered, "total_bytes", 0)
    purged = 0
    purge = re.purge

    def counted() -> None:
        nonlocal purged
        purged += 1
        purge()

    monkeypatch.setattr(re, "purge", counted)
    for seed in range(20):
        assert len(read(repeated(record(1) | {f"{seed:02d}" + "*" * 1_500: 1}, times=5)).valid) == 5
    assert 1 < purged < 10
    assert fast_path._Remembered.total_bytes < 20_000


@pytest.mark.parametrize(("filling_bytes", "learned"), [(1_500, True), (2_000, False)])
def test_no_pattern_is_made_of_a_record_over_2_kb(filling_bytes: int, learned: object) -> None:
    """It takes the exact path: compiled, a pattern is many times as large as its record."""
    found = read(repeated(record(1) | {"*" * filling_bytes: 1}))
    assert len(found.valid) == 400
    assert (found.exact < 400) is learned
