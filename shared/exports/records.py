"""The judge of a record: the JSON Schema beside this file, plus what a schema cannot say.

Valid records come out as the bytes to send: their own, with `EventTime` rewritten in place where it had a zone, or
encoded anew where a property was repeated. Invalid ones come out with one reason a property, in property order.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
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

MENDED: Final = frozenset({"record", "errors", "content"})
"""The keys of a rejected file's line; an object with exactly these counts as its `content`."""
_ADDRESS: Final = re.compile(r"[!-?A-~]{1,64}@[!-?A-~]{1,255}")
_ASSET: Final = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_TIME: Final = re.compile(
    r"20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,7})?"
)


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
    """A record to set aside: everything wrong with it, and its original content on one line."""

    violations: tuple[Violation, ...]
    content: bytes


def judge(decoded: Decoded) -> Valid | Invalid:
    """Hold one record against the rules; a mended line of a rejected file counts as its `content`."""
    if decoded.value.keys() == MENDED and isinstance(decoded.value["content"], dict):
        start, end = {key: (start, end) for key, start, end in members(decoded.raw)}["content"]
        decoded = Decoded(decoded.value["content"], decoded.raw[start:end], decoded.repeated, decoded.inexact)
    value = decoded.value
    if decoded.inexact or b"\\" in decoded.raw or not _surely_valid(value):
        violations = tuple(_violations(value))
        if violations:
            return Invalid(violations, decoded.raw.translate(None, b"\r\n"))
    event_time = to_utc(value["EventTime"])
    if decoded.repeated:
        return Valid(msgspec.json.encode(value | {"EventTime": event_time}), event_time)
    if event_time == value["EventTime"]:
        return Valid(decoded.raw, event_time)
    start, end = next((start, end) for key, start, end in members(decoded.raw) if key == "EventTime")
    return Valid(decoded.raw[:start] + f'"{event_time}"'.encode() + decoded.raw[end:], event_time)


def _surely_valid(value: dict[str, Any]) -> bool:
    """A quick look that accepts only what the schema surely accepts too; `False` says nothing."""
    user, asset, time = value.get("UserId"), value.get("AssetId"), value.get("EventTime")
    return (
        isinstance(user, str)
        and isinstance(asset, str)
        and isinstance(time, str)
        and value.get("AccessStatus") in ("Success", "Failed")
        and isinstance(value.get("AssetName", ""), str)
        and _ADDRESS.fullmatch(user) is not None
        and _ASSET.fullmatch(asset) is not None
        and _TIME.fullmatch(time) is not None
    )


def _violations(value: dict[str, Any]) -> Iterator[Violation]:
    broken = {_property(error) for error in _validator().iter_errors(value)}
    for name in (*_RULES, *(name for name in value if name not in _RULES)):
        if name in broken:
            yield _missing(name) if name not in value else Violation(name, **_RULES[name]["x-gatepost"])
        elif name in value:
            yield from _beyond_the_schema(name, value[name])


def _beyond_the_schema(name: str, value: Any) -> Iterator[Violation]:
    leaves = list(_leaves(value))
    if any(isinstance(leaf, Inexact) for leaf in leaves):
        reason = "has a number that neither a double nor a 64-bit integer can hold; write it as text"
        yield Violation(name, "inexact-number", reason)
    elif any(isinstance(leaf, str) and _has_lone_surrogate(leaf) for leaf in (name, *leaves)):
        yield Violation(name, "half-a-character", "has half of a surrogate pair, which is no character")
    elif name == "EventTime":
        try:
            to_utc(value)
        except ValueError:
            yield Violation(
                name, "no-such-time", "must be a real date and time, in UTC between the years 2000 and 2099"
            )


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


def _has_lone_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _missing(name: str) -> Violation:
    return Violation(name, "missing", "is missing")


def _property(error: Any) -> str:
    """The property a schema error is about; `required` reports the object and names the property in its message."""
    if error.absolute_path:
        return str(error.absolute_path[0])
    return next(str(name) for name in error.validator_value if error.message.startswith(f"'{name}'"))


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(_SCHEMA)
