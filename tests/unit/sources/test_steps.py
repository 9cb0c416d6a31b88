"""What happens to a row, in which order, and what is counted."""

import json
from typing import Any

import pytest

from shared.exports.items import BEFORE_START, LeftOut
from shared.sources.reader import SourceReader
from tests.support.sources import EVENTS, HEADER, PEOPLE, TABLE, mapped, source

OK = "2026-11-22 07:58:12,1,D1,Lobby,Granted\n"


def one(row: str, profile: str = TABLE, people: str = PEOPLE) -> str:
    """What becomes of a single row: `sent`, the reason it is ignored, or the code it is rejected with."""
    found = mapped(profile, HEADER + row + "\n", people=people)
    assert found.counts.read == 1
    if found.records:
        return "sent"
    return next(iter(found.counts.ignored), None) or found.rejected[0][2][0]


RULES = (
    TABLE + '[[ignore]]\nfrom = "Door"\nis = ["X*"]\n[[ignore]]\nfrom = "Name"\nis_not = ["Lobby", "Lab*"]\n'
)
PERSON_RULE = TABLE + '[[ignore]]\nfrom = "Id"\nis = ["1"]\n'


@pytest.mark.parametrize(
    ("row", "profile", "expected"),
    [
        ("2026-11-22 07:58:12,1,D1,Lobby,Granted", TABLE, "sent"),
        ("2026-11-22 07:58:12,1,D1,,Granted", TABLE, "sent"),
        (" 2026-11-22 07:58:12 , 1 ,D1,Lobby, granted ", TABLE, "sent"),
        ("2026-11-22 07:58:12,1,D1,Lobby,Granted,,", TABLE, "sent"),
        ("2026-11-22 07:58:12,1,D1,Lobby,Granted,x", TABLE, "row-too-long"),
        ("2026-11-22 07:58:12,1,D1,Lobby", TABLE, "row-too-short"),
        ("bad,9,,Lobby,What", RULES.replace('"Door"', '"Event"').replace("X*", "Wh*"), "rule"),
        ("2026-11-22 07:58:12,1,xy,Lobby,Granted", RULES, "rule"),
        ("2026-11-22 07:58:12,1,D1,,Granted", RULES, "rule"),
        ("2026-11-22 07:58:12,1,D1", RULES, "rule"),
        ("2026-11-22 07:58:12,1,D1,lab 3,Granted", RULES, "sent"),
        ("2026-11-22 07:58:12,1,D1,Lobby,Granted", PERSON_RULE, "rule"),
        ("2026-11-22 07:58:12,2,D1,Lobby,Granted", PERSON_RULE, "sent"),
        ("bad,,,,What", TABLE, "no-person"),
        ("bad,,,,What", TABLE + '[policy]\nno_person = "reject"\n', "no-person"),
        ("bad,9,,,Denied - nothing", TABLE, "outcome"),
        ("2026-11-22 07:58:12,1,D1,Lobby,Denied - late", TABLE, "sent"),
        ("bad,9,,,What", TABLE, "outcome-unknown"),
        ("bad,9,,,", TABLE, "outcome-unknown"),
        ("bad,9,,,What", TABLE + '[policy]\nunknown_outcome = "ignore"\n', "outcome-unknown"),
        ("bad,9,,,Granted", TABLE, "person-unknown"),
        ("bad,9,,,Granted", TABLE + '[policy]\nunknown_person = "ignore"\n', "person-unknown"),
        ("bad,3,,,Granted", TABLE, "person-without-account"),
        ("bad,1,,,Granted", TABLE, "time-unreadable"),
        (",1,,,Granted", TABLE, "time-unreadable"),
        ("2026-11-22 07:58:12,1,,,Granted", TABLE, "asset-missing"),
        ("1999-11-22 07:58:12,1,,,Granted", TABLE, "asset-missing"),
        ("1999-11-22 07:58:12,1,D1,,Granted", TABLE, "not-a-time"),
    ],
)
def test_the_order_of_the_steps(row: str, profile: str, expected: str) -> None:
    """The first step that has something to say decides, whatever later ones would say."""
    assert one(row, profile) == expected


def test_two_equally_long_patterns_of_different_lists_are_unknown() -> None:
    """Nothing is guessed where two lists claim a word."""
    profile = TABLE.replace('"Denied*"', '"*A"').replace('"Granted"', '"A*"')
    assert one("2026-11-22 07:58:12,1,D1,,A", profile) == "outcome-unknown"
    assert one("2026-11-22 07:58:12,1,D1,,AB", profile) == "sent"


def test_dated_people_decide_by_the_event_s_day() -> None:
    """A re-issued badge belongs to the person who had it that day; without a readable time nothing can be said."""
    people = (
        "Id,UPN,valid_from,valid_until\n"
        "7,ada@example.com,2026-01-01,2026-06-30\n"
        "7,bo@example.com,2026-07-01,\n"
        "8,ada@example.com,,2026-06-30\n8,bo@example.com,2026-06-30,\n"
    )
    rows = (
        "2026-06-30 23:59:59,7,D,,Granted\n2026-07-01 00:00:00,7,D,,Granted\n2025-12-31 00:00:00,7,D,,Granted\n"
        "bad,7,D,,Granted\nbad,9,D,,Granted\n2026-06-30 00:00:00,8,D,,Granted\n2026-07-02 00:00:00,8,,,Granted\n"
    )
    found = mapped(TABLE, HEADER + rows, people=people)
    assert [record["UserId"] for record in found.records] == ["ada@example.com", "bo@example.com"]
    assert [codes for _, _, codes, _ in found.rejected] == [
        ("person-unknown",),
        ("time-unreadable",),
        ("time-unreadable",),
        ("person-ambiguous",),
        ("asset-missing",),
    ]


def test_two_accounts_for_one_key_are_ambiguous() -> None:
    """Two people on one badge at the same time: rejected, never chosen."""
    people = "Id,UPN\n1,ada@example.com\n1,ADA@example.com\n2,ada@example.com\n2,bo@example.com\n"
    rows = "2026-11-22 07:58:12,1,D,,Granted\n2026-11-22 07:58:12,2,D,,Granted\n"
    found = mapped(TABLE, HEADER + rows, people=people)
    assert found.codes == {"person-ambiguous": 1}
    assert len(found.records) == 1


def test_an_address_of_one_s_own_is_held_against_the_rules_of_records() -> None:
    """Without a people file the value is the UPN; what the connector would drop is rejected here."""
    profile = TABLE.replace('directory = "people.csv"\nkey = "Id"\n', "")
    rows = "".join(
        f"2026-11-22 07:58:12,{who},D,,Granted\n"
        for who in ("Ada@Example.com", "no address", "a@b@c", "x y@z.com")
    )
    found = mapped(profile, HEADER + rows)
    assert [record["UserId"] for record in found.records] == ["Ada@Example.com"]
    assert found.codes == {"person-unknown": 1, "not-an-address": 2}


def test_repeats_are_counted_once_sent() -> None:
    """The same event again is repeated, whatever the case of the account and the door's name; Failed is another event."""
    profile = TABLE.replace('directory = "people.csv"\nkey = "Id"\n', "")
    rows = (
        "2026-11-22 07:58:12,ada@example.com,D,Lobby,Granted\n"
        "2026-11-22 07:58:12.5,ADA@example.com,D,Lobby 2,Granted\n"
        "2026-11-22 07:58:12,ada@example.com,D,Lobby,Denied\n"
        "2026-11-22 07:58:13,ada@example.com,D,Lobby,Granted\n"
    )
    found = mapped(profile, HEADER + rows)
    assert (len(found.records), found.counts.repeated, found.numbers) == (3, 1, [1, 3, 4])


def test_before_start_is_ignored_but_was_mapped() -> None:
    """Events before `not_before` are ignored, count for the share, and prove that the profile works."""
    profile = TABLE + "[policy]\nnot_before = 2026-11-22T08:00:00Z\n"
    found = mapped(profile, HEADER + OK + OK)
    assert (found.counts.ignored, found.counts.judged, found.counts.nothing_mapped) == (
        {"before-start": 2},
        2,
        False,
    )
    reader = SourceReader([(HEADER + OK).encode()], source(TABLE, people=PEOPLE), "x", "2026-11-22T08:00:00")
    assert (list(reader), reader.counts.ignored) == ([LeftOut(1, BEFORE_START)], {"before-start": 1})
    later = OK.replace("07:58", "08:00")
    assert len(mapped(profile, HEADER + OK + later).records) == 1


@pytest.mark.parametrize(
    ("rows", "nothing"),
    [
        ("", False),
        ("2026-11-22 07:58:12,,D,,Door held\n", False),
        ("2026-11-22 07:58:12,,D,,Granted\n", True),
        ("2026-11-22 07:58:12,,D,,Granted\n" + OK, False),
        ("2026-11-22 07:58:12,9,D,,Granted\n", True),
        ("2026-11-22 07:58:12,9,D,,Granted\n2026-11-22 07:58:12,,D,,Door held\n", False),
        ("2026-11-22 07:58:12,3,D,,Granted\n", False),
    ],
)
def test_nothing_mapped(rows: str, *, nothing: bool) -> None:
    """A grant without a person, or every row rejected, is the profile's fault; a quiet Sunday is not."""
    assert mapped(TABLE, HEADER + rows).counts.nothing_mapped is nothing


def test_unknown_words_are_named_only_after_three_persons() -> None:
    """Digits are masked, and what might be a name or a PIN stays among the others."""
    rows = (
        [(who, f"Wrong PIN [{who}{who}]") for who in "123"]
        + [("1", "Hello Ada")] * 5
        + [("9", "Lost"), ("8", "Lost")]
    )
    text = "".join(f"2026-11-22 07:58:12,{who},D,,{word}\n" for who, word in rows)
    words = mapped(TABLE, HEADER + text).counts.unknown_words
    assert [(word.word, word.records) for word in words] == [("Wrong PIN [##]", 3), ("other", 7)]


def test_at_most_fifty_unknown_words_are_named() -> None:
    """The rest is counted as `other`."""
    text = "".join(
        f"2026-11-22 07:58:12,{who},D,,word {chr(0x61 + n // 26)}{chr(0x61 + n % 26)}\n"
        for n in range(60)
        for who in "123"
    )
    words = mapped(TABLE, HEADER + text).counts.unknown_words
    assert len(words) == 51
    assert (words[-1].word, words[-1].records) == ("other", 30)


def test_unknown_keys_are_counted_by_difference() -> None:
    """The number of different keys that no people file knows."""
    text = "".join(f"2026-11-22 07:58:12,{who},D,,Granted\n" for who in "99788")
    assert mapped(TABLE, HEADER + text).counts.unknown_keys == 3


def test_zone_by_a_column() -> None:
    """Each row in its own zone; a text that the map does not list is rejected, unless the time has its offset."""
    profile = TABLE.replace('"%Y-%m-%d %H:%M:%S"', '"iso"').replace(
        '"UTC"', '{ from = "Name", map = { HQ = "America/New_York", Munich = "Europe/Berlin" } }'
    )
    rows = "".join(
        f"2026-11-22 07:58:12{offset},1,D,{site},Granted\n"
        for site, offset in (("HQ", ""), ("Munich", ""), ("Lima", ""), ("", ""), ("Lima", "+01:00"))
    )
    found = mapped(profile, HEADER + rows)
    assert [record["EventTime"][11:13] for record in found.records] == ["12", "06"]
    assert found.counts.repeated == 1
    assert found.codes == {"time-zone-unknown": 2}


def test_a_time_that_never_was_makes_the_zone_doubtful() -> None:
    """Rejected, with a warning of its own; the hour that happens twice is taken, with its count."""
    profile = TABLE.replace('"UTC"', '"Europe/Berlin"')
    rows = (
        "2026-03-29 02:30:00,1,D,,Granted\n2026-10-25 02:30:00,1,D,,Granted\n2026-10-25 02:30:01,2,D,,Granted\n"
        "2026-10-25 02:30:02,9,D,,Granted\n"
    )
    found = mapped(profile, HEADER + rows)
    assert found.codes == {"time-does-not-exist": 1, "person-unknown": 1}
    assert found.counts.warnings == {"zone-doubtful": 1, "time-ambiguous": 2}
    assert found.records[0]["EventTime"] == "2026-10-25T00:30:00"


def test_values_of_every_kind() -> None:
    """First of several, patterns, joins, texts, the file's name, and missing words of a value's own."""
    profile = (
        TABLE.replace(
            'id = "Door"', 'id = { join = [{ file_name = "^([a-z]+)" }, ["Door", "Name"]], with = "/" }'
        )
        .replace('name = "Name"', 'name = { text = "made" }')
        .replace(
            'from = "Id"',
            "from = { value = [\"Nr\", { value = 'Id', pattern = '#?([0-9]+)' }], missing = ['0'] }",
        )
    )
    rows = (
        "2026-11-22 07:58:12,#1,D1,Lobby,Granted\n2026-11-22 07:58:12,1,,Lobby,Granted\n"
        "2026-11-22 07:58:12,0,D1,,Granted\n2026-11-22 07:58:12,1,,,Granted\n"
    )
    found = mapped(profile, HEADER + rows, name="lab-7.csv")
    assert [(record["AssetId"], record["AssetName"]) for record in found.records] == [
        ("lab/D1", "made"),
        ("lab/Lobby", "made"),
    ]
    assert (found.counts.ignored, found.codes) == ({"no-person": 1}, {"asset-missing": 1})


def test_a_key_of_several_columns() -> None:
    """Several key columns are joined as the value is."""
    profile = TABLE.replace('from = "Id"', 'from = { join = ["Name", "Id"], with = "/" }').replace(
        'key = "Id"', 'key = ["Customer", "Card"]'
    )
    people = "Card;Customer;UPN\n1;A;ada@example.com\n1;B;bo@example.com\n;C;x@example.com\n"
    rows = "2026-11-22 07:58:12,1,D,A,Granted\n2026-11-22 07:58:12,1,D,B,Granted\n"
    found = mapped(profile, HEADER + rows, people=people)
    assert [record["UserId"] for record in found.records] == ["ada@example.com", "bo@example.com"]


@pytest.mark.parametrize("place", ["Id", "Door", "Name", "Event", "Time"])
def test_an_object_is_no_text(place: str) -> None:
    """An object or a list where a value is wanted is rejected, wherever it stands."""
    event = {"Time": "2026-11-22 07:58:12", "Id": 1, "Door": "D", "Name": "L", "Event": "Granted"}
    values: list[Any] = [{}, [1]]
    for value in values:
        found = mapped(EVENTS, json.dumps([event, event | {place: value}]))
        assert [codes for _, _, codes, _ in found.rejected] == [("value-not-text",)]
    ruled = EVENTS + f'[[ignore]]\nfrom = "{place}"\nis = ["x"]\n'
    assert mapped(ruled, json.dumps([event | {place: []}])).codes == {"value-not-text": 1}


def test_half_a_character_is_rejected_by_the_rules_of_records() -> None:
    """What JSON's escapes can bring and no connector takes is not sent."""
    event = {"Time": "2026-11-22 07:58:12", "Id": "1", "Door": "\ud800", "Name": "L", "Event": "Granted"}
    found = mapped(EVENTS, json.dumps([event, event | {"Door": "D", "Name": "\udc00"}]))
    assert found.codes == {"half-a-character": 2}


def test_a_pattern_is_searched_in_half_characters_too() -> None:
    """RE2 reads UTF-8 only; half a surrogate pair is another character to it, no failure."""
    profile = EVENTS.replace('id = "Door"', "id = { value = 'Door', pattern = '([A-Z]+)' }")
    event = {"Time": "2026-11-22 07:58:12", "Id": "1", "Door": "\ud800AB", "Event": "Granted"}
    assert mapped(profile, json.dumps([event])).records[0]["AssetId"] == "AB"
