"""Event Grid: announces every new version of a blob in the exports container, as a message on the queue.

A blob that was copied is announced as one that was written. Where its source has gone since, it was renamed: that is how
storage without a hierarchical namespace renames, and how SFTP's and Data Lake's BlobRenamed events are played here.
"""

import base64
import json
import threading
import uuid
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Any, Final, Literal, Self
from urllib.parse import unquote, urlsplit

from azure.core.exceptions import AzureError
from azure.storage.blob import BlobProperties, ContainerClient
from azure.storage.queue import QueueClient

type Schema = Literal["event-grid", "cloud-events"]

_ELSEWHERE: Final = "https://elsewhere.example"
_SOURCE: Final = "/subscriptions/0/resourceGroups/0/providers/Microsoft.Storage/storageAccounts/0"


def event(
    container: str, name: str, etag: str, schema: Schema = "event-grid", api: str = "PutBlob"
) -> dict[str, Any]:
    """A BlobCreated event; its URLs lead nowhere, since nothing may follow them.

    Args:
        container: the blob's container.
        name: the blob's name.
        etag: its version.
        schema: how the event is written.
        api: what wrote the blob: `PutBlob`, `CopyBlob`, ...
    """
    data = {"api": api, "eTag": etag, "blobType": "BlockBlob", "url": f"{_ELSEWHERE}/{container}/{name}"}
    return _event("Microsoft.Storage.BlobCreated", container, name, data, schema)


def renamed(container: str, old: str, name: str, schema: Schema = "event-grid") -> dict[str, Any]:
    """A BlobRenamed event; it has no ETag.

    Args:
        container: the blob's container.
        old: its name until now.
        name: its new name, which is the event's subject.
        schema: how the event is written.
    """
    urls = {
        "sourceUrl": f"{_ELSEWHERE}/{container}/{old}",
        "destinationUrl": f"{_ELSEWHERE}/{container}/{name}",
    }
    return _event("Microsoft.Storage.BlobRenamed", container, name, {"api": "SftpRename", **urls}, schema)


def _event(kind: str, container: str, name: str, data: dict[str, str], schema: Schema) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    subject = f"/blobServices/default/containers/{container}/blobs/{name}"
    common = {"id": str(uuid.uuid4()), "subject": subject, "data": data}
    if schema == "cloud-events":
        return common | {"specversion": "1.0", "type": kind, "source": _SOURCE, "time": now}
    versions = {"dataVersion": "", "metadataVersion": "1"}
    return common | {"topic": _SOURCE, "eventType": kind, "eventTime": now} | versions


class EventGrid:
    """Watches a container; use it in a `with` block, which stops it.

    Args:
        container: whose blobs are announced.
        queue: where.
        schema: how events are written.
        plain: whether as JSON, or else as JSON in base64.
    """

    def __init__(
        self,
        container: ContainerClient,
        queue: QueueClient,
        *,
        schema: Schema = "event-grid",
        plain: bool = True,
    ) -> None:
        self._container = container
        self._queue = queue
        self._schema: Schema = schema
        self._plain = plain
        self._seen: dict[str, str] = {}
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._watch, name="event-grid", daemon=True)

    def poll(self) -> list[str]:
        """Announce what is new; gives the names."""
        with self._lock:
            return self._poll()

    def rename(self, old: str, name: str) -> None:
        """Rename a blob, as SFTP does, and announce it under its new name."""
        with self._lock:
            source = self._container.get_blob_client(old)
            self._container.get_blob_client(name).start_copy_from_url(source.url)
            source.delete_blob()
            self._poll()

    def announce(self, name: str, etag: str) -> None:
        """Put one BlobCreated event on the queue."""
        self._put(event(self._container.container_name, name, etag, self._schema))

    def __enter__(self) -> Self:
        """Start watching."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop watching."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.3):
            try:
                self.poll()
            except AzureError:
                continue  # storage is being stopped or is busy; what is new stays new

    def _poll(self) -> list[str]:
        blobs = {blob.name: blob for blob in self._container.list_blobs(include=["copy"])}
        new = [blob for blob in blobs.values() if self._seen.get(blob.name) != _etag(blob)]
        for blob in new:
            self._seen[blob.name] = _etag(blob)
            self._put(self._event(blob, still_there=blobs.keys()))
        return [blob.name for blob in new]

    def _event(self, blob: BlobProperties, still_there: AbstractSet[str]) -> dict[str, Any]:
        container = self._container.container_name
        if not blob.copy.source:
            return event(container, blob.name, _etag(blob), self._schema)
        source = unquote(urlsplit(blob.copy.source).path).partition(f"/{container}/")[2]
        if source in still_there:
            return event(container, blob.name, _etag(blob), self._schema, "CopyBlob")
        return renamed(container, source, blob.name, self._schema)

    def _put(self, document: dict[str, Any]) -> None:
        text = json.dumps(document)
        self._queue.send_message(
            text if self._plain else base64.b64encode(text.encode()).decode(), time_to_live=-1
        )


def _etag(blob: BlobProperties) -> str:
    return str(blob.etag).strip('"')
