"""Requeues form one chain an export: what is delivered twice, or found by the sweep besides, does not multiply."""

import pytest

from shared.error_codes import FailedCode, Status
from shared.errors import CredentialRefusedError
from shared.messages import Message
from tests.support.exports import export
from tests.support.fake_connector import OK, reply
from tests.support.world import World


def _failing() -> tuple[World, Message]:
    """A world whose connector is down, and an export that waits for its requeue."""
    world = World()
    world.connector.always = reply(503)
    message = world.upload("day.json", export(3))
    world.run()
    assert world.outcome("day.json").status is Status.FAILED
    return world, message


@pytest.mark.parametrize("again", range(3))
def test_a_message_delivered_twice_leaves_one_chain(again: int) -> None:
    """A worker died between putting the copy and deleting the message: after a while there is one message, not two."""
    world, message = _failing()
    for _ in range(again + 1):
        world.announce(message)
    world.run(hours=12)
    assert len(world.queue.messages) == 1
    world.connector.always = OK
    world.run(hours=1.1)
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert world.queue.messages == []


def test_a_stray_message_asks_the_connector_nothing() -> None:
    """While a requeue is on its way, another message about the same version ends without a request."""
    world, message = _failing()
    before = len(world.connector.requests)
    assert world.process(message) is None
    assert len(world.connector.requests) == before


@pytest.mark.unmeasured
@pytest.mark.parametrize("days", [3, pytest.param(6, marks=pytest.mark.soak)])
def test_sweeps_during_a_backlog_do_not_multiply_messages(days: int) -> None:
    """Exports that wait longer in the queue than their requeue said are queued by each sweep, and merge again.

    Three sweeps; six in `make soak`.
    """
    world = World()
    world.connector.always = reply(503)
    world.connector.on_post = lambda when, _what: world.clock.sleep(300) if when == "post" else None
    for number in range(40):  # at 5 minutes each, a round takes over three hours
        world.upload(f"{number:02d}.json", export(1, first=number + 1))
    world.run_days(days)
    assert len(world.queue.messages) <= 40 + 3
    world.connector.on_post = lambda _when, _what: None
    world.connector.always = OK
    world.run_days(1)
    assert set(world.connector.times_taken().values()) == {1}
    assert len(world.connector.times_taken()) == 40
    assert world.queue.messages == []


def test_a_person_need_not_wait_for_a_requeue() -> None:
    """`retry` looks at once; its own requeues are like any other and end where another chain goes on."""
    world, message = _failing()
    for number in range(3):
        world.announce(world.request("retry", message, id_=f"0b7c2a52-1111-4222-8333-44445555666{number}"))
    world.run()
    assert len(world.connector.requests) == 4 * 14
    world.run(hours=12)
    assert len(world.queue.messages) == 1


def test_the_requeue_is_on_the_queue_before_the_outcome_promises_it() -> None:
    """Dying in between costs a second message, which merges, and not the only one."""
    world = World()
    world.connector.always = reply(503)
    order: list[str] = []
    world.queue.on_change = lambda what, name: order.append(name) if what == "write" else None
    world.results.on_change = lambda what, _name: order.append("outcome") if what == "write" else None
    world.upload("day.json", export(3))
    world.run()
    assert order == ["outcome", "outcome", "queue", "outcome"]


@pytest.mark.parametrize(
    "retry_days", [7, pytest.param(60, marks=[pytest.mark.unmeasured, pytest.mark.soak])]
)
def test_an_export_that_fails_hourly_is_given_up_after_retry_days(retry_days: int) -> None:
    """A chain that never breaks does not go on for ever: `retries-exhausted`, and no message is left.

    After a week; in `make soak` after the 60 days that are the default.
    """
    world, _ = _failing()
    world.with_settings(RETRY_DAYS=str(retry_days))
    world.run_days(retry_days - 1)
    assert world.outcome("day.json").status is Status.FAILED
    world.run_days(2)
    outcome = world.outcome("day.json")
    assert outcome.error is not None
    assert (outcome.status, outcome.retry, outcome.error.code) == (
        Status.BLOCKED,
        "person",
        "retries-exhausted",
    )
    world.run(hours=2)
    assert world.queue.messages == []


def test_a_rotation_after_a_long_outage_has_its_three_requeues() -> None:
    """Requeues for another reason do not use up the patience a rotation needs."""
    world, _ = _failing()
    world.run(hours=6)
    world.connector.always = OK
    world.tokens.always = CredentialRefusedError(FailedCode.SECRET_WRONG, "wrong")
    world.run(hours=1)
    outcome = world.outcome("day.json")
    assert (outcome.status, outcome.error.code if outcome.error else "") == (Status.FAILED, "secret-wrong")
    world.tokens.always = None
    world.run(hours=1)
    assert world.outcome("day.json").status is Status.SUCCEEDED


def test_a_resend_of_a_version_that_is_gone_sends_nothing_twice() -> None:
    """The request was for other bytes: the new version is sent once, by its own event or by this message."""
    world = World()
    old = world.upload("day.json", export(3))
    world.run()
    world.upload("day.json", export(5, first=10))
    world.announce(world.request("resend", old))
    world.run()
    assert set(world.connector.times_taken().values()) == {1}
    assert len(world.connector.times_taken()) == 8


def test_a_resend_overwritten_while_it_is_read_sends_nothing_twice() -> None:
    """The requeue that looks at the new version has forgotten the request."""
    world = World()
    message = world.upload("day.json", export(25))
    world.run()
    world.exports.chunk_bytes = 1_000

    def overwrite(name: str) -> None:
        world.exports.on_chunk = lambda _name: None
        world.upload(name, export(7, first=100))

    world.exports.on_chunk = overwrite
    world.clock.sleep(60)
    world.announce(world.request("resend", message))
    world.run(hours=1)
    taken = world.connector.times_taken()
    assert {taken[f"door-{number:06d}"] for number in range(100, 107)} == {1}


def test_retry_after_zero_does_not_hammer() -> None:
    """A connector that says 429 and `Retry-After: 0` for ever is asked once a second at the most."""
    world = World()
    world.connector.always = reply(429, retry_after="0")
    world.process(world.upload("day.json", export(3)))
    assert len(world.connector.requests) <= 301
    assert world.outcome("day.json").status is Status.FAILED


def test_the_sweep_leaves_alone_what_has_a_requeue_on_its_way() -> None:
    """A requeue that is on its way keeps the sweep away from a young export."""
    world, _ = _failing()
    assert world.sweep().queued == 0
