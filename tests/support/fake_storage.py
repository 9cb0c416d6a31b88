"""Blob containers and a queue in memory; a contract test runs the same assertions against them and Azurite."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.clock import Clock
from shared.delivery.ports import ABSENT, Blob, Condition, Document
from shared.errors import (
    ConditionError,
    ExportChangedError,
    ExportError,
    LeaseTakenError,
    MissingBlobError,
    StorageError,
)

type Before = Callable[[str, str], None]
"""Called before (`write:...`) and after (`wrote:...`) each change, with what is changed; may raise."""


@dataclass
class _Stored:
    blob: Blob
    data: bytes
    lease_id: str = ""
    lease_ends: float = 0.0


@dataclass
class FakeContainer:
    """One container.

    Attributes:
        on_change: hook around every write, for faults, crashes, and what others do just before.
        dead: whether the worker has died, so that leases are not given back.
        chunk_bytes: how large the pieces are in which a blob streams.
        on_chunk: hook before every piece but the first, for overwriting a blob while it is read.
    """

    name: str
    clock: Clock
    on_change: Before = lambda _what, _name: None
    chunk_bytes: int = 1 << 16
    on_chunk: Callable[[str], None] = lambda _name: None
    refuses: str = ""
    dead: bool = False
    _blobs: dict[str, _Stored] = field(default_factory=dict)
    _versions: int = 0

    def put(self, name: str, data: bytes, *, metadata: Mapping[str, str] | None = None, **blob: bool) -> Blob:
        """Put a blob, as somebody outside would."""
        self._versions += 1
        made = Blob(
            name,
            f"0x{self._versions:08X}",
            len(data),
            self.clock.now().replace(microsecond=0),
            dict(metadata or {}),
            **blob,
        )
        kept = self._blobs.get(name)
        lease_id = self._leased(kept)  # one that ran out ends with the next change
        self._blobs[name] = _Stored(made, data, lease_id, kept.lease_ends if kept and lease_id else 0.0)
        return made

    def data(self, name: str) -> bytes:
        """A blob's bytes."""
        return self._blobs[name].data

    def names(self) -> list[str]:
        """All names, in order."""
        return sorted(self._blobs)

    def delete(self, name: str) -> None:
        """Delete a blob, as somebody outside would."""
        del self._blobs[name]

    def head(self, name: str) -> Blob:
        """Look at a blob."""
        return self._stored(name).blob

    def chunks(self, name: str, etag: str) -> Iterator[bytes]:
        """Stream this version; an overwrite in between is noticed at the next piece."""
        try:
            stored = self._stored(name)
        except MissingBlobError:
            raise ExportError("export-gone", "gone") from None
        if stored.blob.is_archived:
            raise ExportError("export-archived", "archived")
        for start in range(0, len(stored.data), self.chunk_bytes):
            if start:
                self.on_chunk(name)
            if name not in self._blobs:
                raise ExportError("export-gone", "gone")
            if self._blobs[name].blob.etag != etag:
                raise ExportChangedError("changed")
            yield stored.data[start : start + self.chunk_bytes]

    def read(self, name: str) -> Document | None:
        """Read a blob."""
        self._may()
        stored = self._blobs.get(name)
        return Document(stored.data, stored.blob.etag) if stored else None

    def write(
        self,
        name: str,
        data: bytes,
        condition: Condition,
        *,
        lease_id: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Write a blob under its conditions."""
        self._may()
        self.on_change("write", name)
        stored = self._blobs.get(name)
        if condition is ABSENT and stored:
            raise ConditionError("exists")
        if isinstance(condition, str) and (stored is None or stored.blob.etag != condition):
            raise ConditionError("changed")
        if (self._leased(stored) or "") != (lease_id or ""):
            raise ConditionError("lease")
        etag = self.put(name, data, metadata=metadata).etag
        self.on_change("wrote", name)
        return etag

    def block_writer(self, name: str) -> "FakeBlockWriter":
        """Begin a blob."""
        return FakeBlockWriter(self, name)

    def blobs(self, prefix: str = "") -> Iterator[Blob]:
        """List in the order of names."""
        self._may()
        for name in self.names():
            if name.startswith(prefix):
                yield self._blobs[name].blob

    def acquire(self, name: str, lease_id: str, seconds: int) -> None:
        """Take a lease."""
        stored = self._stored(name)
        if self._leased(stored) not in {"", lease_id}:
            raise LeaseTakenError("taken")
        stored.lease_id, stored.lease_ends = lease_id, self.clock.monotonic() + seconds

    def renew(self, name: str, lease_id: str) -> None:
        """Renew a lease; one that ran out can be renewed as long as nobody took or changed the blob."""
        stored = self._stored(name)
        if stored.lease_id != lease_id:
            raise ConditionError("not yours")
        stored.lease_ends = self.clock.monotonic() + 60

    def release(self, name: str, lease_id: str) -> None:
        """Give a lease back."""
        stored = self._blobs.get(name)
        if stored and stored.lease_id == lease_id and not self.dead:
            stored.lease_id = ""

    def steal_lease(self, name: str) -> None:
        """Let somebody else have the lease."""
        stored = self._stored(name)
        stored.lease_id, stored.lease_ends = "somebody-else", self.clock.monotonic() + 60

    def age(self, name: str, modified: datetime) -> None:
        """Make a blob look as if it was written then."""
        stored = self._blobs[name]
        stored.blob = replace(stored.blob, last_modified=modified)

    def _stored(self, name: str) -> _Stored:
        self._may()
        if name not in self._blobs:
            raise MissingBlobError("missing")
        return self._blobs[name]

    def _leased(self, stored: _Stored | None) -> str:
        """The id of a lease that is still running."""
        if stored is None or stored.lease_ends <= self.clock.monotonic():
            return ""
        return stored.lease_id

    def _may(self) -> None:
        if self.refuses:
            raise StorageError(self.refuses)


class FakeBlockWriter:
    """Blocks in memory."""

    def __init__(self, container: FakeContainer, name: str) -> None:
        self._container = container
        self._name = name
        self._data = b""
        self._marked = 0

    def add(self, data: bytes) -> None:
        """Append."""
        self._data += data

    def mark(self) -> None:
        """Remember this length."""
        self._marked = len(self._data)

    def commit(self, *, marked_only: bool = False) -> None:
        """Make it visible."""
        self._container._may()
        self._container.on_change("write", self._name)
        self._container.put(self._name, self._data[: self._marked] if marked_only else self._data)
        self._container.on_change("wrote", self._name)


@dataclass
class FakeQueue:
    """A queue in memory; a message shows once its delay is over."""

    clock: Clock
    on_change: Before = lambda _what, _name: None
    messages: list[tuple[float, str]] = field(default_factory=list)

    def put(self, text: str, delay_seconds: int) -> None:
        """Put a message."""
        self.on_change("write", "queue")
        self.messages.append((self.clock.monotonic() + delay_seconds, text))
        self.on_change("wrote", "queue")

    def waiting(self) -> int:
        """How many messages lie there."""
        return len(self.messages)
