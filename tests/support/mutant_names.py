"""Which lines of a package use a name: a constant, a class and its fields have no lines of their own that tests run through."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

type Lines = dict[str, set[int]]
"""Line numbers, by module."""


class Names:
    """The names of a package.

    Args:
        root: the project's folder.
        package: a folder below it.
    """

    def __init__(self, root: Path, package: str) -> None:
        self._used: dict[str, Lines] = {}
        self._made_from: dict[str, set[str]] = {}
        for file in sorted((root / package).rglob("*.py")):
            tree = ast.parse(file.read_text("utf-8"))
            self._note_uses(file.relative_to(root).as_posix(), tree)
            self._note_made(tree.body, set())

    def lines(self, names: Iterable[str]) -> Lines:
        """The lines that use one of some names, or a name that is made from them when its module is loaded."""
        found: Lines = {}
        open_names, seen = list(names), set(names)
        while open_names:
            name = open_names.pop()
            for path, lines in self._used.get(name, {}).items():
                found.setdefault(path, set()).update(lines)
            more = self._made_from.get(name, set()) - seen
            seen |= more
            open_names.extend(more)
        return found

    def _note_uses(self, path: str, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            for name in _used_by(node):
                self._used.setdefault(name, {}).setdefault(path, set()).add(node.lineno)  # type: ignore[attr-defined]

    def _note_made(self, statements: Iterable[ast.stmt], holders: set[str]) -> None:
        for statement in statements:
            if isinstance(statement, ast.ClassDef):
                for name in (
                    one for base in statement.bases for node in ast.walk(base) for one in _used_by(node)
                ):
                    self._made_from.setdefault(name, set()).add(statement.name)
                self._note_made(statement.body, holders | {statement.name})
            elif targets := {name for target in _targets(statement) for name in _used_by(target)} | holders:
                for node in ast.walk(statement):
                    for name in _used_by(node):
                        self._made_from.setdefault(name, set()).update(targets)


def in_functions(tree: ast.Module, name: str) -> set[int]:
    """The lines inside functions that use a constant of a module; none if something uses it that runs when the module is loaded."""
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for statement in function.body
        for node in ast.walk(statement)
    }
    uses = [
        one
        for one in ast.walk(tree)
        if isinstance(one, ast.Name) and one.id == name and isinstance(one.ctx, ast.Load)
    ]
    return {one.lineno for one in uses} if all(id(one) in inside for one in uses) else set()


def _targets(statement: ast.stmt) -> list[ast.expr]:
    match statement:
        case ast.Assign(targets):
            return targets
        case ast.AnnAssign(target) | ast.AugAssign(target):
            return [target]
    return []


def _used_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(name) | ast.Attribute(_, name):
            yield name
        case ast.keyword(str(name)):
            yield name
