"""JSON events: arrays, lines, pages; values as they were written; the limits of a record."""

import gzip
import json
from typing import Any

import pytest

from shared.errors import ExportError
from shared.exports.items import RecordRun, Rejected
from shared.sources.reader import SourceReader
from tests.support.sources import EVENTS, PEOPLE, mapped, source

PAGED = EVENTS.replace('format = "json"', 'format = "json"\nrecords = "data.hits"')


def event(number: int = 0, **changes: Any) -> dict[str, Any]:
    """An event of its own second."""
    made = {
        "Time": f"2026-11-22 {number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}",
        "Id": "1",
        "Door": f"D{number}",
    }
    return made | {"Name": "Lobby", "Event": "Granted"} | changes


def refused(export: str | bytes, profile: str = EVENTS) -> ExportError:
    """The error with which an export is refused."""
    with pytest.raises(ExportError) as caught:
        mapped(profile, export)
    return caught.value


MANY = [event(number, note="} {" if number % 7 else [{}]) for number in range(2_000)]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(MANY),
        json.dumps(MANY, separators=(",", ":")),
        json.dumps(MANY, indent=2),
        "\n".join(map(json.dumps, MANY)),
        "\r\n".join(map(json.dumps, MANY)) + "\r\n\r\n",
        "\n\n".join(json.dumps(one, indent=1) for one in MANY),
        "[" + ",\n".join(map(json.dumps, MANY[:1000])) + " , " + ",".join(map(json.dumps, MANY[1000:])) + "]",
    ],
    ids=["array", "compact", "indented", "lines", "crlf", "objects", "mixed"],
)
def test_forms(text: str) -> None:
    """Every form gives the same events, in order."""
    found = mapped(EVENTS, [text[at : at + 50_000].encode() for at in range(0, len(text), 50_000)])
    assert [record["AssetId"] for record in found.records] == [f"D{number}" for number in range(2_000)]
    assert found.numbers == list(range(1, 2_001))


def test_one_object_and_none() -> None:
    """One object is one event; an empty array is a quiet day; nothing is refused."""
    assert mapped(EVENTS, json.dumps(event())).counts.read == 1
    assert mapped(EVENTS, "[]").counts.read == 0
    assert refused("").code == "empty-export"
    assert refused(" \n", PAGED).code == "empty-export"


def test_numbers_as_they_are_written() -> None:
    """Numbers become text as they stand; true and false are words; null is missing."""
    people = "Id,UPN\n1.50,ada@example.com\n1e3,bo@example.com\n123456789012345678901,c@example.com\ntrue,d@example.com\n"
    text = "[" + ",".join(
        json.dumps(event(number)).replace('"Id": "1"', f'"Id": {value}')
        for number, value in enumerate(
            ["1.50", "1e3", "123456789012345678901", "true", "null", "1.5", "9" * 4000]
        )
    )
    found = mapped(EVENTS, text + "]", people=people)
    assert [record["UserId"][0] for record in found.records] == ["a", "b", "c", "d"]
    assert (found.counts.ignored, found.codes) == ({"no-person": 1}, {"person-unknown": 2})


def test_paths_of_every_kind() -> None:
    """Dotted names, quoted names, and JMESPath; null or a text on the way is missing."""
    profile = (
        EVENTS.replace('from = "Id"', "from = 'who.\"e mail\"'")
        .replace('directory = "people.csv"\nkey = "Id"\n', "")
        .replace('id = "Door"', "id = \"targets[?type=='door'].id | [0]\"")
        .replace('name = "Name"', 'name = "who.card.name.x"')
    )
    good = {
        "Time": "2026-11-22 07:58:12",
        "Event": "Granted",
        "targets": [{"type": "hub"}, {"type": "door", "id": 7}],
    }
    rows: list[Any] = [
        good | {"who": {"e mail": "a@example.com", "card": {"name": {"x": "N"}}}},
        good | {"who": {"e mail": "b@example.com", "card": None}},
        good | {"who": {"e mail": "c@example.com", "card": "text"}},
        good | {"who": None},
        good | {"who": "text"},
        good,
    ]
    for profile_here, ids in (
        (profile, {"7"}),
        (profile.replace("targets[?type=='door'].id | [0]", "Event"), {"Granted"}),
    ):
        found = mapped(profile_here, json.dumps(rows))
        assert [record.get("AssetName") for record in found.records] == ["N", None, None]
        assert {record["AssetId"] for record in found.records} == ids
        assert found.counts.ignored == {"no-person": 3}


def test_a_path_that_is_the_beginning_of_another() -> None:
    """The same property may be wanted as a text and looked into."""
    profile = EVENTS.replace('id = "Door"', 'id = ["Door.id", "Door"]')
    found = mapped(profile, json.dumps([event(1, Door={"id": "x"}), event(2, Door="y")]))
    assert [record["AssetId"] for record in found.records] == ["x", "y"]


def test_of_a_repeated_property_the_last_counts() -> None:
    """As everywhere in this product."""
    text = json.dumps([event(1), event(2)]).replace('"Door": ', '"Door": "first", "Door": ')
    assert [record["AssetId"] for record in mapped(EVENTS, text).records] == ["D1", "D2"]


def test_rejected_events_keep_their_form() -> None:
    """`content` is the event as it was."""
    text = ",\n".join(json.dumps(event(number, Id=number % 4, cost=1.5)) for number in range(8))
    found = mapped(EVENTS, f"[{text}]")
    assert [content for _, _, _, content in found.rejected] == [event(n, Id=0, cost=1.5) for n in (0, 4)]
    lines = mapped(EVENTS, text.replace(",\n", "\n"))
    assert lines.rejected[1][0] == 5
    assert lines.rejected[1][3] == event(4, Id=0, cost=1.5)


@pytest.mark.parametrize("where", [0, 1, 900])
@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ('{"a": NaN}', "broken-json"),
        ('{"a" 1}', "broken-json"),
        ("7", "broken-json"),
        ('{"a": ' + "[" * 70 + "]" * 70 + "}", "nested-too-deep"),
        ('{"a": ' + '["]", ' * 70 + "1" + ', "["]' * 70 + "}", "nested-too-deep"),
        ('{"a": "' + "x" * (1 << 20) + '"}', "record-too-large"),
    ],
    ids=["nan", "colon", "number", "deep", "hidden", "large"],
)
def test_broken_events_refuse_the_export(where: int, broken: str, code: str) -> None:
    """Wherever they stand, in every form."""
    texts = [json.dumps(event(number)) for number in range(1_000)]
    texts[where] = broken
    assert refused("[" + ",".join(texts) + "]").code == code
    expected = "not-json" if where == 0 and broken == "7" else code
    assert refused("\n".join(texts)).code == expected
    pages = [json.dumps({"data": {"hits": []}}), '{"data": {"hits": [' + ",".join(texts) + "]}}"]
    assert refused("\n".join(pages), PAGED).code == ("wrong-top-level" if broken == "7" else code)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[{}, ]", "an extra comma"),
        ("[{} {}]", "a comma is missing"),
        ("[{}", "the closing ] is missing"),
        ("[{},", "another event should follow"),
        ("[{}] x", "something follows"),
        ("{},\n{}", "there is no comma"),
        ("{}{}", "a line break is missing"),
        ("<a>", "XML"),
    ],
)
def test_broken_frames(text: str, said: str) -> None:
    """What stands between events must be right, too."""
    assert said in refused(text).message


def test_pages_of_every_form() -> None:
    """Pages one a line, one behind the other, or in all; each top-level value has its list."""
    pages = [{"data": {"hits": MANY[:5]}, "next": 2}, {"data": {"hits": []}}, {"data": {"hits": MANY[5:200]}}]
    for text in (
        "\n".join(map(json.dumps, pages)),
        "\n".join(json.dumps(page, indent=1) for page in pages),
        "".join(map(json.dumps, pages)),
        json.dumps({"data": {"hits": MANY[:200]}}, indent=2),
    ):
        found = mapped(PAGED, text)
        assert (found.counts.read, found.numbers) == (200, list(range(1, 201)))


def test_pages_by_jmespath_keep_numbers_as_written() -> None:
    """A filter in `records`; the rejected events keep their numbers."""
    profile = EVENTS.replace('format = "json"', 'format = "json"\nrecords = "hits[?kind==\'door\']"')
    text = json.dumps({"hits": [event(1, kind="door"), event(2, kind="x"), event(3, kind="door", Id=4.5)]})
    found = mapped(profile, text.replace("4.5", "4.50"), people=PEOPLE + "4.50,7,ada@example.com\n")
    assert [record["AssetId"] for record in found.records] == ["D1", "D3"]
    found = mapped(profile, text.replace("4.5", "4.50").replace("Lobby", "\\ud800"))
    assert found.rejected[1][3]["Id"] == 4.5


@pytest.mark.parametrize(
    "page", [{}, {"data": None}, {"data": {"hits": None}}, {"data": {"hits": {}}}, {"data": [1]}]
)
def test_pages_without_a_list(page: Any) -> None:
    """An error message of the API is no quiet day."""
    error = refused(json.dumps(page), PAGED)
    assert (error.code, "data.hits" in error.message) == ("records-missing", True)
    by_path = PAGED.replace('"data.hits"', '"data.hits[*]"')
    if page != {"data": {"hits": {}}}:
        assert refused(json.dumps(page), by_path).code == "records-missing"


def test_pages_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page is held whole, so it may not be larger than that; pages one a line may be any number."""
    monkeypatch.setattr("shared.sources.pages.MAX_PAGE_BYTES", 50_000)
    page = json.dumps({"data": {"hits": MANY[:100]}})
    assert refused(json.dumps({"data": {"hits": MANY}}), PAGED).code == "page-too-large"
    assert mapped(PAGED, [f"{page}\n".encode()] * 20).counts.read == 2_000


def test_half_characters_in_pages() -> None:
    """A page with half a surrogate pair is read all the same."""
    text = json.dumps({"data": {"hits": [event(1), event(2, Name="\ud800")]}})
    assert mapped(PAGED, text).codes == {"half-a-character": 1}
    assert mapped(PAGED.replace("data.hits", "data.hits[*]"), text).codes == {"half-a-character": 1}


def test_broken_pages_say_where() -> None:
    """Truncated and broken pages, and what is no JSON."""
    whole = json.dumps({"data": {"hits": [event(1)]}})
    assert refused(whole[:-3], PAGED).code == "truncated"
    assert refused(whole.replace(":", " ", 1), PAGED).code == "broken-json"
    assert refused(whole + "\n" + whole[:-3], PAGED).code == "truncated"
    assert refused("<html>", PAGED).code == "not-json"
    assert refused(whole.replace('"Lobby"', "NaN"), PAGED).code == "broken-json"
    assert refused("[" * 5000 + "]" * 5000, PAGED).code in {"nested-too-deep", "records-missing"}


def test_declared_encoding_of_json() -> None:
    """Some systems write JSON in the code page of the server."""
    profile = EVENTS.replace('format = "json"', 'format = "json"\nencoding = "windows-1252"')
    text = json.dumps([event(1, Name="Röhre"), event(2)], ensure_ascii=False)
    for data in (
        text.encode("cp1252"),
        b"\xef\xbb\xbf" + text.encode(),
        gzip.compress(text.encode("cp1252")),
    ):
        assert mapped(profile, data).records[0]["AssetName"] == "Röhre"
    assert refused(text.encode("cp1252").replace(b"R", b"\x81"), profile).code == "wrong-encoding"


def test_a_rejected_file_of_events_is_read_again() -> None:
    """Each line's content is the event, also where the export was pages."""
    lines = [json.dumps({"record": n, "errors": [], "content": event(n, Id=str(n))}) for n in (1, 2, 9)]
    for profile in (EVENTS, PAGED):
        found = mapped(profile, "\n".join(lines))
        assert ([record["UserId"] for record in found.records], found.codes) == (
            ["ada@example.com", "bo@example.com"],
            {"person-unknown": 1},
        )


def test_very_long_numbers_are_only_texts() -> None:
    """A number of thousands of digits is a key that nobody has, and no harm."""
    text = json.dumps([event(1), event(2)]).replace('"Id": "1"', '"Id": ' + "9" * 5000, 1)
    reader = SourceReader([text.encode()], source(EVENTS, people=PEOPLE), "x")
    first, second = reader
    assert isinstance(first, Rejected)
    assert first.record.violations[0].code == "person-unknown"
    assert isinstance(second, RecordRun)
    assert reader.counts.unknown_keys == 1
