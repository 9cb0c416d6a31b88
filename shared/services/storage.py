"""Blob containers and the queue, over the Azure SDK; its errors end here.

Facts used: a ranged download carries the ETag through every range, so that an overwrite in between is noticed; a
lease id of our own makes taking a lease again after a lost reply harmless; blocks that are never committed are not
visible and vanish after a week; an empty blob cannot be read by range, which the SDK hides; unless it is told not to, the
SDK unpacks each range of a blob that says `Content-Encoding: gzip`, without any bound.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from azure.core import MatchConditions
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)
from azure.storage.blob import BlobBlock, BlobClient, BlobLeaseClient, ContainerClient, ExponentialRetry

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
from shared.services.identity import IdentityError
from shared.storage_connection import StorageConnection

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

BLOCK_BYTES: Final = 4 << 20
_GONE: Final = "The export is gone from the container."
_CONFLICTS: Final = frozenset({HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED})
_CONFLICT_CODES: Final = frozenset(
    {"ConditionNotMet", "BlobAlreadyExists", "AppendPositionConditionNotMet", "TargetConditionNotMet"}
)
_PATIENT: Final[dict[str, Any]] = {"connection_timeout": 10, "read_timeout": 30}
_RETRIES: Final[dict[str, Any]] = {"initial_backoff": 1, "increment_base": 2, "retry_total": 3}
_SHORT_FUSED: Final[dict[str, Any]] = {"connection_timeout": 5, "read_timeout": 5, "retry_total": 0}


class BlobContainer:
    """One blob container; see `shared.delivery.ports.Container` for what its methods promise."""

    def __init__(
        self, connection: StorageConnection, credential: "TokenCredential | None", name: str
    ) -> None:
        self.name = name
        self._client = _container(
            connection,
            credential,
            name,
            **_PATIENT,
            retry_policy=ExponentialRetry(**_RETRIES),
            max_single_get_size=BLOCK_BYTES,
            max_chunk_get_size=BLOCK_BYTES,
        )
        self._short_fused = _container(connection, credential, name, **_SHORT_FUSED)

    def head(self, name: str) -> Blob:
        """Look at a blob without reading it."""
        with _translated(reading=True):
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
            raise _gone(error) from error
        except HttpResponseError as error:
            raise self._unreadable(name, error) from error
        except (AzureError, OSError) as error:
            raise TransientError(
                FailedCode.STORAGE_UNAVAILABLE, "The export could not be read from storage."
            ) from error

    def read(self, name: str) -> Document | None:
        """Read a small blob; `None` if there is none."""
        try:
            with _translated(reading=True):
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
            options |= _matching(condition)
        try:
            with _translated():
                written = self._blob(name).upload_blob(data, content_settings=_typed(name), **options)
        except MissingBlobError:
            raise ConditionError("the blob is gone") from None
        return bare(written["etag"])

    def append(self, name: str, data: bytes, etag: str) -> str:
        """Append to a blob that grows, made first if it must not exist yet; gives its new ETag."""
        blob = self._blob(name)
        unchanged: dict[str, Any] = {"match_condition": MatchConditions.IfNotModified}
        try:
            with _translated():
                if not etag:
                    etag = str(
                        blob.create_append_blob(
                            content_settings=_typed(name), match_condition=MatchConditions.IfMissing
                        )["etag"]
                    )
                appended = blob.append_block(data, length=len(data), etag=f'"{bare(etag)}"', **unchanged)
        except MissingBlobError:
            raise ConditionError("the blob is gone") from None
        return bare(str(appended["etag"]))

    def delete(self, name: str, condition: Condition = None) -> None:
        """Delete a blob; that it is gone already is no error."""
        try:
            with _translated():
                self._blob(name).delete_blob(delete_snapshots="include", **_matching(condition))
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
        with _translated(reading=True):
            found = self._client.list_blobs(name_starts_with=prefix or None, include=["metadata"])
            pages: Any = found.by_page(continuation_token=marker or None)
            for page in pages:
                blobs = [_blob(properties) for properties in page]
                following = pages.continuation_token or ""
                yield Page(marker, blobs, following)
                marker = following

    def acquire(self, name: str, lease_id: str, seconds: int) -> None:
        """Take a blob's lease, or take it again under the same id."""
        try:
            with _translated():
                BlobLeaseClient(self._blob(name), lease_id=lease_id).acquire(lease_duration=seconds)
        except ConditionError:
            raise LeaseTakenError("another worker holds the lease") from None

    def renew(self, name: str, lease_id: str) -> None:
        """Renew a lease: one try, time-outs of 5 s."""
        with _translated():
            BlobLeaseClient(self._short_fused.get_blob_client(name), lease_id=lease_id).renew()

    def release(self, name: str, lease_id: str) -> None:
        """Give a lease back; that it is gone already is no error."""
        try:
            with _translated():
                BlobLeaseClient(self._short_fused.get_blob_client(name), lease_id=lease_id).release()
        except (ConditionError, MissingBlobError, StorageError):
            return  # it ends by itself within a minute

    def _unreadable(self, name: str, error: HttpResponseError) -> Exception:
        """What a failed read means; a 412 is also how a condition on a blob that is gone may be answered."""
        if error.status_code != 412:  # noqa: PLR2004  (Precondition Failed)
            return _unreadable(error)
        try:
            self.head(name)
        except MissingBlobError:
            return ActionRequiredError(BlockedCode.EXPORT_GONE, _GONE)
        return ExportChangedError("the export has been overwritten")

    def _blob(self, name: str) -> BlobClient:
        return self._client.get_blob_client(name)


class BlockBlobWriter:
    """Writes a block blob in blocks of 4 MiB, holding no more than one; nothing is visible before `commit`.

    Block ids are made of place and content, so that two workers staging the same blob do not disturb each other.
    """

    def __init__(self, client: BlobClient, condition: Condition = None) -> None:
        self._client = client
        self._condition = condition
        self._buffer = bytearray()
        self._blocks: list[str] = []
        self._marked = 0

    def add(self, data: bytes) -> None:
        """Append bytes."""
        self._buffer += data
        while len(self._buffer) >= BLOCK_BYTES:
            self._stage(BLOCK_BYTES)

    def mark(self) -> None:
        """Remember this length; `commit(marked_only=True)` leaves out what is added later."""
        if self._buffer:
            self._stage(len(self._buffer))
        self._marked = len(self._blocks)

    def commit(self, *, marked_only: bool = False) -> None:
        """Make the blob visible, whole or only up to the mark."""
        if self._buffer and not marked_only:
            self._stage(len(self._buffer))
        blocks = self._blocks[: self._marked] if marked_only else self._blocks
        with _translated():
            self._client.commit_block_list(
                [BlobBlock(block) for block in blocks],
                content_settings=_typed(str(self._client.blob_name)),
                **_matching(self._condition),
            )

    def _stage(self, length: int) -> None:
        data = bytes(self._buffer[:length])
        del self._buffer[:length]
        block = b64encode(
            f"{len(self._blocks):06d}-{hashlib.sha256(data).hexdigest()[:24]}".encode()
        ).decode()
        with _translated():
            self._client.stage_block(block, data)
        self._blocks.append(block)


class MessageQueue:
    """The queue of messages; see `shared.delivery.ports.Queue`."""

    def __init__(
        self, connection: StorageConnection, credential: "TokenCredential | None", name: str
    ) -> None:
        from azure.storage.queue import ExponentialRetry, QueueClient  # noqa: PLC0415  (most attempts put nothing there)

        options = _PATIENT | {"retry_policy": ExponentialRetry(**_RETRIES)}
        self._client = (
            QueueClient.from_connection_string(connection.connection_string, name, **options)
            if connection.connection_string
            else QueueClient(connection.queue_uri, name, credential=credential, **options)
        )

    def put(self, text: str, delay_seconds: int) -> None:
        """Put a message that never expires; it shows after the delay."""
        with _translated():
            self._client.send_message(text, visibility_timeout=delay_seconds, time_to_live=-1)

    def waiting(self) -> int:
        """How many messages lie there, roughly, those that do not show yet included."""
        with _translated():
            return int(self._client.get_queue_properties().approximate_message_count or 0)


def _container(
    connection: StorageConnection, credential: "TokenCredential | None", name: str, **options: Any
) -> ContainerClient:
    if connection.connection_string:
        return ContainerClient.from_connection_string(connection.connection_string, name, **options)
    return ContainerClient(connection.blob_uri, name, credential=credential, **options)


def _matching(condition: Condition) -> dict[str, Any]:
    """A condition as the SDK's options."""
    if condition is ABSENT:
        return {"match_condition": MatchConditions.IfMissing}
    if condition is None:
        return {}
    return {"etag": f'"{bare(str(condition))}"', "match_condition": MatchConditions.IfNotModified}


def _typed(name: str) -> Any:
    from azure.storage.blob import ContentSettings  # noqa: PLC0415

    page = name.endswith(".html")
    return ContentSettings(content_type="text/html; charset=utf-8" if page else "application/json")


def _blob(properties: Any) -> Blob:
    # a listing shows an empty value as None
    metadata = {key: value or "" for key, value in (properties.metadata or {}).items()}
    return Blob(
        name=properties.name,
        etag=bare(properties.etag),
        bytes=properties.size,
        last_modified=properties.last_modified,
        metadata=metadata,
        is_folder=metadata.get("hdi_isfolder", "").lower() == "true",
        is_archived=str(properties.blob_tier or "") == "Archive",
    )


@contextmanager
def _translated(*, reading: bool = False) -> Iterator[None]:
    """Turn the SDK's exceptions into ours; the cause stays attached for debugging.

    Args:
        reading: whether nothing is written, so that storage which cannot be reached is a fault that passes.
    """
    try:
        yield
    except HttpResponseError as error:
        raise _answer(error, reading=reading) from error
    except IdentityError as error:
        raise StorageError(f"storage cannot be asked: {error.message}", "login") from error
    except (AzureError, OSError) as error:
        if reading:
            raise _unavailable() from error
        raise StorageError(f"storage cannot be reached ({type(error).__name__})", "unreachable") from error


def _answer(error: HttpResponseError, *, reading: bool) -> Exception:
    """What an answer of storage means."""
    text = f"storage answers {_code(error)}"
    if isinstance(error, ResourceNotFoundError):
        return MissingBlobError("no such blob") if _is_blob_missing(error) else StorageError(text, "missing")
    if isinstance(error, ClientAuthenticationError) and error.status_code is None:
        return StorageError("there is no token for storage", "login")
    if isinstance(error, ClientAuthenticationError) or error.status_code == HTTPStatus.FORBIDDEN:
        return StorageError(text, "permission")
    if _is_conflict(error):
        return ConditionError(text)
    return _unavailable() if reading and _is_transient(error) else StorageError(text, "unknown")


def _is_conflict(error: HttpResponseError) -> bool:
    """Whether somebody else was faster; an immutability policy, say, answers 409 as well and is none of that."""
    code = getattr(error, "error_code", None)
    text = str(getattr(code, "value", code) or "")
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return text == "InvalidBlockList"  # another writer has committed, and with that discarded our blocks
    return error.status_code in _CONFLICTS and (
        not text or text in _CONFLICT_CODES or text.startswith("Lease")
    )


def _is_transient(error: HttpResponseError) -> bool:
    passing = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
    return error.status_code is None or error.status_code in passing or error.status_code >= 500  # noqa: PLR2004  (the class of server errors)


def _unavailable() -> TransientError:
    return TransientError(FailedCode.STORAGE_UNAVAILABLE, "Storage could not be read.")


def _code(error: HttpResponseError) -> str:
    code = getattr(error, "error_code", None) or "no code"
    return f"{error.status_code} ({getattr(code, 'value', code)})"


def _is_blob_missing(error: ResourceNotFoundError) -> bool:
    """A HEAD has no body and so no code: without one, the blob is what is missing."""
    return getattr(error, "error_code", None) in {None, "BlobNotFound"}


def _gone(error: ResourceNotFoundError) -> Exception:
    if _is_blob_missing(error):
        return ActionRequiredError(BlockedCode.EXPORT_GONE, _GONE)
    return StorageError(f"storage answers {_code(error)}")


def _unreadable(error: HttpResponseError) -> Exception:
    if getattr(error, "error_code", None) == "BlobArchived":
        return ActionRequiredError(
            BlockedCode.EXPORT_ARCHIVED, "The export is in the archive tier and cannot be read."
        )
    if error.status_code is None or error.status_code in {408, 429} or error.status_code >= 500:  # noqa: PLR2004
        return TransientError(FailedCode.STORAGE_UNAVAILABLE, "The export could not be read from storage.")
    return StorageError(f"storage answers {_code(error)}")
