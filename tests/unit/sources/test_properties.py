"""Generated profiles over generated tables, against a plain reference; and exports that are cut anywhere."""

import csv
import gzip
import io
import json
import tomllib
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import ExportError
from shared.sources.lines import codec_of
from shared.sources.source import Source
from tests.support import sources_reference as reference
from tests.support.sources import Mapped, mapped, read, source

pytestmark = pytest.mark.unmeasured

COLUMNS = ("When", "Nr", "Card", "Reader", "Where", "What", "Extra")
PEOPLE = [
    {"Nr": "1", "Card": "0011", "UPN": "ada@example.com"},
    {"Nr": "2", "Card": "12", "UPN": "Bo@example.com"},
    {"Nr": "3", "Card": "0013", "UPN": ""},
]
CELLS = {
    "When": [
        "2026-11-22 07:58:12",
        "2026-11-22 07:58:13.5",
        "2026-10-25 02:30:00",
        "2026-03-29 02:30:00",
        "x",
        "2026-11-22 7:58:12",
    ],
    "Nr": ["1", " 2 ", "3", "9", "", "NULL"],
    "Card": ["11", "0012", "13", "99", "", "n/a"],
    "Reader": ["D1", "D2", "", 'D, "3"', "Röhre"],
    "Where": ["Lobby", "", "line\nbreak", "NULL"],
    "What": ["Granted", "granted ", "Granted - in", "Denied", "Denied - late", "Held", "", "Other"],
    "Extra": ["", "x", "skip me"],
}
ROWS = st.lists(
    st.fixed_dictionaries({name: st.sampled_from(cells) for name, cells in CELLS.items()}), max_size=25
)
VALUES = st.sampled_from(['"Reader"', '["Reader", "Where"]', '{ join = ["Reader", "Where"], with = "/" }'])
WORDS = st.sampled_from(
    ['"Granted*"', '"Granted"', '"*in"', '"Denied*"', '"*"', '"Denied - late"', '"Gr*ed*"']
)
PROFILES = st.builds(
    """
version = 1
name = "generated"
[input]
format = "csv"
missing = {missing}
[time]
from = "When"
format = "%Y-%m-%d %H:%M:%S"
zone = "{zone}"
{persons}
[asset]
id = {asset}
name = {name}
[outcome]
from = "What"
success = [{success}]
failed = [{failed}]
ignore = [{ignore}]
{rule}
""".format,
    missing=st.sampled_from(["[]", '["NULL"]', '["null", "N/A"]']),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu"]),
    persons=st.sampled_from([("Nr",), ("Card",), ("Nr", "Card"), ("Card", "Nr")]).map(
        lambda names: "\n".join(
            f'[[person]]\nfrom = "{name}"\ndirectory = "people.csv"\nkey = "{name}"\ncompare = "number"'
            for name in names
        )
    ),
    asset=VALUES,
    name=VALUES,
    success=WORDS,
    failed=WORDS,
    ignore=WORDS,
    rule=st.sampled_from(
        ["", '[[ignore]]\nfrom = "Extra"\nis = ["skip*"]', '[[ignore]]\nfrom = "Card"\nis = ["99", "x"]']
    ),
)
SURE = PROFILES.filter(
    lambda text: (
        len(
            {
                *tomllib.loads(text)["outcome"]["success"],
                *tomllib.loads(text)["outcome"]["failed"],
                *tomllib.loads(text)["outcome"]["ignore"],
            }
        )
        == 3
    )
)
PEOPLE_FILE = "Nr,Card,UPN\n" + "".join(f"{one['Nr']},{one['Card']},{one['UPN']}\n" for one in PEOPLE)


def table(rows: list[dict[str, str]], columns: tuple[str, ...] = COLUMNS, **dialect: Any) -> str:
    """The rows as a table."""
    text = io.StringIO()
    writer = csv.writer(text, **{"lineterminator": "\n"} | dialect)
    writer.writerow(columns)
    writer.writerows([row[name] for name in columns] for row in rows)
    return text.getvalue()


def as_reference(found: Mapped) -> tuple[list[dict[str, Any]], Counter[str]]:
    """What came out, in the words of the reference."""
    reasons = found.codes + Counter(found.counts.ignored)
    if found.counts.repeated:
        reasons["repeated"] = found.counts.repeated
    return found.records, reasons


def expected(rows: list[dict[str, str]], profile: str) -> tuple[list[Any], Counter[str]]:
    """What the reference says."""
    said = list(reference.mapped(rows, tomllib.loads(profile), PEOPLE))
    return [one for one in said if isinstance(one, dict)], Counter(
        one for one in said if isinstance(one, str)
    )


def full(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows without those whose cells are all empty."""
    return [row for row in rows if any(cell.strip() for cell in row.values())]


@settings(deadline=None, max_examples=60)
@given(rows=ROWS, profile=SURE)
def test_a_plain_reference_says_the_same(rows: list[dict[str, str]], profile: str) -> None:
    """Generated profiles over generated tables."""
    rows = full(rows)
    assert as_reference(mapped(profile, table(rows), people=PEOPLE_FILE)) == expected(rows, profile)


@settings(deadline=None, max_examples=40)
@given(
    rows=ROWS,
    profile=SURE,
    columns=st.permutations(COLUMNS),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-16", "windows-1252", "cp850"]),
    piece=st.integers(1, 4096),
)
def test_how_it_is_written_does_not_matter(  # noqa: PLR0913, PLR0917  (each is a way of writing)
    rows: list[dict[str, str]],
    profile: str,
    columns: list[str],
    delimiter: str,
    quoting: int,
    end: str,
    encoding: str,
    piece: int,
) -> None:
    """Neither the order of columns nor quoting, delimiters, line ends, encodings and pieces."""
    rows = full(rows)
    plain = as_reference(mapped(profile, table(rows), people=PEOPLE_FILE))
    text = table(rows, tuple(columns), delimiter=delimiter, quoting=quoting, lineterminator=end)
    said = f'format = "csv"\nencoding = "{encoding}"\ndelimiter = {json.dumps(delimiter)}'
    data = text.encode(codec_of(encoding))
    chunks = [data[at : at + piece] for at in range(0, len(data), piece)]
    other = mapped(profile.replace('format = "csv"', said), chunks, people=PEOPLE_FILE)
    assert as_reference(other) == plain


@settings(deadline=None, max_examples=30)
@given(rows=ROWS, profile=SURE, lines=st.booleans())
def test_the_same_rows_as_events_give_the_same(
    rows: list[dict[str, str]], profile: str, *, lines: bool
) -> None:
    """A table and the same rows as JSON objects are mapped alike."""
    rows = full(rows)
    text = "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows)
    if not text:
        return
    events = mapped(profile.replace('"csv"', '"json"'), text, people=PEOPLE_FILE)
    assert as_reference(events) == as_reference(mapped(profile, table(rows), people=PEOPLE_FILE))


GOOD = [
    {name: cells[0] for name, cells in CELLS.items()} | {"Reader": f'D "{n}"', "Extra": "x, y"}
    for n in range(6)
]
PLAIN = """
version = 1
name = "cut"
[input]
format = "csv"
[time]
from = "When"
format = "%Y-%m-%d %H:%M:%S"
zone = "UTC"
[[person]]
from = "Nr"
directory = "people.csv"
key = "Nr"
[asset]
id = "Reader"
name = "Where"
[outcome]
from = "What"
success = ["Granted"]
"""


def outcome_of(made: Source, data: bytes) -> Mapped | None:
    """What comes out; `None` if the export is refused."""
    try:
        return read(made, data, "cut")
    except ExportError:
        return None


@pytest.mark.parametrize("form", ["array", "object pages", "gzip of lines"])
def test_json_that_is_cut_anywhere_is_refused(form: str) -> None:
    """No byte can be missing at the end of JSON or gzip without a word."""
    profile = PLAIN.replace('"csv"', '"json"' + ('\nrecords = "hits"' if form == "object pages" else ""))
    data = {
        "array": json.dumps(GOOD).encode(),
        "object pages": json.dumps({"hits": GOOD}, indent=1).encode(),
        "gzip of lines": gzip.compress("\n".join(map(json.dumps, GOOD)).encode()),
    }[form]
    made = source(profile, people=PEOPLE_FILE)
    assert outcome_of(made, data) is not None
    for end in range(len(data)):
        assert outcome_of(made, data[:end]) is None, end


def test_tables_that_are_cut_say_so_but_at_the_end_of_a_row() -> None:
    """A cut inside a quoted cell refuses the export, one before the last column rejects the row."""
    data = table(GOOD).encode()
    made = source(PLAIN, people=PEOPLE_FILE)
    rows = data.splitlines(keepends=True)
    for end in range(len(rows[0]), len(data)):
        found = outcome_of(made, data[:end])
        line = data[:end].rpartition(b"\n")[2]
        if line.count(b'"') % 2:
            assert found is None, end
        elif found and line and line.count(b",") < len(COLUMNS) - 1:
            assert found.rejected[-1][2] == ("row-too-short",), end
        else:
            assert found is not None
            assert len(found.records) == data[:end].count(b"\n") - 1 + bool(line), end
