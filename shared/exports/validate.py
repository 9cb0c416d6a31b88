"""Holds a record against the rules: the JSON Schema's, and what a schema cannot say.

Valid records come out as the bytes to send: their own, with `EventTime` rewritten in place where it had a zone, or
encoded anew where a property was repeated. Invalid ones come out with one reason a property, in property order.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, Final

import msgspec

from shared.exports.decoding import Decoded, Inexact, members
from shared.exports.envelopes import spelled
from shared.exports.rules import RULES, PropertyRule, Rules
from shared.exports.times import to_utc

OTHER_PROPERTY: Final = "(another property)"
"""Stands in counts and summaries for the name of a property that the rules do not know: it is the export's content."""

_NO_SUCH_TIME: Final = "must be a real date and time, in UTC between the years 2000 and 2099"
_MAX_NAME: Final = 200
_WORDS: Final = re.compile("[A-Z][a-z]+")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with one property: its name, a code, and a fixed sentence that never quotes the value."""

    name: str
    code: str
    reason: str

    @property
    def countable(self) -> "Violation":
        """The same, fit for counts and summaries: an unknown property's name is left out."""
        return self if self.name in RULES.properties else Violation(OTHER_PROPERTY, self.code, self.reason)


@dataclass(frozen=True, slots=True)
class Valid:
    """A record to send: its bytes, and its EventTime in UTC."""

    body: bytes
    event_time: str


@dataclass(frozen=True, slots=True)
class Invalid:
    """A record to reject: everything wrong with it, and its original content on one line."""

    violations: tuple[Violation, ...]
    content: bytes


def validate_record(decoded: Decoded, rules: Rules = RULES) -> Valid | Invalid:
    """Hold one record against the rules."""
    value = decoded.value
    # Only an escape can bring half a surrogate pair into a text: the bytes themselves are valid UTF-8.
    doubtful = decoded.inexact or b"\\" in decoded.raw
    violations = tuple(islice(_violations(value, rules, doubtful=doubtful), rules.max_violations))
    if violations:
        return Invalid(violations, decoded.raw.translate(None, b"\r\n"))
    event_time = to_utc(value["EventTime"])
    if decoded.repeated:
        return Valid(msgspec.json.encode(value | {"EventTime": event_time}), event_time)
    if event_time == value["EventTime"]:
        return Valid(decoded.raw, event_time)
    return Valid(with_event_time(decoded.raw, event_time), event_time)


def with_event_time(raw: bytes, event_time: str) -> bytes:
    """The bytes of a record in which no property is repeated, with another time in the place of its own."""
    start, end = next((start, end) for key, start, end in members(raw) if key == "EventTime")
    return raw[:start] + f'"{event_time}"'.encode() + raw[end:]


def violations_of(value: dict[str, Any], rules: Rules) -> tuple[Violation, ...]:
    """What is wrong with a record that is made of whole characters and exact numbers."""
    return tuple(islice(_violations(value, rules, doubtful=False), rules.max_violations))


def _violations(value: dict[str, Any], rules: Rules, *, doubtful: bool) -> Iterator[Violation]:
    for name, rule in rules.properties.items():
        if name not in value:
            if rule.required:
                yield Violation(name, "missing", _missing(name, value))
        else:
            yield from violation(rule, value[name])
    if doubtful:
        for name, other in value.items():
            if name not in rules.properties:
                yield from _beyond_the_schema(name, other)


def violation(rule: PropertyRule, given: Any) -> Iterator[Violation]:
    """What is wrong with a known property's value, if anything is."""
    if not rule.fits(given):
        yield Violation(rule.name, rule.code, rule.reason(given))
    elif _SURROGATE.search(given):
        yield _half_a_character(rule.name)
    elif rule.name == "EventTime" and not _exists(given, rule):
        yield Violation(rule.name, "no-such-time", _NO_SUCH_TIME)


def _exists(time: str, rule: PropertyRule) -> bool:
    """Whether there is such a time, in UTC within the years of the rule."""
    try:
        return rule.fits(to_utc(time))
    except (ValueError, OverflowError):  # no such day; before the year 1
        return False


def _missing(name: str, value: dict[str, Any]) -> str:
    """Names are compared exactly; one in the usual other spellings is shown, since it is no content of the export."""
    for spelling in _usual_spellings(name):
        if spelling in value:
            return f"is missing; it is written {spelling} here, and upper and lower case matter"
    wanted = spelled(name)
    if any(spelled(key) == wanted for key in value):
        return "is missing; it is there in another spelling, and every letter matters"
    return "is missing"


@cache
def _usual_spellings(name: str) -> tuple[str, ...]:
    """How other systems write the name of a known property; kept, since an export may lack one in every record."""
    words = _WORDS.findall(name)
    usual = (
        name[0].lower() + name[1:],
        name.lower(),
        name.upper(),
        *(between.join(words) for between in "_- "),
    )
    return (*usual, "_".join(words).lower(), "_".join(words).upper())


def _beyond_the_schema(name: str, value: Any) -> Iterator[Violation]:
    leaves = list(_leaves(value))
    shown = _SURROGATE.sub("\ufffd", name[:_MAX_NAME])
    if any(isinstance(leaf, Inexact) for leaf in leaves):
        reason = "has a number that neither a double nor a 64-bit integer can hold; write it as text"
        yield Violation(shown, "inexact-number", reason)
    elif any(isinstance(leaf, str) and _SURROGATE.search(leaf) for leaf in (name, *leaves)):
        yield _half_a_character(shown)


def _half_a_character(name: str) -> Violation:
    return Violation(name, "half-a-character", "has half of a surrogate pair, which is no character")


def _leaves(value: Any) -> Iterator[Any]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting.extend((*one.keys(), *one.values()))
        elif isinstance(one, list):
            waiting.extend(one)
        else:
            yield one
