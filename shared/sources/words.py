"""Words of a badging system, compared without case; `*` stands for any text.

An exact word counts before a pattern, a pattern with more literal characters before one with fewer. Two equally good
patterns of different lists decide nothing: a word is never guessed.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal

type Meaning = Literal["success", "failed", "ignore", ""]
"""The list that a word belongs to; empty: none, or two equally."""

_ANY: Final = "*"


def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a text in folded case fits a word or a pattern; each text is gone through once."""
    first, *rest = pattern.strip().casefold().split(_ANY)
    if not rest:
        return lambda text: text == first
    *middle, last = rest

    def fits(text: str) -> bool:
        if not text.startswith(first) or len(text) < len(first) + len(last) or not text.endswith(last):
            return False
        at, end = len(first), len(text) - len(last)
        for part in middle:
            found = text.find(part, at, end)
            if found < 0:
                return False
            at = found + len(part)
        return True

    return fits


def any_of(words: Iterable[str]) -> Callable[[str], bool]:
    """Whether a text is one of the words or fits one of the patterns."""
    exact, patterns = _parted(words)
    matchers = [matcher(pattern) for pattern in patterns]

    def fits(text: str) -> bool:
        folded = text.casefold()
        return folded in exact or any(match(folded) for match in matchers)

    return fits


class Outcomes:
    """The three lists of a profile's `[outcome]`."""

    def __init__(self, lists: Mapping[Meaning, Iterable[str]]) -> None:
        self._exact: dict[str, Meaning] = {}
        self._patterns: list[tuple[int, Callable[[str], bool], Meaning]] = []
        for meaning, words in lists.items():
            exact, patterns = _parted(words)
            self._exact |= dict.fromkeys(exact, meaning)
            self._patterns += [(_literals(pattern), matcher(pattern), meaning) for pattern in patterns]

    def meaning(self, word: str) -> Meaning:
        """Which list a word belongs to."""
        folded = word.casefold()
        if exact := self._exact.get(folded):
            return exact
        fitting = [(literals, meaning) for literals, match, meaning in self._patterns if match(folded)]
        longest = max((literals for literals, _ in fitting), default=0)
        meanings = {meaning for literals, meaning in fitting if literals == longest}
        return meanings.pop() if len(meanings) == 1 else ""


def in_two_lists(lists: Mapping[Meaning, Iterable[str]]) -> list[str]:
    """The words and patterns that stand in more than one list, so that nothing could decide about them."""
    lists_of: dict[str, set[Meaning]] = {}
    for meaning, words in lists.items():
        for word in words:
            lists_of.setdefault(word.strip().casefold(), set()).add(meaning)
    return [word for word, meanings in lists_of.items() if len(meanings) > 1]


def _parted(words: Iterable[str]) -> tuple[frozenset[str], list[str]]:
    """Exact words in folded case, and patterns."""
    every = [word.strip().casefold() for word in words]
    return frozenset(word for word in every if _ANY not in word), [word for word in every if _ANY in word]


def _literals(pattern: str) -> int:
    return len(pattern) - pattern.count(_ANY)
