"""The local Event Grid announces what Azure's would: blobs that are written, copied and renamed, each version once."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from azure.storage.blob import ContainerClient
from azure.storage.queue import QueueClient

from local.azurite import Azurite
from local.event_grid import EventGrid, Schema

SUBJECT = "/blobServices/default/containers/exports/blobs/"


@pytest.fixture
def container(azurite: Azurite) -> Iterator[ContainerClient]:
    """An empty container."""
    with ContainerClient.from_connection_string(azurite.connection_string, "exports") as made:
        made.create_container()
        yield made
        made.delete_container()


@pytest.fixture
def queue(azurite: Azurite) -> Iterator[QueueClient]:
    """An empty queue."""
    with QueueClient.from_connection_string(azurite.connection_string, "exports") as made:
        made.create_queue()
        yield made
        made.delete_queue()


def _events(queue: QueueClient) -> list[dict[str, Any]]:
    return [json.loads(one.content) for one in queue.receive_messages()]


def test_each_version_of_a_blob_is_announced_once(container: ContainerClient, queue: QueueClient) -> None:
    """A BlobCreated event with the version's ETag; another when the blob is written again; none for what is known."""
    events = EventGrid(container, queue)
    blob = container.upload_blob("site/day.json", b"[]")
    first = blob.get_blob_properties().etag
    assert [events.poll(), events.poll()] == [["site/day.json"], []]
    blob.upload_blob(b"[ ]", overwrite=True)
    events.poll()
    announced = _events(queue)
    assert {one["subject"] for one in announced} == {f"{SUBJECT}site/day.json"}
    assert {one["eventType"] for one in announced} == {"Microsoft.Storage.BlobCreated"}
    etags = [one["data"]["eTag"] for one in announced]
    assert etags == [str(etag).strip('"') for etag in (first, blob.get_blob_properties().etag)]


@pytest.mark.parametrize(("schema", "kind"), [("event-grid", "eventType"), ("cloud-events", "type")])
def test_a_renamed_blob_is_announced_under_its_new_name(
    container: ContainerClient, queue: QueueClient, schema: Schema, kind: str
) -> None:
    """A BlobRenamed event without an ETag; the name may have blanks and letters beyond ASCII."""
    events = EventGrid(container, queue, schema=schema)
    container.upload_blob("site a/tür.json.tmp", b"[]")
    events.poll()
    events.rename("site a/tür.json.tmp", "site a/tür.json")
    created, renamed = _events(queue)
    assert created[kind] == "Microsoft.Storage.BlobCreated"
    assert renamed[kind] == "Microsoft.Storage.BlobRenamed"
    assert renamed["subject"] == f"{SUBJECT}site a/tür.json"
    assert renamed["data"].keys() == {"api", "sourceUrl", "destinationUrl"}
    assert renamed["data"]["sourceUrl"].endswith("/site a/tür.json.tmp")
    assert events.poll() == []


def test_a_copied_blob_is_announced_as_written(container: ContainerClient, queue: QueueClient) -> None:
    """As long as its source is there, a copy is a BlobCreated event by CopyBlob."""
    events = EventGrid(container, queue)
    source = container.upload_blob("day.json", b"[]")
    events.poll()
    container.get_blob_client("copy.json").start_copy_from_url(source.url)
    events.poll()
    copied = _events(queue)[1]
    assert copied["eventType"] == "Microsoft.Storage.BlobCreated"
    assert copied["data"]["api"] == "CopyBlob"
    assert copied["subject"] == f"{SUBJECT}copy.json"
