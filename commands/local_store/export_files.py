"""The folder of a file, as the exports container of a push. Nothing is ever written there."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from commands.local_store.folder import Folder


class ExportFiles(Folder):
    """The exports in one folder; a version's ETag is made of the file's path, time and length."""

    def __init__(self, root: Path) -> None:
        super().__init__(root.resolve(), "this-computer")

    def _etag(self, path: Path) -> str:
        status = path.stat()
        text = f"{path}|{status.st_mtime_ns}|{status.st_size}"
        return "0x" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16].upper()

    def _metadata(self, path: Path) -> Mapping[str, str]:  # noqa: ARG002  (a file has none)
        return {}
