"""The folder of a file, as the exports container of a push. Nothing is ever written there."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from io import BufferedReader
from pathlib import Path

from commands.local_store.errors import ExportFileError
from commands.local_store.folder import Folder
from shared.errors import MissingBlobError


class ExportFiles(Folder):
    """The exports in one folder; a version's ETag is made of the file's path, time and length."""

    def __init__(self, root: Path) -> None:
        super().__init__(root.resolve(), "this-computer")

    def _reading(self, path: Path) -> AbstractContextManager[None]:
        return _reading(path)

    def _version_check(self, path: Path, file: BufferedReader, etag: str) -> Callable[[], bool]:
        """A file may be written to while it is open, or another may take its place."""
        return lambda: _etag_of(path, os.fstat(file.fileno())) == etag == self._etag(path)

    def _etag(self, path: Path) -> str:
        return _etag_of(path, path.stat())

    def _metadata(self, path: Path) -> Mapping[str, str]:  # noqa: ARG002  (a file has none)
        return {}


def _etag_of(path: Path, status: os.stat_result) -> str:
    text = f"{path}|{status.st_mtime_ns}|{status.st_size}"
    return "0x" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16].upper()


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise MissingBlobError("the file is gone") from None
    except OSError as error:
        raise ExportFileError.of(path, error) from None
