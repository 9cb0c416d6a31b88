"""`[[ignore]]`: rules by which rows are left out."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from shared.sources.getters import Row, Sight
from shared.sources.paths import NOT_TEXT
from shared.sources.profile_model import Ignore, Mapping
from shared.sources.words import any_of


class Rule(NamedTuple):
    """A rule, and which one of the profile's it is."""

    position: int
    ignore: Ignore


class Ruling(NamedTuple):
    """Which rule is the first to end a row, and how; of several rulings the lowest counts.

    Attributes:
        position: of the rule among the profile's.
        code: `rule`; `value-not-text` if it looks at an object or a list; empty if no rule ends the row.
    """

    position: int
    code: str


_NONE: Final = Ruling(1 << 30, "")


def rules_of(mapping: Mapping) -> list[Rule]:
    """The rules of a profile."""
    return list(map(Rule, range(len(mapping.ignores)), mapping.ignores))


def ruling(rules: Sequence[Rule], sight: Sight) -> Callable[[Row], Ruling]:
    """The function that says what rules make of a row."""
    tests = [
        (rule.position, sight.getter(rule.ignore.value), any_of(rule.ignore.words), rule.ignore.negated)
        for rule in rules
    ]

    def found(row: Row) -> Ruling:
        for position, get, fits, negated in tests:
            text = get(row)
            if text == NOT_TEXT:
                return Ruling(position, "value-not-text")
            if (bool(text) and fits(text)) != negated:
                return Ruling(position, "rule")
        return _NONE

    return found
