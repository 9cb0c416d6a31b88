"""Older versions of an export and deleted ones, as far as the account keeps them: list them, bring one back.

Facts used: with versions on, overwriting and deleting leave the bytes as a version; with soft delete alone a deleted blob
is listed as deleted and comes back, with its ETag, by undeleting it, which announces nothing. A version is brought back
by writing its bytes anew, which is an upload like any other.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from azure.storage.blob import ContainerClient, ExponentialRetry

from shared.blob_names import bare
from shared.services.storage import PATIENT, READ_BYTES, RETRIES
from shared.services.storage_errors import translated
from shared.services.transports import storage_transport
from shared.storage_connection import StorageConnection

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

_INCLUDE: Final = ["versions", "deleted"]


@dataclass(frozen=True, slots=True)
class BlobVersion:
    """One version of an export.

    Attributes:
        etag: without quotes, as outcomes name it.
        bytes: its size.
        last_modified: when it was uploaded, UTC.
        version_id: what storage knows it by; empty where the account has no versions.
        is_current: whether it is what the name stands for now.
        is_deleted: whether only soft delete still has it.
    """

    etag: str
    bytes: int
    last_modified: datetime
    version_id: str
    is_current: bool
    is_deleted: bool


class BlobVersions:
    """The exports container, with what lies behind the current versions."""

    def __init__(
        self, connection: StorageConnection, credential: "TokenCredential | None", name: str
    ) -> None:
        options: dict[str, Any] = PATIENT | {
            "retry_policy": ExponentialRetry(**RETRIES),
            "max_single_get_size": READ_BYTES,
            "max_chunk_get_size": READ_BYTES,
            "transport": storage_transport(PATIENT["connection_timeout"], PATIENT["read_timeout"]),
        }
        self._client = (
            ContainerClient.from_connection_string(connection.connection_string, name, **options)
            if connection.connection_string
            else ContainerClient(connection.blob_uri, name, credential=credential, **options)
        )

    def of(self, name: str) -> list[BlobVersion]:
        """Every version of an export that can still be had, newest first.

        Raises:
            StorageError: they may not be listed.
            TransientError: storage cannot be reached.
        """
        with translated(reading=True):
            listed = self._client.list_blobs(name_starts_with=name, include=_INCLUDE)
            found = [_version(one) for one in listed if one.name == name]
        return sorted(found, key=lambda one: (one.last_modified, one.version_id), reverse=True)

    def write_anew(self, name: str, version: BlobVersion) -> str:
        """Make a version the current one, by writing its bytes anew; gives the new ETag.

        Raises:
            StorageError: it may not be read or written.
        """
        blob = self._client.get_blob_client(name)
        with translated():
            stream = blob.download_blob(version_id=version.version_id, decompress=False, max_concurrency=1)
            written = blob.upload_blob(stream.chunks(), overwrite=True, length=version.bytes)
        return bare(str(written["etag"]))

    def undelete(self, name: str) -> None:
        """Bring a soft-deleted export back as it was.

        Raises:
            StorageError: it may not be written.
        """
        with translated():
            self._client.get_blob_client(name).undelete_blob()


def _version(properties: Any) -> BlobVersion:
    version_id = properties.version_id or ""
    return BlobVersion(
        etag=bare(properties.etag),
        bytes=properties.size,
        last_modified=properties.last_modified,
        version_id=version_id,
        is_current=bool(properties.is_current_version) if version_id else not properties.deleted,
        is_deleted=bool(properties.deleted),
    )
