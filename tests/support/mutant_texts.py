"""What a test says: its own text, and that of everything in its file that it uses. A result holds as long as that stays the same."""

import ast
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_WORD: Final = re.compile(r"\w+")


class TestTexts:
    """The texts of the tests of a project, each as a short digest.

    Args:
        root: the project's folder.
    """

    __test__ = False

    def __init__(self, root: Path) -> None:
        self._root = root
        self._pieces: dict[str, dict[str, str]] = {}
        self._digests: dict[str, str] = {}

    def digest(self, test: str) -> str:
        """Of a test's name, its function, and the functions, fixtures, constants and imported names that stand behind it.

        Args:
            test: as pytest names it: the file from the project's folder, `::`, the function, parameters in brackets.
        """
        if test not in self._digests:
            name, pieces = self._found(test)
            text = test + text_behind(name, pieces)
            self._digests[test] = hashlib.sha256(text.encode()).hexdigest()[:12]
        return self._digests[test]

    def own(self, test: str) -> str:
        """The text of a test's function alone."""
        name, pieces = self._found(test)
        return pieces.get(name, "")

    def _found(self, test: str) -> tuple[str, dict[str, str]]:
        file, _, name = test.partition("::")
        if file not in self._pieces:
            path = self._root / file
            self._pieces[file] = pieces_of(path.read_text("utf-8")) if path.exists() else {}
        return name.partition("[")[0].partition("::")[0], self._pieces[file]


def pieces_of(source: str) -> dict[str, str]:
    """The statements of a module, by the names that they give; what has no name, or counts for every test, is under `""`."""
    found: dict[str, str] = {}
    for statement in ast.parse(source).body:
        for name, text in _named(statement):
            found[name] = found.get(name, "") + text
    return found


def text_behind(name: str, pieces: dict[str, str]) -> str:
    """The text of a name and of all that it uses, in a fixed order."""
    left, used = ["", name], {"", name}
    while left:
        more = set(_WORD.findall(pieces.get(left.pop(), ""))) & pieces.keys() - used
        used |= more
        left.extend(more)
    return "\n".join(pieces.get(one, "") for one in sorted(used))


def _named(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    match statement:
        case ast.Import(aliases):
            yield from ((one.asname or one.name.partition(".")[0], f"{one.name}\n") for one in aliases)
        case ast.ImportFrom(module, aliases):
            yield from ((one.asname or one.name, f"{module} {one.name}\n") for one in aliases)
        case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
            always = any("autouse" in ast.unparse(one) for one in statement.decorator_list)
            yield "" if always else name, _text(statement)
        case ast.Expr(ast.Constant()):
            pass  # the module's docstring
        case ast.Assign(targets):
            for one in (one for target in targets for one in ast.walk(target)):
                if isinstance(one, ast.Name):
                    yield "" if one.id == "pytestmark" else one.id, _text(statement)
        case ast.AnnAssign(ast.Name(name)) | ast.TypeAlias(ast.Name(name)):
            yield name, _text(statement)
        case _:
            yield "", _text(statement)


def _text(statement: ast.stmt) -> str:
    return ast.unparse(statement) + "\n"
