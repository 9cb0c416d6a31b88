"""Outcomes, held against the schema in the repository."""

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_INVOCATION = re.compile(r"0{8}-0{4}-0{4}-0{4}-[0-9]{12}")
_right = set[str]()


@cache
def outcome_validator() -> Draft202012Validator:
    """Holds every outcome against the schema."""
    schema = files("shared.delivery").joinpath("outcome.schema.json").read_text()
    return Draft202012Validator(json.loads(schema))


def check_outcome(document: dict[str, Any]) -> None:
    """Hold one against the schema, unless one like it is known to be right: another time, another number of the same attempt."""
    kind = json.dumps(_kind(document))
    if kind not in _right:
        outcome_validator().validate(document)
        _right.add(kind)


def _kind(value: Any) -> Any:
    """The same without what the schema does not tell apart: it has no largest number, and smallest ones of 0 and 1."""
    if isinstance(value, dict):
        return {name: _kind(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_kind(one) for one in value]
    if isinstance(value, str) and (_TIME.fullmatch(value) or _INVOCATION.fullmatch(value)):
        return _TIME.sub("2026-11-21T08:00:00Z", _INVOCATION.sub("0-0", value))
    if isinstance(value, int | float) and value > 2:
        return type(value)(2)
    return value
