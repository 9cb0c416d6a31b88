"""The mutants of a package: every place in its code where one small change can be made, in a fixed order."""

import ast
import copy
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

type Function = ast.FunctionDef | ast.AsyncFunctionDef

_COMPARISONS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip


UNCHANGED: Final = -1
"""The index of no change at all."""


@dataclass(frozen=True, order=True)
class Mutant:
    """One change.

    Attributes:
        path: the module, from the project's folder.
        function: the qualified name of what holds the changed place: a function, or outside functions what is given a value.
        change: what is changed, as text: before and after.
        nth: which of the equal changes in that function, from 0.
        index: where the change comes in the walk over the module's tree.
        first_line: of the changed statement, or of the changed part of it; of a statement with a body, of its head.
        last_line: of the same.
        digest: names the text of the function.
        names: what the code around it is called from outside: classes and function, or what is given a value.
    """

    path: str
    function: str
    change: str
    nth: int
    index: int
    first_line: int
    last_line: int
    digest: str
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As reports and explanations name it: without line numbers, so that it stays the same when code moves."""
        return f"{self.path}:{self.function}: {self.change}" + (f" (no. {self.nth + 1})" if self.nth else "")

    @property
    def key(self) -> str:
        """Names the mutant and the code it changes."""
        return hashlib.sha256(f"{self}{self.digest}".encode()).hexdigest()[:16]


def mutants_of(root: Path, package: str) -> list[Mutant]:
    """All mutants of a package's modules, in order."""
    found: list[Mutant] = []
    for file in sorted((root / package).rglob("*.py")):
        found.extend(_mutants(file.relative_to(root).as_posix(), ast.parse(file.read_text("utf-8"))))
    return found


def mutated(source: str, index: int) -> ast.Module:
    """A module's tree with one change made, or with none."""
    tree = ast.parse(source)
    if index == UNCHANGED:
        return tree
    for here, change in enumerate(_changes(tree, Span(1, 1))):
        if here == index:
            if change.place is None:
                setattr(change.holder, change.field, change.new)
            else:
                getattr(change.holder, change.field)[change.place] = change.new
            return ast.fix_missing_locations(tree)
    raise IndexError(index)


def _mutants(path: str, tree: ast.Module) -> Iterator[Mutant]:
    seen: dict[tuple[str, str], int] = {}
    functions = list(_functions(tree, ""))
    for index, change in enumerate(_changes(tree, Span(1, 1))):
        line = change.new.lineno
        within = change.within
        name, node = min(
            ((name, node) for name, node in functions if node.lineno <= line <= (node.end_lineno or 0)),
            key=lambda one: (one[1].end_lineno or 0) - one[1].lineno,
            default=(".".join(within.names) or "<module>", None),
        )
        nth = seen.get((name, change.text), 0)
        seen[name, change.text] = nth + 1
        digest = hashlib.sha256((ast.dump(node) if node else change.text).encode()).hexdigest()
        yield Mutant(path, name, change.text, nth, index, within.first, within.last, digest, within.names)


def _functions(node: ast.AST, outer: str) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield outer + child.name, child
            yield from _functions(child, f"{outer}{child.name}.")
        else:
            yield from _functions(
                child, f"{outer}{child.name}." if isinstance(child, ast.ClassDef) else outer
            )


@dataclass(frozen=True)
class Span:
    """The lines of a statement, without those of its body, and what the code around it is called from outside."""

    first: int
    last: int
    names: tuple[str, ...] = ()
    local: bool = False

    def inner(self, node: ast.AST) -> "Span":
        """The span inside a node: of the node itself, if it is a statement or a case."""
        if not isinstance(node, ast.stmt | ast.match_case | ast.ExceptHandler):
            return self
        first = node.pattern.lineno if isinstance(node, ast.match_case) else node.lineno
        body = getattr(node, "body", None) or getattr(node, "cases", None)
        last = (Span(0, 0).inner(body[0]).first - 1) if body else getattr(node, "end_lineno", None)
        names = self.names if self.local else (*self.names, *_named(node))
        local = self.local or isinstance(node, Function.__value__)
        return Span(first, max(first, last or first), names, local)


@dataclass(frozen=True)
class _Change:
    """Whose field changes, which one, which place in it if it is a list; from what to what; where."""

    holder: ast.AST
    field: str
    place: int | None
    old: ast.stmt | ast.expr
    new: ast.stmt | ast.expr
    within: Span

    @cached_property
    def text(self) -> str:
        """The change as text."""
        return f"{_text(self.old)} -> {_text(self.new)}"


def _named(node: ast.AST) -> list[str]:
    match node:
        case ast.ClassDef(name) | ast.FunctionDef(name) | ast.AsyncFunctionDef(name):
            return [name]
        case ast.Assign(targets):
            return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
        case ast.AnnAssign(ast.Name(name)):
            return [name]
    return []


def _changes(node: ast.AST, within: Span) -> Iterator[_Change]:
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "decorator_list", "type_params"} or isinstance(
            node, ast.TypeAlias
        ):
            continue
        children = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for place, child in children:
            if not isinstance(child, ast.AST) or _declares(child):
                continue
            inside = within.inner(child)
            if isinstance(child, ast.stmt | ast.expr) and not _documents(node, child):
                for new in _instead(child):
                    ast.copy_location(new, child)
                    yield _Change(node, field, place, child, new, inside)
            yield from _changes(child, inside)


def _declares(child: ast.AST) -> bool:
    """Whether something says what a class is, as a decorator would, and types are checked against it."""
    return isinstance(child, ast.keyword) and child.arg in {"frozen", "kw_only"}


def _documents(holder: ast.AST, child: ast.AST) -> bool:
    """Whether something is a docstring, an import or a message: nothing that a test should pin to the letter."""
    if isinstance(
        child, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.JoinedStr | ast.TypeAlias
    ):
        return True
    text = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
    return text or (
        isinstance(holder, ast.JoinedStr | ast.FormattedValue) and isinstance(child, ast.Constant)
    )


def _instead(node: ast.stmt | ast.expr) -> list[ast.stmt | ast.expr]:
    """What may stand in the place of a statement or an expression."""
    if isinstance(node, ast.stmt):
        return list(_instead_of_statement(node))
    return [*_instead_of_operator(node), *_instead_of_value(node)]


def _instead_of_statement(node: ast.stmt) -> Iterator[ast.stmt]:
    match node:
        case ast.Return(ast.AST() as value) if not _says_no(value):
            yield ast.Return(ast.Constant(None))
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()
        case ast.Assign([ast.Attribute() | ast.Subscript()]) | ast.AugAssign() | ast.Expr() | ast.Raise():
            yield ast.Pass()


def _instead_of_operator(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Compare(left, [op, *more], values) if type(op) in _COMPARISONS:
            yield ast.Compare(left, [_COMPARISONS[type(op)](), *more], values)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            yield from values[1:]
        case ast.UnaryOp(ast.Not(), inner):
            yield inner
        case ast.BinOp(left, op, right) if type(op) in _ARITHMETIC:
            yield ast.BinOp(left, _ARITHMETIC[type(op)](), right)


def _instead_of_value(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() as value):
            yield ast.Constant(value + 1)
            if value:
                yield ast.Constant(value - 1)
        case ast.IfExp(_, body, orelse):
            yield body
            yield orelse


def _says_no(value: ast.AST) -> bool:
    """Whether nothing else is returned when `None` is: `True` in the place of `False` is another mutant, and says more."""
    return isinstance(value, ast.Constant) and (value.value is None or value.value is False)


def _text(node: ast.AST) -> str:
    text = " ".join(ast.unparse(copy.copy(node)).split())
    return text if len(text) <= 100 else text[:80] + "..." + hashlib.sha256(text.encode()).hexdigest()[:6]
