"""The product's storage module as one worker sees it, with the models in the place of the network."""

from typing import Any, cast

from shared.services.message_queue import MessageQueue
from shared.services.storage import BlobContainer
from tests.support.storage_model.blobs import PAGE_BLOBS, BlobModel
from tests.support.storage_model.queues import QueueModel
from tests.support.storage_model.sdk import RANGE_BYTES, ModelContainerClient, ModelQueueClient
from tests.support.storage_model.wire import Wire


class WorkerContainer(BlobContainer):
    """A container (`shared.delivery.ports.Container`): the product's own code down to the SDK's clients."""

    def __init__(
        self,
        blobs: BlobModel,
        wire: Wire,
        name: str,
        *,
        range_bytes: int = RANGE_BYTES,
        page_blobs: int = PAGE_BLOBS,
    ) -> None:
        """Nothing is asked for yet.

        Args:
            blobs: the account.
            wire: this worker's way to it.
            name: the container's.
            range_bytes: how much one request of a download asks for.
            page_blobs: how many blobs one page of a listing holds.
        """
        self.name = name
        sizes = {"range_bytes": range_bytes, "page_blobs": page_blobs}
        self._use(
            cast("Any", ModelContainerClient(blobs, wire, name, **sizes)),
            cast("Any", ModelContainerClient(blobs, wire, name, tries=1, **sizes)),
        )


class WorkerQueue(MessageQueue):
    """A queue (`shared.delivery.ports.Queue`): likewise."""

    def __init__(self, queues: QueueModel, wire: Wire, name: str) -> None:
        self._client = cast("Any", ModelQueueClient(queues, wire, name))
