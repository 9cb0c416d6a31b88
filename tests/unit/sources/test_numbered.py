"""Keys that are numbers are found by their place: the same accounts as by any other search, in less memory."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.sources.people_index import Account, PeopleIndex

KEYS = st.one_of(
    st.integers(0, 40).map(str),
    st.integers(0, 10**19).map(str),
    st.sampled_from(
        [
            "",
            "007",
            "00",
            "0",
            " 7",
            "+7",
            "7.0",
            "1e1",
            "-3",
            "1_0",
            "\u0667",
            "\u00b2",
            "AB7",
            "7,8",
            "9" * 30,
        ]
    ),
)
UPNS = st.sampled_from(
    ["", "ada@example.com", "ADA@example.com", "bo@example.com", "r\u00f6hr@example.com", "a\\b@example.com"]
)


def index(accounts: list[tuple[str, str]], *, quick: bool = True) -> PeopleIndex:
    """An index of keys and UPNs."""
    made = PeopleIndex(dated=False, quick=quick)
    for key, upn in accounts:
        made.add(key, Account(upn))
    made.close()
    return made


@settings(deadline=None)
@given(accounts=st.lists(st.tuples(KEYS.filter(bool), UPNS), max_size=60), texts=st.lists(KEYS, max_size=30))
def test_a_column_is_looked_up_as_each_of_its_texts_is(
    accounts: list[tuple[str, str]], texts: list[str]
) -> None:
    """Whatever the keys and the texts are: one key is no other, and what the quick search leaves open the other one finds."""
    quick, plain = index(accounts), index(accounts, quick=False)
    assert [quick.find(text) for text in texts] == [plain.find(text) for text in texts]
    for text, upn in zip(texts, quick.upns(texts), strict=True):
        assert upn in {"", plain.find(text)}


def test_every_number_is_found_at_once() -> None:
    """Also beside texts that are no numbers, and beside numbers that are nobody's."""
    people = index([(str(number), f"p{number}@example.com") for number in range(500, 700, 2)])
    texts = ["500", "", "698", "0502", "501", "\u0665\u0660\u0662", "700", "498", "9" * 25, "600"]
    upns = ["p500@example.com", "", "p698@example.com", *[""] * 6, "p600@example.com"]
    assert people.upns(texts) == upns
    assert people.keys == 100


@pytest.mark.parametrize("far", [[], ["1"], ["999999999999"], ["1", "2", "99999999999999999", "X1"]])
def test_a_number_far_away_costs_nothing(far: list[str]) -> None:
    """A few keys of another kind stay in the dict; the others take a list no longer than four times their number."""
    keys = [str(number) for number in range(70_000, 73_000)]
    people = index([(key, f"p{key}@example.com") for key in (*keys, *far)])
    assert people.upns([*keys[:3], *far]) == [f"p{key}@example.com" for key in (*keys[:3], *far)]
    assert people.held_bytes < 100 * (len(keys) + len(far))
    assert people.keys == len(keys) + len(far)


def test_missing_words_are_looked_for_among_numbers_too() -> None:
    """A profile may say that 7 means nobody, or that n/a does."""
    people = index([("7", "ada@example.com"), ("8", "bo@example.com"), ("N/A", "cy@example.com")])
    assert [people.knows_one_of(frozenset({word})) for word in ("7", "n/a", "9", "")] == [
        True,
        True,
        False,
        False,
    ]
    assert not people.knows_one_of(frozenset())
