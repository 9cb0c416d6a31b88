"""The modules of the package as Python compiles them, so that no instance has to do that before its first export.

Each instance starts with a fresh copy of the package, so what it compiles is lost with it: 0.6 s of processor time before a first
request (`python -m benchmarks.cold --package`). Only Python 3.13 writes what the function app's Python 3.13 reads; a package that is
made by another one goes without. A compiled module is read whatever time its source has (`unchecked-hash`), since a package has one
time for all.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from infra.wheels import PYTHON

_COMPILE: Final = """
import pathlib, py_compile, sys
root = pathlib.Path(sys.argv[1])
for name in sorted(file.relative_to(root).as_posix() for file in root.rglob("*.py")):
    try:
        py_compile.compile(
            str(root / name), dfile=name, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
        )
    except py_compile.PyCompileError:
        pass  # a template that a library brings along
"""


def can_compile() -> bool:
    """Whether this Python is the one that the function app runs on."""
    return sys.implementation.name == "cpython" and ".".join(map(str, sys.version_info[:2])) == PYTHON


def compiled(sources: Iterable[tuple[PurePosixPath, bytes]]) -> Iterator[tuple[PurePosixPath, bytes]]:
    """What Python makes of modules, each in the `__pycache__` beside it, in the order of their names.

    The same version of Python makes the same of the same sources: sets are written in one order.

    Args:
        sources: path and content; what is no module is passed over.
    """
    with tempfile.TemporaryDirectory(prefix="gatepost-compiled-") as made:
        root = Path(made)
        for name, content in sources:
            if name.suffix == ".py":
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_bytes(content)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        subprocess.run(
            [sys.executable, "-S", "-W", "ignore", "-c", _COMPILE, str(root)],
            env=environment | {"PYTHONHASHSEED": "0"},
            check=True,
        )
        for path in sorted(root.rglob("*.pyc"), key=lambda one: one.relative_to(root).as_posix()):
            yield PurePosixPath(path.relative_to(root).as_posix()), path.read_bytes()
