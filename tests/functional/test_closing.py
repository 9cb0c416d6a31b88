"""Versions that are closed without their bytes, and what is said where their ledgers cannot be used."""

import pytest

from shared.blob_names import outcome_path
from shared.delivery.outcome import Outcome, decode
from shared.error_codes import Status
from shared.messages import Message
from tests.support.exports import export
from tests.support.fake_connector import OK, reply
from tests.support.world import CrashError, World


def _old(world: World, message: Message) -> Outcome:
    return decode(world.results.data(outcome_path(message.name, message.etag)))


def _code(outcome: Outcome) -> str | None:
    return outcome.error.code if outcome.error else None


def _partly_sent(world: World) -> Message:
    """An export of which the first batch was accepted and the second was not."""
    world.connector.script.extend([OK, reply(403)])
    message = world.upload("day.json", export(15))
    world.run()
    return message


def _change(world: World, name: str, change: str) -> None:
    """Let a version be gone."""
    if change == "overwritten":
        world.exports.put(name, b"[]")
    else:
        world.exports.delete(name)


@pytest.mark.parametrize("change", ["overwritten", "deleted"])
def test_a_damaged_ledger_of_a_version_that_is_gone_waits_for_a_person(change: str) -> None:
    """Nobody knows what was accepted: it is not called superseded, and no message is set aside as if storage failed."""
    world = World()
    message = _partly_sent(world)
    path, _ = world.only_ledger()
    world.state.put(path, b"{}\n")
    _change(world, "day.json", change)
    world.announce(message)
    world.run(hours=3)
    outcome = _old(world, message)
    assert (outcome.status, outcome.retry, _code(outcome)) == (Status.BLOCKED, "person", "ledger-damaged")
    assert world.poison == []


def test_an_operator_can_give_up_what_has_a_damaged_ledger() -> None:
    """It needs no blob and no ledger; the figures that were known stay."""
    world = World()
    message = _partly_sent(world)
    path, _ = world.only_ledger()
    world.state.put(path, b"{}\n")
    world.announce(world.request("give-up", message))
    world.run()
    outcome = _old(world, message)
    assert (outcome.status, _code(outcome)) == (Status.GIVEN_UP, None)
    assert outcome.records is not None
    assert (outcome.records.sent, outcome.records.unsent) == (10, 5)
    assert [one.result for one in outcome.requests] == ["done"]


@pytest.mark.parametrize("change", ["overwritten", "deleted"])
def test_what_is_gone_is_given_up_when_an_operator_says_so(change: str) -> None:
    """It is not blocked, or superseded, instead: nobody needs to act on it any more."""
    world = World()
    message = _partly_sent(world)
    _change(world, "day.json", change)
    world.announce(world.request("give-up", message))
    world.run()
    outcome = _old(world, message)
    assert (outcome.status, outcome.retry) == (Status.GIVEN_UP, None)
    assert outcome.records is not None
    assert (outcome.records.sent, outcome.records.unsent) == (10, 5)


@pytest.mark.parametrize("change", ["overwritten", "deleted"])
def test_what_was_sent_before_its_worker_died_has_succeeded_whatever_became_of_its_bytes(change: str) -> None:
    """The ledger says that nothing was left to send."""
    world = World()
    message = world.upload("day.json", export(15, bad=(3,)))

    def die(when: str, name: str) -> None:
        if when == "write" and name.startswith("outcomes/") and len(world.connector.requests) == 2:
            world.results.on_change = lambda _what, _name: None
            _change(world, "day.json", change)
            raise CrashError

    world.results.on_change = die
    world.run(hours=1)
    outcome = _old(world, message)
    assert (outcome.status, _code(outcome)) == (Status.PARTIALLY_SUCCEEDED, None)
    assert outcome.records is not None
    assert (outcome.records.sent, outcome.records.rejected) == (14, 1)
    assert len(world.connector.requests) == 2


@pytest.mark.parametrize("change", ["overwritten", "deleted"])
def test_what_another_name_has_sent_to_the_end_is_its_duplicate_whatever_became_of_its_bytes(
    change: str,
) -> None:
    """Of the first name a batch was accepted; the second one sent the rest."""
    world = World().with_settings(RETRY_MAX_SECONDS="0")
    world.connector.script.extend([OK, reply(503)])
    first = world.upload("first.json", export(15))
    world.run()
    assert _old(world, first).status is Status.FAILED
    second = world.upload("second.json", export(15))
    world.run()
    assert _old(world, second).status is Status.SUCCEEDED
    _change(world, "first.json", change)
    world.run(hours=1)
    outcome = _old(world, first)
    assert (outcome.status, _code(outcome)) == (Status.DUPLICATE, None)
    assert outcome.duplicate_of is not None
    assert (outcome.duplicate_of.name, outcome.duplicate_of.etag) == (second.name, second.etag)
    assert outcome.records is not None
    assert (outcome.records.sent, outcome.records.unsent) == (0, 15)


def test_a_ledger_that_is_damaged_while_its_export_is_overwritten_waits_for_a_person() -> None:
    """The new version is sent; of the old one the outcome says that its ledger cannot be read."""
    world = World()
    message = _partly_sent(world)
    path, _ = world.only_ledger()
    world.exports.chunk_bytes = 500

    def overwrite(name: str) -> None:
        world.exports.on_chunk = lambda _name: None
        world.state.put(path, b"{}\n")
        world.exports.put(name, export(3, first=100))

    world.exports.on_chunk = overwrite
    world.announce(Message(message.name, message.etag, "sweep"))
    world.run(hours=1)
    assert _code(_old(world, message)) == "ledger-damaged"
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert world.poison == []


@pytest.mark.parametrize("when", ["before it is read", "while it is read", "given up"])
def test_a_resend_whose_ledger_is_damaged_gives_nothing_back_when_it_is_closed(
    when: str,
) -> None:
    """Nobody knows what it sent: the end that was there before does not come back as if that were nothing."""
    world = World().with_settings(RETRY_MAX_SECONDS="0")
    world.exports.chunk_bytes = 500
    message = world.upload("day.json", export(15))
    world.run()
    world.connector.script.append(reply(503))
    world.announce(world.request("resend", message))
    world.run()
    assert _old(world, message).status is Status.FAILED
    (path,) = [name for name in world.state.names() if name.startswith("ledger/") and "~" in name]

    def overwrite(name: str) -> None:
        world.exports.on_chunk = lambda _name: None
        world.state.put(path, b"{}\n")
        world.exports.put(name, export(3, first=100))

    if when == "while it is read":
        world.exports.on_chunk = overwrite
    else:
        overwrite(message.name)
    if when == "given up":
        world.announce(world.request("give-up", message, id_="0b7c2a52-1111-4222-8333-444455556667"))
    world.run(hours=1)
    outcome = _old(world, message)
    assert outcome.before is not None
    if when == "given up":
        assert (outcome.status, _code(outcome)) == (Status.GIVEN_UP, None)
    else:
        assert (outcome.status, outcome.retry, _code(outcome)) == (Status.BLOCKED, "person", "ledger-damaged")
