"""One container and one queue of Azurite as a side of the campaign."""

from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from tests.integration.storage_campaign.azurite_rest import AzuriteAccount, Reply
from tests.integration.storage_campaign.model_side import block_id
from tests.integration.storage_campaign.operations import Answer, Labels, Operation


class AzuriteSide:
    """One container and one queue of it."""

    def __init__(self, account: AzuriteAccount, container: str, queue: str) -> None:
        self.labels = Labels()
        self._account = account
        self._container = container
        self._queue = queue
        made = account.blob("PUT", container, {"restype": "container"}, body=b"")
        queued = account.queue("PUT", queue, {}, body=b"")
        assert (made.status, queued.status) == (201, 201), (made.body, queued.body)

    def do(self, operation: Operation) -> Answer:
        """Carry a request out."""
        method: Callable[..., tuple[Reply, Any]] = getattr(self, f"_{operation.kind}")
        reply, told = method(**operation.arguments)
        if not reply.is_success:
            return Answer(reply.status, reply.code)
        return Answer(reply.status, told=told(reply) if callable(told) else told)

    def _blob(
        self, method: str, name: str, query: Mapping[str, Any], where: str | None, **sent: Any
    ) -> Reply:
        return self._account.blob(method, f"{where or self._container}/{name}", query, **sent)

    def _put(
        self, name: str, data: bytes, metadata: dict[str, str], where: str | None = None, **terms: Any
    ) -> tuple[Reply, Any]:
        headers = {"x-ms-blob-type": "BlockBlob", **self._terms(**terms), **_metadata(metadata)}
        return self._blob("PUT", name, {}, where, body=data, headers=headers), self._etag

    def _create(self, name: str, where: str | None = None, **terms: Any) -> tuple[Reply, Any]:
        headers = {"x-ms-blob-type": "AppendBlob", **self._terms(**terms)}
        return self._blob("PUT", name, {}, where, body=b"", headers=headers), self._etag

    def _append(self, name: str, data: bytes, where: str | None = None, **terms: Any) -> tuple[Reply, Any]:
        query = {"comp": "appendblock"}
        return self._blob("PUT", name, query, where, body=data, headers=self._terms(**terms)), self._etag

    def _head(self, name: str, where: str | None = None) -> tuple[Reply, Any]:
        return self._blob("HEAD", name, {}, where), self._headers

    def _get(self, name: str, etag: str | None, start: int, length: int | None) -> tuple[Reply, Any]:
        bytes_range = None if length is None else f"bytes={start}-{start + length - 1}"
        headers = {"If-Match": self._quoted(etag), "x-ms-range": bytes_range}
        reply = self._blob("GET", name, {}, None, headers=headers)
        return reply, lambda reply: (reply.body, self._etag(reply))

    def _delete(self, name: str, **terms: Any) -> tuple[Reply, Any]:
        return self._blob("DELETE", name, {}, None, headers=self._terms(**terms)), None

    def _archive(self, name: str, lease: str | None) -> tuple[Reply, Any]:
        headers = {"x-ms-access-tier": "Archive", "x-ms-lease-id": lease}
        return self._blob("PUT", name, {"comp": "tier"}, None, body=b"", headers=headers), None

    def _stage(
        self, name: str, block: str, data: bytes, lease: str | None, where: str | None = None
    ) -> tuple[Reply, Any]:
        query = {"comp": "block", "blockid": block_id(block)}
        return self._blob("PUT", name, query, where, body=data, headers={"x-ms-lease-id": lease}), None

    def _commit(
        self,
        name: str,
        blocks: list[tuple[str, str]],
        metadata: dict[str, str],
        where: str | None = None,
        **terms: Any,
    ) -> tuple[Reply, Any]:
        named = "".join(f"<{source}>{block_id(block)}</{source}>" for source, block in blocks)
        body = f'<?xml version="1.0" encoding="utf-8"?><BlockList>{named}</BlockList>'.encode()
        headers = {"Content-Type": "application/xml", **self._terms(**terms), **_metadata(metadata)}
        return self._blob("PUT", name, {"comp": "blocklist"}, where, body=body, headers=headers), self._etag

    def _blocks(self, name: str) -> tuple[Reply, Any]:
        reply = self._blob("GET", name, {"comp": "blocklist", "blocklisttype": "all"}, None)
        kinds = ("CommittedBlocks", "UncommittedBlocks")
        return reply, lambda reply: tuple(
            [str(block.findtext("Name")) for block in reply.xml.iterfind(f"{kind}/Block")] for kind in kinds
        )

    def _list(
        self, prefix: str, marker: str | None, most: int, where: str | None = None
    ) -> tuple[Reply, Any]:
        query = {"restype": "container", "comp": "list", "include": "metadata", "maxresults": most}
        query |= {"prefix": prefix, "marker": self.labels.value(marker)}
        return self._account.blob("GET", where or self._container, query), self._listed

    def _acquire(self, name: str, lease: str, seconds: int, where: str | None = None) -> tuple[Reply, Any]:
        headers = {"x-ms-proposed-lease-id": lease, "x-ms-lease-duration": seconds}
        return self._leased(name, "acquire", headers, where), None

    def _renew(self, name: str, lease: str, where: str | None = None) -> tuple[Reply, Any]:
        return self._leased(name, "renew", {"x-ms-lease-id": lease}, where), None

    def _release(self, name: str, lease: str) -> tuple[Reply, Any]:
        return self._leased(name, "release", {"x-ms-lease-id": lease}), None

    def _break(self, name: str, seconds: int | None) -> tuple[Reply, Any]:
        reply = self._leased(name, "break", {"x-ms-lease-break-period": seconds})
        return reply, lambda reply: int(reply.headers["x-ms-lease-time"])

    def _leased(self, name: str, action: str, headers: Mapping[str, Any], where: str | None = None) -> Reply:
        told = {"x-ms-lease-action": action, **headers}
        return self._blob("PUT", name, {"comp": "lease"}, where, body=b"", headers=told)

    def _messages(
        self, method: str, query: Mapping[str, Any], where: str | None = None, **sent: Any
    ) -> Reply:
        return self._account.queue(method, f"{where or self._queue}/messages", query, **sent)

    def _send(self, text: str, hidden: int, lives: int, where: str | None = None) -> tuple[Reply, Any]:
        query = {"visibilitytimeout": hidden, "messagettl": lives}
        return self._messages("POST", query, where, body=_message_body(text)), self._sent

    def _receive(self, hidden: int, most: int, where: str | None = None) -> tuple[Reply, Any]:
        query = {"visibilitytimeout": hidden, "numofmessages": most}
        return self._messages("GET", query, where), lambda reply: [
            (*self._message(one), self.labels.of("r", str(one.findtext("PopReceipt")))) for one in reply.xml
        ]

    def _peek(self, most: int) -> tuple[Reply, Any]:
        query = {"peekonly": "true", "numofmessages": most}
        return self._messages("GET", query), lambda reply: [self._message(one) for one in reply.xml]

    def _update(self, message: str, receipt: str, hidden: int, text: str) -> tuple[Reply, Any]:
        query = {"popreceipt": self.labels.value(receipt), "visibilitytimeout": hidden}
        path = f"{self._queue}/messages/{self.labels.value(message)}"
        reply = self._account.queue("PUT", path, query, body=_message_body(text))
        return reply, lambda reply: self.labels.of("r", str(reply.headers["x-ms-popreceipt"]))

    def _remove(self, message: str, receipt: str) -> tuple[Reply, Any]:
        path = f"{self._queue}/messages/{self.labels.value(message)}"
        return self._account.queue("DELETE", path, {"popreceipt": self.labels.value(receipt)}), None

    def _count(self) -> tuple[Reply, Any]:
        reply = self._account.queue("GET", self._queue, {"comp": "metadata"})
        return reply, lambda reply: int(reply.headers["x-ms-approximate-messages-count"])

    def _terms(self, condition: str | None, lease: str | None) -> dict[str, str | None]:
        absent = condition == "*"
        return {
            "If-None-Match": "*" if absent else None,
            "If-Match": None if absent else self._quoted(condition),
            "x-ms-lease-id": lease,
        }

    def _quoted(self, label: str | None) -> str | None:
        value = self.labels.value(label)
        return f'"{value}"' if value else None

    def _etag(self, reply: Reply) -> str:
        return self.labels.of("e", str(reply.headers["ETag"]).strip('"'))

    def _headers(self, reply: Reply) -> Any:
        prefix = "x-ms-meta-"
        metadata = {
            key.lower().removeprefix(prefix): value
            for key, value in reply.headers.items()
            if key.lower().startswith(prefix)
        }
        named = ("Last-Modified", "x-ms-lease-state", "x-ms-access-tier")
        modified, state, tier = (reply.headers[name] for name in named)
        return self._etag(reply), modified, metadata, state, tier

    def _listed(self, reply: Reply) -> Any:
        page = reply.xml
        listed = [self._listed_blob(one) for one in page.iterfind("Blobs/Blob")]
        return listed, self.labels.of("m", page.findtext("NextMarker") or "")

    def _listed_blob(self, one: ET.Element) -> Any:
        named = ("Last-Modified", "LeaseState", "AccessTier", "Etag", "Content-Length")
        modified, state, tier, etag, size = (one.findtext(f"Properties/{name}") for name in named)
        metadata = {child.tag: child.text or "" for child in one.iterfind("Metadata/*")}
        shown = (self.labels.of("e", str(etag).strip('"')), modified, metadata, state, tier)
        return one.findtext("Name"), int(size or 0), shown

    def _sent(self, reply: Reply) -> tuple[str, str]:
        (message,) = reply.xml
        identity = self.labels.of("i", str(message.findtext("MessageId")))
        return identity, self.labels.of("r", str(message.findtext("PopReceipt")))

    def _message(self, message: ET.Element) -> tuple[str, str, int]:
        identity = self.labels.of("i", str(message.findtext("MessageId")))
        return identity, message.findtext("MessageText") or "", int(message.findtext("DequeueCount") or 0)


def _metadata(metadata: Mapping[str, str]) -> dict[str, str]:
    return {f"x-ms-meta-{key}": value for key, value in metadata.items()}


def _message_body(text: str) -> bytes:
    return f"<QueueMessage><MessageText>{escape(text)}</MessageText></QueueMessage>".encode()
