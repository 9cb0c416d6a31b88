"""A folder on this computer as a container, so that `push` delivers by the very steps of the function.

What Azure promises is kept with what a file system has: a write replaces the file in one move after it is safely on
disk, conditions are checked under a lock, a lease is a lock that the system takes back when its holder dies. An ETag is
a digest of the content.
"""

import hashlib
import os
import tempfile
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from commands.local_store.errors import FolderError
from commands.local_store.file_lock import FileLock
from shared.delivery import outcome as outcomes
from shared.delivery.ports import ABSENT, Blob, BlockWriter, Condition, Document
from shared.error_codes import BlockedCode
from shared.errors import (
    ActionRequiredError,
    ConditionError,
    ExportChangedError,
    LeaseTakenError,
    MissingBlobError,
)

PIECE_BYTES: Final = 1 << 20
_IN_MEMORY_BYTES: Final = 4 << 20
_DOCUMENTS: Final = (".json", ".jsonl")


class Folder:
    """One container of documents; see `shared.delivery.ports.Container` for what its methods promise.

    Args:
        root: where it is; made when the first document is written.
        name: of the container.
    """

    def __init__(self, root: Path, name: str) -> None:
        self.name = name
        self.root = root
        self._leases: dict[str, tuple[str, FileLock]] = {}

    def head(self, name: str) -> Blob:
        """Look at a document without reading it."""
        path = self.path(name)
        with _translated(path):
            status = path.stat()
            modified = datetime.fromtimestamp(status.st_mtime, UTC)
            return Blob(name, self._etag(path), status.st_size, modified, self._metadata(path))

    def chunks(self, name: str, etag: str) -> Iterator[bytes]:
        """Stream this version of a document."""
        path = self.path(name)
        try:
            with _translated(path), path.open("rb") as file:
                while True:
                    if self._etag(path) != etag:
                        raise ExportChangedError("the file has been changed")
                    piece = file.read(PIECE_BYTES)
                    if not piece:
                        return
                    yield piece
        except MissingBlobError:
            raise ActionRequiredError(BlockedCode.EXPORT_GONE, "The file is gone.") from None

    def read(self, name: str) -> Document | None:
        """Read a document; `None` if there is none."""
        path = self.path(name)
        try:
            with _translated(path):
                data = path.read_bytes()
        except MissingBlobError:
            return None
        return Document(data, _digest(data))

    def write(
        self,
        name: str,
        data: bytes,
        condition: Condition,
        *,
        lease_id: str | None = None,
        metadata: Mapping[str, str] | None = None,  # noqa: ARG002  (a listing reads it out of the document)
    ) -> str:
        """Write a document; gives its new ETag."""
        path = self.path(name)
        with _translated(path):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._alone(), self._leased(name, lease_id):
                current = self._etag(path) if path.exists() else None
                if (condition is ABSENT and current) or (isinstance(condition, str) and condition != current):
                    raise ConditionError("the document has been changed")
                _replace(path, data)
        return _digest(data)

    def block_writer(self, name: str) -> BlockWriter:
        """Begin a document of unknown length."""
        return _Writer(self.path(name))

    def blobs(self, prefix: str = "") -> Iterator[Blob]:
        """List documents with their metadata, in the order of their names."""
        found = (path for path in self.root.rglob("*") if path.suffix in _DOCUMENTS and path.is_file())
        names = sorted(path.relative_to(self.root).as_posix() for path in found)
        yield from (self.head(name) for name in names if name.startswith(prefix))

    def acquire(self, name: str, lease_id: str, seconds: int) -> None:  # noqa: ARG002  (ends with its process instead)
        """Take a document's lease, or take it again under the same id."""
        path = self.path(name)
        if not path.exists():
            raise MissingBlobError("no such document")
        if name in self._leases and self._leases[name][0] == lease_id:
            return
        with _translated(path), self._alone():
            lock = FileLock.take(self._lease(name), wait=False)
        if lock is None:
            raise LeaseTakenError("another process holds the lease")
        self._leases[name] = lease_id, lock

    def renew(self, name: str, lease_id: str) -> None:
        """Renew a lease, which only looks whether we have it."""
        if self._leases.get(name, ("",))[0] != lease_id:
            raise ConditionError("the lease is not ours")

    def release(self, name: str, lease_id: str) -> None:
        """Give a lease back; that it is gone already is no error."""
        if self._leases.get(name, ("",))[0] == lease_id:
            self._leases.pop(name)[1].free()

    def path(self, name: str) -> Path:
        """Where a document is; `name` is one that `shared.blob_names` has made safe."""
        return self.root.joinpath(*name.split("/"))

    def _etag(self, path: Path) -> str:
        return _digest(path.read_bytes())

    def _metadata(self, path: Path) -> Mapping[str, str]:
        """What Azure would show in a listing: outcomes are the only documents that have any."""
        if "outcomes" not in path.parts:
            return {}
        try:
            return outcomes.metadata(outcomes.decode(path.read_bytes()))
        except msgspec.MsgspecError:
            return {}

    @contextmanager
    def _leased(self, name: str, lease_id: str | None) -> Iterator[None]:
        """Make sure that nobody else has the lease, and nobody takes it while we write."""
        held, _ = self._leases.get(name, ("", None))
        if lease_id or held:
            if held != (lease_id or ""):
                raise ConditionError("the lease is not ours")
            yield
            return
        path = self._lease(name)
        if not path.exists():
            yield  # nobody ever took it, and nobody takes it while we are alone
            return
        lock = FileLock.take(path, wait=False)
        if lock is None:
            raise ConditionError("another process holds the lease")
        with lock:
            yield

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with _TURN:
            lock = FileLock.take(self._locks() / "write", wait=True)
            if lock:
                with lock:
                    yield

    def _lease(self, name: str) -> Path:
        return self._locks() / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.lease"

    def _locks(self) -> Path:
        """Locks lie in a folder of their own, so that a person who looks at the documents sees only these."""
        locks = self.root / ".locks"
        locks.mkdir(parents=True, exist_ok=True, mode=0o700)
        return locks


_TURN: Final = threading.Lock()


class _Writer:
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
        with _translated(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _replace(self._path, self._data.read(length))


def _replace(path: Path, data: bytes) -> None:
    """Let the new content take the old one's place in one move, once it is safely on disk."""
    unfinished = path.with_name(path.name + ".new")
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _digest(data: bytes) -> str:
    return "0x" + hashlib.sha256(data).hexdigest()[:24].upper()


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn the system's exceptions into ours."""
    try:
        yield
    except FileNotFoundError:
        raise MissingBlobError("no such document") from None
    except OSError as error:
        raise FolderError(f"{path}: {error.strerror}") from None
