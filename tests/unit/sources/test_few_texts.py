"""Paths that lead to the same few texts over and over are decoded by what is known of them, and nothing changes."""

import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.sources import few_texts
from shared.sources.event_columns import EventColumns
from shared.sources.event_structs import Path
from shared.sources.few_texts import FewTexts

DOOR: Final[Path] = ("door", "id")
WORD: Final[Path] = ("word",)
VALUES = st.sampled_from(
    ["", "a", "b", "c", "\u00fc", 'q"\\', "x" * 50, None, 1, 1.50, True, {"id": "a"}, ["a"]]
)
EVENTS = st.lists(
    st.fixed_dictionaries(
        {}, optional={"word": VALUES, "door": st.fixed_dictionaries({}, optional={"id": VALUES})}
    ),
    max_size=4,
)


def learned(*texts: list[str], paths: tuple[Path, ...] = (DOOR,)) -> FewTexts:
    """After exports' parts in which all paths led to these texts, as often as it takes to be large."""
    few = FewTexts(paths)
    few.note({path: ["first"] for path in paths}, few_texts._LARGE)
    for some in texts:
        few.note(dict.fromkeys(paths, some), few_texts._ENOUGH)
    return few


def test_texts_are_known_when_no_new_ones_come() -> None:
    """Of each path all that it led to, in order."""
    assert learned(["b", "a"]).known == {}
    assert learned(["b", "a"], ["a", "first"]).known == {DOOR: ("a", "b", "first")}
    assert learned(["b"], ["b"], paths=(WORD, DOOR)).known.keys() == {DOOR, WORD}


def test_a_small_export_learns_nothing() -> None:
    """It is read before a decoder that must be made first would pay."""
    few = FewTexts([DOOR])
    for _ in range(3):
        few.note({DOOR: ["a"]}, few_texts._LARGE // 4)
    assert few.known == {}


def test_a_new_text_makes_a_path_unknown_until_it_has_repeated_for_longer() -> None:
    """It then knows that one, too."""
    few = learned(["a"], ["a"])
    few.note({DOOR: ["a", "new"]}, few_texts._ENOUGH)
    assert few.known == {}
    few.note({DOOR: ["a"]}, few_texts._ENOUGH * few_texts._LONGER - 1)
    assert few.known == {}
    few.note({DOOR: ["new"]}, 1)
    assert few.known == {DOOR: ("a", "first", "new")}


def test_a_path_that_surprises_again_and_again_is_given_up() -> None:
    """However long it is quiet between."""
    few = learned(["a"], ["a"])
    for number in range(few_texts._MOST_SURPRISES):
        few.note({DOOR: [f"new {number}"]}, 1)
        few.note({DOOR: ["a"]}, 10**9)
        assert DOOR in few.known
    few.note({DOOR: ["one more"]}, 1)
    few.note({DOOR: ["a"]}, 10**9)
    assert few.known == {}


@pytest.mark.parametrize(
    "texts", [[str(number) for number in range(few_texts._MOST_TEXTS)], ["x" * (few_texts._LONGEST + 1)]]
)
def test_many_or_long_texts_are_not_kept(texts: list[str]) -> None:
    """One fewer or shorter is; the first is another one."""
    assert learned(texts, texts).known == {}
    kept = [text[: few_texts._LONGEST] for text in texts][: few_texts._MOST_TEXTS - 1]
    assert learned(kept, kept).known == {DOOR: tuple(sorted({*kept, "first"}))}


def test_a_path_that_led_to_something_else_is_given_up() -> None:
    """The others stay known."""
    few = learned(["a"], ["a"], paths=(WORD, DOOR))
    few.give_up(WORD)
    few.note({WORD: ["a"], DOOR: ["a"]}, 10**9)
    assert few.known == {DOOR: ("a", "first")}


@pytest.fixture(name="quick")
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is learned at once."""
    monkeypatch.setattr(few_texts, "_LARGE", 0)
    monkeypatch.setattr(few_texts, "_MOST_SURPRISES", 1000)
    monkeypatch.setattr(few_texts, "_ENOUGH", 1)
    monkeypatch.setattr(few_texts, "_LONGER", 1)


@pytest.mark.usefixtures("quick")
@settings(deadline=None, max_examples=300)
@given(segments=st.lists(EVENTS, max_size=8), lines=st.booleans())
def test_what_is_known_changes_no_column(segments: list[list[Any]], *, lines: bool) -> None:
    """Each event gives what it gives alone, whatever the events before it held."""
    columns = EventColumns.of_paths(["word", "door.id"])
    for events in segments:
        raws = [json.dumps(event).encode() for event in events]
        data = b"\n".join(raws) if lines else b"[%b]" % b",".join(raws)
        found = columns.of_events(data, lines=lines)
        assert found is not None
        assert found.count == len(events)
        assert list(zip(*found.columns, strict=True)) == [tuple(columns.of_one(raw)) for raw in raws]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "said", [json.dumps, lambda text: '"' + "".join(f"\\u{ord(one):04x}" for one in text) + '"']
)
def test_known_texts_are_the_same_objects_each_time(said: Callable[[str], str]) -> None:
    """That is what they are for, however the export writes them."""
    columns = EventColumns.of_paths(["word"])
    data = b"\n".join(f'{{"word": {said(word)}}}'.encode() for word in ("Granted", "Denied", "Granted"))
    for _ in range(3):
        found = columns.of_events(data, lines=True)
    assert found is not None
    first, other, again = found.columns[0]
    assert (first, other) == ("Granted", "Denied")
    assert first is again
