"""A folder on this computer as a container, so that `push` delivers by the same steps as the function.

What Azure promises is kept with what a file system has: a write replaces the file in one move after it is safely on
disk, conditions are checked under a lock, a lease is a lock that the system takes back when its holder dies. An ETag is
a digest of the content.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from typing import Final

import msgspec

from commands.local_store.digests import content_etag, file_etag, lock_name
from commands.local_store.file_lock import FileLock
from commands.local_store.file_writer import FileWriter, reading, replace_file, writing
from commands.local_store.private_files import make_folder, patiently
from shared.delivery import outcome as outcomes
from shared.delivery.outcome_metadata import metadata
from shared.delivery.ports import ABSENT, Blob, BlockWriter, Condition, Document, Page
from shared.error_codes import BlockedCode
from shared.errors import (
    ActionRequiredError,
    ConditionError,
    ExportChangedError,
    LeaseTakenError,
    MissingBlobError,
)

PIECE_BYTES: Final = 1 << 20
LOCKS: Final = ".locks"
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
        """ETag, length, time and metadata of a document, without its content.

        Raises:
            MissingBlobError: there is none.
            FolderError: it cannot be read.
        """
        path = self.path(name)
        with self._reading(path):
            status = path.stat()
            modified = datetime.fromtimestamp(status.st_mtime, UTC)
            return Blob(name, self._etag(path), status.st_size, modified, self._metadata(path))

    def chunks(self, name: str, etag: str) -> Iterator[bytes]:
        """Stream this version of a document.

        Raises:
            ExportChangedError: the file is another version by now.
            ExportError: the file is gone.
            FolderError: it cannot be read.
        """
        path = self.path(name)
        try:
            with self._reading(path), patiently(lambda: path.open("rb")) as file:
                is_current = self._version_check(path, file, etag)
                while is_current():
                    if not (piece := file.read(PIECE_BYTES)):
                        return
                    yield piece
                raise ExportChangedError("the file has been changed")
        except MissingBlobError:
            raise ActionRequiredError(BlockedCode.EXPORT_GONE, "The file is gone.") from None

    def read(self, name: str) -> Document | None:
        """Read a document; `None` if there is none.

        Raises:
            FolderError: it cannot be read.
        """
        path = self.path(name)
        try:
            with self._reading(path):
                data = patiently(path.read_bytes)
                return Document(data, content_etag(data))
        except MissingBlobError:
            return None

    def write(
        self,
        name: str,
        data: bytes,
        condition: Condition,
        *,
        metadata: Mapping[str, str] | None = None,  # noqa: ARG002  (the protocol's)
    ) -> str:
        """Write a document; gives its new ETag.

        Args:
            name: of the document.
            data: its content.
            condition: `ABSENT`, an ETag it must have now, or `None`.
            metadata: not kept; a listing reads it from the document.

        Raises:
            ConditionError: the condition does not hold.
            FolderError: it cannot be written.
        """
        path = self.path(name)
        with writing(path):
            make_folder(path.parent)
            with self._alone():
                current = self._etag(path) if path.exists() else None
                if (condition is ABSENT and current) or (isinstance(condition, str) and condition != current):
                    raise ConditionError("the document has been changed")
                replace_file(path, data)
        return content_etag(data)

    def append(self, name: str, data: bytes, etag: str) -> str:
        """Append to a document that has this ETag; empty: that does not exist yet.

        Args:
            name: of the document.
            data: what is added at its end.
            etag: the version it must still have.

        Raises:
            ConditionError: it has been changed.
            FolderError: it cannot be written.
        """
        document = self.read(name)
        if (document.etag if document else "") != etag:
            raise ConditionError("the document has been changed")
        return self.write(name, (document.data if document else b"") + data, etag or ABSENT)

    def delete(self, name: str, _condition: Condition = None) -> None:
        """Delete a document; that it is gone already is no error.

        Raises:
            FolderError: it cannot be deleted.
        """
        path = self.path(name)
        with writing(path):
            patiently(lambda: path.unlink(missing_ok=True))

    def block_writer(self, name: str, _condition: Condition = None) -> BlockWriter:
        """Begin a document of unknown length; nobody else writes here, so conditions always hold."""
        return FileWriter(self.path(name))

    def blobs(self, prefix: str = "") -> Iterator[Blob]:
        """List documents with their metadata, in the order of their names."""
        found = (path for path in self.root.rglob("*") if path.suffix in _DOCUMENTS and path.is_file())
        names = sorted(path.relative_to(self.root).as_posix() for path in found)
        yield from (self.head(name) for name in names if name.startswith(prefix))

    def pages(self, prefix: str = "", marker: str = "") -> Iterator[Page]:
        """All documents on one page; a folder needs no more."""
        yield Page(marker, [*self.blobs(prefix)], "")

    def acquire(self, name: str, lease_id: str, seconds: int) -> None:  # noqa: ARG002  (the protocol's)
        """Take a document's lease, or take it again under the same id.

        Args:
            name: of the document.
            lease_id: under which it is taken.
            seconds: not used; the lease ends with its process.

        Raises:
            MissingBlobError: there is no such document.
            LeaseTakenError: another process has the lease.
        """
        path = self.path(name)
        if not path.exists():
            raise MissingBlobError("no such document")
        if name in self._leases and self._leases[name][0] == lease_id:
            return
        with writing(path), self._alone():
            lock = FileLock.take(self._lock_file(lock_name(name)), wait=False)
        if lock is None:
            raise LeaseTakenError("another process holds the lease")
        self._leases[name] = lease_id, lock

    def renew(self, name: str, lease_id: str) -> None:
        """Make sure that the lease is ours.

        Raises:
            ConditionError: it is not.
        """
        if self._leases.get(name, ("",))[0] != lease_id:
            raise ConditionError("the lease is not ours")

    def release(self, name: str, lease_id: str) -> None:
        """Give a lease back, if we still have it."""
        if self._leases.get(name, ("",))[0] == lease_id:
            self._leases.pop(name)[1].free()

    def path(self, name: str) -> Path:
        """Where a document is; `name` is one that `shared.blob_names` has made safe."""
        return self.root.joinpath(*name.split("/"))

    def _reading(self, path: Path) -> AbstractContextManager[None]:
        """Turns the system's exceptions into ours."""
        return reading(path)

    def _version_check(self, path: Path, file: BufferedReader, etag: str) -> Callable[[], bool]:  # noqa: ARG002  (a subclass uses it)
        """Whether an open file is still this version; one that took another's place leaves what is open as it is."""
        digest = file_etag(file)
        return lambda: digest == etag

    def _etag(self, path: Path) -> str:
        return content_etag(patiently(path.read_bytes))

    def _metadata(self, path: Path) -> Mapping[str, str]:
        """What Azure would show in a listing: outcomes are the only documents that have any."""
        if "outcomes" not in path.parts:
            return {}
        try:
            return metadata(outcomes.decode(path.read_bytes()))
        except msgspec.MsgspecError:
            return {}

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with _TURN, FileLock.take(self._lock_file("write"), wait=True) or nullcontext():
            yield

    def _lock_file(self, name: str) -> Path:
        """Locks are in a folder of their own, so that the others have only documents in them."""
        locks = self.root / LOCKS
        make_folder(locks)
        return locks / name


_TURN: Final = threading.Lock()
