"""An account's queues as Azure keeps them, one request at a time."""

from dataclasses import dataclass
from typing import Final

from tests.support.storage_model.clock import Time
from tests.support.storage_model.refusals import RefusedError

MESSAGE_BYTES: Final = 65_536
WEEK_SECONDS: Final = 7 * 86_400
NEVER: Final = -1
_MOST_AT_ONCE: Final = 32


@dataclass(frozen=True, slots=True)
class QueueMessage:
    """A message as it was taken.

    Attributes:
        message_id: stays; a copy has another one.
        receipt: what it can be deleted or hidden with, until it is taken or hidden again.
        dequeues: how often it was taken, this time included.
    """

    message_id: str
    text: str
    receipt: str
    dequeues: int


@dataclass(slots=True)
class _Kept:
    message_id: str
    text: str
    shows: float
    expires: float
    receipt: str
    dequeues: int = 0


class QueueModel:
    """The account's queues: what a request does, or the `RefusedError` it is answered with.

    Messages show in the order of the times at which they become visible, then in the order they were put; Azure
    promises no order.
    """

    def __init__(self, time: Time) -> None:
        self._time = time
        self._queues: dict[str, list[_Kept]] = {}
        self._made = 0

    def create_queue(self, queue: str) -> None:
        """Make an empty queue, unless it is there."""
        self._queues.setdefault(queue, [])

    def put(
        self, queue: str, text: str, *, hidden_seconds: int = 0, live_seconds: int = WEEK_SECONDS
    ) -> QueueMessage:
        """Put Message.

        Args:
            queue: its name.
            text: at most 64 KiB of UTF-8.
            hidden_seconds: until it shows, at most seven days, less than it lives.
            live_seconds: until it vanishes, or `NEVER`.

        Raises:
            RefusedError: 413 for its size, 400 for its times.
        """
        _check_size(text)
        _check_hidden(hidden_seconds)
        if live_seconds != NEVER and not hidden_seconds < live_seconds:
            raise RefusedError(400, "InvalidQueryParameterValue")
        kept = self._kept(queue)
        lives = float("inf") if live_seconds == NEVER else live_seconds
        made = _Kept(self._next("m"), text, self._now + hidden_seconds, self._now + lives, self._next("r"))
        kept.append(made)
        return _shown(made)

    def receive(self, queue: str, *, hidden_seconds: int = 30, most: int = 1) -> list[QueueMessage]:
        """Get Messages: those that show are hidden for a while and counted as taken once more."""
        if not 1 <= hidden_seconds <= WEEK_SECONDS or not 1 <= most <= _MOST_AT_ONCE:
            raise RefusedError(400, "OutOfRangeQueryParameterValue")
        self._kept(queue)
        taken = self._showing(queue)[:most]
        receipt = self._next("r")
        for message in taken:
            message.shows, message.receipt = self._now + hidden_seconds, receipt
            message.dequeues += 1
        return [_shown(message) for message in taken]

    def peek(self, queue: str, *, most: int = _MOST_AT_ONCE) -> list[QueueMessage]:
        """Peek Messages: those that show, without touching them; their receipts are empty."""
        self._kept(queue)
        return [
            QueueMessage(message.message_id, message.text, "", message.dequeues)
            for message in self._showing(queue)[:most]
        ]

    def update(
        self, queue: str, message_id: str, receipt: str, *, hidden_seconds: int, text: str | None = None
    ) -> str:
        """Update Message: hide it anew, from now on; gives its new receipt.

        Raises:
            RefusedError: 404 if it is gone, 400 if another process has taken or hidden it since.
        """
        _check_size(text or "")
        _check_hidden(hidden_seconds)
        kept = self._kept(queue)
        message = self._owned(kept, queue, message_id, receipt)
        message.shows, message.receipt = self._now + hidden_seconds, self._next("r")
        message.text = message.text if text is None else text
        return message.receipt

    def delete(self, queue: str, message_id: str, receipt: str) -> None:
        """Delete Message.

        Raises:
            RefusedError: as `update`.
        """
        kept = self._kept(queue)
        kept.remove(self._owned(kept, queue, message_id, receipt))

    def count(self, queue: str) -> int:
        """Get Queue Metadata: how many messages there are, hidden ones too."""
        return len(self._kept(queue))

    def clear(self, queue: str) -> None:
        """Clear Messages."""
        self._kept(queue).clear()

    def next_shows(self, queue: str) -> float | None:
        """When the next message shows, for a scheduler that moves the time; not a request."""
        alive = [message.shows for message in self._kept(queue) if message.expires > self._now]
        return min(alive, default=None)

    def texts(self, queue: str) -> list[str]:
        """The texts of all messages, hidden ones too, for tests; not a request."""
        return [message.text for message in self._kept(queue)]

    @property
    def _now(self) -> float:
        return self._time.monotonic()

    def _kept(self, queue: str) -> list[_Kept]:
        try:
            return self._queues[queue]
        except KeyError:
            raise RefusedError(404, "QueueNotFound") from None

    def _alive(self, queue: str) -> list[_Kept]:
        kept = self._queues[queue]
        kept[:] = [message for message in kept if message.expires > self._now]
        return kept

    def _showing(self, queue: str) -> list[_Kept]:
        showing = [message for message in self._alive(queue) if message.shows <= self._now]
        return sorted(showing, key=lambda message: message.shows)

    def _owned(self, kept: list[_Kept], queue: str, message_id: str, receipt: str) -> _Kept:
        self._alive(queue)
        message = next((one for one in kept if one.message_id == message_id), None)
        if message is None:
            raise RefusedError(404, "MessageNotFound")
        if message.receipt != receipt:
            raise RefusedError(400, "PopReceiptMismatch")
        return message

    def _next(self, kind: str) -> str:
        self._made += 1
        return f"{kind}-{self._made:08d}"


def _shown(message: _Kept) -> QueueMessage:
    return QueueMessage(message.message_id, message.text, message.receipt, message.dequeues)


def _check_size(text: str) -> None:
    if len(text.encode()) > MESSAGE_BYTES:
        raise RefusedError(413, "RequestBodyTooLarge")


def _check_hidden(seconds: int) -> None:
    if not 0 <= seconds <= WEEK_SECONDS:
        raise RefusedError(400, "OutOfRangeQueryParameterValue")
