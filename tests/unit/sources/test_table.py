"""Tables: dialects, encodings, headers, and what is no table."""

import codecs
import gzip
import json
from collections.abc import Iterator

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from shared.errors import ExportError
from shared.sources.lines import codec_of
from shared.sources.profile import read_profile
from shared.sources.table import Table
from tests.support.sources import HEADER, TABLE, Mapped, mapped

ROWS = "2026-11-22 07:58:12,1,D1,Lobby,Granted\n2026-11-22 07:58:13,2,D2,Röhre,Denied - late\n"


def with_input(said: str) -> str:
    """The table's profile with more in `[input]`."""
    return TABLE.replace('format = "csv"', f'format = "csv"\n{said}', 1)


def refused(profile: str, export: str | bytes) -> ExportError:
    """The error with which an export is refused."""
    with pytest.raises(ExportError) as caught:
        mapped(profile, export)
    return caught.value


def names(found: Mapped) -> list[str]:
    """The doors' names."""
    return [record.get("AssetName", "") for record in found.records]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-16", "windows-1252", "iso-8859-1", "iso-8859-15", "cp437", "cp850", "gb18030"],
)
def test_declared_encodings(encoding: str) -> None:
    """An export is read in the encoding that the profile declares."""
    data = (HEADER + ROWS).encode(codec_of(encoding))
    assert names(mapped(with_input(f'encoding = "{encoding}"'), data)) == ["Lobby", "Röhre"]


@pytest.mark.parametrize(("encoding", "text"), [("shift_jis", "①号館"), ("euc-kr", "정문"), ("big5", "大門")])
def test_encodings_of_asia(encoding: str, text: str) -> None:
    """As Windows writes them."""
    data = (HEADER + ROWS.replace("Lobby", text)).replace("ö", "o").encode(codec_of(encoding))
    assert names(mapped(with_input(f'encoding = "{encoding}"'), data))[0] == text


@pytest.mark.parametrize(
    ("mark", "codec"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_a_byte_order_mark_always_wins(mark: bytes, codec: str) -> None:
    """Whatever the profile declares."""
    data = mark + (HEADER + ROWS).encode(codec)
    assert len(mapped(with_input('encoding = "windows-1252"'), data).records) == 2


def test_what_does_not_decode_is_refused_with_the_place() -> None:
    """The message names line and byte."""
    error = refused(TABLE, (HEADER + ROWS).encode("cp1252"))
    assert (error.code, error.place.line, error.place.column) == ("wrong-encoding", 3, 27)
    assert error.place.offset == len(HEADER) + ROWS.index("ö")
    assert refused(TABLE, (HEADER + ROWS).encode()[: (len(HEADER) + ROWS.index("ö") + 1)]).code == "truncated"
    assert refused(TABLE, codecs.BOM_UTF32_LE + HEADER.encode("utf-32-le")).code == "wrong-encoding"
    assert "utf-16" in refused(TABLE, HEADER.encode("utf-16-le")).message


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends(end: str, *, last: bool) -> None:
    """Any line ends, and a missing last one."""
    text = (HEADER + ROWS).replace("\n", end)
    found = mapped(TABLE, text if last else text.removesuffix(end))
    assert (len(found.records), found.counts.read) == (2, 2)


def test_mixed_line_ends_and_empty_rows() -> None:
    """Rows whose cells are all empty are passed over, uncounted; a row's line is the one on which it ends."""
    text = HEADER + ROWS.replace("\n", "\r\n", 1) + "\n,,,,\r\n \0, ,,,\nx,9,,,Granted"
    found = mapped(TABLE, text)
    assert found.counts.read == 3
    assert found.rejected[0][:3] == (3, 7, ("person-unknown",))
    assert found.rejected[0][3] == {"Time": "x", "Id": "9", "Door": "", "Name": "", "Event": "Granted"}


CELLS = st.sampled_from(["", "a", " "])
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@settings(deadline=None)
@given(
    lines=st.lists(st.tuples(st.lists(CELLS, min_size=1, max_size=3), ENDS), min_size=1, max_size=12),
    width=st.integers(1, 3),
)
@example(lines=[(["a"], "\r"), (["", ""], "\n"), (["", "b"], "\r\n")], width=1)
@example(lines=[(["a", ""], "\n"), (["", "b"], "\r\n")], width=1)
def test_rows_are_told_apart_by_any_line_end(lines: list[tuple[list[str], str]], width: int) -> None:
    """Cells and line numbers are what a plain split gives, however line ends are mixed and whatever cells are empty."""
    columns = ", ".join(f'"{name}"' for name in ("Door", "Id", "Time")[:width])
    profile = read_profile(with_input(f"columns = [{columns}]").encode())
    text = "".join(",".join(cells) + end for cells, end in lines)
    assume(text.strip())
    assert profile.mapping is not None
    table = Table([text.encode()], profile.input, profile.mapping)
    rows = [
        (
            rows.place(index).line,
            [rows.columns[at][index] for at in range(width)],
            rows.misfits.get(index, ""),
        )
        for rows in table.batches()
        for index in range(rows.count)
    ]
    plain = [
        line.split(",")
        for line in text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    ]
    assert rows == [
        (
            number,
            (cells + [""] * width)[:width],
            "row-too-short"
            if len(cells) < width
            else "row-too-long"
            if "".join(cells[width:]).strip()
            else "",
        )
        for number, cells in enumerate(plain, 1)
    ]


def test_quotes_delimiters_and_cells_of_several_lines() -> None:
    """Quotes inside quotes, delimiters and line breaks in cells; a lost quote would show as a warning."""
    row = '"2026-11-22 07:58:12";1;D1;"a ""b"";\r\nc";Granted\r\n'
    text = HEADER.replace(",", ";") + row + row.replace(":12", ":13") + "x;9;;;Granted\n"
    found = mapped(with_input('delimiter = ";"'), text)
    assert names(found) == ['a "b";\r\nc'] * 2
    assert found.counts.warnings == {"multi-line-cells": 2}
    assert found.rejected[0][1] == 6
    searched = with_input('delimiter = ";"').replace(
        'name = "Name"', "name = { value = 'Name', pattern = '(c)' }"
    )
    found = mapped(searched, text)
    assert (names(found), found.counts.warnings) == (["c", "c"], {})


def test_quotes_as_ordinary_text() -> None:
    """`quote = ""`: a quote is a character like any other."""
    found = mapped(
        with_input('quote = ""\ndelimiter = "|"'),
        (HEADER + ROWS).replace(",", "|").replace("Lobby", '5" pipe'),
    )
    assert names(found)[0] == '5" pipe'


def test_nul_padding_is_stripped() -> None:
    """Fixed-width columns padded with NUL or blanks."""
    assert (
        names(mapped(TABLE, HEADER + ROWS.replace("Lobby", "Lobby\0\0\0  ").replace(",1,", ",1\0\0,")))[0]
        == "Lobby"
    )


def test_header_further_down_and_columns_without_one() -> None:
    """Lines above the header are passed over; named columns mean that there is none."""
    found = mapped(with_input("header = 3"), 'Report "of"\nevents\n' + HEADER + ROWS + "x,9,,,Granted\n")
    assert (len(found.records), found.rejected[0][1]) == (2, 6)
    columns = with_input('columns = ["Time", "Id", "Door", "Name", "Event"]')
    assert len(mapped(columns, ROWS).records) == 2


def test_the_order_of_columns_does_not_matter_and_more_may_come() -> None:
    """Columns are found by name."""
    text = "Event,New,Door,Id,Name,Time\nGranted,x,D1,1,Lobby,2026-11-22 07:58:12\n"
    assert names(mapped(TABLE, text)) == ["Lobby"]


def test_changed_columns_refuse_the_whole_export() -> None:
    """The message lists what is missing and what is there; of a first-of list one is enough."""
    error = refused(TABLE, HEADER.replace("Door,Name", "Reader,Title") + ROWS)
    assert error.code == "columns-changed"
    assert "the column Door is missing; the column Name is missing" in error.message
    assert "Time, Id, Reader, Title, Event" in error.message
    either = TABLE.replace('id = "Door"', 'id = ["Reader", "Door"]')
    assert len(mapped(either, HEADER + ROWS).records) == 2
    assert "Reader" in refused(either, HEADER.replace("Door", "x") + ROWS).message


def test_a_column_twice_matters_only_if_it_is_named() -> None:
    """Exports with two columns of one name are read, unless the profile needs that one."""
    assert len(mapped(TABLE, HEADER.replace("\n", ",x,x\n") + ROWS.replace("\n", ",1,2\n")).records) == 2
    assert "Door is there twice" in refused(TABLE, HEADER.replace("\n", ",Door\n") + ROWS).message


def test_broken_csv_is_refused_with_its_line() -> None:
    """A quote that is not closed, or text behind a closing one."""
    error = refused(TABLE, HEADER + ROWS + '"abc"d,1\n' + ROWS)
    assert (error.code, error.place.line) == ("broken-csv", 4)
    assert refused(TABLE, HEADER + ROWS + '"abc\n' + ROWS).code == "truncated"
    assert refused(TABLE, '"Time').code == "truncated"
    assert refused(TABLE, HEADER + '"' + "x" * (1 << 21)).code == "record-too-large"


def test_a_row_without_an_end_costs_no_memory() -> None:
    """Lines beyond the limit, and rows of very many lines, are refused long before the file ends."""

    def endless(first: bytes, piece: bytes) -> Iterator[bytes]:
        yield first
        for _ in range(40):
            yield piece

    with pytest.raises(ExportError) as caught:
        mapped(TABLE, endless(HEADER.encode(), b"x" * (1 << 18)))
    assert caught.value.code == "record-too-large"
    with pytest.raises(ExportError) as caught:
        mapped(TABLE, endless(HEADER.encode() + b'"a', b'\n","' * (1 << 16)))
    assert caught.value.code == "record-too-large"


def test_many_long_rows_are_no_endless_row() -> None:
    """The guard against rows without an end is none against large exports."""
    row = '2026-11-22 07:58:12,1,D1,"' + "y" * 5000 + '",Granted\n'
    assert mapped(TABLE, HEADER + row * 1000).counts.read == 1000


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel workbook"),
        (b"%PDF-1.7", "a PDF"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>', "XML"),
        (b"<134>Nov 22 07:58:12 host CEF:0|x|y|", "CEF"),
        (b"<134>Nov 22 07:58:12 host text", "syslog"),
        (b'TIME="2026" NAME="x"', "key="),
    ],
)
def test_what_is_no_table_is_named(head: bytes, said: str) -> None:
    """The error says what it saw and what to do."""
    error = refused(TABLE, head)
    assert error.code == "not-a-table"
    assert said in error.message


@pytest.mark.parametrize("data", [b"", b" \r\n\n", codecs.BOM_UTF8])
def test_empty_exports(data: bytes) -> None:
    """Nothing at all is refused; a header without rows is a quiet day."""
    assert refused(TABLE, data).code == "empty-export"
    assert mapped(TABLE, HEADER).counts.read == 0


def test_gzip_and_tiny_pieces() -> None:
    """However the bytes arrive."""
    data = gzip.compress((HEADER + ROWS * 3).encode())
    assert mapped(TABLE, [bytes([byte]) for byte in data]).counts.read == 6


@pytest.mark.parametrize("written", ["as it is", "by hand"])
def test_a_rejected_file_is_read_again(written: str) -> None:
    """Rows that were rejected come back as objects of their columns, corrected or as records of one's own."""
    row = {"Time": "2026-11-22 07:58:12", "Id": "1", "Door": "D1", "Event": "Granted"}
    record = {
        "UserId": "x@example.com",
        "AssetId": "D",
        "EventTime": "2026-11-22T07:00:00.5",
        "AccessStatus": "Success",
    }
    contents = [
        row,
        row | {"Id": "9"},
        record | {"EventTime": "2026-11-22T07:00:00.50Z"},
        record,
        record | {"UserId": "x"},
    ]
    lines = [
        json.dumps({"record": number, "errors": [], "content": content})
        for number, content in enumerate(contents, 7)
    ]
    text = "\n".join(lines)
    if written == "by hand":
        text = text.replace('{"record"', '\n { "record"')
    found = mapped(TABLE, text)
    assert [record["UserId"] for record in found.records] == ["ada@example.com", "x@example.com"]
    assert [codes for _, _, codes, _ in found.rejected] == [("person-unknown",), ("not-an-address",)]
    assert found.rejected[0][3]["Id"] == "9"
    assert found.counts.repeated == 1
