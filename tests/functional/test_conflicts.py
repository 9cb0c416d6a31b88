"""Storage that refuses, workers that meet, and bugs: who writes what, what is raised, and what is left behind."""

from typing import Any

import msgspec
import pytest

from shared.blob_names import outcome_path
from shared.delivery.outcome import Outcome, decode, encode
from shared.error_codes import FailedCode, Status
from shared.errors import ConditionError, StorageError, TransientError
from shared.messages import Message
from tests.support.exports import export
from tests.support.fake_connector import OK, reply
from tests.support.world import World


def _code(outcome: Outcome | None) -> str | None:
    return outcome.error.code if outcome and outcome.error else None


def _refusing(*_: Any, **__: Any) -> str:
    raise ConditionError("another writer was faster")


def test_an_archived_export_is_tried_daily_until_it_is_thawed() -> None:
    """Blocked, by itself again the next day; after the tier is changed it is sent, its ETag being the same."""
    world = World()
    message = world.upload("day.json", export(3))
    world.exports.archive("day.json")
    outcome = world.process(message)
    assert outcome is not None
    assert (outcome.status, outcome.retry, _code(outcome)) == (Status.BLOCKED, "auto", "export-archived")
    world.exports.archive("day.json", archived=False)
    world.run_days(1.1)
    assert world.outcome("day.json").status is Status.SUCCEEDED


@pytest.mark.parametrize("place", ["exports", "results", "state"])
def test_storage_that_refuses_is_raised_before_anything_is_sent(place: str) -> None:
    """403, a missing container, an outage of ours: the host tries the message again, and no request is made."""
    world = World()
    message = world.upload("day.json", export(3))
    container = getattr(world, place)
    container.refuses = "storage answers 403 (AuthorizationPermissionMismatch)"
    with pytest.raises(StorageError):
        world.process(message)
    assert world.connector.requests == []
    container.refuses = ""
    world.run()
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert world.poison == []


def test_an_export_that_streams_no_more_is_failed_and_comes_back() -> None:
    """Storage broke off in the middle of pass 1: tried again in five minutes, nothing rejected."""
    world = World()
    world.exports.chunk_bytes = 1_000
    left = [2]

    def break_off(_name: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise TransientError(FailedCode.STORAGE_UNAVAILABLE, "The export could not be read from storage.")

    world.exports.on_chunk = break_off
    world.upload("day.json", export(45))
    world.run()
    outcome = world.outcome("day.json")
    assert (outcome.status, _code(outcome)) == (Status.FAILED, "storage-unavailable")
    world.run(hours=0.2)
    assert world.outcome("day.json").status is Status.SUCCEEDED


@pytest.mark.parametrize("error", [StorageError("storage cannot be reached"), ZeroDivisionError()])
def test_what_breaks_while_a_batch_is_on_its_way_leaves_it_in_doubt(error: Exception) -> None:
    """An outage of storage or a bug: the batch stays `sending`, the lease is given back, one copy is counted."""
    world = World()

    def break_once(when: str, _what: str) -> None:
        if when == "posted":
            world.connector.on_post = lambda _when, _what: None
            raise error

    world.connector.on_post = break_once
    message = world.upload("day.json", export(25))
    with pytest.raises(type(error)):
        world.process(message)
    assert [entry.state for entry in world.ledgers()[0].entries] == ["sending", "planned", "planned"]
    assert world.outcome("day.json").status is Status.IN_PROGRESS
    world.process(message)
    outcome = world.outcome("day.json")
    assert (outcome.status, outcome.unfinished_starts) == (Status.SUCCEEDED, 0)
    assert [batch.possible_copies for batch in outcome.batches] == [1, 0, 0]


def test_an_outcome_that_is_rewritten_all_the_time_is_raised() -> None:
    """At the beginning, before anything is read or sent."""
    world = World()
    message = world.upload("day.json", export(3))
    world.results.write = _refusing  # type: ignore[method-assign]
    with pytest.raises(StorageError):
        world.process(message)
    assert world.connector.requests == []


def test_an_end_that_cannot_be_written_is_raised_and_nothing_is_sent_twice() -> None:
    """The ledger is complete: the next delivery of the message writes the outcome from it."""
    world = World()
    message = world.upload("day.json", export(3))
    real = world.results.write

    def refuse_from_now_on(when: str, _what: str) -> None:
        if when == "posted":
            world.results.write = _refusing  # type: ignore[method-assign]

    world.connector.on_post = refuse_from_now_on
    with pytest.raises(StorageError):
        world.process(message)
    world.results.write = real  # type: ignore[method-assign]
    world.process(message)
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert len(world.connector.requests) == 1


def _finished_meanwhile(world: World, message: Message) -> None:
    """Another worker brings the export to its end."""
    path = outcome_path(message.name, message.etag)
    done = msgspec.structs.replace(
        decode(world.results.data(path)), status=Status.SUCCEEDED, finished_at=None
    )
    world.results.put(path, encode(done), metadata={"status": "Succeeded"})


def test_a_failure_does_not_overwrite_another_workers_success() -> None:
    """We failed for want of a token while another worker sent it all: what is final stands."""
    world = World()
    message = world.upload("day.json", export(3))
    world.connector.script.append(reply(403))
    world.connector.on_post = lambda when, _what: (
        _finished_meanwhile(world, message) if when == "posted" else None
    )
    outcome = world.process(message)
    assert outcome is not None
    assert outcome.status is Status.SUCCEEDED
    assert world.outcome("day.json").status is Status.SUCCEEDED


def test_a_success_under_the_lease_is_the_last_word() -> None:
    """Whatever was written meanwhile, the ledger's holder knows what became of the batches."""
    world = World()
    message = world.upload("day.json", export(3))
    path = outcome_path(message.name, message.etag)

    def another_begins(when: str, _what: str) -> None:
        if when == "posted":
            world.results.put(path, world.results.data(path), metadata={"status": "InProgress"})

    world.connector.on_post = another_begins
    world.process(message)
    assert world.outcome("day.json").status is Status.SUCCEEDED


def test_a_ledger_that_was_never_used_and_is_gone_is_made_anew() -> None:
    """Nothing was sent by it, so nothing can be doubled."""
    world = World()
    world.tokens.always = TransientError(FailedCode.VAULT_UNAVAILABLE, "The vault cannot be reached.")
    message = world.upload("day.json", export(3))
    world.run()
    world.state.delete(world.only_ledger()[0])
    world.tokens.always = None
    world.process(world.request("retry", message))
    assert world.outcome("day.json").status is Status.SUCCEEDED


def _half_sent() -> tuple[World, Message, str]:
    world = World()
    world.connector.script.extend([OK, reply(403)])
    message = world.upload("day.json", export(45))
    world.run()
    return world, message, world.only_ledger()[0]


@pytest.mark.parametrize("lost", [slice(0, 1), slice(2, 3), slice(3, 5)])
def test_a_ledger_that_lost_batches_is_damaged(lost: slice) -> None:
    """A document that can be read and does not add up: nothing is sent by it, and it is left as it is."""
    world, message, path = _half_sent()
    ledger = world.only_ledger()[1]
    entries = [entry for entry in ledger.entries if entry not in ledger.entries[lost]]
    data = world.put_ledger(path, msgspec.structs.replace(ledger, entries=entries))
    world.process(message)
    assert _code(world.outcome("day.json")) == "ledger-damaged"
    assert world.state.data(path) == data
    assert len(world.connector.requests) == 2


def test_a_ledger_whose_batches_are_out_of_order_is_damaged() -> None:
    """They add up, and still nobody knows what was meant."""
    world, message, path = _half_sent()
    ledger = world.only_ledger()[1]
    world.put_ledger(path, msgspec.structs.replace(ledger, entries=ledger.entries[::-1]))
    world.process(message)
    assert _code(world.outcome("day.json")) == "ledger-damaged"


def test_a_ledger_for_other_ranges_than_the_export_has_is_a_mismatch() -> None:
    """Sound in itself, but what was accepted was other content: nothing is guessed, nothing is sent."""
    world, message, path = _half_sent()
    ledger = world.only_ledger()[1]
    other = msgspec.structs.replace(ledger.entries[0], sha256="0" * 64)
    world.put_ledger(path, ledger.with_entry(0, other))
    world.process(message)
    assert _code(world.outcome("day.json")) == "ledger-mismatch"
    assert len(world.connector.requests) == 2


def test_the_longest_wait_a_connector_may_ask_for_fits_the_queue() -> None:
    """A year is asked for; six days are waited, since a queue hides a message for seven at the most."""
    world = World()
    world.connector.script.append(reply(503, retry_after="31536000"))
    world.upload("day.json", export(3))
    world.run()
    ((shows, _),) = world.queue.messages
    assert shows - world.clock.monotonic() == 6 * 86_400
    assert world.outcome("day.json").next_attempt_at == "2026-11-28T05:00:00Z"


def test_the_first_trigger_is_kept() -> None:
    """Found by the sweep, retried by a person: it stays the sweep's find."""
    world = World()
    blob = world.exports.put("day.json", export(3))
    world.clock.sleep(3_600)
    world.connector.always = reply(403)
    world.sweep()
    world.run()
    world.connector.always = OK
    world.announce(world.request("retry", Message(blob.name, blob.etag)))
    world.run()
    outcome = world.outcome("day.json")
    assert (outcome.status, outcome.trigger, outcome.attempts) == (Status.SUCCEEDED, "sweep", 2)


def test_an_end_whose_answer_was_lost_is_told_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Storage took the write; the SDK's own second try meets its own work."""
    world = World()
    message = world.upload("day.json", b"no json")
    write = world.results.write
    told: list[Outcome] = []

    def losing(name: str, data: bytes, *rest: Any, **options: Any) -> str:
        etag = write(name, data, *rest, **options)
        if b'"Rejected"' in data:
            raise ConditionError("412 after a lost answer")
        return etag

    monkeypatch.setattr(world.results, "write", losing)
    monkeypatch.setattr(type(world.observer), "ended", lambda _, outcome, **__: told.append(outcome))
    outcome = world.process(message)
    assert outcome is not None
    assert [one.status for one in told] == [outcome.status] == [Status.REJECTED]
