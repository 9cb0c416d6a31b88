"""The queue of messages, over the Azure SDK, which is imported when there is something to put: most attempts begin without that."""

from functools import cached_property
from typing import TYPE_CHECKING

from shared.services.storage import PATIENT, RETRIES
from shared.services.storage_errors import translated
from shared.services.transports import storage_transport
from shared.storage_connection import StorageConnection

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.storage.queue import QueueClient


class MessageQueue:
    """The queue of messages; see `shared.delivery.ports.Queue`."""

    def __init__(
        self, connection: StorageConnection, credential: "TokenCredential | None", name: str
    ) -> None:
        self._connection = connection
        self._credential = credential
        self._name = name

    def put(self, text: str, delay_seconds: int) -> None:
        """Put a message that never expires; it shows after the delay."""
        with translated():
            self._client.send_message(text, visibility_timeout=delay_seconds, time_to_live=-1)

    def waiting(self) -> int:
        """How many messages lie there, roughly, those that do not show yet included."""
        with translated():
            return int(self._client.get_queue_properties().approximate_message_count or 0)

    @cached_property
    def _client(self) -> "QueueClient":
        from azure.storage.queue import ExponentialRetry, QueueClient  # noqa: PLC0415  (see above)

        transport = storage_transport(PATIENT["connection_timeout"], PATIENT["read_timeout"])
        options = PATIENT | {"retry_policy": ExponentialRetry(**RETRIES), "transport": transport}
        if self._connection.connection_string:
            return QueueClient.from_connection_string(
                self._connection.connection_string, self._name, **options
            )
        return QueueClient(self._connection.queue_uri, self._name, credential=self._credential, **options)
