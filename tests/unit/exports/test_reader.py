"""Every accepted form of an export, every refused one, and what is said about it."""

import hashlib
import json

import pytest

from shared.errors import Place
from shared.exports.items import Rejected
from shared.exports.reader import Reader
from shared.exports.unpacking import PIECE_BYTES, Unpacked
from tests.support.exports import array, export, record
from tests.support.read_export import error_of, read

RECORDS = [record(number, AssetName="Büro 🚪") for number in range(1, 41)]
TEXTS = [json.dumps(one, ensure_ascii=False) for one in RECORDS]
FORMS = {
    "one line": "[" + ", ".join(TEXTS) + "]",
    "compact": "[" + ",".join(TEXTS) + "]",
    "one a line in an array": "[\n" + ",\n".join(TEXTS) + "\n]\n",
    "comma first": "[ " + "\n, ".join(TEXTS) + "\n]",
    "pretty": json.dumps(RECORDS, indent=2, ensure_ascii=False),
    "pretty with CRLF": json.dumps(RECORDS, indent=4).replace("\n", "\r\n"),
    "one a line": "\n".join(TEXTS) + "\n",
    "one a line without an end": "\n".join(TEXTS),
    "one a line with CRLF": "\r\n".join(TEXTS) + "\r\n",
    "one a line with blank lines": "\n\n\r\n \t".join(TEXTS),
    "separated by blanks": " ".join(TEXTS),
    "pretty objects": "\n".join(json.dumps(one, indent=2) for one in RECORDS),
    "white space around": " \r\n\t[" + " , ".join(TEXTS) + " ] \n\n",
}
ENCODINGS = {
    "UTF-8": lambda text: text.encode(),
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16 LE": lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
    "UTF-16 BE": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
}

# The page of the connector showed such a sample for a year: no comma after UserId, one too many in every object.
DAMAGED_SAMPLE = """[
    {
        "UserId":"ana@example.com"
        "AssetId":"East-Entrance-2",
        "AssetName":"East entrance, second door",
        "EventTime":"2019-07-04T01:57:49",
        "AccessStatus":"Failed",
    },
    {
        "UserId":"ben@example.com",
        "AssetId":"West-Entrance-1",
        "AssetName":"West entrance, first door",
        "EventTime":"2019-07-04T02:57:49",
        "AccessStatus":"Success",
    }
]
"""


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("form", FORMS)
def test_every_accepted_form_gives_the_same_records(form: str, encoding: str, chunk: int) -> None:
    """Arrays and sequences, pretty or not, in every encoding, wherever the chunks are cut."""
    found = read(ENCODINGS[encoding](FORMS[form]), chunk=chunk)
    assert found.error is None
    assert found.records == RECORDS
    assert list(found.valid) == list(range(1, 41))
    assert found.latest_event == "2026-11-21T08:00:00"


def test_one_object_alone_is_one_record() -> None:
    """Which is what PowerShell writes for a single record."""
    assert read(TEXTS[0].encode()).records == RECORDS[:1]


@pytest.mark.parametrize("data", [b"[]", b" [ \r\n\t] \n", b"\xef\xbb\xbf[]", b"\xff\xfe[\0]\0"])
def test_an_empty_array_is_an_export_of_nothing(data: bytes) -> None:
    """A closed day."""
    found = read(data)
    assert found.error is None
    assert not found.valid
    assert not found.latest_event


@pytest.mark.parametrize(
    "data", [b"", b" \r\n\t ", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n", b"\xff\xfe", b"\xff\xfe \0"]
)
def test_nothing_at_all_is_refused(data: bytes) -> None:
    """Zero bytes, or white space, is no export."""
    assert error_of(data).code == "empty-export"


ONE = TEXTS[0]


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        pytest.param(f"[{ONE},]", "broken-json", "extra comma before ]", id="trailing comma"),
        pytest.param(f"[{ONE},,{ONE}]", "broken-json", "should begin here with {", id="two commas"),
        pytest.param(f"[,{ONE}]", "broken-json", "should begin here with {", id="leading comma"),
        pytest.param(f"[{ONE} {ONE}]", "broken-json", "a comma is missing", id="missing comma"),
        pytest.param(f"[{ONE}\n}}]", "broken-json", "a comma is missing", id="a bracket too many"),
        pytest.param(
            f"[{ONE}] {ONE}", "broken-json", "files were probably joined", id="a record behind the array"
        ),
        pytest.param(f"[{ONE}][]", "broken-json", "files were probably joined", id="two arrays"),
        pytest.param("[]x", "broken-json", "follows the closing ]", id="something behind nothing"),
        pytest.param(f"[{ONE}, 5]", "broken-json", "should begin here with {", id="a number among records"),
        pytest.param(f"[[{ONE}]]", "broken-json", "should begin here with {", id="array in an array"),
        pytest.param("[null]", "broken-json", "should begin here with {", id="null"),
        pytest.param(
            f"{ONE},\n{ONE}",
            "broken-json",
            "a comma between records that have no [ and ] around them",
            id="commas, no brackets",
        ),
        pytest.param(f"{ONE}{ONE}", "broken-json", "a line break is missing", id="nothing between records"),
        pytest.param(f"{ONE}\n]", "broken-json", "should begin here with {", id="only a closing bracket"),
        pytest.param(
            f"{ONE}\n[{ONE}]", "broken-json", "files were probably joined", id="array behind a record"
        ),
        pytest.param(f"[{ONE}", "truncated", "the closing ] is missing", id="no closing bracket"),
        pytest.param(f"[{ONE},", "truncated", "another record should follow", id="ends behind a comma"),
        pytest.param("[", "truncated", "another record should follow", id="only a bracket"),
        pytest.param(
            f'{{"records": [{ONE}]}}', "wrong-top-level", "the list is inside an object", id="envelope"
        ),
        pytest.param(
            '{"a": 1, "value": []}', "wrong-top-level", "the list is inside an object", id="empty envelope"
        ),
        pytest.param(
            '{"records":\n [' + ",".join([ONE] * 9_000) + "]}",
            "wrong-top-level",
            "the list is inside an object",
            id="large envelope",
        ),
        pytest.param('"text"', "not-json", "CSV or plain text", id="a text"),
        pytest.param("UserId,AssetId\na@b,1", "not-json", "must begin with [ or {", id="CSV"),
        pytest.param('"UserId","AssetId"', "not-json", "CSV or plain text", id="CSV with quotes"),
        pytest.param(json.dumps(f"[{ONE}]"), "not-json", "encoded twice", id="encoded twice"),
        pytest.param(
            json.dumps("[\n  " + ONE + "]"), "not-json", "encoded twice", id="encoded twice, pretty"
        ),
        pytest.param(json.dumps(ONE), "not-json", "encoded twice", id="one record encoded twice"),
        pytest.param(f"// x\n[{ONE}]", "not-json", "a comment", id="a comment"),
        pytest.param(f"[{ONE}\0\0\0", "truncated", "NUL bytes follow", id="NUL for a comma"),
        pytest.param(f"{ONE}\n\0\0\0", "truncated", "breaks off at line 2", id="NUL for a record"),
        pytest.param("<badges/>", "not-json", "XML", id="XML"),
        pytest.param("PK\x03\x04", "not-json", "Excel workbook", id="ZIP"),
        pytest.param("null", "not-json", "it is null; write []", id="null alone"),
        pytest.param("nullable,id", "not-json", "CSV or plain text", id="a word that begins with null"),
        pytest.param(
            "﻿﻿[]",
            "not-json",
            "must begin with [ or {; an invisible byte order mark",
            id="two byte order marks",
        ),
    ],
)
@pytest.mark.parametrize("chunk", [1, 1 << 20])
def test_every_other_form_is_refused(text: str, code: str, says: str, chunk: int) -> None:
    """With a code, a sentence that tells what to do, and nothing out of the export."""
    error = error_of(text.encode("utf-8"), chunk=chunk)
    assert error.code == code
    assert says in error.message
    assert error.place.line is not None
    for private in ("person1", "door-000001", "Büro", "2026-11-21"):
        assert private not in str(error)


@pytest.mark.parametrize(
    "first", ['{"Tags": []}', '{"Header": "x"}', '{"Meta": [{"a": 1}]}', '{"Tags": ["a"]}']
)
@pytest.mark.parametrize("chunk", [1, 1 << 20])
def test_one_odd_first_line_is_one_rejected_record(first: str, chunk: int) -> None:
    """Only an object that is the whole file, or evidently holds records, is an envelope around them."""
    found = read("\n".join([first, *TEXTS[:3]]).encode(), chunk=chunk)
    assert found.error is None
    assert [one.number for one in found.rejected] == [1]
    assert found.records == RECORDS[:3]


@pytest.mark.parametrize(
    "text", ['{"Tags": []}', '{"Tags": []}\n\n', '{"value": [{"id": 1}]}', '{"a": 1, "b": [{}]}']
)
def test_an_odd_object_that_is_the_whole_file_is_an_envelope(text: str) -> None:
    """Whatever its list holds, if it holds objects only."""
    error = error_of(text.encode())
    assert error.code == "wrong-top-level"
    assert error.place == Place(1, 1, 0, None)


def test_an_envelope_of_records_is_one_whatever_follows_it() -> None:
    """Pages of records, one a line, are no records themselves."""
    page = json.dumps({"page": 1, "records": ["x", RECORDS[0]]})
    assert error_of(f"{page}\n{page}".encode()).code == "wrong-top-level"


@pytest.mark.parametrize("text", ['{"Tags": ["a"]}', '{"Header": "x"}', '{"UserId": "a@b", "Tags": []}'])
def test_an_object_without_a_list_of_objects_is_a_record(text: str) -> None:
    """It is rejected as one."""
    assert len(read(text.encode()).rejected) == 1


def test_a_huge_first_record_is_not_taken_for_an_envelope() -> None:
    """Only what begins like one is called one."""
    assert error_of(b'{"UserId": "' + b"x" * 2_000_000).code == "record-too-large"


def test_the_damaged_sample_is_refused_with_its_line() -> None:
    """The missing comma is found where the next property begins, and the trailing one where it stands."""
    error = error_of(DAMAGED_SAMPLE.encode())
    assert error.code == "broken-json"
    assert error.place == Place(4, 9, 51, 1)
    assert error.message == (
        "Broken JSON at line 4, column 9 (byte 51, record 1): a comma or a closing bracket is missing before this "
        "place."
    )
    half_corrected = DAMAGED_SAMPLE.replace('com"\n', 'com",\n')
    error = error_of(half_corrected.encode())
    assert error.place.line == 7
    assert "extra comma before }" in error.message


def test_the_corrected_sample_is_accepted() -> None:
    """With its commas in place, as Microsoft's own file with a byte order mark and without."""
    corrected = DAMAGED_SAMPLE.replace('com"\n', 'com",\n').replace('",\n    }', '"\n    }')
    for data in (corrected.encode(), corrected.encode("utf-8-sig")):
        found = read(data)
        assert found.error is None
        assert [one["AccessStatus"] for one in found.records] == ["Failed", "Success"]


@pytest.mark.parametrize("form", ["one a line in an array", "pretty", "one line"])
def test_an_array_that_is_cut_anywhere_is_refused(form: str) -> None:
    """Truncated at every offset: never a shorter export, always called truncated."""
    data = FORMS[form][: len(FORMS[form]) // 8].encode() + b"]"
    assert len(data) > 500
    for end in range(1, len(data) - 1):
        error = error_of(data[:end])
        assert error.code == "truncated", (end, error)
        assert not error.place.offset or error.place.offset <= end


def test_lines_that_are_cut_in_a_record_are_refused() -> None:
    """Of one record a line, only a cut between two lines cannot be told from a shorter export."""
    data = "\n".join(TEXTS[:3]).encode()
    whole = {0, *(len("\n".join(TEXTS[:lines]).encode()) + extra for lines in (1, 2) for extra in (0, 1))}
    for end in set(range(len(data))) - whole:
        assert error_of(data[:end]).code == "truncated"


def test_corrected_lines_count_as_their_content() -> None:
    """A rejected file can be corrected in place and uploaded again; among them may be lines still wrong."""
    good, bad = record(1), record(2, AccessStatus="Granted")
    lines = [
        json.dumps({"record": 7, "errors": [{"property": "UserId"}], "content": good}, indent=1),
        json.dumps({"content": bad, "errors": [], "record": 9}),
    ]
    found = read("\n".join(lines).encode())
    assert found.records == [good]
    assert json.loads(found.rejected[0].record.content) == bad
    assert found.codes == [[("AccessStatus", "not-allowed")]]


@pytest.mark.parametrize(
    "frame",
    [
        {"record": 1, "errors": [], "content": "text"},
        {"record": 1, "errors": [], "content": None},
        {"record": 1, "errors": [], "content": record(1), "more": 1},
        {"record": 1, "content": record(1)},
    ],
)
def test_what_only_looks_like_a_corrected_line_is_a_record(frame: dict[str, object]) -> None:
    """Exactly the three keys, and an object in `content`; anything else is judged as it stands."""
    found = read(json.dumps([frame]).encode())
    assert not found.valid
    assert len(found.codes[0]) == 4


def test_a_corrected_line_with_a_repeated_content_counts_as_its_last() -> None:
    """As with every repeated property."""
    line = '{"record": 1, "errors": [], "content": {}, "content": ' + TEXTS[0] + "}"
    assert read(line.encode()).records == RECORDS[:1]


def test_numbers_go_on_across_good_and_bad_records_and_pieces() -> None:
    """Every record of a large export has its own number, proven in a sweep or not."""
    bad = {5, 6, 7_000, 12_345, 12_346, 12_347}
    data = export(40_000, bad=tuple(bad))
    assert len(data) > 10 * PIECE_BYTES
    found = read(data)
    assert {one.number for one in found.rejected} == bad
    assert set(found.valid) == set(range(1, 40_001)) - bad
    assert all(json.loads(raw)["AssetId"] == f"door-{number:06d}" for number, raw in found.valid.items())


def test_the_latest_event_is_the_latest_of_the_valid_ones_in_utc() -> None:
    """Offsets are taken into account, rejected records are not."""
    times = [
        "2026-11-21T08:00:00",
        "2026-11-21T08:30:00+01:00",
        "2026-11-21T07:30:00-01:00",
        "2026-11-20T00:00:00",
    ]
    records = [record(n, EventTime=times[n % 4]) for n in range(1, 100)]
    data = array([*records, record(100, EventTime="2027-01-01T00:00:00", AccessStatus="?")])
    for fast in (True, False):
        assert read(data, fast=fast).latest_event == "2026-11-21T08:30:00"


def test_what_stands_between_records_is_said_of_the_one_that_should_follow() -> None:
    """Its number is one more than those that were read."""
    one = TEXTS[0]
    for text, number in ((f"[{one}, {one} {one}]", 3), (f"{one}\n{one}\n,{one}", 3), ("[x]", 1)):
        assert error_of(text.encode()).place.record == number


def test_the_latest_event_is_known_to_the_second() -> None:
    """Whatever fraction it has; of two in one second neither is later."""
    times = ("2026-11-21T08:00:00.9", "2026-11-21T09:00:00.25+01:00")
    for records in (
        [record(1, EventTime=times[0])],
        [record(n, EventTime=time) for n, time in enumerate(times)],
    ):
        assert read(array(records)).latest_event == "2026-11-21T08:00:00"


def test_a_rejected_record_has_the_place_where_it_begins() -> None:
    """However far into the file, and in UTF-16 too."""
    lines = [
        json.dumps(record(number, AccessStatus="?") if number % 1_000 == 0 else record(number))
        for number in range(1, 10_001)
    ]
    for encoding in ("utf-8", "utf-16-le"):
        mark = "\ufeff" if encoding == "utf-16-le" else ""
        data = (mark + "\n".join(lines)).encode(encoding)
        assert len(data) > 2 * PIECE_BYTES
        places = [
            item.place()
            for item in Reader([data[:PIECE_BYTES], data[PIECE_BYTES:]])
            if isinstance(item, Rejected)
        ]
        before = [
            len((mark + "\n".join(lines[: number - 1]) + "\n").encode(encoding))
            for number in range(1_000, 10_001, 1_000)
        ]
        assert places == [
            Place(number, 1, offset, number)
            for number, offset in zip(range(1_000, 10_001, 1_000), before, strict=True)
        ]


def test_a_pass_knows_the_hash_of_what_it_read_if_that_was_hashed() -> None:
    """SHA-256 of the unpacked bytes; pieces that were not hashed have none."""
    data = f"[{ONE}]".encode()
    hashed, plain = Reader(Unpacked([data], 1_000_000)), Reader([data])
    assert len(list(hashed)) == len(list(plain)) == 1
    assert hashed.sha256 == hashlib.sha256(data).hexdigest()
    assert plain.sha256 == ""
