"""What the Functions host does with the messages of a queue, one at a time in a process.

A message that is taken is hidden for 10 minutes, and again every 5 for as long as its function runs, whatever
`visibilityTimeout` says: that is only the pause after a failure. After the fifth failure, or when it is taken a sixth
time because processes died with it, it goes to the poison queue: a copy with the same text, a new id and seven days to
live. A process that dies leaves its message hidden; if its worker lives on, the work may be done twice at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tests.support.storage_model.clock import WorldTime
from tests.support.storage_model.queues import QueueMessage, QueueModel
from tests.support.storage_model.refusals import RefusedError

HIDDEN_SECONDS: Final = 600
RENEW_SECONDS: Final = 300
PAUSE_SECONDS: Final = 300
MOST_DEQUEUES: Final = 5


@dataclass
class QueueListener:
    """The host's listener in one process.

    Attributes:
        queue: its name; the poison queue's is made of it.
        pause_seconds: the pause after a failure (`visibilityTimeout`).
    """

    queues: QueueModel
    world: WorldTime
    queue: str
    pause_seconds: int = PAUSE_SECONDS

    @property
    def poison(self) -> str:
        """The poison queue, made when it is needed."""
        return f"{self.queue}-poison"

    def take(self) -> "Delivery | None":
        """Take the next message that shows, and begin to renew it; `None` if there is none to call the function with."""
        for message in self.queues.receive(self.queue, hidden_seconds=HIDDEN_SECONDS):
            delivery = Delivery(self, message)
            if message.dequeues > MOST_DEQUEUES:
                delivery.give_up()
            else:
                return delivery
        return None


@dataclass
class Delivery:
    """A message whose function runs.

    Attributes:
        message: as it was taken; the receipt in force is another one after a renewal.
    """

    listener: QueueListener
    message: QueueMessage
    _receipt: str = ""
    _stop: Callable[[], None] = field(default=lambda: None)

    def __post_init__(self) -> None:
        """Begin to renew."""
        self._receipt = self.message.receipt
        self._stop = self.listener.world.every(lambda: RENEW_SECONDS, self._renew, self.listener)

    def succeed(self) -> None:
        """The function returned: the message is deleted, unless another process has it by now."""
        self._stop()
        self._delete()

    def fail(self) -> None:
        """The function raised, or its worker was killed: the message shows after the pause, or goes to the poison queue."""
        self._stop()
        if self.message.dequeues >= MOST_DEQUEUES:
            self.give_up()
        else:
            self._hide(self.listener.pause_seconds)

    def die(self) -> None:
        """The host's process is gone: nobody renews or deletes; the message shows when its hiding ends."""
        self._stop()

    def give_up(self) -> None:
        """Copy it to the poison queue, then delete it."""
        self._stop()
        self.listener.queues.create_queue(self.listener.poison)
        self.listener.queues.put(self.listener.poison, self.message.text)
        self._delete()

    def _renew(self) -> None:
        self._hide(HIDDEN_SECONDS)

    def _hide(self, seconds: int) -> None:
        try:
            self._receipt = self.listener.queues.update(
                self.listener.queue, self.message.message_id, self._receipt, hidden_seconds=seconds
            )
        except RefusedError:
            return  # gone, or taken by another process: the host goes on with the function

    def _delete(self) -> None:
        try:
            self.listener.queues.delete(self.listener.queue, self.message.message_id, self._receipt)
        except RefusedError:
            return  # likewise
