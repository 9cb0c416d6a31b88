"""What delivery asks of the outside world, as protocols: the seams at which tests put fakes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final, Protocol


class Absent(Enum):
    """The condition that a blob must not exist yet (If-None-Match: *)."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT

type Condition = str | Absent | None
"""An ETag the blob must still have (If-Match), `ABSENT`, or `None` for no condition at all."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A blob as HEAD or a listing shows it; `etag` without quotes, `last_modified` in UTC."""

    name: str
    etag: str
    bytes: int
    last_modified: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)
    is_archived: bool = False

    @property
    def is_folder(self) -> bool:
        """Whether it is only the mark of a folder, as accounts with folders have them."""
        return self.metadata.get("hdi_isfolder", "").lower() == "true"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a listing.

    Attributes:
        marker: asks for this very page again; empty: the first one.
        blobs: in the order of their names.
        next_marker: asks for the page after it; empty: there is none.
    """

    marker: str
    blobs: list[Blob]
    next_marker: str


@dataclass(frozen=True, slots=True)
class Document:
    """A small blob, whole, and the ETag it had when it was read."""

    data: bytes
    etag: str


class BlockWriter(Protocol):
    """Writes a blob of unknown length in blocks; nothing is visible before `commit`."""

    def add(self, data: bytes) -> None:
        """Append bytes."""
        ...

    def mark(self) -> None:
        """Remember this length; `commit_marked` leaves out what is added later."""
        ...

    def commit(self, *, marked_only: bool = False) -> None:
        """Make the blob visible, whole or only up to the mark."""
        ...


class Container(Protocol):
    """One blob container.

    Every method raises `StorageError` if storage refuses it (403, no such container), and those that write also if it
    cannot be reached. Those that only read raise `TransientError` (`storage-unavailable`) if it cannot be reached.
    """

    @property
    def name(self) -> str:
        """The container's name."""
        ...

    def head(self, name: str) -> Blob:
        """Look at a blob without reading it.

        Raises:
            MissingBlobError: if there is none.
        """
        ...

    def chunks(self, name: str, etag: str) -> Iterator[bytes]:
        """Stream this version of a blob.

        Raises:
            ExportChangedError: if the blob is another version by now.
            ActionRequiredError: `export-gone` or `export-archived`.
            TransientError: `storage-unavailable`, if the stream breaks off and does not recover.
        """
        ...

    def read(self, name: str) -> Document | None:
        """Read a small blob; `None` if there is none."""
        ...

    def write(
        self, name: str, data: bytes, condition: Condition, *, metadata: Mapping[str, str] | None = None
    ) -> str:
        """Write a small blob; gives its new ETag. A name ending in `.html` is a page, every other one JSON.

        Args:
            name: of the blob.
            data: all of it.
            condition: under which it may be written.
            metadata: what a listing shows.

        Raises:
            ConditionError: if the condition does not hold.
        """
        ...

    def append(self, name: str, data: bytes, etag: str) -> str:
        """Append to a blob that grows (at most 4 MiB at a time, 50,000 times); gives its new ETag.

        Args:
            name: of the blob.
            data: what is added at its end.
            etag: the version it must still have; empty: it must not exist yet, and is made.

        Raises:
            ConditionError: if it is another version, or exists already.
        """
        ...

    def delete(self, name: str, condition: Condition = None) -> None:
        """Delete a blob; that it is gone already is no error.

        Raises:
            ConditionError: if the condition does not hold.
        """
        ...

    def block_writer(self, name: str, condition: Condition = None) -> BlockWriter:
        """Begin a blob of unknown length; its commit raises `ConditionError` if the condition does not hold."""
        ...

    def blobs(self, prefix: str = "") -> Iterator[Blob]:
        """List blobs with their metadata, in the order of their names."""
        ...

    def pages(self, prefix: str = "", marker: str = "") -> Iterator[Page]:
        """List blobs page by page (at most 5,000 each), from the page that `marker` asks for."""
        ...

    def acquire(self, name: str, lease_id: str, seconds: int) -> None:
        """Take a blob's lease, or take it again under the same id.

        Args:
            name: of the blob, which must be there.
            lease_id: a GUID of the holder's own.
            seconds: how long the lease runs without a renewal.

        Raises:
            LeaseTakenError: if another worker has it.
        """
        ...

    def renew(self, name: str, lease_id: str) -> None:
        """Renew a lease: one try, time-outs of 5 s.

        Raises:
            ConditionError: if the lease is no longer ours.
        """
        ...

    def release(self, name: str, lease_id: str) -> None:
        """Give a lease back; that it is gone already is no error."""
        ...


class Queue(Protocol):
    """The queue of messages."""

    def put(self, text: str, delay_seconds: int) -> None:
        """Put a message that never expires; it shows after the delay (at most 7 days).

        Raises:
            StorageError: if it cannot be put.
        """
        ...

    def waiting(self) -> int:
        """How many messages lie there, roughly, those that do not show yet included.

        Raises:
            StorageError: if it cannot be asked.
        """
        ...
