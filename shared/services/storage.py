"""Blob containers, over the Azure SDK; its errors end here.

Facts used: a ranged download carries the ETag through every range, so that an overwrite in between is noticed; a
lease id of our own makes taking a lease again after a lost reply harmless; blocks that are never committed are not
visible and vanish after a week; an empty blob cannot be read by range, which the SDK hides; unless it is told not to, the
SDK unpacks each range of a blob that says `Content-Encoding: gzip`, without any bound.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from azure.core import MatchConditions
from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    ResourceNotFoundError,
)
from azure.storage.blob import BlobLeaseClient, ContainerClient, ExponentialRetry

from shared.blob_names import bare
from shared.delivery.ports import ABSENT, Blob, Condition, Document, Page
from shared.error_codes import BlockedCode, FailedCode
from shared.errors import (
    ActionRequiredError,
    ConditionError,
    ExportChangedError,
    LeaseTakenError,
    MissingBlobError,
    StorageError,
    TransientError,
)
from shared.services.blob_listing import BlobListing
from shared.services.block_writer import BlockBlobWriter, content_settings, matching
from shared.services.storage_errors import EXPORT_GONE_TEXT, gone, translated, unreadable
from shared.services.transports import storage_transport
from shared.storage_connection import StorageConnection

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from requests import Session

PATIENT: Final[dict[str, Any]] = {"connection_timeout": 10, "read_timeout": 30}
RETRIES: Final[dict[str, Any]] = {"initial_backoff": 1, "increment_base": 2, "retry_total": 3}
READ_BYTES: Final = 8 << 20
"""A blob is asked for in such ranges, of which an attempt holds at most three; each one is a call that takes its time."""
_CLIENTS: Final = 16
"""Clients of blobs that are kept: to make one takes a seventh of a call's time."""
_SHORT_FUSED: Final[dict[str, Any]] = {"connection_timeout": 5, "read_timeout": 5, "retry_total": 0}


class BlobContainer:
    """One blob container; see `shared.delivery.ports.Container` for what its methods promise.

    Args:
        connection: where it is.
        credential: `None` with a connection string.
        name: of the container.
        session: shared by containers that one thread alone asks: over https each new connection costs a handshake; `None`: it has
            its own. Leases are renewed over another one, since they are beside everything else.
    """

    def __init__(
        self,
        connection: StorageConnection,
        credential: "TokenCredential | None",
        name: str,
        session: "Session | None" = None,
    ) -> None:
        self.name = name
        client = _container(
            connection,
            credential,
            name,
            transport=storage_transport(PATIENT["connection_timeout"], PATIENT["read_timeout"], session),
            **PATIENT,
            retry_policy=ExponentialRetry(**RETRIES),
            max_single_get_size=READ_BYTES,
            max_chunk_get_size=READ_BYTES,
        )
        brief = storage_transport(_SHORT_FUSED["connection_timeout"], _SHORT_FUSED["read_timeout"])
        self._use(client, _container(connection, credential, name, transport=brief, **_SHORT_FUSED))

    def _use(self, client: ContainerClient, for_leases: ContainerClient) -> None:
        self._client = client
        self._blob = lru_cache(_CLIENTS)(client.get_blob_client)
        self._leased = lru_cache(_CLIENTS)(for_leases.get_blob_client)

    def head(self, name: str) -> Blob:
        """Look at a blob without reading it."""
        with translated(reading=True):
            return _blob(self._blob(name).get_blob_properties())

    def chunks(self, name: str, etag: str) -> Iterator[bytes]:
        """Stream this version of a blob."""
        try:
            stream = self._blob(name).download_blob(
                etag=f'"{bare(etag)}"',
                match_condition=MatchConditions.IfNotModified,
                max_concurrency=1,
                decompress=False,
            )
            yield from stream.chunks()
        except ResourceNotFoundError as error:
            raise gone(error) from error
        except HttpResponseError as error:
            raise self._unreadable(name, error) from error
        except (AzureError, OSError) as error:
            raise TransientError(
                FailedCode.STORAGE_UNAVAILABLE, "The export could not be read from storage."
            ) from error

    def read(self, name: str) -> Document | None:
        """Read a small blob; `None` if there is none."""
        try:
            with translated(reading=True):
                stream = self._blob(name).download_blob(decompress=False)
                return Document(stream.readall(), bare(stream.properties.etag))
        except MissingBlobError:
            return None

    def write(
        self, name: str, data: bytes, condition: Condition, *, metadata: Mapping[str, str] | None = None
    ) -> str:
        """Write a small blob; gives its new ETag. A name ending in `.html` is a page, every other one JSON."""
        told = {key: value for key, value in (metadata or {}).items() if value}
        options: dict[str, Any] = {"overwrite": condition is not ABSENT, "metadata": told}
        if condition is not ABSENT:
            options |= matching(condition)
        try:
            with translated():
                written = self._blob(name).upload_blob(
                    data, content_settings=content_settings(name), **options
                )
        except MissingBlobError:
            raise ConditionError("the blob is gone") from None
        return bare(written["etag"])

    def append(self, name: str, data: bytes, etag: str) -> str:
        """Append to a blob that grows, made first if it must not exist yet; gives its new ETag."""
        blob = self._blob(name)
        try:
            with translated():
                if not etag:
                    etag = str(
                        blob.create_append_blob(
                            content_settings=content_settings(name), match_condition=MatchConditions.IfMissing
                        )["etag"]
                    )
                appended = blob.append_block(data, length=len(data), **matching(etag))
        except MissingBlobError:
            raise ConditionError("the blob is gone") from None
        return bare(str(appended["etag"]))

    def delete(self, name: str, condition: Condition = None) -> None:
        """Delete a blob; that it is gone already is no error."""
        try:
            with translated():
                self._blob(name).delete_blob(delete_snapshots="include", **matching(condition))
        except MissingBlobError:
            return

    def block_writer(self, name: str, condition: Condition = None) -> "BlockBlobWriter":
        """Begin a blob of unknown length."""
        return BlockBlobWriter(self._blob(name), condition)

    def blobs(self, prefix: str = "") -> Iterator[Blob]:
        """List blobs with their metadata, in the order of their names."""
        for page in self.pages(prefix):
            yield from page.blobs

    def pages(self, prefix: str = "", marker: str = "") -> Iterator[Page]:
        """List blobs page by page, from the page that `marker` asks for."""
        listing = BlobListing()
        with translated(reading=True):
            found = self._client.list_blobs(
                name_starts_with=prefix or None, include=["metadata"], raw_response_hook=listing.take
            )
            pages: Any = found.by_page(continuation_token=marker or None)
            for page in pages:
                # the SDK's own objects, should it not have handed over the page
                blobs = [*listing.taken(), *map(_blob, page)]
                following = pages.continuation_token or ""
                yield Page(marker, blobs, following)
                marker = following

    def acquire(self, name: str, lease_id: str, seconds: int) -> None:
        """Take a blob's lease, or take it again under the same id."""
        try:
            with translated():
                BlobLeaseClient(self._blob(name), lease_id=lease_id).acquire(lease_duration=seconds)
        except ConditionError:
            raise LeaseTakenError("another worker holds the lease") from None

    def renew(self, name: str, lease_id: str) -> None:
        """Renew a lease: one try, time-outs of 5 s."""
        with translated():
            BlobLeaseClient(self._leased(name), lease_id=lease_id).renew()

    def release(self, name: str, lease_id: str) -> None:
        """Give a lease back; that it is gone already is no error."""
        try:
            with translated():
                BlobLeaseClient(self._leased(name), lease_id=lease_id).release()
        except (ConditionError, MissingBlobError, StorageError):
            return  # it ends by itself within a minute

    def _unreadable(self, name: str, error: HttpResponseError) -> Exception:
        """What a failed read means; a 412 is also how a condition on a blob that is gone may be answered."""
        if error.status_code != HTTPStatus.PRECONDITION_FAILED:
            return unreadable(error)
        try:
            self.head(name)
        except MissingBlobError:
            return ActionRequiredError(BlockedCode.EXPORT_GONE, EXPORT_GONE_TEXT)
        return ExportChangedError("the export has been overwritten")


def _container(
    connection: StorageConnection, credential: "TokenCredential | None", name: str, **options: Any
) -> ContainerClient:
    if connection.connection_string:
        return ContainerClient.from_connection_string(connection.connection_string, name, **options)
    return ContainerClient(connection.blob_uri, name, credential=credential, **options)


def _blob(properties: Any) -> Blob:
    # a listing shows an empty value as None
    metadata = {key: value or "" for key, value in (properties.metadata or {}).items()}
    return Blob(
        name=properties.name,
        etag=bare(properties.etag),
        bytes=properties.size,
        last_modified=properties.last_modified,
        metadata=metadata,
        is_archived=str(properties.blob_tier or "") == "Archive",
    )
