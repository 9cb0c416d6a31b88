"""Messages of the model, and what the Functions host does with them."""

from collections.abc import Callable

import pytest

from tests.support.storage_model.clock import WorldTime
from tests.support.storage_model.host import Delivery, QueueListener
from tests.support.storage_model.queues import MESSAGE_BYTES, NEVER, WEEK_SECONDS, QueueModel
from tests.support.storage_model.refusals import RefusedError

QUEUE, POISON = "exports", "exports-poison"


@pytest.fixture
def world() -> WorldTime:
    """A time to move."""
    return WorldTime()


@pytest.fixture
def queues(world: WorldTime) -> QueueModel:
    """An account with one queue."""
    made = QueueModel(world)
    made.create_queue(QUEUE)
    return made


@pytest.fixture
def listener(world: WorldTime, queues: QueueModel) -> QueueListener:
    """One host."""
    return QueueListener(queues, world, QUEUE)


def _taken(listener: QueueListener) -> Delivery:
    delivery = listener.take()
    assert delivery is not None
    return delivery


def test_a_message_that_was_taken_is_hidden_and_comes_back(world: WorldTime, queues: QueueModel) -> None:
    """Under the same id, counted once more, with another receipt: the first one is worth nothing then."""
    queues.put(QUEUE, "x")
    (first,) = queues.receive(QUEUE, hidden_seconds=30)
    assert queues.receive(QUEUE) == []
    world.move_to(30.0)
    (second,) = queues.receive(QUEUE, hidden_seconds=30)
    assert (second.message_id, second.dequeues) == (first.message_id, 2)
    with pytest.raises(RefusedError, match="400 PopReceiptMismatch"):
        queues.delete(QUEUE, first.message_id, first.receipt)
    queues.delete(QUEUE, second.message_id, second.receipt)
    with pytest.raises(RefusedError, match="404 MessageNotFound"):
        queues.delete(QUEUE, second.message_id, second.receipt)


def test_a_receipt_holds_until_somebody_else_takes_the_message(world: WorldTime, queues: QueueModel) -> None:
    """That it shows again is not enough."""
    queues.put(QUEUE, "x")
    (message,) = queues.receive(QUEUE, hidden_seconds=1)
    world.move_to(60.0)
    queues.delete(QUEUE, message.message_id, message.receipt)
    assert queues.count(QUEUE) == 0


def test_twins_are_counted_apart(queues: QueueModel) -> None:
    """Two messages with the same text are two."""
    for _ in range(2):
        queues.put(QUEUE, "x")
    assert [message.dequeues for message in queues.receive(QUEUE, most=2)] == [1, 1]


def test_a_message_vanishes_when_its_time_is_over(world: WorldTime, queues: QueueModel) -> None:
    """After a week, unless it never expires."""
    queues.put(QUEUE, "a week")
    queues.put(QUEUE, "for ever", live_seconds=NEVER)
    world.move_to(float(WEEK_SECONDS))
    assert [message.text for message in queues.peek(QUEUE)] == ["for ever"]


@pytest.mark.parametrize(
    ("request_it", "answer"),
    [
        (lambda queues: queues.put(QUEUE, "\u00fc" * (MESSAGE_BYTES // 2) + "x"), "413 RequestBodyTooLarge"),
        (
            lambda queues: queues.put(QUEUE, "x", hidden_seconds=WEEK_SECONDS + 1, live_seconds=NEVER),
            "400 OutOfRangeQueryParameterValue",
        ),
        (lambda queues: queues.put(QUEUE, "x", hidden_seconds=-1), "400 OutOfRangeQueryParameterValue"),
        (
            lambda queues: queues.put(QUEUE, "x", hidden_seconds=WEEK_SECONDS),
            "400 InvalidQueryParameterValue",
        ),
        (lambda queues: queues.receive(QUEUE, hidden_seconds=0), "400 OutOfRangeQueryParameterValue"),
        (lambda queues: queues.receive(QUEUE, most=33), "400 OutOfRangeQueryParameterValue"),
        (lambda queues: queues.put("nowhere", "x"), "404 QueueNotFound"),
    ],
)
def test_what_a_queue_refuses(
    queues: QueueModel, request_it: Callable[[QueueModel], object], answer: str
) -> None:
    """Too large, too late, too many, nowhere; the largest and the latest are taken."""
    queues.put(QUEUE, "x" * MESSAGE_BYTES, hidden_seconds=WEEK_SECONDS, live_seconds=NEVER)
    with pytest.raises(RefusedError, match=answer):
        request_it(queues)


def test_the_host_hides_a_message_for_as_long_as_its_function_runs(
    world: WorldTime, queues: QueueModel, listener: QueueListener
) -> None:
    """Two hours are no second delivery; a success deletes it, with the receipt of the last renewal."""
    queues.put(QUEUE, "x")
    delivery = _taken(listener)
    world.move_to(7_200.0)
    assert listener.take() is None
    delivery.succeed()
    assert queues.count(QUEUE) == 0
    assert world.next_due() is None


def test_five_failures_end_in_the_poison_queue(
    world: WorldTime, queues: QueueModel, listener: QueueListener
) -> None:
    """Five minutes apart; there it is a copy with another id and a week to live."""
    made = queues.put(QUEUE, "x", live_seconds=NEVER)
    for number in range(5):
        world.move_to(number * 300.0)
        _taken(listener).fail()
    assert queues.count(QUEUE) == 0
    (poison,) = queues.peek(POISON)
    assert (poison.text, poison.dequeues) == ("x", 0)
    assert poison.message_id != made.message_id
    world.move_to(world.seconds + WEEK_SECONDS)
    assert queues.peek(POISON) == []


def test_a_host_that_dies_leaves_its_message_for_up_to_ten_minutes(
    world: WorldTime, queues: QueueModel, listener: QueueListener
) -> None:
    """From the last renewal; then another host has it while the first one's worker may still be at it."""
    queues.put(QUEUE, "x")
    orphan = _taken(listener)
    world.move_to(400.0)
    orphan.die()
    world.move_to(899.0)
    other = QueueListener(queues, world, QUEUE)
    assert other.take() is None
    world.move_to(900.0)
    second = _taken(other)
    assert second.message.dequeues == 2
    orphan.succeed()
    assert queues.count(QUEUE) == 1
    second.succeed()
    assert queues.count(QUEUE) == 0


def test_five_deaths_end_in_the_poison_queue_without_a_call(
    world: WorldTime, queues: QueueModel, listener: QueueListener
) -> None:
    """The sixth time it is taken, the host does not call the function."""
    queues.put(QUEUE, "x")
    for number in range(5):
        world.move_to(number * 600.0)
        _taken(listener).die()
    world.move_to(3_000.0)
    assert listener.take() is None
    assert queues.texts(POISON) == ["x"]
    assert queues.next_shows(QUEUE) is None
