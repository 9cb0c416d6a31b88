"""The decision to send is taken once: what settings and rules say later does not undo or hide it."""

from collections.abc import Iterator

import msgspec
import pytest

from shared.blob_names import outcome_path
from shared.delivery import held_export
from shared.delivery.outcome import decode, encode
from shared.error_codes import FailedCode, Status
from shared.errors import TransientError
from shared.messages import Message
from tests.support.exports import export
from tests.support.fake_connector import BROKEN, OK, Stored, reply
from tests.support.world import CrashError, World, crashing_after


def _killed_half_way(records: int, *, bad: tuple[int, ...] = ()) -> tuple[World, Message]:
    """A world whose process died with two batches accepted; the outcome knows nothing of it."""
    world = World()
    message = world.upload("day.json", export(records, bad=bad))
    world.connector.on_post = crashing_after(4)
    with pytest.raises(CrashError):
        world.process(message)
    world.connector.on_post = lambda _when, _what: None
    world.clock.sleep(61)
    return world, message


def test_a_lower_limit_after_a_crash_does_not_reject_what_is_half_sent() -> None:
    """MAX_INVALID_PERCENT was judged when the ledger was written; the rest is sent."""
    world, message = _killed_half_way(45, bad=(3, 33))
    world.with_settings(MAX_INVALID_PERCENT="0")
    outcome = world.process(message)
    assert outcome is not None
    assert outcome.status is Status.PARTIALLY_SUCCEEDED
    assert outcome.records is not None
    assert (outcome.records.sent, outcome.records.rejected) == (43, 2)
    assert len(world.rejected("day.json")) == 2


def test_correcting_the_job_id_sends_what_the_wrong_job_refused() -> None:
    """403 `jobId ... do not match` for days, then the setting is corrected: the next sweep sends everything."""
    world = World()
    world.connector.always = reply(403, b'"jobId and corresponding appId do not match."')
    world.upload("day.json", export(25))
    world.run_days(2)
    assert world.outcome("day.json").status is Status.BLOCKED
    world.connector.always = OK
    world.with_settings(CONNECTOR_JOB_ID="44444444-4444-4444-4444-444444444444")
    world.run_days(1)
    outcome = world.outcome("day.json")
    assert outcome.status is Status.SUCCEEDED
    assert outcome.trigger == "upload"
    assert set(world.connector.times_taken().values()) == {1}


def _other_rules(world: World) -> None:
    """Make the one ledger there is one of other rules."""
    path, ledger = world.only_ledger()
    plan = msgspec.structs.replace(ledger.plan, rules="f" * 64)
    world.put_ledger(
        f"{path.rpartition('/')[0]}/{'f' * 16}.jsonl", msgspec.structs.replace(ledger, plan=plan)
    )
    world.state.delete(path)


def test_what_other_rules_have_sent_is_out_of_question() -> None:
    """Rules change in the middle of an export: what was accepted is sent, whatever they think of it, the rest is new."""
    world = World()
    world.connector.script.extend([OK, OK, reply(403)])
    message = world.upload("day.json", export(45))
    world.run()
    _other_rules(world)
    world.process(message)
    outcome = world.outcome("day.json")
    assert outcome.status is Status.SUCCEEDED
    assert outcome.records is not None
    assert (outcome.records.read, outcome.records.sent) == (45, 45)
    assert set(world.connector.times_taken().values()) == {1}
    assert len(world.ledgers()) == 2


def test_what_other_rules_left_in_doubt_goes_again_and_is_counted() -> None:
    """A request got no answer, then the rules changed: its records are sent under the new ledger, and counted."""
    world = World().with_settings(RETRY_MAX_SECONDS="0")
    world.connector.script.extend([OK, Stored(BROKEN)])
    world.connector.always = reply(403)
    message = world.upload("day.json", export(45))
    world.run()
    _other_rules(world)
    world.connector.always = OK
    world.process(world.request("retry", message))
    outcome = world.outcome("day.json")
    assert (outcome.status, outcome.in_doubt_elsewhere) == (Status.SUCCEEDED, 10)
    assert [one.code for one in outcome.warnings] == ["in-doubt-elsewhere"]
    assert sum(count - 1 for count in world.connector.times_taken().values()) == 10


def test_rules_that_reject_what_was_half_sent_need_a_person_and_lose_no_count() -> None:
    """Some of it was accepted; by today's rules the rest is too bad to be sent: `rules-changed`, with what was sent."""
    world = World().with_settings(MAX_INVALID_PERCENT="90")
    world.connector.script.extend([OK, reply(403)])
    message = world.upload("day.json", export(45, bad=tuple(range(11, 45))))
    world.run()
    _other_rules(world)
    world.with_settings(MAX_INVALID_PERCENT="10")
    outcome = world.process(message)
    assert outcome is not None
    assert outcome.error is not None
    assert (outcome.status, outcome.retry, outcome.error.code) == (Status.BLOCKED, "auto", "rules-changed")
    assert outcome.records is not None
    assert outcome.records.sent == 10


def test_rules_that_reject_everything_reject_an_export_of_which_nothing_was_sent() -> None:
    """Yesterday's rules planned a batch that never left; by today's there is nothing to send."""
    world = World()
    world.tokens.always = TransientError(FailedCode.VAULT_UNAVAILABLE, "The vault cannot be reached.")
    message = world.upload("day.json", export(10, bad=(1, 2, 3)))
    world.run()
    _other_rules(world)
    world.with_settings(MAX_INVALID_PERCENT="10")
    outcome = world.process(world.request("retry", message))
    assert outcome is not None
    assert (outcome.status, outcome.error.code if outcome.error else "") == (
        Status.REJECTED,
        "too-many-invalid",
    )
    assert len(world.rejected("day.json")) == 3
    assert world.connector.requests == []


def test_overwritten_half_way_says_how_far_it_came() -> None:
    """The closed version's outcome counts what was sent, and its ledger leaves no doubt behind."""
    world = World().with_settings(BATCH_MAX_RECORDS="1000")
    sent = [0]

    def overwrite(name: str) -> None:
        if len(world.connector.taken) >= 2 and not sent[0]:
            sent[0] = 1
            world.exports.put(name, export(7))

    world.exports.on_chunk = overwrite
    message = world.upload("day.json", export(30_000, first=100))
    world.run()
    assert sent[0]
    old = decode(world.results.data(outcome_path(message.name, message.etag)))
    assert old.error is not None
    assert (old.status, old.error.code) == (Status.BLOCKED, "export-overwritten")
    assert old.records is not None
    taken = [one for one in world.connector.times_taken() if int(one[-6:]) >= 100]
    assert old.records.sent == len(taken)
    ledger = next(one for one in world.ledgers() if one.plan.read == 30_000)
    assert "sending" not in {entry.state for entry in ledger.entries}


@pytest.mark.parametrize("sending", ["on", "off"])
def test_a_copy_of_what_was_half_sent_by_other_rules_is_not_rejected(sending: str) -> None:
    """Its own outcome knows no ledger: those of its content count, whether or not anything is sent just now."""
    world = World().with_settings(MAX_INVALID_PERCENT="90")
    world.connector.script.extend([OK, reply(403)])
    data = export(45, bad=tuple(range(11, 45)))
    world.upload("day.json", data)
    world.run()
    _other_rules(world)
    world.with_settings(MAX_INVALID_PERCENT="10", CONNECTOR_SENDING=sending)
    outcome = world.process(world.upload("copy.json", data))
    assert outcome is not None
    assert outcome.error is not None
    assert (outcome.status, outcome.error.code) == (Status.BLOCKED, "rules-changed")
    assert outcome.records is not None
    assert outcome.records.sent == 10


def test_what_is_half_sent_and_cannot_be_read_any_more_is_no_rejected_export(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pass 1 was good; storage hands other bytes to pass 2: something is broken, and a person must look."""
    monkeypatch.setattr(held_export, "HELD_BYTES", -1)  # as if it were too large to be held
    world = World()
    message = world.upload("day.json", export(45))

    world.state.on_change = lambda what, name: (
        _break(world) if what == "wrote" and name.startswith("ledger/") else None
    )
    outcome = world.process(message)
    assert outcome is not None
    assert outcome.error is not None
    assert (outcome.status, outcome.error.code) == (Status.BLOCKED, "ledger-mismatch")
    assert world.connector.requests == []


def _break(world: World) -> None:
    stored = world.exports.stored("day.json")
    stored.data = stored.data.replace(b"[", b"{", 1)


def test_an_outcome_that_another_worker_has_written_while_the_export_was_read_stops_the_attempt() -> None:
    """It must name the ledger before the first request leaves; else nobody would know that something was sent."""
    world = World()
    message = world.upload("day.json", export(15))
    world.queue.messages.clear()
    path = outcome_path(message.name, message.etag)

    def writing(what: str, name: str) -> None:
        if what == "wrote" and name.startswith("ledger/"):
            world.state.on_change = lambda _what, _name: None
            begun = decode(world.results.data(path))
            world.results.put(path, encode(msgspec.structs.replace(begun, invocation_id="another")))

    world.state.on_change = writing
    outcome = world.process(message)
    assert outcome is not None
    assert (outcome.status, outcome.invocation_id) == (Status.IN_PROGRESS, "another")
    assert world.connector.requests == []
    assert len(world.queue.messages) == 1


def test_a_third_reading_that_storage_breaks_off_is_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The records that the connector refused are in the rejected file before the ledger says that it is complete."""
    monkeypatch.setattr(held_export, "HELD_BYTES", -1)  # as if it were too large to be held
    world = World()
    world.connector.script.append(reply(207, b'[{"index": 1, "status": 400}]'))
    message = world.upload("day.json", export(5))

    def broken(_name: str, _etag: str) -> Iterator[bytes]:
        raise TransientError(FailedCode.STORAGE_UNAVAILABLE, "The export could not be read from storage.")

    def breaking(when: str, _what: str) -> None:
        if when == "posted":
            monkeypatch.setattr(world.exports, "chunks", broken)

    world.connector.on_post = breaking
    outcome = world.process(message)
    assert outcome is not None
    assert outcome.error is not None
    assert (outcome.status, outcome.error.code) == (Status.FAILED, "storage-unavailable")
    assert world.only_ledger()[1].completed_by is None
    monkeypatch.undo()
    world.run(hours=1)
    assert world.outcome("day.json").status is Status.PARTIALLY_SUCCEEDED
    assert [one["record"] for one in world.rejected("day.json")] == [2]
    assert len(world.connector.requests) == 1
