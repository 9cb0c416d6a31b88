"""The decision to send is taken once: what settings and rules say later does not undo or hide it."""

import hashlib

import msgspec
import pytest

from shared.blob_names import ledger_path, outcome_path
from shared.delivery import ledger as ledgers
from shared.delivery.ledger import Ledger
from shared.delivery.outcome import decode
from shared.error_codes import Status
from shared.exports.batches import Batch
from shared.messages import Message
from tests.support.exports import export
from tests.support.fake_connector import OK, reply
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
    """MAX_INVALID_PERCENT was judged when the ledger was written; the rest goes out."""
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


@pytest.mark.parametrize("state", ["accepted", "sending"])
def test_rules_that_reject_all_that_was_left_end_the_export_as_partial(state: ledgers.State) -> None:
    """Some of it went out, or may have; today's rules reject everything else: nothing is open, nothing a duplicate."""
    world = World().with_settings(MAX_INVALID_PERCENT="90")
    world.connector.script.append(reply(403))
    message = world.upload("day.json", export(45, bad=tuple(range(11, 46))))
    world.run()
    (path,) = world.state.names()
    ledger = ledgers.decode(world.state.data(path))
    rest = msgspec.structs.replace(ledger.entries[0], first=11, last=45, records=35)
    sent = [msgspec.structs.replace(ledger.entries[0], state="accepted"), rest]
    if state == "sending":
        sent[1] = msgspec.structs.replace(rest, state="sending")
    yesterday = msgspec.structs.replace(ledger, rules="of yesterday", rejected=0, entries=sent)
    world.state.put(path, ledgers.encode(yesterday))
    outcome = world.process(message)
    assert outcome is not None
    assert (outcome.status, outcome.duplicate_of) == (Status.PARTIALLY_SUCCEEDED, None)
    assert outcome.records is not None
    unsure = 35 if state == "sending" else 0
    assert (outcome.records.sent, outcome.records.unconfirmed, outcome.records.rejected) == (
        10,
        unsure,
        35 - unsure,
    )
    assert world.ledgers()[0]["completedBy"] == {"name": message.name, "etag": message.etag}


def test_rules_that_reject_everything_reject_an_export_of_which_nothing_was_sent() -> None:
    """Yesterday's rules planned a batch that never left; by today's there is nothing to send."""
    world = World()
    data = export(10, bad=tuple(range(1, 11)))
    batch = Batch(first=1, last=10, records=10, bytes=1_000, sha256="0" * 64)
    yesterday = Ledger(
        version="0.9", rules="of yesterday", job_id=world.settings.job_id, sha256=hashlib.sha256(data).hexdigest(),
        created_at="2026-11-21T05:00:00Z", read=10, rejected=0, by_reason=[], latest_event="", max_bytes=10_000_000,
        entries=[ledgers.entry_of(batch)],
    )  # fmt: skip
    world.state.put(ledger_path(yesterday.job_id, yesterday.sha256, None), ledgers.encode(yesterday))
    outcome = world.process(world.upload("day.json", data))
    assert outcome is not None
    assert (outcome.status, outcome.error.code if outcome.error else "") == (
        Status.REJECTED,
        "too-many-invalid",
    )
    assert len(world.rejected("day.json")) == 10
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
    ledger = next(one for one in world.ledgers() if one["read"] == 30_000)
    assert "sending" not in {entry["state"] for entry in ledger["entries"]}
