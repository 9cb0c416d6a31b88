"""What the project's code remembers between calls, and makes again when it is forgotten."""

import functools
import gc
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any


class Caches:
    """The caches there are now: of functions, and the cached properties of objects.

    Args:
        root: the project's folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        objects = gc.get_objects()
        found = (one for one in objects if isinstance(one, functools._lru_cache_wrapper))
        self._functions = [one for one in found if self._is_ours(getattr(one.__wrapped__, "__code__", None))]
        names = {one: self._cached(one) for one in objects if isinstance(one, type)}
        names = {one: cached for one, cached in names.items() if cached}
        self._objects = [(one, names[type(one)]) for one in objects if type(one) in names]

    def forget(self) -> None:
        """A test runs through what it needs, even if something else has run through it before."""
        for function in self._functions:
            function.cache_clear()
        for one, names in self._objects:
            for name in names:
                vars(one).pop(name, None)

    def _cached(self, one: type[Any]) -> list[str]:
        return [
            name
            for base in one.__mro__
            for name, value in vars(base).items()
            if isinstance(value, functools.cached_property) and self._is_ours(_code(value.func))
        ]

    def _is_ours(self, code: CodeType | None) -> bool:
        file = Path(code.co_filename if code else "/")
        return file.is_relative_to(self._root) and not {"site-packages", ".venv"}.intersection(file.parts)


def _code(function: object) -> CodeType | None:
    return function.__code__ if isinstance(function, FunctionType) else None
