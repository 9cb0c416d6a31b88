"""Holds a profile against its JSON Schema, and says what breaks it by table and key.

The sentences stand in the schema itself (`x-gatepost`), beside the rules that they explain.
"""

import json
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

SCHEMA_BYTES: Final = files("shared.sources").joinpath("profile.schema.json").read_bytes()
_SCHEMA: Final[dict[str, Any]] = json.loads(SCHEMA_BYTES)
_LISTS: Final = ("person", "ignore")

type Where = tuple[str | int, ...]
"""Table and key, as TOML nests them; `("person", 1, "key")` is the second `[[person]]` table's `key`."""


def broken_rules(document: dict[str, Any]) -> list[str]:
    """A sentence for every rule that the document breaks, in the order of the document."""
    errors = sorted(_validator().iter_errors(document), key=lambda error: list(map(str, error.absolute_path)))
    return list(dict.fromkeys(said for error in errors for said in _sentences(error)))


def placed(where: Where, sentence: str) -> str:
    """A sentence with its table and key in front: `[input] delimiter: must be one character`."""
    table, *rest = where or ("",)
    if table in _LISTS and rest and isinstance(rest[0], int):
        shown, rest = f"[[{table}]] number {rest[0] + 1}", rest[1:]
    elif rest:
        shown = f"[{table}]"
    else:
        return f"{table or 'the profile'}: {sentence}"
    key = "".join(f" {part}" if isinstance(part, str) else f" (number {part + 1})" for part in rest)
    return f"{shown}{key}: {sentence}"


@cache
def _validator() -> "Draft202012Validator":
    from jsonschema import Draft202012Validator  # a function or a command that reads no profile does without

    return Draft202012Validator(_SCHEMA)


def _sentences(error: "ValidationError") -> Iterator[str]:
    where: Where = tuple(error.absolute_path)
    rule: Any = error.validator_value
    said: Any = error.instance
    match error.validator:
        case "additionalProperties":
            yield from _unknown_keys(error, where)
        case "required":
            for key in rule:
                if key not in said:
                    yield placed((*where, key), "is missing")
        case "dependentRequired":
            yield from _incomplete(error, where)
        case "if" | "then" | "else":
            for inner in error.context or ():
                yield from _sentences(inner)
        case "anyOf" if inner_errors := _meant(error):
            for inner in inner_errors:
                yield from _sentences(inner)
        case _:
            schema = error.schema if isinstance(error.schema, dict) else {}
            yield placed(where, schema.get("x-gatepost", error.message))


def _unknown_keys(error: "ValidationError", where: Where) -> Iterator[str]:
    schema: Any = error.schema
    said: Any = error.instance
    known = list(schema["properties"])
    for key in said:
        if key in known:
            continue
        close = get_close_matches(key, known, 1)
        hint = f"; is {close[0]} meant?" if close else f"; there are {', '.join(known)}"
        yield placed((*where, key), "is no key that a profile has here" + hint)


def _incomplete(error: "ValidationError", where: Where) -> Iterator[str]:
    rule: Any = error.validator_value
    said: Any = error.instance
    for key, needed in rule.items():
        for other in needed:
            if key in said and other not in said:
                yield placed((*where, other), f"is missing; {key} needs it")


def _meant(error: "ValidationError") -> "Iterable[ValidationError]":
    """What is wrong with the kind of value that was meant, as far as a key of its own tells it."""
    said = error.instance
    by_kind: dict[Any, list[ValidationError]] = {}
    for inner in error.context or ():
        by_kind.setdefault(inner.schema_path[0], []).append(inner)
    kinds: Any = error.validator_value
    for index, kind in enumerate(kinds):
        own = kind.get("required", [None])[0]
        if isinstance(said, dict) and own in said:
            return by_kind.get(index, ())
        if isinstance(said, list) and kind.get("type") == "array" and said:
            return by_kind.get(index, ())
    return ()
