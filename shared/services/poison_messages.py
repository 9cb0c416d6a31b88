"""The queue of messages that failed five times, for the people who empty it: look, put back, take away."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from shared.services.storage import PATIENT, RETRIES
from shared.services.storage_errors import translated
from shared.services.transports import storage_transport
from shared.storage_connection import StorageConnection

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

MAX_PEEKED: Final = 32
"""Storage shows no more messages at a time without hiding them."""
_HIDDEN_SECONDS: Final = 60
"""How long a message that is being handled is hidden from others."""


@dataclass(frozen=True, slots=True)
class PoisonMessage:
    """One message: its text as it was on the queue, when it was put there (UTC; `None`: not known), and what storage knows it by."""

    text: str
    inserted_at: datetime | None
    id: str
    receipt: str = ""


class PoisonMessages:
    """The poison queue."""

    def __init__(
        self, connection: StorageConnection, credential: "TokenCredential | None", name: str
    ) -> None:
        from azure.storage.queue import ExponentialRetry, QueueClient  # noqa: PLC0415  (only one command needs it)

        transport = storage_transport(PATIENT["connection_timeout"], PATIENT["read_timeout"])
        options = PATIENT | {"retry_policy": ExponentialRetry(**RETRIES), "transport": transport}
        self.name = name
        self._client = (
            QueueClient.from_connection_string(connection.connection_string, name, **options)
            if connection.connection_string
            else QueueClient(connection.queue_uri, name, credential=credential, **options)
        )

    def waiting(self) -> int:
        """How many messages lie there, roughly.

        Raises:
            StorageError: if it cannot be asked.
        """
        with translated():
            return int(self._client.get_queue_properties().approximate_message_count or 0)

    def peek(self) -> list[PoisonMessage]:
        """The first messages, at most `MAX_PEEKED`; others still see them.

        Raises:
            StorageError: they may not be read.
        """
        with translated():
            found = self._client.peek_messages(max_messages=MAX_PEEKED)
            return [PoisonMessage(str(one.content), one.inserted_on, str(one.id)) for one in found]

    def take(self, count: int) -> Iterator[PoisonMessage]:
        """The next messages, at most `count`, each hidden for a minute; `delete` takes one away.

        Raises:
            StorageError: they may not be received.
        """
        if count < 1:
            return
        with translated():
            found = self._client.receive_messages(
                messages_per_page=min(MAX_PEEKED, count),
                visibility_timeout=_HIDDEN_SECONDS,
                max_messages=count,
            )
            for one in found:
                yield PoisonMessage(str(one.content), one.inserted_on, str(one.id), str(one.pop_receipt))

    def release(self, message: PoisonMessage) -> None:
        """Let others see a message at once that `take` gave.

        Raises:
            StorageError: it may not be changed, or was taken by another in between.
        """
        with translated():
            self._client.update_message(message.id, message.receipt, visibility_timeout=0)

    def delete(self, message: PoisonMessage) -> None:
        """Take a message away that `take` gave.

        Raises:
            StorageError: it may not be deleted, or was taken by another in between.
        """
        with translated():
            self._client.delete_message(message.id, message.receipt)
