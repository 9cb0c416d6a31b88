"""Messages that come late, twice, or for a version that is no longer there; settings that change in between."""

import json

import pytest

from shared.blob_names import outcome_path
from shared.delivery import held_export
from shared.delivery.outcome import Outcome, decode
from shared.error_codes import FailedCode, Status
from shared.errors import CredentialRefusedError, TransientError
from shared.messages import Message
from tests.support.exports import export
from tests.support.fake_connector import OK, Stored, reply
from tests.support.world import World


def _code(outcome: Outcome | None) -> str | None:
    return outcome.error.code if outcome and outcome.error else None


def _old(world: World, message: Message) -> Outcome:
    return decode(world.results.data(outcome_path(message.name, message.etag)))


def path_of_ledger(world: World) -> str:
    """Where the one ledger is."""
    return next(name for name in world.state.names() if name.startswith("ledger/"))


def test_a_wrong_job_id_that_was_corrected_is_sent_under_the_right_one() -> None:
    """The first job refused (403); after the setting was corrected the export is sent, and nothing is called lost."""
    world = World()
    world.connector.script.append(reply(403, b'"jobId and corresponding appId do not match."'))
    message = world.upload("day.json", export(25))
    world.process(message)
    assert _code(world.outcome("day.json")) == "job-mismatch"
    world.with_settings(CONNECTOR_JOB_ID="44444444-4444-4444-4444-444444444444")
    world.process(Message(message.name, message.etag, "sweep"))
    outcome = world.outcome("day.json")
    assert (outcome.status, outcome.job_id[:4]) == (Status.SUCCEEDED, "4444")
    assert (outcome.trigger, outcome.attempts) == ("upload", 2)
    assert len(world.connector.taken) == 3


def test_another_job_does_not_inherit_figures() -> None:
    """What the old job accepted is not counted for the new one, which gets everything."""
    world = World()
    world.connector.script.extend([OK, reply(403)])
    message = world.upload("day.json", export(25))
    world.process(message)
    world.with_settings(CONNECTOR_JOB_ID="44444444-4444-4444-4444-444444444444")
    world.connector.script.append(reply(403))
    world.process(message)
    outcome = world.outcome("day.json")
    assert outcome.records is not None
    assert (outcome.records.sent, outcome.records.unsent) == (0, 25)


def test_a_job_id_in_capitals_is_the_same_job() -> None:
    """A job id that is retyped in capitals does not make everything be sent again."""
    world = World()
    world.with_settings(CONNECTOR_JOB_ID="abcdef00-0000-0000-0000-00000000abcd")
    world.upload("day.json", export(3))
    world.run()
    world.with_settings(CONNECTOR_JOB_ID="ABCDEF00-0000-0000-0000-00000000ABCD")
    world.upload("copy.json", export(3))
    world.run()
    assert world.outcome("copy.json").status is Status.DUPLICATE


def test_a_resend_is_for_the_version_it_names() -> None:
    """A person asked for yesterday's content; what lies there by now is looked at as ever, and sent once."""
    world = World()
    message = world.upload("day.json", export(3))
    world.run()
    world.upload("day.json", export(5, first=10))
    world.run()
    world.announce(world.request("resend", message))
    world.run()
    assert set(world.connector.times_taken().values()) == {1}
    assert len(world.connector.times_taken()) == 8


def test_a_resend_whose_export_is_overwritten_meanwhile_does_not_repeat_the_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The request ends with the old version; the new version is sent once, by whichever message comes first."""
    monkeypatch.setattr(held_export, "HELD_BYTES", -1)  # as if it were too large to be held
    world = World()
    world.exports.chunk_bytes = 1_000
    message = world.upload("day.json", export(45))
    world.run()
    left = [9]

    def overwrite(name: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            new = world.exports.put(name, export(7, first=100))
            world.announce(Message(name, new.etag))

    world.exports.on_chunk = overwrite
    world.announce(world.request("resend", message))
    world.run(hours=1)
    assert (_old(world, message).status, _code(_old(world, message))) == (Status.SUCCEEDED, None)
    taken = world.connector.times_taken()
    assert {taken[f"door-{number:06d}"] for number in range(100, 107)} == {1}


def test_a_resend_that_was_answered_strangely_waits_for_a_person() -> None:
    """The queue delivers the same request again: that is no new request, and no copy is risked for it."""
    world = World()
    message = world.upload("day.json", export(3))
    world.run()
    world.connector.script.append(reply(202))
    request_id = world.request("resend", message)
    world.process(request_id)
    assert _code(world.outcome("day.json")) == "reply-unknown"
    assert world.process(request_id) is None
    assert len(world.connector.requests) == 2
    world.process(world.request("retry", message, id_="0b7c2a52-1111-4222-8333-444455556667"))
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert len(world.connector.requests) == 3


def test_a_command_that_came_back_is_no_new_command() -> None:
    """A command stepped aside for another worker; what that one left to a person is not tried again by the copy."""
    world = World()
    message = world.upload("day.json", export(3))
    world.connector.script.append(reply(202))
    world.run()
    assert world.process(Message(message.name, message.etag, "command", tries=1)) is None
    assert len(world.connector.requests) == 1


def test_worker_died_is_told() -> None:
    """The tenth start returns its outcome, so that the summary line and the alert see it."""
    world = World()
    message = world.upload("day.json", export(3))
    world.connector.script.append(reply(503))
    world.process(message)
    path = outcome_path(message.name, message.etag)
    document = json.loads(world.results.data(path))
    document |= {"status": "InProgress", "retry": None, "unfinishedStarts": 9, "nextAttemptAt": None}
    world.results.put(path, json.dumps(document).encode())
    outcome = world.process(message)
    assert _code(outcome) == "worker-died"


def test_an_outage_longer_than_retry_days_is_given_up_although_its_requeues_are_on_time() -> None:
    """A connector that says 503 for more than RETRY_DAYS: `retries-exhausted`, a person, and no further request."""
    world = World().with_settings(RETRY_DAYS="3")
    world.connector.always = reply(503)
    world.upload("day.json", export(3))
    world.run_days(5)
    outcome = world.outcome("day.json")
    assert (_code(outcome), outcome.retry) == ("retries-exhausted", "person")
    before = len(world.connector.requests)
    world.run_days(2)
    assert len(world.connector.requests) == before
    assert world.queue.messages == []


@pytest.mark.parametrize(("change", "code"), [("deleted", "export-deleted"), ("overwritten", None)])
def test_what_is_asked_for_a_version_that_was_gone_before_any_attempt_is_refused(
    change: str, code: str | None
) -> None:
    """The version is closed, and its outcome says what became of the request."""
    world = World()
    message = world.upload("day.json", export(3))
    world.queue.messages.clear()
    if change == "deleted":
        world.exports.delete("day.json")
    else:
        world.exports.put("day.json", b"[]")
    world.process(world.request("resend", message))
    outcome = _old(world, message)
    assert [(one.kind, one.result) for one in outcome.requests] == [("resend", "refused")]
    assert (outcome.status, _code(outcome)) == (Status.BLOCKED if code else Status.SUPERSEDED, code)


def test_what_a_person_asks_for_is_tried_although_retry_days_are_over() -> None:
    """An outage of two months that no sweep has met yet: the days count anew from the request."""
    world = World()
    world.connector.always = reply(503)
    message = world.upload("day.json", export(3))
    world.run(hours=1)
    assert world.outcome("day.json").status is Status.FAILED
    world.clock.sleep(61 * 86_400)
    world.connector.always = OK
    world.process(world.request("retry", message))
    assert world.outcome("day.json").status is Status.SUCCEEDED


def test_a_short_retry_after_does_not_make_an_outage_a_storm() -> None:
    """A connector that is down for a day and says `Retry-After: 1` is not asked every second all day."""
    world = World()
    world.connector.always = reply(503, retry_after="1")
    world.upload("day.json", export(3))
    world.run(hours=24)
    assert world.outcome("day.json").attempts < 40


def test_a_rotation_in_the_middle_of_an_outage_has_its_three_requeues() -> None:
    """Requeues that an outage used up do not count against a secret that is being rotated."""
    world = World()
    world.connector.always = reply(503)
    message = world.upload("day.json", export(3))
    world.run(hours=5)
    world.queue.messages.clear()
    world.tokens.failures.extend([CredentialRefusedError(FailedCode.SECRET_WRONG, "wrong")] * 3)
    world.connector.always = OK
    world.process(Message(message.name, message.etag, tries=7, after=world.outcome("day.json").attempts))
    assert world.outcome("day.json").status is Status.FAILED
    world.run(hours=2)
    assert world.outcome("day.json").status is Status.SUCCEEDED


def test_what_was_half_sent_is_not_rejected_for_its_size() -> None:
    """MAX_EXPORT_BYTES was lowered meanwhile: some of it was sent, so a person decides, and nothing is called rejected."""
    world = World()
    world.connector.script.extend([OK, reply(403)])
    message = world.upload("day.json", export(45))
    world.process(message)
    world.with_settings(MAX_EXPORT_BYTES="1000")
    world.process(message)
    outcome = world.outcome("day.json")
    assert (outcome.status, outcome.retry, _code(outcome)) == (Status.BLOCKED, "auto", "rules-changed")
    assert outcome.records is not None
    assert outcome.records.sent == 10
    world.with_settings()
    world.process(message)
    assert world.outcome("day.json").status is Status.SUCCEEDED


def test_an_export_overwritten_half_way_says_how_far_it_came_and_leaves_no_doubt() -> None:
    """Its outcome counts what was sent, and a batch whose request never left is `planned`, not `sending`."""
    world = World().with_settings(BATCH_MAX_RECORDS="1000")
    message = world.upload("day.json", export(30_000))

    def overwrite(when: str, _what: str) -> None:
        if when == "posted":
            world.exports.put("day.json", b"[]")

    world.connector.on_post = overwrite
    world.run(hours=1)
    old = _old(world, message)
    assert _code(old) == "export-overwritten"
    assert old.records is not None
    assert old.records.sent > 0
    assert old.records.unsent > 0
    states = [entry.state for entry in world.ledgers()[0].entries]
    assert "sending" not in states


def test_a_message_for_a_deleted_export_that_was_sent_changes_nothing() -> None:
    """The event comes again after the export was sent and deleted."""
    world = World()
    message = world.upload("day.json", export(3))
    world.run()
    world.exports.delete("day.json")
    assert world.process(message) is None
    assert _old(world, message).status is Status.SUCCEEDED


def test_a_late_message_for_a_deleted_export_blocks_once() -> None:
    """Nobody has seen it: the outcome says `export-deleted`, and a person decides."""
    world = World()
    message = world.upload("day.json", export(3))
    world.exports.delete("day.json")
    world.run()
    assert _code(_old(world, message)) == "export-deleted"
    assert world.process(message) is None


def test_two_workers_with_the_same_message_make_one_set_of_requests() -> None:
    """While the first one's request is on its way, the second one finds the lease taken and goes."""
    world = World()
    message = world.upload("day.json", export(25))
    seen: list[Outcome | None] = []

    def second_worker(when: str, _what: str) -> None:
        if when == "post" and len(world.connector.requests) == 1:
            world.connector.on_post = lambda _when, _what: None
            seen.append(world.process(message))

    world.connector.on_post = second_worker
    world.run()
    assert seen == [None]
    assert len(world.connector.requests) == 3
    world.run(hours=1)
    outcome = world.outcome("day.json")
    assert (outcome.status, outcome.unfinished_starts) == (Status.SUCCEEDED, 0)
    assert len(world.connector.requests) == 3
    assert world.queue.messages == []


def test_the_lease_is_lost_while_the_ledger_is_brought_to_rest() -> None:
    """Another worker has written the ledger just when we gave up: nothing more is written, and the message is put back."""
    world = World()

    def refuse_and_lose(when: str, _what: str) -> None:
        if when == "posted":
            path = path_of_ledger(world)
            world.state.append(path, b"{}\n", world.state.head(path).etag)

    world.connector.script.append(reply(403))
    world.connector.on_post = refuse_and_lose
    message = world.upload("day.json", export(3))
    outcome = world.process(message)
    assert outcome is not None
    assert outcome.status is Status.IN_PROGRESS
    assert world.outcome("day.json").error is None
    world.connector.on_post = lambda _when, _what: None
    world.state.put(path_of_ledger(world), world.state.data(path_of_ledger(world)).removesuffix(b"{}\n"))
    world.run(hours=1)
    assert world.outcome("day.json").status is Status.SUCCEEDED


def test_no_time_for_a_single_request_leaves_the_batch_planned() -> None:
    """Nothing was accepted in the time there was: `out-of-time`, tried again later, and no possible copy is counted."""
    world = World().with_settings(INVOCATION_SECONDS="1")
    world.tokens.failures.append(
        TransientError(FailedCode.VAULT_UNAVAILABLE, "down", retry_after_seconds=0.5)
    )
    world.connector.on_post = lambda _when, _what: None
    original = world.tokens.token

    def slow_token(*, fresh: bool = False) -> str:
        world.clock.sleep(2)
        return original(fresh=fresh)

    world.tokens.failures.clear()
    world.tokens.token = slow_token  # type: ignore[method-assign]
    message = world.upload("day.json", export(3))
    world.queue.messages.clear()
    outcome = world.process(message)
    assert outcome is not None
    assert (outcome.status, _code(outcome), outcome.unfinished_starts) == (Status.FAILED, "out-of-time", 0)
    assert world.connector.requests == []
    assert [entry.state for entry in world.ledgers()[0].entries] == ["planned"]
    assert [at - world.clock.monotonic() for at, _ in world.queue.messages] == [300]


def test_a_resend_that_crashes_goes_on_when_its_message_is_delivered_again() -> None:
    """The reply was lost with the worker: the batch is repeated once and counted, the others are not."""
    world = World()
    message = world.upload("day.json", export(25))
    world.run()
    world.connector.script.extend([OK, Stored()])
    world.connector.always = reply(503)
    world.announce(world.request("resend", message))
    world.run()
    world.connector.always = OK
    world.run(hours=1)
    outcome = world.outcome("day.json")
    assert outcome.status is Status.SUCCEEDED
    assert [batch.possible_copies for batch in outcome.batches] == [0, 1, 0]
    assert sorted(set(world.connector.times_taken().values())) == [2, 3]


def test_what_cannot_be_read_any_more_is_not_called_rejected() -> None:
    """Storage hands out other bytes under the same ETag: some of it was sent, so a person must look."""
    world = World()
    world.connector.script.extend([OK, reply(403)])
    message = world.upload("day.json", export(45))
    world.process(message)
    stored = world.exports.stored("day.json")
    stored.data = stored.data[:-300]
    world.process(message)
    outcome = world.outcome("day.json")
    assert (outcome.status, _code(outcome)) == (Status.BLOCKED, "rules-changed")
    assert outcome.records is not None
    assert outcome.records.sent == 10


@pytest.mark.parametrize("damaged", [b"", b"{", b'{"status": "Sideways"}', b"\xff"])
def test_a_damaged_outcome_is_written_anew_from_the_ledger(damaged: bytes) -> None:
    """Nothing is sent again; the outcome says what the ledger knows."""
    world = World()
    message = world.upload("day.json", export(3))
    world.run()
    world.results.put(outcome_path(message.name, message.etag), damaged)
    world.process(message)
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert len(world.connector.requests) == 1


def test_what_waited_for_sending_to_be_on_again_is_not_given_up_for_its_age() -> None:
    """RETRY_DAYS count from the end of `off`: an export that waited for 70 days is sent, not closed."""
    world = World().with_settings(CONNECTOR_SENDING="off")
    world.upload("day.json", export(5, bad=(2,)))
    world.run()
    outcome = world.outcome("day.json")
    assert (outcome.status, outcome.retry, _code(outcome)) == (Status.BLOCKED, "auto", "sending-off")
    assert outcome.records is not None
    assert (outcome.records.read, outcome.records.rejected, outcome.records.unsent) == (5, 1, 4)
    assert len(world.rejected("day.json")) == 1
    world.run_days(70)
    assert world.connector.requests == []
    world.with_settings()
    world.run_days(1)
    outcome = world.outcome("day.json")
    assert (outcome.status, outcome.retry_from is not None) == (Status.PARTIALLY_SUCCEEDED, True)
