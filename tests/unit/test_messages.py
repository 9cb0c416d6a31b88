"""Queue messages: both event schemas, our own, plain or base64; whatever is not ours is refused before any request."""

import base64
import json
from typing import Any

import pytest

from local.event_grid import event
from shared.errors import BadMessageError
from shared.messages import Message, read_messages

CONTAINER = "badging-exports"
PREFIX = f"/blobServices/default/containers/{CONTAINER}/blobs/"
GUID = "0b7c2a52-1111-4222-8333-444455556666"
OWN = {"gatepost": 1, "name": "day.json", "etag": "0x8D", "trigger": "sweep", "tries": 2, "resend": None}


def _event(**changes: Any) -> dict[str, Any]:
    return event(CONTAINER, "2026/day.json", '"0x8DE2A"') | changes


def _read(document: Any) -> list[Message]:
    return read_messages(json.dumps(document), CONTAINER)


@pytest.mark.parametrize("schema", ["event-grid", "cloud-events"])
@pytest.mark.parametrize("form", ["text", "bytes", "base64", "base64 with white space", "array"])
def test_an_event_is_read_in_either_schema_and_every_form(schema: Any, form: str) -> None:
    """Event Grid's encoding has changed over time; all of them name the same export."""
    text = json.dumps(event(CONTAINER, "2026/11/22/t\u00fcr.json", "0x8DE2A", schema), ensure_ascii=False)
    packed = base64.b64encode(text.encode())
    forms: dict[str, str | bytes] = {
        "text": text,
        "bytes": b" \n" + text.encode() + b"\n",
        "base64": packed,
        "base64 with white space": b"\r\n" + packed + b"\r\n",
        "array": f"[{text}]",
    }
    assert read_messages(forms[form], CONTAINER) == [Message("2026/11/22/t\u00fcr.json", "0x8DE2A")]


def test_an_array_names_several_exports() -> None:
    """One message may carry more than one event, and our own form as well."""
    messages = _read([_event(), OWN])
    assert messages == [Message("2026/day.json", "0x8DE2A"), Message("day.json", "0x8D", "sweep", 2)]


def test_urls_in_an_event_are_not_looked_at() -> None:
    """The subject alone names the blob; an event that says another address in its data changes nothing."""
    data = {"eTag": "1", "url": "https://evil.example/badging-exports/other.json", "blobUrl": 3}
    assert _read(_event(data=data)) == [Message("2026/day.json", "1")]


@pytest.mark.parametrize(
    "name",
    [
        "blobs/blobs/day.json",
        "a/../../gatepost-state/x.json",
        "a//b.json",
        "day.json?x=1#y",
        "%2e%2e/day.json",
        " day ",
    ],
)
def test_a_name_is_taken_as_it_stands(name: str) -> None:
    """Nothing is decoded, resolved or trimmed; whether it is safe is judged elsewhere."""
    assert _read(_event(subject=PREFIX + name))[0].name == name


def test_a_container_may_be_called_blobs() -> None:
    """The subject is compared as a whole."""
    subject = "/blobServices/default/containers/blobs/blobs/day.json"
    assert read_messages(json.dumps(_event(subject=subject)), "blobs")[0].name == "day.json"


def test_our_own_message_survives_the_queue() -> None:
    """What is put on the queue is read back as it was."""
    for message in (
        Message("t\u00fcr \u2603.json", "0x8D", "command", 7, GUID),
        Message("day.json", "1"),
    ):
        assert read_messages(message.encode(), CONTAINER) == [message]


def test_a_persons_message_may_be_short() -> None:
    """Name and ETag are enough; then it is a command."""
    assert _read({"gatepost": 1, "name": "day.json", "etag": '"0x8D"'}) == [
        Message("day.json", "0x8D", "command")
    ]


def test_a_requeue_counts_and_says_which_attempt_it_follows() -> None:
    """The copy that comes back is never mistaken for the first message, nor for that of another attempt."""
    message = Message("day.json", "1", "command", 4, GUID)
    assert message.again(after=3) == Message("day.json", "1", "command", 5, GUID, after=3)
    assert read_messages(message.again(after=3).encode(), CONTAINER) == [message.again(after=3)]


HOSTILE: dict[str, Any] = {
    "nothing": "",
    "white space": " \n",
    "a word": "hello",
    "a number": "17",
    "base64 of a word": base64.b64encode(b"hello world!").decode(),
    "base64 twice": base64.b64encode(base64.b64encode(b"{}")).decode(),
    "bad base64": "eyJ*==",
    "not UTF-8": b'{"name": "\xff"}',
    "UTF-16": json.dumps(OWN).encode("utf-16"),
    "half": '{"gatepost": 1, "name": "day',
    "deep": "[" * 60_000,
    "deep in base64": base64.b64encode(b"[" * 40_000),
    "long": json.dumps({**OWN, "more": "x" * 70_000}),
    "a huge number": '{"gatepost": 1, "name": "a.json", "etag": "1", "tries": ' + "9" * 5_000 + "}",
    "lone surrogates": '\ud800{"gatepost": 1}',
    "empty array": [],
    "array of arrays": [[OWN]],
    "array with something else": [OWN, 3],
    "null": None,
    "string": "day.json",
    "another version": OWN | {"gatepost": 2},
    "version as text": OWN | {"gatepost": "1"},
    "no name": {**OWN, "name": None},
    "empty name": OWN | {"name": ""},
    "name as number": OWN | {"name": 3},
    "name with half a character": OWN | {"name": "day\ud800.json"},
    "no ETag": {**OWN, "etag": None},
    "ETag with a path": OWN | {"etag": "../../x"},
    "ETag with a line break": OWN | {"etag": "1\n"},
    "ETag of stars": OWN | {"etag": "*"},
    "empty ETag": OWN | {"etag": '""'},
    "long ETag": OWN | {"etag": "1" * 101},
    "unknown trigger": OWN | {"trigger": "cron"},
    "trigger as list": OWN | {"trigger": ["sweep"]},
    "negative tries": OWN | {"tries": -1},
    "tries as text": OWN | {"tries": "2"},
    "tries as truth": OWN | {"tries": True},
    "tries as fraction": OWN | {"tries": 1.5},
    "tries without end": OWN | {"tries": 10**12},
    "resend that is no GUID": OWN | {"resend": "../x"},
    "resend in capitals": OWN | {"resend": GUID.upper()},
    "resend with a tail": OWN | {"resend": GUID + "\n"},
    "resend as number": OWN | {"resend": 1},
    "another event": _event(eventType="Microsoft.Storage.BlobDeleted"),
    "no event type": {**_event(), "eventType": None},
    "validation event": _event(eventType="Microsoft.EventGrid.SubscriptionValidationEvent"),
    "another container": _event(subject=PREFIX.replace("exports", "results") + "day.json"),
    "container that begins alike": _event(subject=PREFIX.replace("exports", "exports2") + "day.json"),
    "no blob": _event(subject=PREFIX),
    "no subject": {**_event(), "subject": None},
    "subject as list": _event(subject=[PREFIX + "day.json"]),
    "subject with half a character": _event(subject=PREFIX + "\udfff.json"),
    "no data": {**_event(), "data": None},
    "data as text": _event(data="eTag"),
    "data without ETag": _event(data={}),
    "ETag as number": _event(data={"eTag": 8}),
}


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in HOSTILE.items()])
def test_what_is_not_ours_is_refused(body: Any) -> None:
    """One error type with a fixed text; nothing of the message is repeated in it."""
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    with pytest.raises(BadMessageError) as caught:
        read_messages(text, CONTAINER)
    assert len(str(caught.value)) < 80
    assert "day" not in str(caught.value)
