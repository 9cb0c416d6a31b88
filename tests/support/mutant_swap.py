"""Puts a mutant's functions in the place of those that are loaded, where that is the same as loading the mutant.

It is, if all that differs between the two modules is inside functions that did not run while the product's modules were loaded:
then none of these can hold a value that the unchanged code has made.
"""

import gc
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FunctionType

from tests.support.mutant_list import UNCHANGED, Mutant, mutated

type Key = tuple[str, int]
"""Names a function within its file: its qualified name and first line."""
type Swap = dict[Key, CodeType]
"""The changed functions of a mutant."""


def swap_of(mutant: Mutant, source: str, run_already: set[int]) -> Swap | None:
    """What to put in place.

    Args:
        mutant: the change.
        source: of its module.
        run_already: the lines of the module that run when it is loaded.

    Returns:
        The functions; `None` if the module must be loaded anew instead.
    """
    before, after = _unchanged(source), compile(mutated(source, mutant.index), "", "exec")
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
    constants = [
        ("code", one.co_name) if isinstance(one, CodeType) else (type(one), one) for one in code.co_consts
    ]
    return code.co_code, code.co_names, code.co_exceptiontable, constants


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
