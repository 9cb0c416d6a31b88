"""The queue trigger of the functions host: takes messages, keeps them hidden, and settles them by the function's end.

What the real host does with a message, and so does this:

* taken, it is hidden for ten minutes, renewed every five while the function runs (each renewal makes another pop receipt);
* the function returns: the message is deleted;
* it fails: the message shows again after `visibilityTimeout`; after `maxDequeueCount` tries it goes to the poison queue at
  once: the same text, a new id, seven days to live whatever it had before; the poison queue is made when it is needed;
* the host dies: nobody settles the message, so it shows again ten minutes after it was taken or last renewed; one that was
  taken more than `maxDequeueCount` times goes to the poison queue without a call.
"""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final

from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.identity import ManagedIdentityCredential
from azure.storage.queue import QueueClient, QueueMessage

from local.host_times import HostTimes
from local.trigger_metadata import Delivery

_POISON_SECONDS: Final = 7 * 86_400
_NOT_OURS: Final = {"MessageNotFound", "PopReceiptMismatch"}


class BindingError(Exception):
    """A binding's settings are missing or wrong; the text says which."""


class QueueTrigger:
    """The queue that a binding names, and its poison queue.

    Args:
        binding: the trigger's binding out of `function.json`.
        times: hidden, pause, tries.

    Raises:
        BindingError: its settings are missing or wrong.
    """

    def __init__(self, binding: Mapping[str, Any], times: HostTimes) -> None:
        self._times = times
        name = queue_name(binding)
        self._queue, self._poison = (_client(binding["connection"], one) for one in (name, f"{name}-poison"))

    def take(self) -> QueueMessage | None:
        """Take one message, if there is one."""
        return self._queue.receive_message(visibility_timeout=self._times.hidden_seconds)

    def is_worn_out(self, message: QueueMessage) -> bool:
        """Whether a message was taken too often to be tried again."""
        return (message.dequeue_count or 0) > self._times.most_tries

    @contextmanager
    def kept_hidden(self, message: QueueMessage) -> Iterator[None]:
        """Renew a message's hiding while the block runs; `message` has the newest pop receipt afterwards."""
        over = threading.Event()

        def renew() -> None:
            while not over.wait(self._times.hidden_seconds / 2):
                with suppress(AzureError):  # storage is away for a moment; the next renewal may be in time
                    renewed = self._queue.update_message(
                        message, visibility_timeout=self._times.hidden_seconds
                    )
                    message.pop_receipt = renewed.pop_receipt

        thread = threading.Thread(target=renew, name="hide", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def settle(self, message: QueueMessage, *, succeeded: bool) -> None:
        """The function has ended: delete the message, show it again after a pause, or set it aside."""
        if succeeded:
            self._delete(message)
        elif (message.dequeue_count or 0) >= self._times.most_tries:
            self.set_aside(message)
        else:
            with _unless_taken_by_another():
                self._queue.update_message(message, visibility_timeout=self._times.pause_seconds)

    def set_aside(self, message: QueueMessage) -> None:
        """Move a message to the poison queue."""
        try:
            self._poison.send_message(message.content, time_to_live=_POISON_SECONDS)
        except ResourceNotFoundError:
            self._poison.create_queue()
            self._poison.send_message(message.content, time_to_live=_POISON_SECONDS)
        self._delete(message)

    def _delete(self, message: QueueMessage) -> None:
        with _unless_taken_by_another():
            self._queue.delete_message(message)


def queue_name(binding: Mapping[str, Any]) -> str:
    """The queue that a binding names, its `%NAME%` looked up among the app settings.

    Raises:
        BindingError: the setting is missing or empty.
    """
    text: str = binding["queueName"]
    if not text.startswith("%"):
        return text
    name = os.environ.get(text.strip("%"))
    if not name:
        raise BindingError(f"{text} does not resolve to a value: set {text.strip('%')}")
    return name


def delivery(message: QueueMessage) -> Delivery:
    """A message as the host knows it when it calls the function."""
    times = {
        "ExpirationTime": message.expires_on,
        "InsertionTime": message.inserted_on,
        "NextVisibleTime": message.next_visible_on,
    }
    return Delivery(
        text=message.content,
        id=message.id,
        dequeue_count=message.dequeue_count or 0,
        pop_receipt=message.pop_receipt or "",
        times={name: time.isoformat() for name, time in times.items() if time},
    )


@contextmanager
def _unless_taken_by_another() -> Iterator[None]:
    """A message that was hidden too short has another owner by now, who settles it."""
    try:
        yield
    except HttpResponseError as error:
        if getattr(error, "error_code", None) not in _NOT_OURS:
            raise


def _client(connection: str, name: str) -> QueueClient:
    if connection in os.environ:
        text = os.environ[connection]
        if not text:
            raise BindingError(
                f"{connection} is set but empty; the real host then loads no function: leave it out"
            )
        return QueueClient.from_connection_string(text, name)
    uri = os.environ.get(f"{connection}__queueServiceUri")
    if not uri:
        raise BindingError(f"neither {connection} nor {connection}__queueServiceUri is set")
    credential = ManagedIdentityCredential(client_id=os.environ.get(f"{connection}__clientId"))
    return QueueClient(uri, name, credential=credential)
