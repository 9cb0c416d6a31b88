"""The models as a side of the campaign."""

from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final

from shared.delivery.ports import ABSENT, Condition
from tests.integration.storage_campaign.operations import Answer, Labels, Operation
from tests.support.storage_model.blobs import BlobModel
from tests.support.storage_model.clock import WorldTime
from tests.support.storage_model.queues import QueueMessage, QueueModel
from tests.support.storage_model.refusals import Dialect, RefusedError
from tests.support.storage_model.stored import BlobState, Terms

if TYPE_CHECKING:
    from collections.abc import Callable

_SUCCESS: Final = {
    "put": 201,
    "create": 201,
    "append": 201,
    "head": 200,
    "delete": 202,
    "archive": 200,
    "stage": 201,
    "commit": 201,
    "blocks": 200,
    "list": 200,
    "acquire": 201,
    "renew": 200,
    "release": 200,
    "break": 202,
    "send": 201,
    "receive": 200,
    "peek": 200,
    "update": 204,
    "remove": 204,
    "count": 200,
}


class ModelSide:
    """`BlobModel` and `QueueModel` in Azurite's dialect."""

    def __init__(self, world: WorldTime, container: str, queue: str) -> None:
        self.labels = Labels()
        self._world = world
        self._container = container
        self._queue = queue
        self._blobs = BlobModel(world, Dialect.AZURITE)
        self._queues = QueueModel(world)
        self._blobs.create_container(container)
        self._queues.create_queue(queue)

    def do(self, operation: Operation) -> Answer:
        """Carry a request out."""
        method: Callable[..., Any] = getattr(self, f"_{operation.kind}")
        try:
            told = method(**operation.arguments)
        except RefusedError as refused:
            return Answer(refused.status, refused.code)
        if isinstance(told, Answer):
            return told
        return Answer(_SUCCESS[operation.kind], told=told)

    def _put(
        self, name: str, data: bytes, metadata: dict[str, str], where: str | None = None, **terms: Any
    ) -> str:
        etag = self._blobs.put(where or self._container, name, data, self._terms(**terms), metadata)
        return self.labels.of("e", etag)

    def _create(self, name: str, where: str | None = None, **terms: Any) -> str:
        etag = self._blobs.create_append(where or self._container, name, self._terms(**terms))
        return self.labels.of("e", etag)

    def _append(self, name: str, data: bytes, where: str | None = None, **terms: Any) -> str:
        etag = self._blobs.append(where or self._container, name, data, self._terms(**terms))
        return self.labels.of("e", etag)

    def _head(self, name: str, where: str | None = None) -> Any:
        return self._shown(self._blobs.head(where or self._container, name))

    def _get(self, name: str, etag: str | None, start: int, length: int | None) -> Answer:
        condition = self.labels.value(etag)
        data, state = self._blobs.get(self._container, name, etag=condition, start=start, length=length)
        return Answer(200 if length is None else 206, told=(data, self.labels.of("e", state.etag)))

    def _delete(self, name: str, **terms: Any) -> None:
        self._blobs.delete(self._container, name, self._terms(**terms))

    def _archive(self, name: str, lease: str | None) -> None:
        self._blobs.archive(self._container, name, lease_id=lease or "")

    def _stage(self, name: str, block: str, data: bytes, lease: str | None, where: str | None = None) -> None:
        self._blobs.stage(where or self._container, name, block_id(block), data, lease_id=lease or "")

    def _commit(
        self,
        name: str,
        blocks: list[tuple[str, str]],
        metadata: dict[str, str],
        where: str | None = None,
        **terms: Any,
    ) -> str:
        named = [(source, block_id(block)) for source, block in blocks]
        etag = self._blobs.commit(where or self._container, name, named, self._terms(**terms), metadata)
        return self.labels.of("e", etag)

    def _blocks(self, name: str) -> Any:
        return self._blobs.block_ids(self._container, name)

    def _list(self, prefix: str, marker: str | None, most: int, where: str | None = None) -> Any:
        after = self.labels.value(marker) or ""
        page = self._blobs.page(where or self._container, prefix, after, most)
        shown = [(state.name, state.size, self._shown(state)) for state in page.blobs]
        return shown, self.labels.of("m", page.marker)

    def _acquire(self, name: str, lease: str, seconds: int, where: str | None = None) -> None:
        self._blobs.acquire(where or self._container, name, lease, seconds)

    def _renew(self, name: str, lease: str, where: str | None = None) -> None:
        self._blobs.renew(where or self._container, name, lease)

    def _release(self, name: str, lease: str) -> None:
        self._blobs.release(self._container, name, lease)

    def _break(self, name: str, seconds: int | None) -> int:
        return self._blobs.break_lease(self._container, name, seconds)

    def _send(self, text: str, hidden: int, lives: int, where: str | None = None) -> Any:
        made = self._queues.put(where or self._queue, text, hidden_seconds=hidden, live_seconds=lives)
        pair = self.labels.of("i", made.message_id), self.labels.of("r", made.receipt)
        self.labels.pairs.append(pair)
        return pair

    def _receive(self, hidden: int, most: int, where: str | None = None) -> Any:
        taken = self._queues.receive(where or self._queue, hidden_seconds=hidden, most=most)
        return [self._message(message) for message in taken]

    def _peek(self, most: int) -> Any:
        return [self._message(message)[:3] for message in self._queues.peek(self._queue, most=most)]

    def _update(self, message: str, receipt: str, hidden: int, text: str) -> str:
        made = self._queues.update(
            self._queue, *self._owned(message, receipt), hidden_seconds=hidden, text=text
        )
        self.labels.pairs.append((message, self.labels.of("r", made)))
        return self.labels.of("r", made)

    def _remove(self, message: str, receipt: str) -> None:
        self._queues.delete(self._queue, *self._owned(message, receipt))

    def _count(self) -> int:
        return self._queues.count(self._queue)

    def _owned(self, message: str, receipt: str) -> tuple[str, str]:
        return self.labels.value(message) or "", self.labels.value(receipt) or ""

    def _message(self, message: QueueMessage) -> tuple[str, str, int, str]:
        label = self.labels.of("i", message.message_id)
        receipt = self.labels.of("r", message.receipt)
        if receipt:
            self.labels.pairs.append((label, receipt))
        return label, message.text, message.dequeues, receipt

    def _terms(self, condition: str | None, lease: str | None) -> Terms:
        held: Condition = ABSENT if condition == "*" else self.labels.value(condition)
        return Terms(held, lease or "")

    def _shown(self, state: BlobState) -> Any:
        modified = state.last_modified.strftime("%a, %d %b %Y %H:%M:%S GMT")
        tier = None if state.is_append else "Archive" if state.is_archived else "Hot"
        return self.labels.of("e", state.etag), modified, dict(state.metadata), str(state.lease_state), tier


def block_id(name: str) -> str:
    """A block's id as it is sent."""
    return b64encode(name.encode()).decode()
