"""Queue messages: both event schemas, our own, plain or base64; whatever is not ours is refused before any request."""

import base64
import json
from typing import Any

import pytest

from local.event_grid import event
from shared.errors import BadMessageError
from shared.messages import Message, OperatorRequest, TaskMessage, read_messages

CONTAINER = "badging-exports"
PREFIX = f"/blobServices/default/containers/{CONTAINER}/blobs/"
GUID = "0b7c2a52-1111-4222-8333-444455556666"
ASKED_AT = "2026-11-22T05:00:01Z"
REQUEST = OperatorRequest(GUID, "resend", ASKED_AT, named=True)
ASKED = {"id": GUID, "kind": "retry", "askedAt": ASKED_AT, "named": True}
TASK = {"gatepost": 1, "task": "sweep", "sweepId": GUID}
OWN = {"gatepost": 1, "name": "day.json", "etag": "0x8D", "trigger": "sweep", "tries": 2}


def _event(**changes: Any) -> dict[str, Any]:
    return event(CONTAINER, "2026/day.json", '"0x8DE2A"') | changes


def _read(document: Any) -> list[Message]:
    found = read_messages(json.dumps(document), CONTAINER)
    return [one for one in found if isinstance(one, Message)]


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
    found = read_messages(json.dumps(_event(subject=subject)), "blobs")
    assert found == [Message("day.json", "0x8DE2A")]


@pytest.mark.parametrize(
    "message",
    [
        Message("t\u00fcr \u2603.json", "0x8D", "command", 7, 3, 12, REQUEST),
        Message("day.json", "1"),
        Message("day.json"),
        Message("day.json", "1", "command", request=OperatorRequest(GUID, "give-up", ASKED_AT)),
        TaskMessage("report"),
        TaskMessage("sweep", GUID),
        TaskMessage("sweep", GUID, '{"number":1,"after":"\u2603.json/"}'),
    ],
)
def test_our_own_message_survives_the_queue(message: Message | TaskMessage) -> None:
    """What is put on the queue is read back as it was."""
    assert read_messages(message.encode(), CONTAINER) == [message]


@pytest.mark.parametrize(
    "message", [Message("day.json", "1", "sweep", 1, 1, 1, REQUEST), TaskMessage("sweep", GUID, "x")]
)
def test_no_field_has_a_name_that_the_host_lays_over(message: Message | TaskMessage) -> None:
    """The queue trigger's metadata replace top-level fields of the same name."""
    of_the_host = {"id", "dequeuecount", "insertiontime", "expirationtime", "nextvisibletime", "popreceipt"}
    assert not of_the_host & {key.lower() for key in json.loads(message.encode())}


def test_a_persons_message_may_be_short() -> None:
    """Name and ETag are enough; then it is a command."""
    assert _read({"gatepost": 1, "name": "day.json", "etag": '"0x8D"'}) == [
        Message("day.json", "0x8D", "command")
    ]
    assert _read({"gatepost": 1, "name": "day.json"}) == [Message("day.json", "", "command")]


def test_a_request_is_not_named_unless_it_says_so() -> None:
    """`named` opens what an operator gave up; nothing but `true` does."""
    values: list[Any] = [None, 1, "true", {}]
    for value in values:
        request = {"id": GUID, "kind": "retry", "askedAt": ASKED_AT, "named": value}
        (message,) = _read(OWN | {"request": request})
        assert message.request == OperatorRequest(GUID, "retry", ASKED_AT, named=False)


def test_a_renamed_blob_is_a_new_export_without_an_etag() -> None:
    """SFTP and Data Lake rename what they have uploaded; the subject is the new name, whatever the URLs say."""
    renamed = {
        "id": "1",
        "topic": "/x",
        "subject": PREFIX + "day.json",
        "eventType": "Microsoft.Storage.BlobRenamed",
        "eventTime": "2026-11-21T08:20:00Z",
        "data": {
            "api": "SftpRename",
            "sourceUrl": "https://elsewhere.example/day.json.filepart",
            "destinationUrl": "https://elsewhere.example/day.json",
            "sequencer": "1",
        },
        "dataVersion": "1",
        "metadataVersion": "1",
    }
    assert _read(renamed) == [Message("day.json")]


def test_a_requeue_counts_and_says_which_attempt_it_follows() -> None:
    """The copy that is put back is never mistaken for the first message, nor for that of another attempt."""
    message = Message("day.json", "1", "command", 4, 2, request=REQUEST)
    requeued = message.requeue(after=3, tries=5)
    assert requeued == Message("day.json", "1", "command", 5, 0, 3, REQUEST)
    assert read_messages(requeued.encode(), CONTAINER) == [requeued]


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
    "negative waits": OWN | {"waits": -1},
    "after as text": OWN | {"after": "1"},
    "request as text": OWN | {"request": "resend"},
    "request without an ETag": {**OWN, "request": ASKED, "etag": ""},
    "request without an id": OWN | {"request": {**ASKED, "id": None}},
    "request's id with a path": OWN | {"request": {**ASKED, "id": "../x"}},
    "request's id in capitals": OWN | {"request": {**ASKED, "id": GUID.upper()}},
    "request's id with a tail": OWN | {"request": {**ASKED, "id": GUID + "\n"}},
    "request of another kind": OWN | {"request": {**ASKED, "kind": "delete"}},
    "request's kind as list": OWN | {"request": {**ASKED, "kind": ["retry"]}},
    "request without a time": OWN | {"request": {**ASKED, "askedAt": None}},
    "request's time with an offset": OWN | {"request": {**ASKED, "askedAt": "2026-11-22T05:00:01+01:00"}},
    "request's time with a tail": OWN | {"request": {**ASKED, "askedAt": ASKED_AT + "\n"}},
    "another task": TASK | {"task": "delete"},
    "task as list": TASK | {"task": ["sweep"]},
    "sweep without an id": {**TASK, "sweepId": None},
    "sweep's id with a path": TASK | {"sweepId": "../x"},
    "cursor as object": TASK | {"cursor": {}},
    "cursor without end": TASK | {"cursor": "x" * 8_193},
    "task of another version": TASK | {"gatepost": 2},
    "renamed in another container": _event(
        eventType="Microsoft.Storage.BlobRenamed", subject=PREFIX.replace("exports", "results") + "a.json"
    ),
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
