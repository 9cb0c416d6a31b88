"""The poison queue as a person empties it: few messages, none, and more than one page."""

import pytest

from local.azure import LocalAzure
from shared.services.poison_messages import PoisonMessages
from shared.storage_connection import StorageConnection


@pytest.mark.parametrize("there", [0, 1, 2, 32, 45])
def test_every_message_is_taken_once_and_deleted(azure: LocalAzure, there: int) -> None:
    """Whatever their number is."""
    for number in range(there):
        azure.poison.send_message(f"message {number}")
    queue = PoisonMessages(
        StorageConnection(connection_string=azure.azurite.connection_string), None, azure.poison.queue_name
    )
    taken = []
    for message in queue.take(queue.waiting()):
        taken.append(message.text)
        queue.delete(message)
    assert sorted(taken) == sorted(f"message {number}" for number in range(there))
    assert queue.waiting() == 0


def test_a_message_that_is_left_is_seen_at_once(azure: LocalAzure) -> None:
    """Not a minute later: what was not chosen is for the next command."""
    azure.poison.send_message("message")
    queue = PoisonMessages(
        StorageConnection(connection_string=azure.azurite.connection_string), None, azure.poison.queue_name
    )
    (message,) = queue.take(5)
    assert queue.peek() == []
    queue.release(message)
    assert [one.text for one in queue.peek()] == ["message"]
