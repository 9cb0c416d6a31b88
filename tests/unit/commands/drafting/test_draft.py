"""The whole draft: which column is what, and the profile's text."""

import tomllib

import pytest

from commands.drafting.draft import Draft, make_draft
from commands.drafting.profile_text import people_header, profile_text
from commands.drafting.toml_text import comment, quoted
from commands.drafting.words import as_pattern, meaning_of
from shared.errors import ExportError
from shared.sources.profile import read_profile


def _draft(*rows: str) -> Draft:
    return make_draft("\n".join(rows).encode())


def _said(draft: Draft) -> dict[str, object]:
    text = profile_text(draft, "made")
    read_profile(text.encode())
    return tomllib.loads(text)


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("Access Granted", "success"),
        ("CardAdmitted", "success"),
        ("DOOR_KEYCARD_ENTERED_ACCEPTED", "success"),
        ("Access permitted - token only", "success"),
        ("1:1-Authentifizierung erfolgreich (Karte)", "success"),
        ("true", "success"),
        ("Access Denied", "failed"),
        ("Unauthorised Card", "failed"),
        ("not granted", "failed"),
        ("Zutritt verweigert", "failed"),
        ("No Zone Privilege", "failed"),
        ("false", "failed"),
        ("Access Granted No Entry Made", ""),
        ("Local Grant - Door not used", ""),
        ("Door Held Open", ""),
        ("Remote unlock success", ""),
        ("Something else", ""),
    ],
)
def test_clear_words_are_proposed_and_others_left_open(word: str, meaning: str) -> None:
    """A grant without an entry is not clear."""
    assert meaning_of(word) == meaning


@pytest.mark.parametrize(
    ("word", "pattern"),
    [("Wrong PIN [4711]", "Wrong PIN [*"), ("Access Granted", "Access Granted"), ("Reader 2", "Reader 2"), ("12345", "12345")],
)  # fmt: skip
def test_numbers_inside_words_are_not_written_into_a_profile(word: str, pattern: str) -> None:
    """One vendor prints the PIN there."""
    assert as_pattern(word) == pattern


def test_an_address_needs_no_people_file() -> None:
    """The column with e-mail addresses is the person, and nothing is left to fill in."""
    draft = _draft(
        "email,badge,event,door,at",
        "ada@example.com,52017,Access Granted,Lobby,2026-11-22T07:58:12Z",
        "bo@example.com,52018,Access Denied,Lobby,2026-11-22T07:59:12Z",
    )
    assert _said(draft)["person"] == [{"from": "email"}]
    assert (people_header(draft), profile_text(draft, "made").count("TODO:")) == ("", 0)


def test_every_draft_is_on_trial_and_has_at_most_three_todos() -> None:
    """Even where nothing can be told: day or month, zone, words, person."""
    draft = _draft(
        "event,emp id,name,at",
        "Zutritt,10431,Ada,05/04/2026 07:58:12",
        "Ausgang,10432,Bo,05/05/2026 07:58:13",
    )
    text = profile_text(draft, "made")
    assert text.count("TODO:") == 3
    assert _said(draft)["policy"] == {"send": False}
    assert "%d/%m/%Y" in text


def test_a_file_that_tells_nothing_still_gives_a_profile() -> None:
    """Every gap is a TODO, and the profile can be read."""
    draft = _draft("a,b", "x,y", "x,z")
    said = _said(draft)
    assert said["person"] == [{"from": {"text": "TODO"}, "directory": "people.csv", "key": "Key"}]
    assert said["outcome"] == {"always": "Success"}
    assert profile_text(draft, "made").count("TODO:") == 2


def test_a_name_that_says_utc_gives_the_zone() -> None:
    """And asks for a comparison with the clock on the wall."""
    draft = _draft(
        "MessageUTC,badge,event", "2026-11-22 07:58:12,52017,Access Granted", "2026-11-22 07:58:13,52018,x"
    )
    assert _said(draft)["time"] == {"from": "MessageUTC", "format": "%Y-%m-%d %H:%M:%S", "zone": "UTC"}


def test_words_for_nothing_are_declared() -> None:
    """A database writes NULL."""
    draft = _draft(
        "at,badge,event", "2026-11-22 07:58:12,NULL,held", "2026-11-22 07:58:13,52018,Access Granted"
    )
    assert "missing" in tomllib.loads(profile_text(draft, "made"))["input"]


def test_texts_of_a_file_cannot_leave_their_string() -> None:
    """A column's name with quotes, a line break or a terminal's commands is one string, and one comment line."""
    name = 'Do"or\x1b[31m\u202e\\'
    draft = make_draft(
        f'at,badge,event,"{name.replace(chr(34), chr(34) * 2)}"\n2026-11-22 07:58:12,1,held,x\n'.encode()
    )
    assert name in draft.columns
    _said(draft)
    for text in (name, 'it\'s "so"', "\x7f", "a\nb = 1", "plain", "\u2028"):
        assert tomllib.loads(f"key = {quoted(text)}\n{comment(text)}")["key"] == text


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-export"),
        (b"PK\x03\x04....", "not-a-table"),
        (b"<?xml version='1.0'?><a/>", "not-a-table"),
    ],
)
def test_what_no_profile_reads_is_refused(data: bytes, code: str) -> None:
    """With what it is, and what to do."""
    with pytest.raises(ExportError) as refused:
        make_draft(data)
    assert refused.value.code == code
