"""The queue of messages, over the Azure SDK."""

from typing import TYPE_CHECKING

from shared.services.storage import PATIENT, RETRIES
from shared.services.storage_errors import translated
from shared.services.transports import storage_transport
from shared.storage_connection import StorageConnection

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


class MessageQueue:
    """The queue of messages; see `shared.delivery.ports.Queue`."""

    def __init__(
        self, connection: StorageConnection, credential: "TokenCredential | None", name: str
    ) -> None:
        from azure.storage.queue import ExponentialRetry, QueueClient  # noqa: PLC0415  (most attempts put nothing there)

        transport = storage_transport(PATIENT["connection_timeout"], PATIENT["read_timeout"])
        options = PATIENT | {"retry_policy": ExponentialRetry(**RETRIES), "transport": transport}
        self._client = (
            QueueClient.from_connection_string(connection.connection_string, name, **options)
            if connection.connection_string
            else QueueClient(connection.queue_uri, name, credential=credential, **options)
        )

    def put(self, text: str, delay_seconds: int) -> None:
        """Put a message that never expires; it shows after the delay."""
        with translated():
            self._client.send_message(text, visibility_timeout=delay_seconds, time_to_live=-1)

    def waiting(self) -> int:
        """How many messages lie there, roughly, those that do not show yet included."""
        with translated():
            return int(self._client.get_queue_properties().approximate_message_count or 0)
