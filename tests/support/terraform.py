"""Reads Terraform files as far as tests ask: blocks with their bodies, literals as values, expressions as text."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hcl2

from tests.support.expression import Expression


@dataclass(frozen=True)
class Block:
    """One `resource`, `data`, `variable`, `output`, `locals`, `terraform` or `provider`."""

    kind: str
    type: str
    name: str
    body: dict[str, Any]


def blocks(path: Path) -> list[Block]:
    """Everything a file declares."""
    with path.open(encoding="utf-8") as file:
        document: dict[str, list[dict[str, Any]]] = hcl2.load(file)
    found: list[Block] = []
    for kind, entries in document.items():
        if kind.startswith("__"):
            continue
        found.extend(_block(kind, entry) for entry in entries)
    return found


def _block(kind: str, entry: dict[str, Any]) -> Block:
    body, labels = entry, []
    while "__is_block__" not in body:
        [(label, body)] = [(key, inner) for key, inner in body.items() if not key.startswith("__")]
        labels.append(label.strip('"'))
    kinds = ["", *labels] if len(labels) < 2 else labels
    return Block(kind, kinds[0], kinds[1] if len(kinds) > 1 else "", value(body))


def value(raw: Any) -> Any:
    """The parser's notation turned into literals and expressions."""
    if isinstance(raw, dict):
        return {_plain(key): value(inner) for key, inner in raw.items() if not key.startswith("__")}
    if isinstance(raw, list):
        return [value(inner) for inner in raw]
    if not isinstance(raw, str):
        return raw
    if raw.startswith('"') and raw.endswith('"'):
        text = raw[1:-1].replace('\\"', '"').replace("\\n", "\n")
        return Expression(text) if "${" in text else text
    return Expression(raw.removeprefix("${").removesuffix("}") if raw.startswith("${") else raw)


def _plain(key: str) -> str:
    return key.strip('"')
