"""Versions that are closed without their bytes, and what is said where their ledgers cannot be used."""

import pytest

from shared.blob_names import outcome_path
from shared.delivery.outcome import Outcome, decode
from shared.error_codes import Status
from shared.messages import Message
from tests.support.exports import export
from tests.support.fake_connector import OK, reply
from tests.support.world import World


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


@pytest.mark.parametrize("change", ["overwritten", "deleted"])
def test_a_damaged_ledger_of_a_version_that_is_gone_waits_for_a_person(change: str) -> None:
    """Nobody knows what was accepted: it is not called superseded, and no message is set aside as if storage failed."""
    world = World()
    message = _partly_sent(world)
    path, _ = world.only_ledger()
    world.state.put(path, b"{}\n")
    if change == "overwritten":
        world.exports.put("day.json", b"[]")
    else:
        world.exports.delete("day.json")
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
    if change == "overwritten":
        world.exports.put("day.json", b"[]")
    else:
        world.exports.delete("day.json")
    world.announce(world.request("give-up", message))
    world.run()
    outcome = _old(world, message)
    assert (outcome.status, outcome.retry) == (Status.GIVEN_UP, None)
    assert outcome.records is not None
    assert (outcome.records.sent, outcome.records.unsent) == (10, 5)


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


@pytest.mark.parametrize("when", ["before it is read", "while it is read"])
def test_a_resend_whose_ledger_is_damaged_when_its_export_is_overwritten_gives_nothing_back(
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
    world.run(hours=1)
    outcome = _old(world, message)
    assert (outcome.status, outcome.retry, _code(outcome)) == (Status.BLOCKED, "person", "ledger-damaged")
