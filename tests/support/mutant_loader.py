"""Loads one module with its source changed, instead of the file's."""

import ast
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import Any


class ChangedModule:
    """Stands before Python's own finders.

    Args:
        root: the project's folder.
        path: of the module, from there.
        change: makes of the module's source what is loaded.
    """

    def __init__(self, root: Path, path: str, change: Callable[[str], str | ast.Module]) -> None:
        self._file = root / path
        self._code = change(self._file.read_text("utf-8"))
        self._name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def install(self) -> None:
        """From now on, in this process."""
        sys.meta_path.insert(0, self)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The spec of the changed module; nothing for any other."""
        del path, target
        if name != self._name:
            return None
        return spec_from_file_location(name, self._file, loader=_Loader(name, self._file, self._code))


class _Loader(SourceFileLoader):
    """Compiles the changed source; never from or into a compiled file."""

    def __init__(self, name: str, file: Path, code: str | ast.Module) -> None:
        super().__init__(name, str(file))
        self._code = code

    def get_code(self, fullname: str) -> Any:
        """The changed module's code."""
        del fullname
        return compile(self._code, self.path, "exec")
