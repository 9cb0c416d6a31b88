"""What lies on the queue: an event of Blob Storage in either schema, or a message of our own.

Event Grid's encoding has changed over time, so plain and base64 JSON are both read. The blob is named by the event's
`subject` alone; URLs inside an event are never used. Names of top-level fields never equal the queue trigger's metadata
(`id`, `dequeueCount`, `insertionTime`, ...): the host lays those over the trigger's own.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args

from shared.blob_names import bare
from shared.errors import BadMessageError

type Trigger = Literal["upload", "sweep", "command"]
type RequestKind = Literal["resend", "retry", "give-up"]
type Task = Literal["sweep", "report"]

_FORMAT: Final = 1
_EVENTS: Final = frozenset({"Microsoft.Storage.BlobCreated", "Microsoft.Storage.BlobRenamed"})
_ETAG: Final = re.compile(r"[0-9A-Za-z_.:-]{1,100}")
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME: Final = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_MAX_COUNT: Final = 1_000_000
_MAX_TEXT: Final = 65_536  # what a storage queue holds
_MAX_CURSOR: Final = 8_192


@dataclass(frozen=True, slots=True)
class OperatorRequest:
    """What an operator asks for; one command gives all its messages the same id.

    Attributes:
        id: a GUID in lower case; a request acts once, however often its message is delivered.
        kind: `retry`: another attempt; `give-up`: close it; `resend`: send known content again.
        asked_at: when the operator asked, UTC, as `2026-11-22T05:00:01Z`.
        named: whether the operator named this export, instead of asking for all of a kind.
    """

    id: str
    kind: RequestKind
    asked_at: str
    named: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """Asks for an attempt on one version of one export.

    Attributes:
        name: the blob's name inside the exports container; not yet checked to be safe.
        etag: the version that was announced, without quotes; empty: the current one.
        trigger: who found it.
        tries: how often it was put back without progress.
        waits: how often it was put back because another attempt had the job's lease.
        after: of a message that was put back, the outcome's `attempts` it belongs to: a stray copy is known by it.
        request: what an operator asks for, if it is an operator's message.
        remap: whether what was rejected is to be tried under another mapping of its source.
    """

    name: str
    etag: str = ""
    trigger: Trigger = "upload"
    tries: int = 0
    waits: int = 0
    after: int | None = None
    request: OperatorRequest | None = None
    remap: bool = False

    def requeue(self, *, after: int, tries: int) -> "Message":
        """The copy that is put back by an attempt.

        Args:
            after: the outcome's `attempts`.
            tries: 0 after progress.
        """
        return replace(self, tries=tries, waits=0, after=after)

    def encode(self) -> str:
        """The text that is put on the queue."""
        fields: dict[str, Any] = {"gatepost": _FORMAT, "name": self.name}
        if self.etag:
            fields["etag"] = self.etag
        fields |= {"trigger": self.trigger, "tries": self.tries, "waits": self.waits}
        if self.after is not None:
            fields["after"] = self.after
        if self.remap:
            fields["remap"] = True
        if self.request:
            asked = self.request
            fields["request"] = {
                "id": asked.id,
                "kind": asked.kind,
                "askedAt": asked.asked_at,
                "named": asked.named,
            }
        return json.dumps(fields)


@dataclass(frozen=True, slots=True)
class TaskMessage:
    """Work of the app itself.

    Attributes:
        task: `sweep` or `report`.
        sweep_id: of a sweep, a GUID; empty for a report.
        cursor: where the sweep goes on; empty at its beginning.
    """

    task: Task
    sweep_id: str = ""
    cursor: str = ""

    def encode(self) -> str:
        """The text that is put on the queue."""
        fields: dict[str, Any] = {"gatepost": _FORMAT, "task": self.task}
        if self.sweep_id:
            fields["sweepId"] = self.sweep_id
        if self.cursor:
            fields["cursor"] = self.cursor
        return json.dumps(fields)


def read_messages(text: str | bytes, exports_container: str) -> list[Message | TaskMessage]:
    """Everything a queue message asks for; an array of events names several exports.

    Raises:
        BadMessageError: if it is no event of a new blob and none of ours, or names another container.
    """
    document = _decode(text)
    if isinstance(document, list) and document:
        return [_message(one, exports_container) for one in document]
    return [_message(document, exports_container)]


def _decode(text: str | bytes) -> Any:
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    raw = raw.strip()
    if len(raw) > _MAX_TEXT:
        raise BadMessageError("the message is larger than a queue message can be")
    if raw[:1] not in {b"{", b"["}:
        try:
            raw = base64.b64decode(raw, validate=True)
        except (binascii.Error, ValueError):
            raise BadMessageError("the message is neither JSON nor base64") from None
    try:
        return json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise BadMessageError("the message is not JSON") from None


def _message(document: Any, exports_container: str) -> Message | TaskMessage:
    if not isinstance(document, dict):
        raise BadMessageError("the message is not a JSON object")
    if "gatepost" not in document:
        return _event(document, exports_container)
    if document["gatepost"] != _FORMAT:
        raise BadMessageError("the message is of another version of Gatepost")
    return _task(document) if "task" in document else _own(document)


def _task(document: dict[str, Any]) -> TaskMessage:
    task, sweep_id, cursor = document["task"], document.get("sweepId", ""), document.get("cursor", "")
    if task not in get_args(Task.__value__):
        raise BadMessageError("the message's task is unknown")
    if task == "sweep" and not (isinstance(sweep_id, str) and _GUID.fullmatch(sweep_id)):
        raise BadMessageError("the message's sweepId is not a GUID in lower case")
    if not isinstance(cursor, str) or len(cursor) > _MAX_CURSOR:
        raise BadMessageError("the message's cursor is not a text")
    return TaskMessage(task, sweep_id if task == "sweep" else "", cursor)


def _own(document: dict[str, Any]) -> Message:
    if document.get("trigger", "command") not in get_args(Trigger.__value__):
        raise BadMessageError("the message's trigger is unknown")
    request, etag = _request(document.get("request")), document.get("etag", "")
    if request and not etag:
        raise BadMessageError("the message asks for something without naming a version by its etag")
    after = document.get("after")
    return Message(
        _text(document, "name"),
        _etag(etag) if etag != "" else "",
        document.get("trigger", "command"),
        _count(document, "tries"),
        _count(document, "waits"),
        None if after is None else _count(document, "after"),
        request,
        document.get("remap") is True,
    )


def _request(value: Any) -> OperatorRequest | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise BadMessageError("the message's request is not an object")
    id_, asked_at = value.get("id"), value.get("askedAt")
    kind: Any = value.get("kind")
    if not (isinstance(id_, str) and _GUID.fullmatch(id_)):
        raise BadMessageError("the request's id is not a GUID in lower case")
    if kind not in get_args(RequestKind.__value__):
        raise BadMessageError("the request's kind is unknown")
    if not (isinstance(asked_at, str) and _TIME.fullmatch(asked_at)):
        raise BadMessageError("the request's askedAt is not a time like 2026-11-22T05:00:01Z")
    known: RequestKind = kind
    return OperatorRequest(id_, known, asked_at, value.get("named") is True)


def _count(document: dict[str, Any], key: str) -> int:
    value = document.get(key, 0)
    if not (isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MAX_COUNT):
        raise BadMessageError(f"the message's {key} is not a count")
    return value


def _event(document: dict[str, Any], exports_container: str) -> Message:
    kind = document.get("eventType") or document.get("type")
    if kind not in _EVENTS:
        raise BadMessageError("the message is no BlobCreated or BlobRenamed event")
    subject, ours = _text(document, "subject"), f"/blobServices/default/containers/{exports_container}/blobs/"
    if not subject.startswith(ours):
        raise BadMessageError("the event is about another container than EXPORTS_CONTAINER")
    if subject == ours:
        raise BadMessageError("the event names no blob")
    if kind == "Microsoft.Storage.BlobRenamed":  # it has no ETag, and its subject is the new name
        return Message(subject.removeprefix(ours))
    data = document.get("data")
    return Message(subject.removeprefix(ours), _etag(data.get("eTag") if isinstance(data, dict) else None))


def _text(document: dict[str, Any], key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not value:
        raise BadMessageError(f"the message has no {key}")
    if _SURROGATE.search(value):
        raise BadMessageError(f"the message's {key} is no text that a blob's name could be")
    return value


def _etag(value: Any) -> str:
    if not isinstance(value, str) or not _ETAG.fullmatch(bare(value)):
        raise BadMessageError("the message has no ETag")
    return bare(value)
