"""What lies on the queue: a BlobCreated event in either schema, or a message of our own.

Event Grid's encoding has changed over time, so plain and base64 JSON are both read. The blob is named by the event's
`subject` alone; URLs inside an event are never used.
"""

import base64
import binascii
import json
import re
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

from shared.blob_names import bare
from shared.errors import BadMessageError

type Trigger = Literal["upload", "sweep", "command"]

_TRIGGERS: Final = ("upload", "sweep", "command")
_FORMAT: Final = 1
_ETAG: Final = re.compile(r"[0-9A-Za-z_.:-]{1,100}")
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_MAX_COUNT: Final = 1_000_000
_MAX_TEXT: Final = 65_536  # what a storage queue holds


@dataclass(frozen=True, slots=True)
class Message:
    """A request to look at one version of one export.

    Attributes:
        name: the blob's name inside the exports container; not yet checked to be safe.
        etag: the version that was announced, without quotes.
        trigger: who found it.
        tries: how often it came back without progress.
        resend: a GUID, if a person asks to send known content again; the same GUID never sends twice.
        after: of a message that came back, the outcome's `attempts` when it was put: which attempt it follows.
    """

    name: str
    etag: str
    trigger: Trigger = "upload"
    tries: int = 0
    resend: str | None = None
    after: int | None = None

    def again(self, *, after: int) -> "Message":
        """The copy that goes back on the queue, after this attempt."""
        return replace(self, tries=self.tries + 1, after=after)

    def encode(self) -> str:
        """The text that goes on the queue."""
        fields = asdict(self)
        if self.after is None:
            del fields["after"]
        return json.dumps({"gatepost": _FORMAT, **fields})


def read_messages(text: str | bytes, exports_container: str) -> list[Message]:
    """Every export a queue message names; an array of events names several.

    Raises:
        BadMessageError: if it is no BlobCreated event and none of ours, or names another container.
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


def _message(document: Any, exports_container: str) -> Message:
    if not isinstance(document, dict):
        raise BadMessageError("the message is not a JSON object")
    if "gatepost" in document:
        return _own(document)
    return _event(document, exports_container)


def _own(document: dict[str, Any]) -> Message:
    tries, resend = document.get("tries", 0), document.get("resend")
    if document["gatepost"] != _FORMAT:
        raise BadMessageError("the message is of another version of Gatepost")
    if document.get("trigger", "command") not in _TRIGGERS:
        raise BadMessageError("the message's trigger is unknown")
    if not _is_count(tries):
        raise BadMessageError("the message's tries is not a count")
    if document.get("after") is not None and not _is_count(document["after"]):
        raise BadMessageError("the message's after is not a count")
    if resend is not None and not (isinstance(resend, str) and _GUID.fullmatch(resend)):
        raise BadMessageError("the message's resend is not a GUID in lower case")
    return Message(
        _text(document, "name"),
        _etag(document.get("etag")),
        document.get("trigger", "command"),
        tries,
        resend,
        document.get("after"),
    )


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MAX_COUNT


def _event(document: dict[str, Any], exports_container: str) -> Message:
    kind = document.get("eventType") or document.get("type")
    if kind != "Microsoft.Storage.BlobCreated":
        raise BadMessageError("the message is no BlobCreated event")
    subject, ours = _text(document, "subject"), f"/blobServices/default/containers/{exports_container}/blobs/"
    if not subject.startswith(ours):
        raise BadMessageError("the event is about another container than EXPORTS_CONTAINER")
    if subject == ours:
        raise BadMessageError("the event names no blob")
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
