"""One worker's containers on the storage model, with what tests do beside it, and a queue in memory.

For several workers at once, or a queue with hiding and receipts, use `tests.support.storage_model` itself.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from shared.clock import Clock
from shared.delivery.ports import Blob, BlockWriter, Condition
from shared.errors import StorageError
from tests.support.storage_model.blobs import BlobModel
from tests.support.storage_model.leases import Lease
from tests.support.storage_model.queues import MESSAGE_BYTES, WEEK_SECONDS
from tests.support.storage_model.refusals import RefusedError
from tests.support.storage_model.stored import Stored, Terms
from tests.support.storage_model.wire import Call, Wire
from tests.support.storage_model.workers import WorkerContainer

PAGE_BLOBS = 5
"""How many blobs one page of a listing holds, so that a few exports make several pages."""

type Before = Callable[[str, str], None]
"""Called before (`write:...`) and after (`wrote:...`) each change, with what is changed; may raise."""


class FakeContainer(WorkerContainer):
    """One container.

    Attributes:
        on_change: hook around every write, for faults, crashes, and what others do just before.
        on_chunk: hook before every piece but the first, for overwriting a blob while it is read.
        refuses: why storage refuses everything; empty if it does not.
        dead: whether the worker has died, so that leases are not given back.
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        *,
        chunk_bytes: int = 1 << 16,
        refuses: str = "",
        page_blobs: int = PAGE_BLOBS,
    ) -> None:
        """An empty container.

        Args:
            name: the container's.
            clock: what storage and the worker go by.
            chunk_bytes: how large the pieces are in which a blob streams.
            refuses: why storage refuses everything.
            page_blobs: how many blobs one page of a listing holds.
        """
        self.clock = clock
        self.on_change: Before = lambda _what, _name: None
        self.on_chunk: Callable[[str], None] = lambda _name: None
        self.refuses = refuses
        self.dead = False
        self._chunk_bytes = chunk_bytes
        self._page_blobs = page_blobs
        self._model = BlobModel(clock)
        self._model.create_container(name)
        self._wire = Wire("worker", clock, self._on_call)
        super().__init__(self._model, self._wire, name, range_bytes=chunk_bytes, page_blobs=self._page_blobs)

    @property
    def chunk_bytes(self) -> int:
        """How large the pieces are in which a blob streams."""
        return self._chunk_bytes

    @chunk_bytes.setter
    def chunk_bytes(self, chunk_bytes: int) -> None:
        self._chunk_bytes = chunk_bytes
        super().__init__(
            self._model, self._wire, self.name, range_bytes=chunk_bytes, page_blobs=self._page_blobs
        )

    def put(
        self,
        name: str,
        data: bytes,
        *,
        metadata: Mapping[str, str] | None = None,
        is_folder: bool = False,
        is_archived: bool = False,
    ) -> Blob:
        """Upload a blob, as an exporter would, even under a lease; an append blob stays one.

        Args:
            name: the blob's.
            data: its bytes.
            metadata: its metadata.
            is_folder: whether it is the mark of a folder.
            is_archived: whether it is moved to the archive tier at once.
        """
        told = dict(metadata or {}) | ({"hdi_isfolder": "true"} if is_folder else {})
        appended = self._appended(name)
        self._model.put(self.name, name, data, Terms(lease_id=self._holder(name)), told)
        self.stored(name).is_archived = is_archived
        self.stored(name).appended = appended
        shown = self._model.head(self.name, name)
        return Blob(name, shown.etag, shown.size, shown.last_modified, shown.metadata, is_archived)

    def put_journal(self, name: str, data: bytes) -> Blob:
        """Put an append blob in the place of whatever is there."""
        self._model.create_append(self.name, name, Terms(lease_id=self._holder(name)))
        return self.put(name, data)

    def data(self, name: str) -> bytes:
        """A blob's bytes."""
        return self.stored(name).data

    def names(self) -> list[str]:
        """All names, in order."""
        return [blob.name for blob in self._model.page(self.name, most=1_000_000).blobs]

    def delete(self, name: str, condition: Condition = None) -> None:
        """Delete a blob, even under a lease, as a person would; that it is gone already is no error."""
        self._may()
        if condition is not None:
            super().delete(name, condition)
            return
        with suppress(RefusedError):
            self._model.delete(self.name, name, Terms(lease_id=self._holder(name)))

    def vanish(self) -> None:
        """Let the container itself be gone."""
        self._model.delete_container(self.name)

    def archive(self, name: str, *, archived: bool = True) -> None:
        """Move a blob to the archive tier or back; its ETag stays."""
        self.stored(name).is_archived = archived

    def stored(self, name: str) -> Stored:
        """What is kept of a blob, to be changed behind the curtain."""
        return self._model.stored(self.name, name)

    def steal_lease(self, name: str) -> None:
        """Let another holder have the lease."""
        self.stored(name).lease = Lease("another-holder", 60, self.clock.monotonic() + 60)

    def age(self, name: str, modified: datetime) -> None:
        """Make a blob look as if it was written then."""
        self.stored(name).last_modified = modified

    def chunks(self, name: str, etag: str) -> Iterator[bytes]:
        """Stream this version; the hook runs between two pieces."""
        read, size = 0, self._size(name)
        for piece in super().chunks(name, etag):
            yield piece
            read += len(piece)
            if read < size:
                self.on_chunk(name)

    def write(
        self, name: str, data: bytes, condition: Condition, *, metadata: Mapping[str, str] | None = None
    ) -> str:
        """Write a blob under its conditions, with the hook around it."""
        self._may()
        self.on_change("write", name)
        etag = super().write(name, data, condition, metadata=metadata)
        self.on_change("wrote", name)
        return etag

    def append(self, name: str, data: bytes, etag: str) -> str:
        """Append to a blob, with the hook around it."""
        self._may()
        self.on_change("write", name)
        etag = super().append(name, data, etag)
        self.on_change("wrote", name)
        return etag

    def block_writer(self, name: str, condition: Condition = None) -> BlockWriter:  # type: ignore[override]  # with the hook around its commit
        """Begin a blob."""
        return _HookedWriter(super().block_writer(name, condition), self, name)

    def release(self, name: str, lease_id: str) -> None:
        """Give a lease back, unless the worker is dead."""
        if not self.dead:
            super().release(name, lease_id)

    def _may(self) -> None:
        if self.refuses:
            raise StorageError(self.refuses)

    def _on_call(self, _call: Call) -> None:
        self._may()

    def _appended(self, name: str) -> int | None:
        try:
            return self.stored(name).appended
        except RefusedError:
            return None

    def _size(self, name: str) -> int:
        try:
            return len(self.stored(name).data)
        except RefusedError:
            return 0

    def _holder(self, name: str) -> str:
        """The id of a lease that is running."""
        try:
            lease = self.stored(name).lease
        except RefusedError:
            return ""
        return lease.lease_id if lease.is_locked(self.clock.monotonic()) else ""


@dataclass
class _HookedWriter:
    writer: BlockWriter
    container: FakeContainer
    name: str

    def add(self, data: bytes) -> None:
        """Append."""
        self.writer.add(data)

    def mark(self) -> None:
        """Remember this length."""
        self.writer.mark()

    def commit(self, *, marked_only: bool = False) -> None:
        """Make it visible, with the hook around it."""
        self.container._may()
        self.container.on_change("write", self.name)
        self.writer.commit(marked_only=marked_only)
        self.container.on_change("wrote", self.name)


@dataclass
class FakeQueue:
    """A queue in memory; a message shows once its delay is over."""

    clock: Clock
    on_change: Before = lambda _what, _name: None
    messages: list[tuple[float, str]] = field(default_factory=list)

    def put(self, text: str, delay_seconds: int) -> None:
        """Put a message; one that is too large or too late is refused, as storage does."""
        self.on_change("write", "queue")
        if len(text.encode()) > MESSAGE_BYTES or not 0 <= delay_seconds <= WEEK_SECONDS:
            raise StorageError("storage answers 400 (OutOfRangeQueryParameterValue)")
        self.messages.append((self.clock.monotonic() + delay_seconds, text))
        self.on_change("wrote", "queue")

    def waiting(self) -> int:
        """How many messages lie there."""
        return len(self.messages)
