"""How a table is written."""

import pytest

from commands.drafting.tables import read_table
from shared.errors import ExportError

ROWS = [
    ["Time", "Badge", "Door"],
    ["2026-11-22 07:58:12", "52017", "HQ Lobby"],
    ["2026-11-22 08:01:44", "60118", "HQ Lab"],
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~"])
def test_the_separator_divides_every_line_alike(delimiter: str) -> None:
    """Whatever it is; the names are in the first line."""
    text = "\n".join(delimiter.join(row) for row in ROWS)
    layout, rows = read_table(text)
    assert (layout.delimiter, layout.header, layout.columns) == (delimiter, 1, ("Time", "Badge", "Door"))
    assert rows == ROWS[1:]


def test_commas_in_texts_do_not_hide_the_separator() -> None:
    """`Quill, Ada` stands in every line, and still the table has vertical bars."""
    layout, _ = read_table("1|Quill, Ada|07:58:12\n2|Marsh, Cleo|08:01:44\n")
    assert (layout.delimiter, layout.header, len(layout.columns)) == ("|", 0, 3)


def test_a_table_without_names_gets_numbers() -> None:
    """A first row with a time or a number holds no names."""
    layout, rows = read_table("\n".join(",".join(row) for row in ROWS[1:]))
    assert (layout.header, layout.columns) == (0, ("column 1", "column 2", "column 3"))
    assert len(rows) == 2


def test_lines_above_the_names_are_passed_over() -> None:
    """Reports begin with a title and an empty line; what counts is the line's number."""
    text = "Access report\nprinted on Monday\n\nTime,Badge,Door\n2026-11-22 07:58:12,52017,Lobby\n"
    layout, rows = read_table(text)
    assert (layout.header, layout.columns, len(rows)) == (4, ("Time", "Badge", "Door"), 1)


def test_a_separator_of_two_characters_is_seen() -> None:
    """With one character every other column is empty."""
    layout, _ = read_table("7:58||52017||Lobby\n8:01||60118||Lab\n")
    assert (layout.delimiter, layout.doubled, len(layout.columns)) == ("|", True, 5)


def test_stray_quotes_are_ordinary_text() -> None:
    """Where text stands behind a closing quote, quotes are no quotes."""
    layout, rows = read_table('Time;Door\n07:58;"B" gate\n08:01;"C" gate\n')
    assert (layout.quote, rows[0]) == ("", ["07:58", '"B" gate'])


def test_line_breaks_inside_quotes_belong_to_a_cell() -> None:
    """A row of several lines is one row."""
    layout, rows = read_table('Time,Xml\n07:58,"<a>\n<b>"\n08:01,"<a>"\n')
    assert (layout.quote, len(rows)) == ('"', 2)


def test_rows_of_another_width_and_empty_ones_are_left_out() -> None:
    """A line of garbage says nothing about the columns."""
    _, rows = read_table("1,2,3\ngarbage\n,,\n4,5,6\n7,8,9\n")
    assert rows == [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"]]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("just\nlines\nof text\n", "No separator was found"),
        ("Time = 07:58, LAN_ID = aquill\nTime = 08:01, LAN_ID = cmarsh\n", "key = value"),
    ],
)
def test_what_is_no_table_is_refused(text: str, says: str) -> None:
    """With what it is instead."""
    with pytest.raises(ExportError, match=says) as refused:
        read_table(text)
    assert refused.value.code == "not-a-table"
