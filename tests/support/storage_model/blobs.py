"""An account's blob containers as Azure keeps them, one request at a time."""

from collections.abc import Mapping, Sequence
from typing import Final

from shared.delivery.ports import ABSENT
from tests.support.storage_model.clock import Time
from tests.support.storage_model.leases import FREE, LeaseState
from tests.support.storage_model.refusals import Dialect, RefusedError
from tests.support.storage_model.stored import (
    NO_TERMS,
    BlobState,
    Page,
    Stored,
    Terms,
    check_condition,
    check_type,
    choose_blocks,
    committed,
    cut,
)

PAGE_BLOBS: Final = 5_000
"""How many blobs a page of a listing holds at most."""

MOST_APPENDS: Final = 50_000
"""How often an append blob can be appended to."""


class BlobModel:
    """The account: what a request does, or the `RefusedError` it is answered with.

    Every method is one request and is done at once, at the time of storage's own clock. A lease id
    that is empty was not given.
    """

    def __init__(self, time: Time, dialect: Dialect = Dialect.AZURE) -> None:
        self._time = time
        self._dialect = dialect
        self._containers: dict[str, dict[str, Stored]] = {}
        self._staged: dict[tuple[str, str], dict[str, bytes]] = {}
        self._writes = 0

    def create_container(self, container: str) -> None:
        """Make an empty container, unless it is there."""
        self._containers.setdefault(container, {})

    def delete_container(self, container: str) -> None:
        """Take a container away, with everything in it."""
        self._containers.pop(container, None)

    def put(
        self,
        container: str,
        name: str,
        data: bytes,
        terms: Terms = NO_TERMS,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Put Blob: the whole blob at once; gives its ETag. Its uncommitted blocks are discarded."""
        return self._put(container, name, terms, Stored(data=data, metadata=dict(metadata or {})))

    def create_append(self, container: str, name: str, terms: Terms = NO_TERMS) -> str:
        """Put Blob, as an empty append blob, whatever was there; gives its ETag."""
        return self._put(container, name, terms, Stored(appended=0))

    def append(self, container: str, name: str, data: bytes, terms: Terms = NO_TERMS) -> str:
        """Append Block; gives the ETag.

        Raises:
            RefusedError: 404; 409 `InvalidBlobType`, `BlockCountExceedsLimit`; 400 for nothing to append; the conditions'.
        """
        if not data:
            raise RefusedError(400, "InvalidHeaderValue")
        stored = committed(self._blobs(container).get(name))
        if stored is None:
            raise RefusedError(404, "BlobNotFound")
        check_type(stored, append=True)
        if stored.appended is None or stored.appended >= MOST_APPENDS:
            raise RefusedError(409, "BlockCountExceedsLimit")
        check_condition(stored, terms.condition)
        stored.lease = stored.lease.check_write(terms.lease_id, self._now)
        stored.data += data
        stored.appended += 1
        return self._stamp(stored)

    def _put(self, container: str, name: str, terms: Terms, stored: Stored) -> str:
        blobs = self._blobs(container)
        kept = blobs.get(name)
        check_condition(kept, terms.condition)
        if terms.condition is ABSENT and kept and self._dialect is Dialect.AZURITE:
            raise RefusedError(409, "BlobAlreadyExists")
        stored.lease = kept.lease.check_write(terms.lease_id, self._now) if kept else FREE
        if kept and kept.is_archived:
            raise RefusedError(409, "BlobArchived")
        blobs[name] = stored
        self._discard_blocks(container, name)
        return self._stamp(stored)

    def head(self, container: str, name: str) -> BlobState:
        """Get Blob Properties."""
        return self._show(name, self._existing(container, name))

    def get(
        self, container: str, name: str, *, etag: str | None = None, start: int = 0, length: int | None = None
    ) -> tuple[bytes, BlobState]:
        """Get Blob, whole or a range, and what it was then.

        Args:
            container: its name.
            name: of the blob.
            etag: the condition (If-Match); `None` for none.
            start: the first byte of the range.
            length: of the range, in bytes; `None` for no range.

        Raises:
            RefusedError: 416 for a range of an empty blob or one that begins behind the end, among others.
        """
        stored = committed(self._blobs(container).get(name))
        if stored is None and etag is not None and self._dialect is Dialect.AZURITE:
            raise RefusedError(412, "ConditionNotMet")
        if stored is None:
            raise RefusedError(404, "BlobNotFound")
        if etag is not None and stored.etag != etag:
            raise RefusedError(412, "ConditionNotMet")
        if stored.is_archived:
            raise RefusedError(409, "BlobArchived")
        data = stored.data if length is None else cut(stored.data, start, length, self._dialect)
        return data, self._show(name, stored)

    def delete(self, container: str, name: str, terms: Terms = NO_TERMS) -> None:
        """Delete Blob: by a person, or by a rule of the lifecycle."""
        blobs = self._blobs(container)
        kept = blobs.get(name)
        stored = kept if self._dialect is Dialect.AZURITE else committed(kept)
        check_condition(stored, terms.condition)
        if stored is None:
            raise RefusedError(404, "BlobNotFound")
        stored.lease.check_write(terms.lease_id, self._now)
        del blobs[name]
        self._discard_blocks(container, name)

    def archive(self, container: str, name: str, *, lease_id: str = "") -> None:
        """Set Blob Tier to the archive."""
        stored = self._existing(container, name)
        lease = stored.lease.check_write(lease_id, self._now)
        if stored.is_append:
            raise RefusedError(400, "AccessTierNotSupportedForBlobType")
        stored.lease = lease
        stored.is_archived = True

    def stage(self, container: str, name: str, block_id: str, data: bytes, *, lease_id: str = "") -> None:
        """Put Block: kept on the server, under its id, until it is committed or discarded.

        Raises:
            RefusedError: 400 `InvalidBlobOrBlock` if other uncommitted blocks have ids of another length.
        """
        blobs = self._blobs(container)
        stored = blobs.get(name)
        staged = self._staged.get((container, name), {})
        check_type(stored, append=False)
        if stored:
            lease = stored.lease.check_write(lease_id, self._now)
            self._check_not_archived(stored)
            stored.lease = lease
            if any(len(other) != len(block_id) for other in staged):
                raise RefusedError(400, "InvalidBlobOrBlock")
        else:
            blobs[name] = Stored(etag=self._next_etag())
        staged.pop(block_id, None)
        self._staged.setdefault((container, name), staged)[block_id] = data

    def commit(
        self,
        container: str,
        name: str,
        blocks: Sequence[tuple[str, str]],
        terms: Terms = NO_TERMS,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Put Block List; gives the ETag. All other uncommitted blocks of the blob, also those that others staged, are discarded.

        Args:
            container: its name.
            name: of the blob.
            blocks: where each block is from (`Committed`, `Uncommitted`, `Latest`: uncommitted, else committed), and its id.
            terms: what must hold.
            metadata: replaces what the blob had.

        Raises:
            RefusedError: 400 `InvalidBlockList` for a block that is not there, among others.
        """
        blobs = self._blobs(container)
        kept = blobs.get(name)
        check_condition(kept, terms.condition)
        check_type(kept, append=False)
        lease = kept.lease.check_write(terms.lease_id, self._now) if kept else FREE
        if kept:
            self._check_not_archived(kept)
        staged = self._staged.get((container, name), {})
        chosen = choose_blocks(blocks, dict(kept.blocks) if kept else {}, staged)
        data = b"".join(data for _, data in chosen)
        blobs[name] = stored = Stored(blocks=chosen, data=data, metadata=dict(metadata or {}), lease=lease)
        self._staged.pop((container, name), None)
        return self._stamp(stored)

    def block_ids(self, container: str, name: str) -> tuple[list[str], list[str]]:
        """Get Block List: the ids of committed blocks, in order, and of uncommitted ones, in the order of their staging."""
        stored = self._blobs(container).get(name)
        if stored is None:
            raise RefusedError(404, "BlobNotFound")
        check_type(stored, append=False)
        return [one for one, _ in stored.blocks], list(self._staged.get((container, name), {}))

    def page(self, container: str, prefix: str = "", marker: str = "", most: int = PAGE_BLOBS) -> Page:
        """List Blobs: the next page behind a marker, in the order of names, with metadata."""
        blobs = self._blobs(container)
        names = sorted(name for name in blobs if name.startswith(prefix) and name > marker)
        shown = [name for name in names if blobs[name].is_committed]
        listed = [self._show(name, blobs[name]) for name in shown[:most]]
        return Page(listed, shown[most - 1] if len(shown) > most else "")

    def acquire(self, container: str, name: str, lease_id: str, seconds: int) -> None:
        """Lease Blob, acquire."""
        stored = self.stored(container, name)
        stored.lease = stored.lease.acquire(lease_id, seconds, self._now)

    def renew(self, container: str, name: str, lease_id: str) -> None:
        """Lease Blob, renew."""
        stored = self.stored(container, name)
        stored.lease = stored.lease.renew(lease_id, self._now, self._dialect)

    def release(self, container: str, name: str, lease_id: str) -> None:
        """Lease Blob, release."""
        stored = self.stored(container, name)
        stored.lease = stored.lease.release(lease_id)

    def break_lease(self, container: str, name: str, period_seconds: int | None) -> int:
        """Lease Blob, break; gives how many seconds are left until others get in."""
        stored = self.stored(container, name)
        stored.lease = stored.lease.broken(period_seconds, self._now)
        if stored.lease.state(self._now) is not LeaseState.BREAKING or stored.lease.breaks is None:
            return 0
        return int(stored.lease.breaks - self._now + 0.5)

    def stored(self, container: str, name: str) -> Stored:
        """What is kept of a blob, be it only staged blocks; for tests to look at and to change, not a request.

        Raises:
            RefusedError: 404.
        """
        stored = self._blobs(container).get(name)
        if stored is None:
            raise RefusedError(404, "BlobNotFound")
        return stored

    @property
    def _now(self) -> float:
        return self._time.monotonic()

    def _blobs(self, container: str) -> dict[str, Stored]:
        try:
            return self._containers[container]
        except KeyError:
            raise RefusedError(404, "ContainerNotFound") from None

    def _existing(self, container: str, name: str) -> Stored:
        stored = self.stored(container, name)
        if not stored.is_committed:
            raise RefusedError(404, "BlobNotFound")
        return stored

    def _check_not_archived(self, stored: Stored) -> None:
        if stored.is_archived and self._dialect is Dialect.AZURE:
            raise RefusedError(409, "BlobArchived")

    def _discard_blocks(self, container: str, name: str) -> None:
        if self._dialect is Dialect.AZURE:
            self._staged.pop((container, name), None)

    def _stamp(self, stored: Stored) -> str:
        stored.etag = self._next_etag()
        stored.last_modified = self._time.now().replace(microsecond=0)
        return stored.etag

    def _next_etag(self) -> str:
        self._writes += 1
        return f"0x{self._writes:015X}"

    def _show(self, name: str, stored: Stored) -> BlobState:
        return stored.show(name, self._time.now(), self._now)
