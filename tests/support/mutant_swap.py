"""Puts what a mutant changes in the place of what is loaded, where that is the same as loading the mutant.

It is, if all that differs between the two modules is inside functions that did not run while the product's modules were loaded:
then none of these can hold a value that the unchanged code has made. Or if it is a constant of the module that nothing but such
functions of this module name.
"""

import ast
import gc
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FunctionType
from typing import Final

from tests.support.mutant_list import UNCHANGED, Mutant, mutated
from tests.support.mutant_names import Lines, in_functions

type Key = tuple[str, int]
"""Names a function within its file: its qualified name and first line."""
type Loaded = dict[Key, list[FunctionType]]
"""The loaded functions of a file."""
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True)
class Swap:
    """What to put in place.

    Attributes:
        functions: the changed ones.
        name: of the changed constant, if it is one.
        statement: gives it its changed value.
    """

    functions: dict[Key, CodeType] = field(default_factory=dict)
    name: str = ""
    statement: CodeType | None = None

    def put_in_place(self, loaded: Loaded) -> None:
        """From now on, in this process.

        Args:
            loaded: the functions of the mutant's module.
        """
        for key, code in self.functions.items():
            for function in loaded[key]:
                function.__code__ = code
        if self.statement:
            scope = next(function for functions in loaded.values() for function in functions).__globals__
            exec(self.statement, scope)  # noqa: S102 - a statement of our own code


def swap_of(mutant: Mutant, source: str, loaded: Lines, root: Path) -> Swap | None:
    """What to put in place.

    Args:
        mutant: the change.
        source: of its module.
        loaded: the lines that run when the modules are loaded.
        root: the project's folder.

    Returns:
        Functions or a constant; `None` if the module must be loaded anew instead.
    """
    run_already = loaded.get(mutant.path, set())
    changed = mutated(source, mutant.index)
    holder = next(one for one in changed.body if one.lineno <= mutant.first_line <= (one.end_lineno or 0))
    if isinstance(holder, ast.Assign | ast.AnnAssign):
        uses = in_functions(changed, mutant.function)
        alone = _files_by_word(root).get(mutant.function, 0) == 1
        return _constant(mutant.function, holder) if alone and uses and not uses & run_already else None
    functions = _changed_functions(source, changed, run_already)
    return None if functions is None else Swap(functions)


def _constant(name: str, statement: ast.stmt) -> Swap:
    return Swap(name=name, statement=compile(ast.Module([statement], []), "", "exec"))


@lru_cache(maxsize=1)
def _files_by_word(root: Path) -> Counter[str]:
    """In how many files each word stands."""
    found: Counter[str] = Counter()
    for file in root.rglob("*.py"):
        if not any(part.startswith(".") for part in file.relative_to(root).parts):
            found.update(set(_WORD.findall(file.read_text("utf-8"))))
    return found


def _changed_functions(source: str, changed: ast.Module, run_already: set[int]) -> dict[Key, CodeType] | None:
    before, after = _unchanged(source), compile(changed, "", "exec")
    if not _alike(before, after):
        return None
    pairs = list(_functions(before, after))
    if any(was.co_freevars != new.co_freevars or _body(was) & run_already for was, new in pairs):
        return None
    known = Counter(_key(was) for was, _ in _functions(before, before, every=True))
    if any(known[_key(was)] > 1 for was, _ in pairs):
        return None
    return {_key(was): new for was, new in pairs}


@lru_cache(maxsize=1)
def _unchanged(source: str) -> CodeType:
    return compile(mutated(source, UNCHANGED), "", "exec")


def loaded_functions(root: Path) -> dict[str, dict[Key, list[FunctionType]]]:
    """Every function of the project that is loaded, by its file (from the project's folder) and its key."""
    found: dict[str, dict[Key, list[FunctionType]]] = {}
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and (file := Path(one.__code__.co_filename)).is_relative_to(root):
            of_file = found.setdefault(file.relative_to(root).as_posix(), {})
            of_file.setdefault(_key(one.__code__), []).append(one)
    return found


def _alike(before: CodeType, after: CodeType) -> bool:
    """Whether two modules, or classes in them, differ in nothing but functions."""
    inner = list(zip(before.co_consts, after.co_consts, strict=False))
    return _own(before) == _own(after) and all(
        _alike(was, new) for was, new in inner if isinstance(was, CodeType) and not _is_function(was)
    )


def _own(code: CodeType) -> tuple[object, ...]:
    """What is not inside a function; a class's list of the attributes that its methods give values to is, and no mutant changes texts."""
    constants = [
        ("code", one.co_name) if isinstance(one, CodeType) else (type(one), one)
        for one in code.co_consts
        if not ("__static_attributes__" in code.co_names and _holds_texts(one))
    ]
    return code.co_code, code.co_names, code.co_exceptiontable, constants


def _holds_texts(constant: object) -> bool:
    return isinstance(constant, tuple) and all(isinstance(one, str) for one in constant)


def _functions(
    before: CodeType, after: CodeType, *, every: bool = False
) -> Iterator[tuple[CodeType, CodeType]]:
    """The functions that differ, outermost ones only."""
    for was, new in zip(before.co_consts, after.co_consts, strict=True):
        if not isinstance(was, CodeType):
            continue
        if not _is_function(was):
            yield from _functions(was, new, every=every)
        elif every or was != new:
            yield was, new


def _is_function(code: CodeType) -> bool:
    return bool(code.co_flags & CO_OPTIMIZED)


def _key(code: CodeType) -> Key:
    return code.co_qualname, code.co_firstlineno


def _body(code: CodeType) -> set[int]:
    """The lines of a function, without the one with its name, which runs when it is defined."""
    lines = {line for _, _, line in code.co_lines() if line}
    for one in code.co_consts:
        if isinstance(one, CodeType):
            lines |= _body(one)
    return lines - {code.co_firstlineno} or lines
