"""The judge of a record: the JSON Schema beside this file, plus what a schema cannot say.

Valid records come out as the bytes to send: their own, with `EventTime` rewritten in place where it had a zone, or
encoded anew where a property was repeated. Invalid ones come out with one reason a property, in property order.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice
from typing import Any, Final

import msgspec
from jsonschema import Draft202012Validator

from shared.exports.decoding import Decoded, Inexact, members
from shared.exports.times import to_utc

SCHEMA_BYTES: Final = files("shared.exports").joinpath("record.schema.json").read_bytes()
_SCHEMA: Final[dict[str, Any]] = json.loads(SCHEMA_BYTES)
_RULES: Final[dict[str, Any]] = _SCHEMA["properties"]
REQUIRED: Final = frozenset(_SCHEMA["required"])
"""Names of the properties no record may lack."""

_CODE_VERSION: Final = (
    b"1"  # goes up when this module, `times` or `decoding` judge or write a record differently
)
RULES_DIGEST: Final = hashlib.sha256(SCHEMA_BYTES + _CODE_VERSION).hexdigest()
"""Names the rules a ledger's batches were cut by."""

OTHER_PROPERTY: Final = "(another property)"
"""Stands in counts and summaries for the name of a property that the rules do not know: it is the export's content."""

MAX_VIOLATIONS: Final = 100
"""How many violations of one record are reported; more would only blow up the rejected file."""

_MAX_NAME: Final = 200
_MAX_REMEMBERED: Final = 320
_SURE: Final = {
    "UserId": re.compile(r"[!-?A-~]{1,64}@[!-?A-~]{1,255}"),
    "AssetId": re.compile(r"[!-~](?:[ -~]*[!-~])?"),
    "AssetName": re.compile(r"[^\ud800-\udfff]*"),
    "EventTime": re.compile(
        r"20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
        r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,7})?"
    ),
    "AccessStatus": re.compile(r"Success|Failed"),
}
"""Texts that surely pass, the schema as well as what is checked beyond it."""
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
        return self if self.name in _RULES else Violation(OTHER_PROPERTY, self.code, self.reason)


@dataclass(frozen=True, slots=True)
class Valid:
    """A record to send: its bytes, and its EventTime in UTC."""

    body: bytes
    event_time: str


@dataclass(frozen=True, slots=True)
class Invalid:
    """A record to rejected: everything wrong with it, and its original content on one line."""

    violations: tuple[Violation, ...]
    content: bytes


def validate_record(decoded: Decoded) -> Valid | Invalid:
    """Hold one record against the rules."""
    value = decoded.value
    # Only an escape can bring half a surrogate pair into a text: the bytes themselves are valid UTF-8.
    doubtful = decoded.inexact or b"\\" in decoded.raw
    violations = tuple(islice(_violations(value, doubtful=doubtful), MAX_VIOLATIONS))
    if violations:
        return Invalid(violations, decoded.raw.translate(None, b"\r\n"))
    event_time = to_utc(value["EventTime"])
    if decoded.repeated:
        return Valid(msgspec.json.encode(value | {"EventTime": event_time}), event_time)
    if event_time == value["EventTime"]:
        return Valid(decoded.raw, event_time)
    start, end = next((start, end) for key, start, end in members(decoded.raw) if key == "EventTime")
    return Valid(decoded.raw[:start] + f'"{event_time}"'.encode() + decoded.raw[end:], event_time)


def _violations(value: dict[str, Any], *, doubtful: bool) -> Iterator[Violation]:
    for name, rule in _RULES.items():
        if name not in value:
            if name in REQUIRED:
                yield Violation(name, "missing", "is missing")
        elif isinstance(value[name], str) and _SURE[name].fullmatch(value[name]):
            continue
        elif _fits(name, value[name]):
            yield from _beyond_the_schema(name, value[name])
        else:
            yield Violation(name, **rule["x-gatepost"])
    if doubtful:
        for name, other in value.items():
            if name not in _RULES:
                yield from _beyond_the_schema(name, other)


def _fits(name: str, value: Any) -> bool:
    """What the schema says; it has rules for single properties only, so one can be judged alone."""
    if isinstance(value, str) and len(value) <= _MAX_REMEMBERED:
        return _text_fits(name, value)
    return _rule(name).is_valid(value)


@lru_cache(maxsize=1024)
def _text_fits(name: str, text: str) -> bool:
    return _rule(name).is_valid(text)


@cache
def _rule(name: str) -> Draft202012Validator:
    return Draft202012Validator(_RULES[name])


def _beyond_the_schema(name: str, value: Any) -> Iterator[Violation]:
    leaves = list(_leaves(value))
    shown = _SURROGATE.sub("\ufffd", name[:_MAX_NAME])
    if any(isinstance(leaf, Inexact) for leaf in leaves):
        reason = "has a number that neither a double nor a 64-bit integer can hold; write it as text"
        yield Violation(shown, "inexact-number", reason)
    elif any(isinstance(leaf, str) and _SURROGATE.search(leaf) for leaf in (name, *leaves)):
        yield Violation(shown, "half-a-character", "has half of a surrogate pair, which is no character")
    elif name == "EventTime":
        try:
            to_utc(value)
        except ValueError:
            reason = "must be a real date and time, in UTC between the years 2000 and 2099"
            yield Violation(name, "no-such-time", reason)


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
