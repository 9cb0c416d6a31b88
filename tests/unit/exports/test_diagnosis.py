"""Broken files as people report them: each is named for what is really there, with its place and what to do."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.errors import ExportError, Place
from shared.exports.unpacking import PIECE_BYTES
from tests.support.exports import record
from tests.support.read_export import error_of, read

RECORDS = [record(number) for number in range(1, 4)]
LINES = [json.dumps(one) for one in RECORDS]
ONE = LINES[0]
LIST = json.dumps(RECORDS)
PAGE = {"page": 1, "items": RECORDS}
_FAR = b" " * (2 * PIECE_BYTES + 5)
PRIVATE = ("person1", "door-000001", "Main entrance", "2026-11-21")


def checked(data: bytes, chunk: int = 1 << 20) -> ExportError:
    """What ends the pass; nothing out of the file stands in it."""
    error = error_of(data, chunk=chunk)
    assert not any(private in str(error) for private in PRIVATE)
    return error


FILES: dict[str, tuple[bytes, str, str, tuple[int | None, int | None]]] = {
    # JSON inside a JSON text
    "a list in a text": (json.dumps(LIST).encode(), "not-json", "written inside a text (encoded twice)", (1, 1)),
    "records in texts": (
        json.dumps(LINES).encode(), "broken-json", "written inside a text here (encoded twice)", (1, 2),
    ),
    # invisible bytes
    "a byte order mark on each line": (
        "".join(f"\ufeff{line}\r\n" for line in LINES).encode(), "broken-json", "an invisible byte order mark", (2, 1),
    ),
    "two byte order marks": (f"\ufeff\ufeff{LIST}".encode(), "not-json", "an invisible byte order mark", (1, 1)),
    "a byte order mark in a list": (
        f"[{ONE},\n\ufeff{ONE}]".encode(), "broken-json", "an invisible byte order mark", (2, 1),
    ),
    "a byte order mark behind a comma in a record": (
        (ONE[:-1] + ',\ufeff"a": 1}').encode(), "broken-json", "an invisible byte order mark", (1, len(ONE) + 1),
    ),
    "UTF-16 files joined": (
        b"".join(f"{line}\n".encode("utf-16") for line in LINES), "broken-json", "an invisible byte order mark", (2, 1),
    ),
    "Ctrl-Z": (f"{LIST}\r\n\x1a".encode(), "broken-json", "an invisible Ctrl-Z (byte 1A)", (2, 1)),
    "Ctrl-Z behind lines": (f"{ONE}\n\x1a".encode(), "broken-json", "an invisible Ctrl-Z (byte 1A)", (2, 1)),
    "an escape character": (f"[{ONE}\x1b]".encode(), "broken-json", "an invisible control character", (1, len(ONE) + 2)),
    "a no-break space": (f"[{ONE},\u00a0{ONE}]".encode(), "broken-json", "only blank, tab and line break", (1, len(ONE) + 3)),
    "a zero-width space": (f"[{ONE}\u200b]".encode(), "broken-json", "only blank, tab and line break", (1, len(ONE) + 2)),
    "NUL bytes only": (bytes(4_096), "truncated", "begins with NUL bytes", (None, None)),
    "NUL bytes behind a list": (LIST.encode() + bytes(60), "truncated", "NUL bytes follow", (1, len(LIST) + 1)),
    "NUL bytes behind lines": (f"{ONE}\n".encode() + bytes(60), "truncated", "NUL bytes follow", (2, 1)),
    "NUL bytes behind the first brackets": (b"[{" + bytes(60), "truncated", "NUL bytes follow", (1, 3)),
    "NUL bytes in a text": (
        b'[{"UserId":"' + bytes(40) + b'"}]', "truncated", "NUL bytes follow", (1, 13),
    ),
    # nothing, and other things
    "null": (b"null\n", "not-json", "write [] for a day without events", (1, 1)),
    "an HTML page": (
        b"<!DOCTYPE html><html><body>Please log in</body></html>", "not-json", "an HTML page, often an error", (1, 1),
    ),
    "XML": (b"<?xml version='1.0'?><events/>", "not-json", "XML", (1, 1)),
    "syslog": (b"<134>Nov 21 08:15:00 door", "not-json", "syslog", (1, 1)),
    "an HTTP reply": (b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n[]", "not-json", "an HTTP reply with its headers", (1, 1)),
    "CSV": (b"UserId,AssetId\r\na,b\r\n", "not-json", "CSV or plain text", (1, 1)),
    "CSV without a heading": (b"7;a;b\r\n", "not-json", "CSV or plain text", (1, 1)),
    "YAML": (b"- UserId: ann\n", "not-json", "YAML", (1, 1)),
    "a printed table": (b"| UserId | AssetId |\n", "not-json", "a printed table", (1, 1)),
    "PowerShell's notation": (b"@{UserId=ann}", "not-json", "ConvertTo-Json", (1, 1)),
    "JavaScript": (f"var data = {LIST};".encode(), "not-json", "JavaScript around the JSON", (1, 1)),
    "JSONP": (f"callback({LIST})".encode(), "not-json", "JavaScript around the JSON", (1, 1)),
    "sqlcmd's heading": (
        b"JSON_F52E2B61-18A1-11d1-B105-00805F49916B\r\n---\r\n[]", "not-json", "sqlcmd with its heading", (1, 1),
    ),
    "Base64": (b"W3siVXNlcklkIjoiYW5uQGV4YW1wbGUuY29tIn1d", "not-json", "Base64", (1, 1)),
    "URL-encoded": (b"%5B%7B%22UserId%22", "not-json", "URL-encoded", (1, 1)),
    "a Git LFS pointer": (b"version https://git-lfs.github.com/spec/v1\n", "not-json", "Git LFS pointer", (1, 1)),
    "a signed file": (b"-----BEGIN PGP MESSAGE-----\n", "not-json", "encrypted or signed", (1, 1)),
    "a merge": (f"<<<<<<< HEAD\n{LIST}\n=======\n".encode(), "not-json", "unresolved merge", (1, 1)),
    "an Excel workbook": (b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\xfa", "not-json", "Excel workbook", (1, 1)),
    "an old Excel workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "not-json", "old Excel", (1, 1)),
    "bzip2": (b"BZh91AY&SY\x94\xf7\xfa", "not-json", "bzip2; only gzip is read", (1, 1)),
    "zstd": (b"\x28\xb5\x2f\xfd\x04\0", "not-json", "zstd; only gzip is read", (1, 1)),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "not-json", "a PDF", (1, 1)),
    "what is nothing known": (b"\x7f\x7f\x7f", "not-json", "it is not JSON", (1, 1)),
    # wrong notation
    "Python's notation": (str(RECORDS).encode(), "broken-json", "may be Python's or JavaScript's own notation", (1, 3)),
    "Python's words": (f'[{{"a": None, "b": {ONE}}}]'.encode(), "broken-json", "true, false and null", (1, 8)),
    "typographic quotes": (
        LIST.replace('"', "\u201d").encode(), "broken-json", "a typographic quote", (1, 3),
    ),
    "names without quotes": (b'[{UserId: "a"}]', "broken-json", "a property name has no double quotes", (1, 3)),
    "a comment": (f"[{ONE}, // the rest\n{ONE}]".encode(), "broken-json", "a comment begins here", (1, len(ONE) + 4)),
    "a shell's function": (b'[{"_id": ObjectId("5f")}]', "broken-json", "a program or a database's shell", (1, 10)),
    "JavaScript's objects": (b"[object Object]", "broken-json", "what JavaScript prints for an object", (1, 2)),
    "HTML escapes": (b"[{&quot;UserId&quot;: 1}]", "broken-json", "escaped for HTML", (1, 3)),
    "an error page behind records": (
        f"{ONE}\n<html>504".encode(), "broken-json", "HTML or XML begins here, often an error", (2, 1),
    ),
    "a rich text document": (rb"{\rtf1\ansi [", "broken-json", "rich text document", (1, 2)),
    "a leading zero": (b'[{"a": 007}]', "broken-json", "a number is written as JSON does not have it", (1, 9)),
    "a leading plus": (b'[{"a": +7}]', "broken-json", "a number is written as JSON does not have it", (1, 8)),
    # joined files
    "lists joined": (f"{LIST}\n{LIST}".encode(), "broken-json", "files were probably joined", (2, 1)),
    "a record behind a list": (f"{LIST}\n{ONE}".encode(), "broken-json", "files were probably joined", (2, 1)),
    "a list behind a record": (f"{ONE}\n{LIST}".encode(), "broken-json", "files were probably joined", (2, 1)),
    "a record without a comma in UTF-16": (
        f"[{ONE} {ONE}]".encode("utf-16"), "broken-json", "a comma is missing before this place", (1, len(ONE) + 3),
    ),
    # encodings
    "Windows-1252": (
        f'[{ONE[:-1]}, "Name": "B\u00fcro"}}]'.encode("cp1252"), "wrong-encoding", "it may be Windows-1252",
        (1, len(ONE) + 13),
    ),
    "UTF-8 and Windows-1252": (
        '{"Name": "B\u00fcro"}\n'.encode() + '{"Name": "B\u00fcro"}\n'.encode("cp1252"), "wrong-encoding",
        "begins as UTF-8, but does not go on as UTF-8; it may be joined", (2, 12),
    ),
    "UTF-16 behind UTF-8": (
        f"{ONE}\r\n".encode() + f"{ONE}\r\n".encode("utf-16-le"), "wrong-encoding",
        "every second byte is NUL; UTF-16 was probably added", (2, 2),
    ),
    "UTF-16 with a mark behind UTF-8": (
        f"{ONE}\r\n".encode() + f"{ONE}\r\n".encode("utf-16"), "wrong-encoding",
        "A file in UTF-16 begins in the middle of this one", (2, 1),
    ),
    "UTF-8 behind UTF-16": (
        f"{ONE}\r\n".encode("utf-16") + f"{ONE}{' ' * (len(ONE) % 2)}".encode(), "wrong-encoding",
        "The encoding changes at line 2, column 1", (2, 1),
    ),
    "UTF-8 of an odd length behind UTF-16": (
        f"{ONE}\r\n".encode("utf-16") + f"{ONE} {'x' * (len(ONE) % 2)}".encode(), "wrong-encoding",
        "begins as UTF-16, but does not end as UTF-16", (2, None),
    ),
    "gzip behind text": (
        f"{ONE}\n".encode() + gzip.compress(b"{}"), "wrong-encoding", "A file in gzip begins in the middle", (2, 2),
    ),
    "UTF-16 without a mark": (LIST.encode("utf-16-le"), "wrong-encoding", "looks like UTF-16", (None, None)),
    "UTF-16 behind a mark of UTF-8": (
        b"\xef\xbb\xbf" + LIST.encode("utf-16-le"), "wrong-encoding", "looks like UTF-16", (None, None),
    ),
    "UTF-32 without a mark": (LIST.encode("utf-32-le"), "wrong-encoding", "looks like UTF-32", (None, None)),
    "UTF-16 with a mark behind a mark of UTF-8": (
        b"\xef\xbb\xbf" + LIST.encode("utf-16"), "wrong-encoding", "A file in UTF-16 begins in the middle", (1, 1),
    ),
    "a byte order mark that lies": (
        b"\xfe\xff" + LIST.encode("utf-16-le"), "wrong-encoding", "byte order mark does not fit", (1, 1),
    ),
    "a byte order mark that lies before one that does not": (
        b"\xfe\xff" + LIST.encode("utf-16"), "wrong-encoding", "byte order mark does not fit", (1, 1),
    ),
    "a word in UTF-16": ("\u0100\u0101b;2".encode("utf-16"), "not-json", "CSV or plain text", (1, 1)),
    "a word in UTF-8 whose characters end in NUL in UTF-16": (
        "\u0100\u0200".encode(), "not-json", "CSV or plain text", (1, 1),
    ),
    "EBCDIC": (LIST.encode("cp037"), "wrong-encoding", "EBCDIC, which mainframes write", (1, 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_is_named_for_what_is_there(name: str) -> None:
    """Code, reason and place; never a word of the file's own."""
    data, code, says, (line, column) = FILES[name]
    error = checked(data)
    assert (error.code, error.place.line) == (code, line)
    assert column in {error.place.column, None}
    assert says in error.message


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "The file must begin with [ or {; it is a PDF."),
        (LIST.encode("cp037"), "The file is not UTF-8; it looks like EBCDIC, which mainframes write."),
        (b"UserId,AssetId\r\n", "The file must begin with [ or {; it looks like CSV or plain text."),
    ],
)
def test_what_is_no_json_is_said_in_one_sentence_about_its_first_byte(data: bytes, says: str) -> None:
    """Whether text or not."""
    error = checked(data)
    assert error.message == says
    assert error.place == Place(line=1, column=1, offset=0)


WRAPPED: dict[str, Any] = {
    "one object": {"value": RECORDS},
    "one object with more in it": {"@odata.context": "x", "value": RECORDS, "count": 3},
    "two levels": {"d": {"results": RECORDS}},
    "three levels": {"data": {"badges": {"nodes": RECORDS}}},
    "a search engine's answer": {
        "took": 3,
        "hits": {"total": 2, "hits": [{"_source": one} for one in RECORDS]},
    },
    "an object without known names": {"data": {"rows": [{"id": 1}, {"id": 2}]}},
    "an empty answer": {"data": {"rows": []}},
    "records under keys": {"1": RECORDS[0], "2": RECORDS[1]},
    "pages in a list": [PAGE, PAGE],
    "each record in an object": [{"_index": "badges", "_source": one} for one in RECORDS],
    "two of a record's names": [{"_index": "badges", "_source": {"UserId": "a", "EventTime": "b"}}],
    "names in another case": {"data": [{"userId": "a", "asset_id": "b", "eventTime": "c"}]},
}


@pytest.mark.parametrize("name", WRAPPED)
@pytest.mark.parametrize("write", [json.dumps, lambda value: json.dumps(value, indent=2)])
def test_records_inside_other_objects_are_said_to_be_so(name: str, write: Callable[[Any], str]) -> None:
    """One or more levels deep, pages in a list or one a line."""
    error = checked(write(WRAPPED[name]).encode())
    assert error.code == "wrong-top-level"
    assert "inside" in error.message
    assert error.place.line in {1, 2}


@pytest.mark.parametrize(
    "wrapper", [PAGE, {"d": {"results": RECORDS}}, {"preview": False, "result": RECORDS[0]}]
)
def test_pages_one_a_line_are_said_to_be_so(wrapper: dict[str, Any]) -> None:
    """The first line already tells."""
    assert checked("\n".join([json.dumps(wrapper)] * 3).encode()).code == "wrong-top-level"


def test_an_answer_that_breaks_off_is_truncated_in_the_first_place() -> None:
    """What is around the records can be put right only in a whole file."""
    assert checked(b'{"value": [' + ONE.encode() + b",").code == "truncated"


@pytest.mark.parametrize(
    "begins",
    [
        b'{"took": 3, "hits": {"total": 2, "hits": [{"_id": "1", "_source": %b}, ' % ONE.encode(),
        b'{"value": [',
        b'[{"page": 1, "items": [',
    ],
)
def test_an_answer_of_megabytes_is_told_by_its_beginning(begins: bytes) -> None:
    """It is no record that grew too large."""
    assert checked(begins + (ONE + ",").encode() * 20_000).code == "wrong-top-level"


@pytest.mark.parametrize(
    "begins",
    [
        b'{"Meta": {"a": 1}, "UserId": "a@example.com", "more": [{"UserId": "b", "AssetId": "c"}], "text": "',
        b'{"by": {"UserId": "a@example.com"}, "text": "',
    ],
)
def test_a_large_record_is_none_for_what_an_object_in_it_holds(begins: bytes) -> None:
    """A property of its own may stand behind an object; a single property of a record elsewhere proves nothing."""
    assert checked(begins + b"x" * 1_200_000 + b'"}').code == "record-too-large"


def test_a_large_record_or_line_of_a_rejected_file_is_no_answer_around_records() -> None:
    """What it holds does not matter once it has a record's own properties, or a rejected line's."""
    inner = f'"more": [{ONE}, "' + "x" * 1_200_000 + '"]'
    for before in ('{"UserId": "a@example.com", ', '{"record": 1, "errors": [], "content": {}, '):
        assert checked((before + inner + "}").encode()).code == "record-too-large"


@pytest.mark.parametrize(
    "odd",
    [
        {"Meta": {"UserId": "x"}},
        {"record": 1, "content": RECORDS[0]},
        {"UserId": "a@example.com", "inner": RECORDS},
        {"Header": {"a": {"b": 1}}, "Tags": ["a"]},
    ],
)
def test_an_object_that_only_has_objects_in_it_is_a_wrong_record(odd: dict[str, Any]) -> None:
    """It is set aside by itself, and what follows is read; also if nothing does."""
    found = read(json.dumps([odd, *RECORDS]).encode())
    assert found.error is None
    assert [one.number for one in found.rejected] == [1]
    assert found.records == RECORDS
    alone = read(json.dumps(odd).encode())
    assert alone.error is None
    assert [one.number for one in alone.rejected] == [1]


def test_an_object_nested_without_end_is_looked_into_only_so_far() -> None:
    """A million small objects in the first record cost no more than a few thousand."""
    data = b'[{"a": [' + b",".join([b'{"b":{}}'] * 100_000) + b"]}]"
    assert len(read(data).rejected) == 1


@pytest.mark.parametrize(
    ("spelling", "said"),
    [
        ("userId", "it is written userId here"),
        ("userid", "it is written userid here"),
        ("USERID", "it is written USERID here"),
        ("User_Id", "it is written User_Id here"),
        ("user_id", "it is written user_id here"),
        ("USER_ID", "it is written USER_ID here"),
        ("User Id", "it is written User Id here"),
        ("user-ID", "it is there in another spelling"),
        ("uSERiD", "it is there in another spelling"),
    ],
)
def test_a_property_in_another_spelling_is_said_to_be_there(spelling: str, said: str) -> None:
    """Upper and lower case, underscores and blanks; only the usual spellings are shown, so reasons stay few."""
    wrong = {spelling if name == "UserId" else name: value for name, value in RECORDS[0].items()}
    (violation,) = read(json.dumps([wrong]).encode()).rejected[0].record.violations
    assert (violation.code, violation.name) == ("missing", "UserId")
    assert said in violation.reason


def test_a_million_spellings_are_one_reason() -> None:
    """What is counted by reason does not grow with what a file holds."""
    spellings = [
        "".join(c.upper() if bits >> at & 1 else c for at, c in enumerate("userid")) for bits in range(64)
    ]
    wrong = [{one: "a@example.com"} | record(1, UserId=None) for one in spellings if one != "UserId"]
    found = read(json.dumps(wrong).encode())
    reasons = {one.reason for item in found.rejected for one in item.record.violations}
    assert len(found.rejected) == len(wrong) > 50
    assert len(reasons) <= 5


def _checksum_wrong(data: bytes) -> bytes:
    packed = bytearray(gzip.compress(data))
    packed[-8] ^= 1
    return bytes(packed)


@pytest.mark.parametrize("inside", [b"[{]", b"[{}, \xff]", b"", b"nonsense", LIST.encode()])
def test_a_gzip_that_is_damaged_is_said_to_be_so_whatever_comes_out_of_it(inside: bytes) -> None:
    """Nonsense comes out of a damaged gzip long before its checksum tells; it is not the exporter's JSON that is wrong."""
    assert error_of(_checksum_wrong(inside + _FAR)).code == "broken-gzip"


def test_a_sound_gzip_is_named_for_what_is_in_it() -> None:
    """Packing that is in order says nothing about its content."""
    assert error_of(gzip.compress(b"[{]" + _FAR)).code == "broken-json"
    assert error_of(gzip.compress(b"[{} x" + _FAR), max_bytes=PIECE_BYTES).code == "broken-json"
    assert error_of(gzip.compress(b"[{}, \xff]" + _FAR)).code == "wrong-encoding"


@pytest.mark.parametrize("number", [1, 2, 3, 40])
@pytest.mark.parametrize(
    "broken",
    [
        pytest.param('{"UserId": nope}', id="broken"),
        pytest.param('{"UserId": NaN}', id="no number"),
        pytest.param('{"UserId": ' + "[" * 100 + "]" * 100 + "}", id="nested"),
        pytest.param('{"UserId": "' + "x" * (1 << 20) + '"}', id="large"),
    ],
)
@pytest.mark.parametrize("between", [",\n", "\n"])
def test_the_record_that_ends_reading_is_named_by_its_number(broken: str, number: int, between: str) -> None:
    """Whatever is wrong with it, in a list or one a line."""
    texts = [json.dumps(record(1))] * (number - 1) + [broken] + [json.dumps(record(1))] * 2
    text = between.join(texts)
    error = error_of(f"[{text}]".encode() if "," in between else text.encode())
    assert error.place is not None
    assert error.place.record == number
    assert f"record {number})" in error.message
