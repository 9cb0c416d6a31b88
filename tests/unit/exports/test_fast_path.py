"""The fast path: what it judges together, and what it must leave to the exact one."""

import json
from typing import Any

import pytest

from shared.exports import columns
from shared.exports.decoding import Decoded
from shared.exports.fast_path import FastPath
from shared.exports.items import RecordRun, Rejected
from shared.exports.joined_records import JoinedRecords
from shared.exports.reader import Reader
from shared.exports.rules import RULES, Rules
from shared.exports.window import Window
from tests.support.exports import record
from tests.support.read_export import Found, read

WHITE_SPACE = "\x85\xa0\u1680\u2000\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"


def repeated(one: dict[str, Any] | str, *, times: int = 400, separator: str = ",\n") -> bytes:
    """An export that writes every record alike."""
    text = one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)
    return ("[" + separator.join([text] * times) + "]").encode()


CORRECTED_LINE = '{"record": 1, "errors": [], "content": ' + json.dumps(record(1)) + "}"


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
        pytest.param(with_extra("[1, [], {}]"), id="list"),
        pytest.param(with_extra("1e5"), id="exponent"),
        pytest.param(with_extra("0.10"), id="zero at the end"),
        pytest.param(with_extra('{"EventTime": "2026-01-01T00:00:00"}'), id="two times"),
        pytest.param(json.dumps(record(1)).replace("UserId", "User\\u0049d"), id="escaped key"),
        pytest.param(json.dumps(record(1)).replace("EventTime", "\\u0045ventTime"), id="escaped time's key"),
        pytest.param(json.dumps(record(1, EventTime="2024-02-29T08:00:00")), id="leap day"),
        pytest.param(json.dumps(record(1, UserId="zoë@example.com")), id="address escaped"),
        pytest.param(json.dumps(record(1, AssetName='a \\ "quoted" \\" name')), id="escaped quotes"),
        pytest.param(json.dumps(record(1) | {f"p{n}": n for n in range(20)}), id="many properties"),
        pytest.param(json.dumps({k: v for k, v in record(1).items() if k != "AssetName"}), id="no name"),
    ],
)
def test_records_written_alike_are_judged_together(text: str) -> None:
    """After the first record of a piece the exact path is not needed, but for the last one."""
    found = read(repeated(text))
    assert len(found.valid) == 400
    assert found.exact <= 3
    assert found.verdict == read(repeated(text), fast=False).verdict


@pytest.mark.parametrize(
    ("text", "goes"),
    [
        pytest.param(json.dumps(record(1)), "as it stands", id="plain"),
        pytest.param(json.dumps(record(1, AssetName="{a}, {b}")), "as it stands", id="braces in a text"),
        pytest.param(
            with_extra('[{"UserId": 1}, {"UserId": 2}]'), "as it stands", id="objects that look like records"
        ),
        pytest.param(with_extra('{"UserId": "b"}'), "as it stands", id="an object that looks like a record"),
        pytest.param(
            json.dumps(record(1, AssetName='},\n{"UserId"')),
            "as it stands",
            id="the end of a record in a text",
        ),
        pytest.param(json.dumps(record(1, AccessStatus="?")), "as it stands", id="wrong"),
        pytest.param(
            json.dumps(record(1, EventTime="2026-11-21T08:00:00Z")),
            "written anew",
            id="a time in another zone",
        ),
        pytest.param(with_extra('1, "Extra": 1'), "written anew", id="a property twice"),
        pytest.param(CORRECTED_LINE, "written anew", id="a corrected line"),
    ],
)
def test_an_export_that_goes_as_it_stands_need_not_be_judged_twice(text: str, goes: str) -> None:
    """A second pass gives the same bytes under the same numbers, whatever looks like the end of a record."""
    data = repeated(text)
    reader = Reader([data])
    assert list(reader)
    assert reader.as_it_stands is (goes == "as it stands")
    assert read(data).verdict == read(data, fast=False).verdict  # and compares both passes


@pytest.mark.parametrize("name", ["Main door", 'a \\ "quoted" name'])
def test_lines_without_brackets_are_judged_together_too(name: str) -> None:
    """One record a line, which is how most systems write a large export."""
    data = "\n".join([json.dumps(record(1, AssetName=name))] * 400).encode()
    found = read(data)
    assert len(found.valid) == 400
    assert found.exact <= 3


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(with_extra("18446744073709551616"), id="integer that only a double holds"),
        pytest.param(with_extra('[], "More": ' + "[" * 63 + "]" * 63), id="as deep as may be"),
        pytest.param(with_extra('[], "Text": "' + "[" * 64 + '"'), id="many brackets in a text"),
        pytest.param(with_extra('1, "Extra": 2'), id="repeated property"),
        pytest.param(with_extra('{"a": 1, "a": 2}'), id="repeated in a property"),
        pytest.param(with_extra("1").replace("Extra", 'Ex\\"tra'), id="name with a quote"),
        pytest.param(json.dumps(record(1) | {f"p{n}": n for n in range(70)}), id="very many properties"),
    ],
)
def test_what_is_not_certain_goes_the_exact_way(text: str) -> None:
    """It is sent all the same."""
    found = read(repeated(text))
    assert len(found.valid) == 400
    assert found.exact == 400
    assert found.verdict == read(repeated(text), fast=False).verdict


def test_several_shapes_are_read_side_by_side() -> None:
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


def test_a_late_name_is_still_learned() -> None:
    """Records that could not be read together do not use up the lessons."""
    odd = with_extra('1, "Extra": 2')
    late = with_extra("1").replace("Extra", "Late")
    data = ("[" + ",".join([odd] * 300 + [late] * 700) + "]").encode()
    found = read(data)
    assert len(found.valid) == 1_000
    assert found.exact < 800
    assert found.verdict == read(data, fast=False).verdict


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
def test_a_bad_record_is_found_among_good_ones(name: str, value: Any) -> None:
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


@pytest.mark.parametrize("odd_every", [2, 7, 150])
@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(json.dumps(record(2, AccessStatus="Granted")), id="not allowed"),
        pytest.param(
            json.dumps(record(2, AccessStatus="Granted", EventTime="2026-11-21T09:00:00+01:00")),
            id="not allowed, with a zone",
        ),
        pytest.param(json.dumps(record(2, UserId=[1], AssetId={"a": 1})), id="no texts"),
        pytest.param(json.dumps({"userid": "a@b", "AssetId": " x", "EventTime": 5}), id="several"),
        pytest.param(json.dumps({"record": 1, "errors": [], "content": record(3)}), id="corrected line"),
        pytest.param(
            json.dumps({"record": 1, "errors": [], "content": record(3, UserId="x")}), id="not corrected line"
        ),
        pytest.param(json.dumps(record(2, EventTime="2026-11-21T23:30:00.25-01:00")), id="zone"),
        pytest.param(json.dumps(record(2, EventTime="2026-11-21T25:30:00-01:00")), id="no time"),
        pytest.param(json.dumps(record(2, Note="\\ud800")), id="half a character"),
        pytest.param(json.dumps(record(2))[:-1] + ', "n": 0.12345678901234567890}', id="inexact"),
    ],
)
def test_odd_records_are_found_among_others(odd: str, odd_every: int) -> None:
    """Their reasons, contents and numbers are those of the exact path."""
    usual = json.dumps(record(1, EventTime="2026-11-21T08:00:00+01:00"))
    texts = [odd if number % odd_every == 1 else usual for number in range(600)]
    for data in (("[" + ",\n".join(texts) + "]").encode(), "\n".join(texts).encode()):
        assert read(data).verdict == read(data, fast=False).verdict


@pytest.mark.parametrize("odd_every", [2, 150])
@pytest.mark.parametrize("number", [-(2**63) - 1, -(2**63), 2**64 - 1, 2**64, 2**64 + 1])
def test_an_integer_that_is_too_large_is_found_among_others(number: int, odd_every: int) -> None:
    """Wherever 64 bits and a double do not hold it: smaller ones in the same property prove nothing about it."""
    usual, odd = (record(1) | {"Badge": 77}), (record(2) | {"Badge": number})
    texts = [json.dumps(odd if at % odd_every == 1 else usual) for at in range(300)]
    data = ("[" + ",".join(texts) + "]").encode()
    found = read(data)
    assert found.verdict == read(data, fast=False).verdict
    assert len(found.rejected) == (300 // odd_every if number in {-(2**63) - 1, 2**64 + 1} else 0)


@pytest.mark.parametrize("lacks", ["nothing", "AssetId", "EventTime"])
def test_bad_records_do_not_need_the_exact_path(lacks: str) -> None:
    """Every second one has a status that is not allowed, or lacks a property; only what could not be told is decoded once more."""
    bad = {name: value for name, value in record(1, AccessStatus="Granted").items() if name != lacks}
    texts = [json.dumps(bad if number % 2 else record(number)) for number in range(1_000)]
    reader = Reader([("[" + ",".join(texts) + "]").encode()])
    exact = 0
    decode = reader._decoder.read

    def counted(window: Window, number: int) -> Decoded:
        nonlocal exact
        exact += 1
        return decode(window, number)

    reader._decoder.read = counted  # type: ignore[method-assign]
    assert sum(isinstance(one, Rejected) for one in reader) == 500
    assert exact < 20


@pytest.mark.parametrize(
    "extra", [{}, {"Note": None}, {"Floor": 3}, {"Note": "x", "Guest": False}, {"Floor": -3, "Note": None}]
)
def test_records_of_a_shape_that_was_learned_are_decoded_by_it(extra: dict[str, Any]) -> None:
    """A decoder for any shape proves less; it is needed where shapes change."""
    reader = Reader([repeated(record(1) | extra, times=1_000)])
    fast = reader._fast
    tried = {True: 0, False: 0}
    of_shape = fast._of_shape

    def noted(data: bytes, text: bytes, *, in_array: bool) -> Any:
        found = of_shape(data, text, in_array=in_array)
        tried[bool(found[1])] += 1
        return found

    fast._of_shape = noted  # type: ignore[method-assign]
    assert not any(isinstance(one, Rejected) for one in reader)
    assert tried[True] >= 4
    assert tried[False] == 0


def test_a_corrected_line_is_one_also_where_other_records_have_properties_of_its_names() -> None:
    """Then its properties are known, and all it lacks are those of a record."""
    usual = json.dumps(record(1) | {"record": 1, "errors": 2, "content": 3})
    corrected = json.dumps({"record": 1, "errors": [], "content": record(2)})
    data = "\n".join(([usual] * 5 + [corrected]) * 20).encode()
    found = read(data)
    assert len(found.valid) == 120
    assert found.verdict == read(data, fast=False).verdict


@pytest.mark.parametrize("separator", [",", ",\n", " , "])
@pytest.mark.parametrize("time", ["2026-11-21T08:00:00", "2026-11-21T08:00:00+05:30"])
def test_records_of_one_shape_stay_joined(separator: str, time: str) -> None:
    """They go into a request in one piece, and need not be cut before."""
    data = repeated(record(1, EventTime=time), times=300, separator=separator)
    runs = [item for item in Reader([data]) if isinstance(item, RecordRun)]
    assert sum(len(run.records) for run in runs) == 300
    assert sum(len(run.records) for run in runs if isinstance(run.records, JoinedRecords)) >= 297


@pytest.mark.parametrize(("bad_every", "unsure_every"), [(7, 5), (5, 7), (2, 3), (3, 2)])
def test_records_that_are_wrong_and_others_that_must_be_looked_at_keep_their_numbers(
    bad_every: int, unsure_every: int
) -> None:
    """In one segment: what is known to be wrong is not looked at, and each is in its place."""
    texts = []
    for number in range(1, 200):
        text = json.dumps(record(number, AccessStatus="Granted" if number % bad_every == 0 else "Success"))
        unsure = number % unsure_every == 0 and number % bad_every
        texts.append(text.replace('"AssetId"', '"Extra": {"a": 1, "a": 2}, "AssetId"') if unsure else text)
    data = f"[{', '.join(texts)}]".encode()
    found = read(data)
    assert found.verdict == read(data, fast=False).verdict
    wrong = [number for number in range(1, 200) if number % bad_every == 0 or number % unsure_every == 0]
    assert {*wrong} >= {one.number for one in found.rejected} >= {*range(bad_every, 200, bad_every)}


def test_a_first_record_that_begins_otherwise_stays_whole() -> None:
    """Behind one that was read by itself any record may come first; those behind it begin as was learned."""
    usual = [json.dumps(record(number)) for number in range(100)]
    other = json.dumps(dict(reversed(record(7).items())))
    fast = FastPath(RULES)
    fast.learn_record(record(1), valid=True)
    fast.learn(b'},{"UserId"')
    segment = fast.segment(",".join([other, *usual]).encode(), 0, in_array=True)
    assert segment is not None
    texts = [other, *usual][: len(segment.records)]
    assert [bytes(one).decode() for one in segment.records] == texts


def test_records_are_cut_where_they_end_and_not_where_it_looks_like_it() -> None:
    """A list of objects in a record looks like two records, just where two others are apart in another way."""
    usual = json.dumps(record(1), separators=(",", ":"))
    nested = usual[:-1] + ',"Raw":[{"UserId":"a"},{"UserId":"b"}]}'
    for at in (1, 5, 50):
        texts = [usual] * 100
        texts[at] = nested
        data = ",".join(texts[: at + 20]) + ", " + ",".join(texts[at + 20 :])
        found = read(f"[{data}]".encode())
        assert found.verdict == read(f"[{data}]".encode(), fast=False).verdict
        assert len(found.valid) == 100


@pytest.mark.parametrize("at", [1, 20, 98])
def test_a_line_break_that_is_missing_is_found_among_lines(at: int) -> None:
    """Decoders do not mind, but a file that was cut and joined may."""
    lines = [json.dumps(record(1))] * 100
    data = ("\n".join(lines[:at]) + "\n".join(lines[at:])).encode()
    found = read(data)
    assert found.error is not None
    assert found.verdict == read(data, fast=False).verdict


def test_what_is_learned_of_an_export_is_bounded_and_not_made_twice() -> None:
    """64 names beside the known ones and 8 shapes: an export may have a name of its own in every record."""
    fast = FastPath(RULES)
    for number in range(100):
        fast.learn_record(record(1) | {f"p{number}": number}, valid=True)
    assert fast._names == [f"p{number}" for number in range(64)]
    assert len(fast._shapes) == 8
    any_shape, shape = fast._any_shape, fast._shape
    fast.learn_record(record(1) | {"p7": "x"}, valid=False)
    fast.learn_record(record(1) | {"p7": 7}, valid=True)
    assert (fast._any_shape, fast._shape) == (any_shape, shape)
    fast.learn_record(record(1) | {"p1": 7}, valid=True)
    assert (fast._any_shape, fast._shape) != (any_shape, shape)
    assert len(fast._shapes) == 8
    fast = FastPath(RULES)
    fast.learn_record(record(1) | {f"p{number}": number for number in range(60)}, valid=False)
    assert (len(fast._names), fast._shape) == (60, None)
    fast.learn_record(record(1), valid=True)
    shape = fast._shape
    fast.learn_record(record(2), valid=True)
    assert fast._shape is shape is not None
    fast.learn_record(record(1) | {f"q{number}": number for number in range(5)}, valid=True)
    assert (len(fast._names), fast._shape) == (60, shape)
    fast.learn_record(record(1) | {f"q{number}": number for number in range(4)}, valid=True)
    assert len(fast._names) == 64


def sizes_of(fast: FastPath, data: bytes, segments: int) -> list[int]:
    """How large segments are, one behind the other."""
    at, sizes = 0, []
    for _ in range(segments):
        segment = fast.segment(data, at, in_array=True)
        assert segment is not None
        sizes.append(segment.size)
        at += segment.size + 1
    return sizes


def test_segments_grow_while_they_can_be_read_and_shrink_where_they_cannot() -> None:
    """From 4 kB to 64 kB, each as much as fits: what cannot be read together is read twice, so it should not be much."""
    text = json.dumps(record(1))
    data = ",".join([text] * 3_000).encode()
    broken = data[:2_000] + b"\x00" + data[2_000:]
    fast = FastPath(RULES)
    assert fast.segment(data, 0, in_array=True) is None  # nothing has been learned yet
    fast.learn(b'},{"UserId"')

    def close(found: list[int], sizes: list[int]) -> bool:
        return all(0 <= size - one <= len(text) + 20 for one, size in zip(found, sizes, strict=True))

    full = 1 << 17
    assert close(sizes_of(fast, data, 7), [1 << 12, 1 << 13, 1 << 14, 1 << 15, 1 << 16, full, full])
    assert fast.segment(broken, 0, in_array=True) is None
    assert close(sizes_of(fast, data, 3), [1 << 15, 1 << 16, full])
    for _ in range(3):
        assert fast.segment(broken, 0, in_array=True) is None
    assert close(sizes_of(fast, data, 1), [1 << 12])


def test_a_segment_is_no_larger_than_a_record_may_be() -> None:
    """What may be larger is for the exact path to refuse."""
    data = ",".join([json.dumps(record(1))] * 3_000).encode()
    fast = FastPath(Rules(RULES.schema_bytes, max_record_bytes=2_000))
    fast.learn(b'},{"UserId"')
    assert max(sizes_of(fast, data, 5)) <= 2_000


def test_memory_does_not_grow_with_what_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verdicts on values are forgotten once there are many, and found again."""
    monkeypatch.setattr(columns, "_MAX_REMEMBERED", 50)
    texts = [
        json.dumps(
            record(
                number,
                UserId=f"p{number % 300}@b" if number % 5 else f"p{number % 70}",
                EventTime=time_of(number),
            )
        )
        for number in range(2_000)
    ]
    data = ("[" + ",".join(texts) + "]").encode()
    found = read(data)
    assert found.verdict == read(data, fast=False).verdict
    assert len(found.rejected) == 400 + sum(number % 7 == 3 and number % 5 > 0 for number in range(2_000))


def time_of(number: int) -> str:
    """Many minutes, fractions and zones; every seventh is no time."""
    zone = ("", "Z", "+05:30")[number % 3]
    hour = 27 if number % 7 == 3 else number % 24
    return f"2026-11-{1 + number % 28:02}T{hour:02}:{number % 60:02}:00.{number}{zone}"
