"""What the two functions call: every message of an array, a report after every end, and one kind of error."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from shared import app
from shared.blob_names import REPORT_PATH
from shared.error_codes import Status
from shared.errors import InvocationError, StorageError
from shared.messages import Message, TaskMessage, read_messages
from shared.wiring import build
from tests.support.exports import export
from tests.support.fake_connector import reply
from tests.support.world import ENVIRONMENT, World

INVOCATION = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A world that the app is wired to."""
    made = World()
    monkeypatch.setattr(app, "_dependencies_or_raise", lambda: made.deps)
    return made


def _queued(world: World) -> list[Message | TaskMessage]:
    return [one for _, text in world.queue.messages for one in read_messages(text, "badging-exports")]


def _array(*messages: Message) -> bytes:
    return json.dumps([json.loads(one.encode()) for one in messages]).encode()


def test_an_end_asks_for_a_report(world: World) -> None:
    """One for all that end within its five minutes; a message with nothing to do asks for none."""
    first, second = world.upload("a.json", export(3)), world.upload("b.json", export(3, first=10))
    world.queue.messages.clear()
    app.process_message(first.encode().encode(), INVOCATION)
    app.process_message(second.encode().encode(), INVOCATION)
    assert _queued(world) == [TaskMessage("report")]
    world.run(hours=1)
    assert b"a.json" in world.results.data(REPORT_PATH)
    app.process_message(first.encode().encode(), INVOCATION)
    assert _queued(world) == []


def test_the_others_of_an_array_are_queued_before_the_first_is_tried(world: World) -> None:
    """If the first one fails and its message ends in the poison queue, the others are not lost with it."""
    messages = [world.upload(f"{name}.json", export(3, first=10 * ord(name))) for name in "abc"]
    world.queue.messages.clear()
    world.results.refuses = "storage answers 403"
    with pytest.raises(InvocationError):
        app.process_message(_array(*messages), INVOCATION)
    assert _queued(world) == messages[1:]


def test_a_sweep_is_a_message_that_queues_and_ends_with_the_report(world: World) -> None:
    """The timer only queues it."""
    world.exports.put("missed.json", export(3))
    world.clock.sleep(3_600)
    app.start_sweep()
    ((_, text),) = world.queue.messages
    world.queue.messages.clear()
    app.process_message(text.encode(), INVOCATION)
    found = _queued(world)
    assert [one.name if isinstance(one, Message) else one.task for one in found] == ["missed.json", "report"]
    app.process_message(TaskMessage("report").encode().encode(), INVOCATION)
    assert REPORT_PATH in world.results.names()


@pytest.mark.parametrize(
    ("body", "change", "code"),
    [
        (b"hello", lambda _world: None, "bad-message"),
        (TaskMessage("sweep", "0b7c2a52-1111-4222-8333-444455556666", "{").encode().encode(), lambda _world: None, "bad-message"),
        (Message("a.json", "1").encode().encode(), lambda world: setattr(world.exports, "refuses", "no"), "storage"),
        (Message("a.json", "1").encode().encode(), lambda world: setattr(world.exports, "head", None), "bug"),
    ],
)  # fmt: skip
def test_what_fails_leaves_as_one_text(
    world: World, body: bytes, change: Callable[[World], Any], code: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A code, the export, where its outcome is; the cause is in the log, without content."""
    change(world)
    with pytest.raises(InvocationError) as caught:
        app.process_message(body, INVOCATION)
    assert caught.value.code == code
    assert caught.value.__cause__ is None
    assert f"invocation failed: {code}: " in caplog.text


def test_a_queue_that_cannot_be_written_fails_the_timer(world: World) -> None:
    """The host says so; nothing was begun."""

    def refuse(_what: str, _name: str) -> None:
        raise StorageError("the queue answers 403")

    world.queue.on_change = refuse
    with pytest.raises(InvocationError) as caught:
        app.start_sweep()
    assert caught.value.code == "storage"


def test_everything_is_where_the_settings_say() -> None:
    """Ledgers in the state container, which nobody but the app may write; and the queue's poison queue beside it."""
    names = {
        "EXPORTS_CONTAINER": "some-exports",
        "RESULTS_CONTAINER": "some-results",
        "STATE_CONTAINER": "some-state",
        "EXPORTS_QUEUE": "some-queue",
    }
    deps = build(ENVIRONMENT | names)
    found = (deps.exports.name, deps.results.name, deps.state.name)
    assert found == ("some-exports", "some-results", "some-state")
    queues: Any = (deps.queue, deps.poison)
    assert [one._client.queue_name for one in queues] == ["some-queue", "some-queue-poison"]


def test_a_failed_attempt_has_its_report_too(world: World) -> None:
    """The page shows when it is tried again."""
    world.connector.always = reply(503)
    message = world.upload("a.json", export(3))
    world.queue.messages.clear()
    app.process_message(message.encode().encode(), INVOCATION)
    assert world.outcome("a.json").status is Status.FAILED
    assert TaskMessage("report") in _queued(world)
