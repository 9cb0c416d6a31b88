"""One record: its limits, its numbers, and what is said when it cannot be read."""

import json
import threading

import pytest

from shared.errors import Place
from shared.exports.decoding import members
from shared.exports.rules import RULES
from tests.support.exports import record
from tests.support.read_export import Found, error_of, read

FIRST = json.dumps(record(1))[:-1]


def with_value(json_text: str) -> bytes:
    """An export of one record with one more property."""
    return f'[{FIRST}, "Extra": {json_text}}}]'.encode()


def nested(levels: int) -> str:
    """A value that makes its record so many levels deep."""
    return "[" * (levels - 1) + "]" * (levels - 1)


def padded(size: int) -> bytes:
    """A record of exactly so many bytes."""
    shell = len(f'{FIRST}, "Extra": ""}}')
    return f'{FIRST}, "Extra": "{"x" * (size - shell)}"}}'.encode()


def corrected(content: bytes) -> bytes:
    """The content as a line of a rejected file."""
    errors = [{"property": "UserId", "code": "not-an-address", "reason": "..."}]
    return b'{"record":17,"errors":%s,"content":%s}\n' % (json.dumps(errors).encode(), content)


@pytest.mark.parametrize(
    "number",
    [
        "0", "-0", "1", "-9223372036854775808", "-9223372036854775807", "18446744073709551615", "0.1", "-0.0", "1.10",
        "1e5", "1E-5", "1e308", "5e-324", "0e5", "0.30000000000000004", "52.520000000000003", "123456789012345.6", "100000000000000000000.0",
        "100000000000000000000", "-100000000000000000000", "18446744073709551616", "1e23", "100000000000000000000000",
        "1" + "0" * 308, "1." + "0" * 2_000, "0" + "." + "0" * 400,
    ],
)  # fmt: skip
def test_numbers_that_survive_are_sent_as_they_stand(number: str) -> None:
    """What a double or a 64-bit integer holds passes, digit by digit."""
    found = read(with_value(number))
    assert not found.error
    assert not found.rejected
    assert found.valid[1].endswith(f'"Extra": {number}}}'.encode())


@pytest.mark.parametrize(
    "number",
    [
        "18446744073709551617", "-9223372036854775809", "900719925474099.3", "1" * 300, "1" + "0" * 400, "9" * 20_000, "1e309",
        "-1e400", "1e-400", "0.12345678901234567890",
        "1e99999999999999999999999", "-1e-99999999999999999999999", "0.1000000000000000055511151231257827",
        "9007199254740993.0",
    ],
)  # fmt: skip
@pytest.mark.parametrize("frame", ["%s", "[1, %s]", '{"a": {"b": %s}}'])
def test_numbers_that_do_not_survive_are_violations(number: str, frame: str) -> None:
    """At any depth, the property that holds one is named; nothing is rounded."""
    found = read(with_value(frame % number))
    assert found.codes == [[("Extra", "inexact-number")]]


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_no_numbers_break_the_export(word: str) -> None:
    """Some systems write NaN; the place is shown, also behind texts that hold the same word."""
    data = b"[" + json.dumps(record(1, AssetName='NaN "Infinity" \\')).encode()[:-1]
    error = error_of(data + f', "x": [1, {word}]}}]'.encode())
    assert error.code == "broken-json"
    assert error.place == Place(1, len(data) + 12, len(data) + 11, 1)
    assert error.message.endswith(f": {word} is not valid JSON. Omit the property.")


def test_a_record_of_one_mebibyte_passes_and_one_byte_more_does_not() -> None:
    """The limit is exact, in the middle of other records."""
    assert RULES.max_record_bytes == 1_048_576
    edge = padded(RULES.max_record_bytes)
    assert len(edge) == RULES.max_record_bytes
    around = json.dumps(record(1)).encode()
    assert len(read(b"[" + b",".join((around, edge, around)) + b"]").valid) == 3
    error = error_of(b"[" + b",".join((around, padded(RULES.max_record_bytes + 1), around)) + b"]")
    assert error.code == "record-too-large"
    assert error.place.record == 2
    assert error.place.offset == len(around) + 2


def test_a_record_of_64_levels_passes_and_one_of_65_does_not() -> None:
    """The record's own braces are the first level; brackets inside texts do not count."""
    assert RULES.max_depth == 64
    texts = json.dumps("[{" * 100)
    assert len(read(with_value(nested(64)[:-1].replace("[]", f"[{texts}]") + "]")).valid) == 1
    assert error_of(with_value(nested(65))).code == "nested-too-deep"


def test_brackets_side_by_side_are_no_depth() -> None:
    """A record may have any number of objects and lists, as long as few of them are open at a time."""
    flat = ", ".join(["[{}]"] * 100)
    assert len(read(with_value(f"[{flat}]")).valid) == 1
    assert error_of(with_value(f"[{flat}, {nested(64)}]")).code == "nested-too-deep"


@pytest.mark.parametrize(
    "rest",
    [
        '"a": t', '"a": tru', '"a": f', '"a": fals', '"a": nu', '"a": -', '"a": 1.', '"a": 1e', '"a": 1E+', '"a": N', '"a": Na',
        '"a": -Infinit', '"a": "\\u00e', '"a": [1, ', '"a"', '"a" :', '"a": 1', '"a": 1,', "",
    ],
)  # fmt: skip
def test_a_file_that_ends_within_a_record_is_truncated_at_its_end(rest: str) -> None:
    """Wherever the writer was: in a word, in a number, before a value."""
    data = (f"[{FIRST}}},\n{{" + rest).encode()
    error = error_of(data)
    assert error.code == "truncated"
    assert error.place.offset == len(data)
    assert (error.place.line, error.place.record) == (2, 2)


@pytest.mark.parametrize(("rest", "behind"), [('"a', 2), ('"a": "x', 2), ('"a": "x y\\', 5)])
def test_a_file_that_ends_within_a_text_is_truncated_where_the_text_begins(rest: str, behind: int) -> None:
    """A closing quote may be missing far from the end, so the place is the one to look at."""
    data = (f"[{FIRST}}},\n{{" + rest).encode()
    error = error_of(data)
    assert error.code == "truncated"
    assert error.place.offset == len(data) - behind
    assert (error.place.line, error.place.record) == (2, 2)


def test_a_corrected_line_may_be_larger_and_deeper_by_its_frame() -> None:
    """Whatever could be rejected can be corrected and uploaded again; the limits hold for the record itself."""
    for good in (with_value(nested(64))[1:-1], padded(RULES.max_record_bytes)):
        found = read(corrected(good))
        assert list(found.valid.values()) == [good]
    assert error_of(corrected(with_value(nested(65))[1:-1])).code == "nested-too-deep"
    assert error_of(corrected(padded(RULES.max_record_bytes + 1))).code == "record-too-large"


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"[" * 100_000, "broken-json", id="100 kB of ["),
        pytest.param(b"{" * 100_000, "broken-json", id="100 kB of {"),
        pytest.param(b'"' * 100_000, "not-json", id="100 kB of quotes"),
        pytest.param(b" " * 100_000, "empty-export", id="100 kB of spaces"),
        pytest.param(b'[{"a":' + b"[" * 100_000, "nested-too-deep", id="100 kB of [ in a record"),
        pytest.param(b'[{"a":' + b'{"a":' * 20_000, "nested-too-deep", id="100 kB of objects in a record"),
        pytest.param(b'{"a":' * 20_000, "nested-too-deep", id="100 kB of objects"),
        pytest.param(
            b'[{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}]", "nested-too-deep", id="closed brackets"
        ),
        pytest.param(b'[{"a":"' + b"x" * 2_000_000, "record-too-large", id="2 MB of text"),
        pytest.param(b'[{"a":"' + b"\\" * 2_000_000, "record-too-large", id="2 MB of backslashes"),
        pytest.param(b'[{"a":"' + b'\\"' * 1_000_000, "record-too-large", id="2 MB of escaped quotes"),
        pytest.param(b'[{"a":' + b'"' * 2_000_000, "broken-json", id="2 MB of quotes"),
        pytest.param(b'[{"a":' + b"1" * 2_000_000, "record-too-large", id="2 MB of digits"),
        pytest.param(b'[{"a":0.' + b"1" * 2_000_000, "record-too-large", id="2 MB of decimals"),
        pytest.param(b'[{"a":' + b" " * 2_000_000, "record-too-large", id="2 MB of spaces in a record"),
        pytest.param(b"[{" + b'"a":1,' * 400_000, "record-too-large", id="2 MB of members"),
        pytest.param(b'[{"a":[' + b"{}," * 700_000, "record-too-large", id="2 MB of objects in a list"),
        pytest.param(b"[" + b"," * 2_000_000, "broken-json", id="2 MB of commas"),
        pytest.param(b"\0" * 2_000_000, "truncated", id="2 MB of zeros"),
        pytest.param(b"[" + b"\0" * 2_000_000, "wrong-encoding", id="zeros behind a bracket"),
        pytest.param(b"[     " + b"\0" * 2_000_000, "truncated", id="zeros where a record should be"),
    ],
)
@pytest.mark.parametrize("chunk", [1 << 14, 1 << 22])
def test_whatever_a_file_is_full_of_it_is_refused(data: bytes, code: str, chunk: int) -> None:
    """Nesting, giant texts and numbers end in an error, also in a thread with a small stack of its own."""
    found: list[Found] = []
    thread = threading.Thread(target=lambda: found.append(read(data, chunk=chunk)))
    thread.start()
    thread.join()
    assert found[0].error is not None
    assert found[0].error.code == code
    assert not found[0].valid


@pytest.mark.parametrize(
    ("broken", "column", "says"),
    [
        ('"a": "x" "b": 1}', 11, "a comma or a closing bracket is missing before this place"),
        ('"a" "x"}', 6, "a colon is missing"),
        ("a: 1}", 2, "a property name has no double quotes"),
        ("'a': 1}", 2, "a single quote stands here, so this may be Python's"),
        ('"a": 1,}', 8, "extra comma before }"),
        ('"a": [1,]}', 9, "extra comma before ]"),
        ('"a": x}', 7, "a value is missing here, or a text has no double quotes"),
        ('"a": ,}', 7, "a value is missing here"),
        ('"a": True}', 7, "JSON writes true, false and null in small letters"),
        ('"a": 01}', 8, "a comma or a closing bracket is missing"),
        ('"a": +1}', 7, "a number is written as JSON does not have it"),
        ('"a": "x\ny"}', 9, "a text on this line has no closing double quote"),
        ('"a": "x\r\ny"}', 9, "a text on this line has no closing double quote"),
        ('"a": "x\ty"}', 9, "a control character stands inside a text (a tab is written \\t)"),
        ('"a": "DOMAIN\\user"}', 15, "a backslash inside a text must be written twice"),
        ('"a": "C:\\x"}', 10, "a backslash inside a text must be written twice"),
        ('"a": 1]', 8, "a comma or a closing bracket is missing"),
    ],
)
def test_broken_json_is_explained_at_its_place(broken: str, column: int, says: str) -> None:
    """In words for people who never heard of a delimiter, with line, column, byte and record."""
    data = ("[\n{" + broken + "\n]" + " " * 20).encode()
    error = error_of(data)
    assert says in error.message
    assert error.code == "broken-json"
    assert (error.place.line, error.place.column, error.place.offset, error.place.record) == (
        2,
        column,
        column + 1,
        1,
    )
    assert str(error.place) in error.message


def test_members_are_found_where_they_stand() -> None:
    """Key and place of every value, in bytes, whatever white space and characters lie around."""
    raw = '{ "é" :\t"🚪" ,\n"b":[1, {"c": 2}],"\\u0064":-1.5e3 , "e":"" }'.encode()
    assert [(key, raw[start:end].decode()) for key, start, end in members(raw)] == [
        ("é", '"🚪"'),
        ("b", '[1, {"c": 2}]'),
        ("d", "-1.5e3"),
        ("e", '""'),
    ]
    assert list(members(b"{ }")) == []
