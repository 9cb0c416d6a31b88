"""Reads Bicep files as far as tests ask: declarations with their bodies, literals as values, expressions as text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

from tests.support.expression import Expression

_PARSER: Final = Parser(Language(tree_sitter_bicep.language()))
_DECLARATIONS: Final = {
    "parameter_declaration": "param",
    "variable_declaration": "var",
    "resource_declaration": "resource",
    "module_declaration": "module",
    "output_declaration": "output",
}


@dataclass(frozen=True)
class Declaration:
    """One `param`, `var`, `resource`, `module` or `output`.

    Attributes:
        kind: the keyword.
        name: the symbol.
        type: a resource's type without its version, a module's file, a parameter's or an output's type.
        body: the value, or a resource's or module's object, also when it stands behind an `if` or in a loop.
        decorators: the arguments of each decorator, by its name.
        existing: whether a resource is only referred to.
        comment: the comment lines right above it.
    """

    kind: str
    name: str
    type: str
    body: Any
    decorators: dict[str, Any] = field(default_factory=dict)
    existing: bool = False
    comment: str = ""


def declarations(path: Path) -> list[Declaration]:
    """Everything a file declares, nested resources included.

    Raises:
        ValueError: the file is not Bicep.
    """
    root = _PARSER.parse(path.read_bytes()).root_node
    if root.has_error:
        raise ValueError(f"{path.name} is not Bicep")
    return list(_declared(root))


def _declared(node: Node, parent: str = "") -> Iterator[Declaration]:
    decorators: dict[str, Any] = {}
    comment: list[str] = []
    for found in node.named_children:
        child = found.named_children[0] if _holds_resource(found) else found
        if child.type == "decorators":
            decorators = dict(_decorator(one) for one in child.named_children)
        elif child.type == "comment":
            comment.append(_text(child).lstrip("/ "))
        elif child.type in _DECLARATIONS:
            declared = _declaration(child, decorators, " ".join(comment), parent)
            yield declared
            decorators, comment = {}, []
            for inner in _objects(child):
                yield from _declared(inner, declared.type)
        else:
            comment = []


def _holds_resource(node: Node) -> bool:
    return node.type == "object_property" and node.named_children[0].type == "resource_declaration"


def _declaration(node: Node, decorators: dict[str, Any], comment: str, parent: str) -> Declaration:
    name, *rest = node.named_children
    kind = _DECLARATIONS[node.type]
    type_ = str(value(rest[0])) if rest else ""
    body: Any = None
    if kind in {"resource", "module"}:
        type_ = (f"{parent}/" if parent else "") + type_.partition("@")[0]
        body = next((value(found) for found in _objects(node)), {})
    elif kind == "var":
        type_, body = "", value(rest[0])
    elif len(rest) > 1:
        body = value(rest[-1])
    existing = any(_text(child) == "existing" for child in node.children)
    return Declaration(kind, _text(name), type_, body, decorators, existing, comment)


def _objects(node: Node) -> Iterator[Node]:
    for child in node.named_children:
        if child.type == "object":
            yield child
        elif child.type in {"if_statement", "for_statement"}:
            yield from _objects(child)


def _decorator(node: Node) -> tuple[str, Any]:
    call = node.named_children[0]
    name, arguments = call.named_children
    given = arguments.named_children
    return _text(name), value(given[0]) if given else None


def value(node: Node) -> Any:
    """A literal's value, an object as a dict, an array as a list; anything else as its text."""
    match node.type:
        case "object":
            pairs = [
                child
                for child in node.named_children
                if child.type == "object_property" and not _holds_resource(child)
            ]
            return {str(value(pair.named_children[0])): value(pair.named_children[-1]) for pair in pairs}
        case "array":
            return [value(child) for child in node.named_children if child.type != "comment"]
        case "string" if not any(child.type == "interpolation" for child in node.named_children):
            return _text(node)[1:-1].replace("\\'", "'").replace("\\n", "\n")
        case "number":
            return int(_text(node))
        case "boolean":
            return _text(node) == "true"
        case _:
            return Expression(_text(node))


def _text(node: Node) -> str:
    return (node.text or b"").decode()
