"""Loads the one changed module of a mutant instead of the file's."""

import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import Any

from tests.support.mutant_list import Mutant, mutated


class MutantFinder:
    """Stands before Python's own finders.

    Args:
        root: the project's folder.
        mutant: the change.
    """

    def __init__(self, root: Path, mutant: Mutant) -> None:
        self._file = root / mutant.path
        self._index = mutant.index
        self._name = mutant.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def install(self) -> None:
        """From now on, in this process."""
        sys.meta_path.insert(0, self)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The spec of the changed module; nothing for any other."""
        del path, target
        if name != self._name:
            return None
        return spec_from_file_location(name, self._file, loader=_MutantLoader(name, self._file, self._index))


class _MutantLoader(SourceFileLoader):
    """Compiles the changed source; never from or into a compiled file."""

    def __init__(self, name: str, file: Path, index: int) -> None:
        super().__init__(name, str(file))
        self._source = file.read_text("utf-8")
        self._index = index

    def get_code(self, fullname: str) -> Any:
        """The changed module's code."""
        del fullname
        return compile(mutated(self._source, self._index), self.path, "exec")
