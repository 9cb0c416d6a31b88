"""Writes files so that they are there whole or not at all, and turns the system's exceptions into ours."""

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from commands.local_store.errors import FolderError
from commands.local_store.private_files import discard, make_folder, open_new, put_in_place
from shared.errors import MissingBlobError


class FileWriter:
    """Writes a document of unknown length beside its place, where it stays unseen until `commit`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._marked = 0

    def add(self, data: bytes) -> None:
        """Append bytes.

        Raises:
            FolderError: they cannot be written.
        """
        with writing(self._path):
            self._opened().write(data)

    def mark(self) -> None:
        """Remember this length."""
        self._marked = self._opened().tell() if self._file else 0

    def commit(self, *, marked_only: bool = False) -> None:
        """Make it visible, whole or only up to the mark.

        Raises:
            FolderError: it cannot be written.
        """
        with writing(self._path):
            file = self._opened()
            if marked_only:
                file.truncate(self._marked)
            put_in_place(file, self._path)

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            make_folder(self._path.parent)
            self._file = open_new(self._path)
            weakref.finalize(self, discard, self._file)
        return self._file


def replace_file(path: Path, data: bytes) -> None:
    """Let the new content take the old one's place in one move, once it is safely on disk.

    Raises:
        OSError: that is not possible.
    """
    file = open_new(path)
    try:
        file.write(data)
    except OSError:
        discard(file)
        raise
    put_in_place(file, path)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn the system's exceptions into ours; a document that is not there is no fault of the folder."""
    try:
        yield
    except FileNotFoundError:
        raise MissingBlobError("no such document") from None
    except OSError as error:
        raise FolderError(f"{path}: {error.strerror}") from None


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the system's exceptions into ours; a drive or a folder that is not there is a fault."""
    try:
        yield
    except OSError as error:
        raise FolderError(f"{path}: {error.strerror}") from None
