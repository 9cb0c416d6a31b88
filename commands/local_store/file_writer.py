"""Writes files so that they are there whole or not at all, and turns the system's exceptions into ours."""

import os
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from commands.local_store.errors import FolderError
from shared.errors import MissingBlobError

_IN_MEMORY_BYTES: Final = 4 << 20


class FileWriter:
    """Writes a document of unknown length, in memory or in a nameless file until `commit`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._data = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115  (the next line closes it)
        weakref.finalize(self, self._data.close)
        self._marked = 0

    def add(self, data: bytes) -> None:
        """Append bytes."""
        self._data.write(data)

    def mark(self) -> None:
        """Remember this length."""
        self._marked = self._data.tell()

    def commit(self, *, marked_only: bool = False) -> None:
        """Make it visible, whole or only up to the mark."""
        length = self._marked if marked_only else self._data.tell()
        self._data.seek(0)
        with translated(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            replace_file(self._path, self._data.read(length))


def replace_file(path: Path, data: bytes) -> None:
    """Let the new content take the old one's place in one move, once it is safely on disk."""
    unfinished = path.with_name(path.name + ".new")
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn the system's exceptions into ours."""
    try:
        yield
    except FileNotFoundError:
        raise MissingBlobError("no such document") from None
    except OSError as error:
        raise FolderError(f"{path}: {error.strerror}") from None
