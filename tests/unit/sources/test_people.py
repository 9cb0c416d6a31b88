"""People files: what is read, what is skipped, how keys compare, and how little memory they take."""

import codecs

import pytest

from shared.sources.limits import MAX_FILE_BYTES
from shared.sources.people import read_people
from shared.sources.people_index import AMBIGUOUS, Account, Compare, PeopleIndex
from shared.sources.problems import SourceUnusableError
from shared.sources.profile_model import Lookup
from tests.support.sources import HEADER, PEOPLE, TABLE, mapped, source


def lookup(compare: Compare = "exact", key: str = "Id") -> Lookup:
    """A way of searching the file."""
    return Lookup("people.csv", (key,), "", "UPN", compare)


def test_encodings_and_delimiters() -> None:
    """UTF-8 with and without a mark, UTF-16 with one; comma or semicolon; any line ends."""
    text = "Id,UPN\r\n1,r\u00f6hr@example.com\r\n"
    for data in (
        text.encode(),
        codecs.BOM_UTF8 + text.encode(),
        codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
        text.replace(",", ";").replace("\r\n", "\n").encode(),
    ):
        people = read_people(data, "people.csv", [lookup()])
        assert people.indexes[lookup()].find("1") == "r\u00f6hr@example.com"
        assert (people.keys, people.skipped) == (1, 0)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("Id,UPN\n1,röhr@example.com\n".encode("cp1252"), "is not UTF-8 from line 2 on"),
        (b"Number,UPN\n", "the column Id is missing; the first line has Number, UPN"),
        (b"Id,Id,UPN\n", "the column Id is there twice"),
        (b"", "the first line has no names"),
        (b"1,ada@example.com\n", "the first line has 2 cells that look like a row, not like names"),
        (b'Id,UPN\n1,"a@b.com\n', "line 2 is no CSV"),
        (b'"Id,UPN', "line 1 is no CSV"),
        (b"Id,UPN\n" + b" " * MAX_FILE_BYTES, "larger than 64 MB"),
    ],
)
def test_a_file_that_cannot_be_read(data: bytes, said: str) -> None:
    """The error says what is wrong and where."""
    with pytest.raises(SourceUnusableError, match=said):
        read_people(data, "people.csv", [lookup()])


def test_bad_lines_are_skipped_with_a_warning() -> None:
    """One typing mistake does not stop a building."""
    people = "Id,UPN,valid_from\n1,ada@example.com,\n2,no address,\n3\n4,bo@example.com,22.11.2026\n,,\n5,,2026-13-01\n"
    made = source(TABLE, people=people)
    assert made.skipped_lines == {"people.csv": (4, (3, 4, 5, 7))}
    found = mapped(TABLE, HEADER, people=people)
    assert found.counts.warnings == {"people-lines-skipped": 4}


@pytest.mark.parametrize(
    ("compare", "known", "unknown"),
    [
        ("exact", ["0052"], ["52", "00052"]),
        ("number", ["52", "0052", "000052"], ["\u0665\u0662", "52 a", ""]),
        ("ignore-case", ["0052"], ["52"]),
    ],
)
def test_compare(compare: Compare, known: list[str], unknown: list[str]) -> None:
    """Leading zeros do not matter to numbers, and only ASCII digits are numbers."""
    people = "Id,UPN\n0052,ada@example.com\nAbC,bo@example.com\n"
    profile = TABLE.replace('key = "Id"', f'key = "Id"\ncompare = "{compare}"')
    for key in known:
        assert mapped(profile, HEADER + f"2026-11-22 07:58:12,{key},D,,Granted\n", people=people).records
    for key in unknown:
        assert not mapped(profile, HEADER + f"2026-11-22 07:58:12,{key},D,,Granted\n", people=people).records
    letters = mapped(profile, HEADER + "2026-11-22 07:58:12,aBc,D,,Granted\n", people=people).records
    assert bool(letters) is (compare == "ignore-case")


def test_the_index_is_small_and_finds_everybody() -> None:
    """At most 200 bytes a person, with two keys each."""
    count = 20_000
    text = "Id,Badge,UPN\n" + "".join(f"{n},{n + 7:08},person.number{n}@example.com\n" for n in range(count))
    ways = [lookup(), lookup("number", "Badge")]
    people = read_people(text.encode(), "people.csv", ways)
    assert people.keys == 2 * count
    assert sum(index.held_bytes for index in people.indexes.values()) <= 200 * count
    for number in range(0, count, 97):
        upn = f"person.number{number}@example.com"
        assert people.indexes[ways[0]].find(str(number)) == upn
        assert people.indexes[ways[1]].find(str(number + 7)) == upn
    assert people.indexes[ways[0]].find(str(count)) is None


def test_a_key_that_everybody_has_does_not_cost_the_square() -> None:
    """A column that says 0 for thousands of people is ambiguous, and quick."""
    index = PeopleIndex(dated=False)
    for number in range(5_000):
        index.add("0", Account(f"p{number}@example.com"))
    index.close()
    assert index.find("0") is AMBIGUOUS
    assert index.keys < 200


def test_keys_may_stand_on_several_lines_with_one_account() -> None:
    """Several badges of a person, or the same line twice."""
    people = PEOPLE + "1,0099,ada@example.com\n1,0011,ada@example.com\n"
    assert len(mapped(TABLE, HEADER + "2026-11-22 07:58:12,1,D,,Granted\n", people=people).records) == 1


def test_too_many_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is that of a source, not of a file."""
    monkeypatch.setattr("shared.sources.source.MAX_KEYS", 2)
    with pytest.raises(SourceUnusableError, match="at most 2 are kept"):
        source(TABLE, people=PEOPLE)
