"""Event Grid: announces every new version of a blob in the exports container, as a message on the queue."""

import base64
import json
import threading
import uuid
from datetime import UTC, datetime
from typing import Any, Literal, Self

from azure.core.exceptions import AzureError
from azure.storage.blob import ContainerClient
from azure.storage.queue import QueueClient

type Schema = Literal["event-grid", "cloud-events"]


def event(container: str, name: str, etag: str, schema: Schema = "event-grid") -> dict[str, Any]:
    """A BlobCreated event; its URLs lead nowhere, since nobody may follow them."""
    subject = f"/blobServices/default/containers/{container}/blobs/{name}"
    now = datetime.now(UTC).isoformat()
    data = {
        "api": "PutBlob",
        "eTag": etag,
        "blobType": "BlockBlob",
        "url": f"https://elsewhere.example/{container}/{name}",
    }
    source = "/subscriptions/0/resourceGroups/0/providers/Microsoft.Storage/storageAccounts/0"
    if schema == "cloud-events":
        kind = {"specversion": "1.0", "type": "Microsoft.Storage.BlobCreated", "source": source, "time": now}
    else:
        kind = {
            "topic": source,
            "eventType": "Microsoft.Storage.BlobCreated",
            "eventTime": now,
            "dataVersion": "",
            "metadataVersion": "1",
        }
    return {"id": str(uuid.uuid4()), "subject": subject, "data": data, **kind}


class EventGrid:
    """Watches a container; use it in a `with` block, which stops it."""

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
        new = []
        with self._lock:
            for blob in self._container.list_blobs():
                etag = str(blob.etag).strip('"')
                if self._seen.get(blob.name) != etag:
                    self._seen[blob.name] = etag
                    self.announce(blob.name, etag)
                    new.append(blob.name)
        return new

    def announce(self, name: str, etag: str) -> None:
        """Put one event on the queue."""
        text = json.dumps(event(self._container.container_name, name, etag, self._schema))
        self._queue.send_message(
            text if self._plain else base64.b64encode(text.encode()).decode(), time_to_live=-1
        )

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
