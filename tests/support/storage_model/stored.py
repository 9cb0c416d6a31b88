"""What an account keeps of a blob, and how it shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.delivery.ports import ABSENT, Condition
from tests.support.storage_model.leases import FREE, Lease, LeaseState
from tests.support.storage_model.refusals import Dialect, RefusedError


@dataclass(frozen=True, slots=True)
class BlobState:
    """A blob as HEAD or a listing shows it; `etag` without quotes, `last_modified` in UTC and whole seconds."""

    name: str
    etag: str
    size: int
    last_modified: datetime
    metadata: Mapping[str, str]
    lease_state: LeaseState
    is_archived: bool
    is_append: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What must hold for a write.

    Attributes:
        condition: an ETag without quotes (If-Match), `ABSENT` (If-None-Match: *), or `None`.
        lease_id: of the lease the blob is under; empty if none is given.
    """

    condition: Condition = None
    lease_id: str = ""


NO_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing, as things were when it was made; `marker` is empty on the last one."""

    blobs: list[BlobState]
    marker: str


@dataclass(slots=True)
class Stored:
    """What the account keeps of a blob; `last_modified` is `None` while nothing was committed.

    Attributes:
        appended: how often an append blob was appended to; `None` for a block blob.
    """

    etag: str = ""
    last_modified: datetime | None = None
    blocks: list[tuple[str, bytes]] = field(default_factory=list)  # ids are empty where it came in one piece
    data: bytes = b""
    metadata: dict[str, str] = field(default_factory=dict)
    lease: Lease = FREE
    is_archived: bool = False
    appended: int | None = None

    @property
    def is_append(self) -> bool:
        """Whether it is an append blob."""
        return self.appended is not None

    @property
    def is_committed(self) -> bool:
        """Whether there is anything to see: not only blocks that were staged."""
        return self.last_modified is not None

    def show(self, name: str, now: datetime, seconds: float) -> BlobState:
        """The blob as storage shows it at this time."""
        return BlobState(
            name=name,
            etag=self.etag,
            size=len(self.data),
            last_modified=self.last_modified or now,
            metadata=dict(self.metadata),
            lease_state=self.lease.state(seconds),
            is_archived=self.is_archived,
            is_append=self.is_append,
        )


def committed(stored: Stored | None) -> Stored | None:
    """The blob, if there is anything to see of it."""
    return stored if stored and stored.is_committed else None


def cut(data: bytes, start: int, length: int, dialect: Dialect) -> bytes:
    """A range of a blob's bytes, cut off at its end.

    Args:
        data: all of them.
        start: the first one wanted.
        length: how many.
        dialect: whose rules.

    Raises:
        RefusedError: 416 if there is none.
    """
    at_end = start == len(data) > 0 and dialect is Dialect.AZURITE
    if start >= len(data) and not at_end:
        raise RefusedError(416, "InvalidRange")
    return data[start : start + length]


def check_type(stored: Stored | None, *, append: bool) -> None:
    """Whether an operation of one type of blob meets that type, or nothing.

    Raises:
        RefusedError: 409 `InvalidBlobType`.
    """
    if stored and stored.is_append is not append:
        raise RefusedError(409, "InvalidBlobType")


def check_condition(stored: Stored | None, condition: Condition) -> None:
    """Whether a write's condition holds.

    Raises:
        RefusedError: 409 `BlobAlreadyExists`, 412 `ConditionNotMet`.
    """
    seen = committed(stored)
    if condition is ABSENT and seen:
        raise RefusedError(409, "BlobAlreadyExists")
    if isinstance(condition, str) and (seen is None or seen.etag != condition):
        raise RefusedError(412, "ConditionNotMet")


def choose_blocks(
    blocks: Sequence[tuple[str, str]], committed: Mapping[str, bytes], staged: Mapping[str, bytes]
) -> list[tuple[str, bytes]]:
    """The blocks that a list names, each from where it says.

    Args:
        blocks: `Committed`, `Uncommitted` or `Latest` (uncommitted, else committed), and the block's id.
        committed: the blob's blocks.
        staged: those on the server that nobody has committed.

    Raises:
        RefusedError: 400 `InvalidBlockList` if one is not there.
    """
    latest = {"Committed": committed, "Uncommitted": staged, "Latest": {**committed, **staged}}
    try:
        return [(block_id, latest[source][block_id]) for source, block_id in blocks]
    except KeyError:
        raise RefusedError(400, "InvalidBlockList") from None
