"""The part of the Azure SDK's clients that the product's storage module uses, over a wire and the models.

Names, arguments and answers are the SDK's: ETags come quoted, an empty value of metadata comes as `None` in a listing,
an empty blob read by range is asked for again without one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import chain
from types import SimpleNamespace
from typing import Any, Final

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobBlock

from shared.delivery.ports import ABSENT, Condition
from tests.support.storage_model.blobs import PAGE_BLOBS, BlobModel
from tests.support.storage_model.queues import WEEK_SECONDS, QueueModel
from tests.support.storage_model.stored import BlobState, Terms
from tests.support.storage_model.wire import Wire

RANGE_BYTES: Final = 4 << 20
"""How much one request of a download asks for."""
_RANGE_NOT_SATISFIABLE: Final = 416


@dataclass(frozen=True, slots=True)
class BlobProperties:
    """As HEAD, a download or a listing gives them."""

    name: str
    etag: str
    size: int
    last_modified: datetime
    metadata: dict[str, str | None]
    blob_tier: str


@dataclass(frozen=True)
class ModelContainerClient:
    """`ContainerClient`.

    Attributes:
        tries: how often a call is tried in all.
        range_bytes: how much one request of a download asks for.
        page_blobs: how many blobs one page of a listing holds.
    """

    blobs: BlobModel
    wire: Wire
    container: str
    tries: int = 4
    range_bytes: int = RANGE_BYTES
    page_blobs: int = PAGE_BLOBS

    def get_blob_client(self, name: str) -> "ModelBlobClient":
        """The client of a blob."""
        return ModelBlobClient(self, name)

    def list_blobs(
        self,
        name_starts_with: str | None = None,
        include: Sequence[str] = (),
        raw_response_hook: object = None,
    ) -> "Listing":
        """A listing, a request a page; there are no bytes that could be handed over."""
        del raw_response_hook
        return Listing(self, name_starts_with or "", with_metadata="metadata" in include)


@dataclass(frozen=True)
class Listing:
    """`ItemPaged` of a listing."""

    client: ModelContainerClient
    prefix: str
    with_metadata: bool

    def by_page(self, continuation_token: str | None = None) -> "Pages":
        """From this page on; each page shows what was there when it was asked for."""
        return Pages(self, continuation_token or "")

    def __iter__(self) -> Iterator[BlobProperties]:
        """Blob after blob."""
        return chain.from_iterable(self.by_page())


@dataclass
class Pages:
    """`BlobPropertiesPaged`.

    Attributes:
        continuation_token: asks for the page after the one that was given last; `None` after the last one.
    """

    listing: Listing
    continuation_token: str | None
    over: bool = False

    def __iter__(self) -> Iterator[list[BlobProperties]]:
        """Itself."""
        return self

    def __next__(self) -> list[BlobProperties]:
        """Ask for the next page."""
        if self.over:
            raise StopIteration
        client, prefix = self.listing.client, self.listing.prefix
        marker = self.continuation_token or ""
        ask = partial(client.blobs.page, client.container, prefix, marker, client.page_blobs)
        page = client.wire.send("list", client.container, prefix, ask, tries=client.tries)
        self.continuation_token, self.over = page.marker or None, not page.marker
        return [_properties(state, self._told(state.metadata)) for state in page.blobs]

    def _told(self, metadata: Mapping[str, str]) -> dict[str, str | None]:
        return {key: value or None for key, value in metadata.items()} if self.listing.with_metadata else {}


class ModelBlobClient:
    """`BlobClient`, and what `BlobLeaseClient` takes from it."""

    def __init__(self, container: ModelContainerClient, name: str) -> None:
        self.blob_name = name
        self._container = container
        self._blobs = container.blobs
        self._at = (container.container, name)
        self._client = SimpleNamespace(blob=_Leases(self._blobs, self._at, self._send))

    def get_blob_properties(self) -> BlobProperties:
        """HEAD."""
        return _seen(self._send("head", lambda: self._blobs.head(*self._at)))

    def download_blob(
        self, *, etag: str | None = None, match_condition: MatchConditions | None = None, **_: Any
    ) -> "Download":
        """Begin to download: the first range is asked for at once."""
        del match_condition  # IfNotModified is the only one that goes with an ETag
        return Download(self, etag.strip('"') if etag else None, self._container.range_bytes)

    def upload_blob(self, data: bytes, *, overwrite: bool, **options: Any) -> dict[str, str]:
        """Put Blob."""
        terms = _terms(options)
        if not overwrite:
            terms = replace(terms, condition=ABSENT)
        content, metadata = bytes(data), options.get("metadata")
        etag = self._send("put", lambda: self._blobs.put(*self._at, content, terms, metadata))
        return {"etag": f'"{etag}"'}

    def create_append_blob(self, **options: Any) -> dict[str, str]:
        """Put Blob, as an empty append blob."""
        terms = _terms(options)
        etag = self._send("create", lambda: self._blobs.create_append(*self._at, terms))
        return {"etag": f'"{etag}"'}

    def append_block(self, data: bytes, *, length: int, **options: Any) -> dict[str, str]:
        """Append Block."""
        terms, content = _terms(options), bytes(data[:length])
        etag = self._send("append", lambda: self._blobs.append(*self._at, content, terms))
        return {"etag": f'"{etag}"'}

    def stage_block(self, block_id: str, data: bytes, *, lease: str | None = None, **_: Any) -> None:
        """Put Block."""
        content = bytes(data)
        self._send("stage", lambda: self._blobs.stage(*self._at, block_id, content, lease_id=lease or ""))

    def commit_block_list(self, block_list: Sequence[BlobBlock], **options: Any) -> dict[str, str]:
        """Put Block List."""
        blocks = [(str(block.state.value), str(block.id)) for block in block_list]
        terms, metadata = _terms(options), options.get("metadata")
        etag = self._send("commit", lambda: self._blobs.commit(*self._at, blocks, terms, metadata))
        return {"etag": f'"{etag}"'}

    def delete_blob(self, **options: Any) -> None:
        """Delete Blob."""
        terms = _terms(options)
        self._send("delete", lambda: self._blobs.delete(*self._at, terms))

    def get_range(self, etag: str | None, start: int, length: int | None) -> tuple[bytes, BlobState]:
        """GET of a range; not a method of the SDK's client but what its downloader sends."""
        return self._send("get", lambda: self._blobs.get(*self._at, etag=etag, start=start, length=length))

    def _send[Answer](self, what: str, effect: Callable[[], Answer]) -> Answer:
        container = self._container
        return container.wire.send(what, container.container, self.blob_name, effect, tries=container.tries)


class Download:
    """`StorageStreamDownloader`: ranges, all under the ETag of the first."""

    def __init__(self, client: ModelBlobClient, etag: str | None, range_bytes: int) -> None:
        self._client = client
        self._range_bytes = range_bytes
        try:
            self._first, state = client.get_range(etag, 0, range_bytes)
        except HttpResponseError as error:
            if error.status_code != _RANGE_NOT_SATISFIABLE:
                raise
            self._first, state = client.get_range(etag, 0, None)
        self.properties = _seen(state)
        self._etag = state.etag

    def chunks(self) -> Iterator[bytes]:
        """The blob in pieces; each but the first is asked for when it is wanted."""
        if self._first:
            yield self._first
        for start in range(self._range_bytes, self.properties.size, self._range_bytes):
            yield self._client.get_range(self._etag, start, self._range_bytes)[0]

    def readall(self) -> bytes:
        """The blob, whole."""
        return b"".join(self.chunks())


class _Leases:
    """The operations that `BlobLeaseClient` calls."""

    def __init__(self, blobs: BlobModel, at: tuple[str, str], send: Any) -> None:
        self._blobs = blobs
        self._at = at
        self._send = send

    def acquire_lease(self, *, duration: int, proposed_lease_id: str, **_: Any) -> dict[str, str]:
        """Acquire."""
        self._send("acquire", lambda: self._blobs.acquire(*self._at, proposed_lease_id, duration))
        return {"lease_id": proposed_lease_id}

    def renew_lease(self, *, lease_id: str, **_: Any) -> dict[str, str]:
        """Renew."""
        self._send("renew", lambda: self._blobs.renew(*self._at, lease_id))
        return {"lease_id": lease_id}

    def release_lease(self, *, lease_id: str, **_: Any) -> dict[str, str]:
        """Release."""
        self._send("release", lambda: self._blobs.release(*self._at, lease_id))
        return {}


@dataclass(frozen=True)
class ModelQueueClient:
    """`QueueClient`."""

    queues: QueueModel
    wire: Wire
    queue: str
    tries: int = 4

    def send_message(
        self, content: str, *, visibility_timeout: int = 0, time_to_live: int = WEEK_SECONDS
    ) -> None:
        """Put Message; its repetition after a lost reply is a second message."""
        self.wire.send(
            "send",
            self.queue,
            "",
            lambda: self.queues.put(
                self.queue, content, hidden_seconds=visibility_timeout, live_seconds=time_to_live
            ),
            tries=self.tries,
        )

    def get_queue_properties(self) -> SimpleNamespace:
        """Get Queue Metadata."""
        count = self.wire.send(
            "count", self.queue, "", lambda: self.queues.count(self.queue), tries=self.tries
        )
        return SimpleNamespace(approximate_message_count=count)


def _terms(options: dict[str, Any]) -> Terms:
    """The SDK's options of a write as the model's."""
    etag = options.get("etag")
    condition: Condition = str(etag).strip('"') if etag else None
    if options.get("match_condition") is MatchConditions.IfMissing:
        condition = ABSENT
    return Terms(condition, str(options.get("lease") or ""))


def _seen(state: BlobState) -> BlobProperties:
    return _properties(state, dict(state.metadata))


def _properties(state: BlobState, metadata: dict[str, str | None]) -> BlobProperties:
    tier = "Archive" if state.is_archived else "Hot"
    return BlobProperties(state.name, f'"{state.etag}"', state.size, state.last_modified, metadata, tier)
