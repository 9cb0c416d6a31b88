"""The daily sweep: finds what nobody is working on, leaves alone what is in hand, gives up loudly."""

import json
from datetime import timedelta

import pytest

from shared.blob_names import outcome_path
from shared.delivery.outcome import Outcome, decode
from shared.error_codes import FailedCode, Status
from shared.errors import TransientError
from tests.support.exports import export
from tests.support.fake_clock import MORNING
from tests.support.fake_connector import OK, reply
from tests.support.world import CrashError, World, crashing_after


def _code(outcome: Outcome) -> str | None:
    return outcome.error.code if outcome.error else None


def test_a_missed_event_is_found_after_a_quarter_of_an_hour() -> None:
    """A blob nobody announced is queued, but not while its event may still be on its way."""
    world = World()
    world.exports.put("missed.json", export(3))
    assert world.sweep().queued == 0
    world.clock.sleep(16 * 60)
    assert world.sweep().queued == 1
    world.run()
    outcome = world.outcome("missed.json")
    assert (outcome.status, outcome.trigger) == (Status.SUCCEEDED, "sweep")


def test_what_is_final_is_left_alone() -> None:
    """A sweep over finished exports queues nothing, reads nothing, writes nothing."""
    world = World()
    for name, data in {"good.json": export(3), "copy.json": export(3), "bad.json": b"["}.items():
        world.upload(name, data)
    world.run()
    world.clock.sleep(86_400)
    sweep_result = world.sweep()
    assert (sweep_result.queued, dict(sweep_result.waiting)) == (0, {"Rejected": 1})


def test_a_rejected_export_waits_until_it_is_replaced_or_two_weeks_are_over() -> None:
    """It is final, and still has to be corrected; a newer version of that name ends the waiting."""
    world = World()
    world.upload("left.json", b"[")
    world.upload("corrected.json", b"[")
    world.run()
    assert world.sweep().waiting["Rejected"] == 2
    world.upload("corrected.json", export(3))
    world.run()
    assert world.sweep().waiting["Rejected"] == 1
    world.clock.sleep(15 * 86_400)
    assert world.sweep().waiting["Rejected"] == 0


def test_a_dead_worker_is_found_after_two_hours() -> None:
    """`InProgress` is a worker's for two hours; then it is queued again."""
    world = World()
    message = world.upload("day.json", export(3))
    world.queue.messages.clear()
    world.connector.on_post = crashing_after(0)
    with pytest.raises(CrashError):
        world.process(message)
    world.clock.sleep(2 * 3_600 - 1)
    assert world.sweep().queued == 0
    world.clock.sleep(2)
    assert world.sweep().queued == 1
    world.run()
    assert world.outcome("day.json").status is Status.SUCCEEDED


def test_a_failed_export_whose_requeue_is_lost_is_found() -> None:
    """`Failed` waits for its own message; an hour after that was due the sweep helps."""
    world = World()
    world.connector.always = reply(503)
    world.upload("day.json", export(3))
    world.run()
    assert world.sweep().queued == 0
    world.queue.messages.clear()
    world.clock.sleep(3_600)
    assert world.sweep().queued == 0
    world.clock.sleep(301)
    assert world.sweep().queued == 1


def test_blocked_by_configuration_is_tried_daily_until_corrected() -> None:
    """Each day one request; the day after it was corrected, the export is sent, without a command."""
    world = World()
    world.connector.always = reply(403)
    world.upload("day.json", export(3))
    world.run_days(5)
    assert len(world.connector.requests) == 6
    world.connector.always = OK
    world.run_days(1)
    assert world.outcome("day.json").status is Status.SUCCEEDED


def test_what_waits_for_a_person_is_left_alone() -> None:
    """An unknown answer is not tried again by the sweep, nor by a repeated event, only by a command."""
    world = World()
    world.connector.script.append(reply(202))
    message = world.upload("day.json", export(3))
    world.run_days(3)
    world.process(message)
    assert len(world.connector.requests) == 1
    world.process(world.request("retry", message))
    outcome = world.outcome("day.json")
    assert (outcome.status, outcome.batches[0].possible_copies) == (Status.SUCCEEDED, 1)


@pytest.mark.parametrize(("change", "code"), [("delete", "export-deleted"), ("overwrite", None)])
def test_an_open_outcome_without_its_export_is_closed(change: str, code: str | None) -> None:
    """An export that went before all of it was sent is said to be gone, once."""
    world = World()
    world.connector.always = reply(403)
    message = world.upload("day.json", export(3))
    world.run()
    if change == "delete":
        world.exports.delete("day.json")
    else:
        world.exports.put("day.json", b"[]")
    assert world.sweep().queued == 1
    world.run()
    outcome = decode(world.results.data(outcome_path(message.name, message.etag)))
    assert (outcome.status, outcome.retry, _code(outcome)) == (
        (Status.BLOCKED, "person", code) if code else (Status.SUPERSEDED, None, None)
    )
    world.clock.sleep(3_600)
    assert world.sweep().queued == (0 if change == "delete" else 1)  # the new version, which nobody announced


def test_retry_days_over_gives_up_loudly() -> None:
    """After 60 days of 403 the export is `Blocked`, `retries-exhausted`, and waits for a person."""
    world = World()
    world.connector.always = reply(403)
    message = world.upload("day.json", export(3))
    world.run_days(60)
    assert _code(world.outcome("day.json")) == "connector-refused"
    world.clock.sleep(86_400)
    world.sweep()
    world.run()
    outcome = world.outcome("day.json")
    assert (outcome.status, outcome.retry, _code(outcome)) == (Status.BLOCKED, "person", "retries-exhausted")
    world.connector.always = OK
    world.run_days(3)
    assert world.outcome("day.json").status is Status.BLOCKED
    world.announce(world.request("retry", message))
    world.run()
    assert world.outcome("day.json").status is Status.SUCCEEDED


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("hours", "failing", "asked_seconds", "every_days"),
    [
        (2, 503, 300, 1),
        (24 * 7, 503, 300, 1),
        (24 * 42, 500, 0, 21),
        pytest.param(24 * 42, 500, 300, 8, marks=pytest.mark.soak),
    ],
)
def test_an_outage_ends_with_everything_sent_once(
    hours: int, failing: int, asked_seconds: int, every_days: int
) -> None:
    """Two hours, a week, six weeks: nothing lost, nothing twice, nothing poisoned, done within the hour after it.

    Of six weeks, `make test` has two exports, for which each attempt asks the connector once; `make soak` has six, for which each
    asks 14 times.
    """
    world = World().with_settings(RETRY_MAX_SECONDS=str(asked_seconds))
    recovery = MORNING + timedelta(hours=hours)
    days = max(1, hours // 24)
    world.connector.always = lambda _records: OK if world.clock.now() >= recovery else reply(failing)
    uploads = range(0, days, every_days)
    for day in range(days):
        if day in uploads:
            world.upload(f"{day:02d}.json", export(25, first=1 + 25 * day))
        left = (recovery - world.clock.now()).total_seconds() / 86_400
        world.run_days(min(1.0, left) if days > 1 else hours / 24)
    world.clock.pass_until(hours * 3_600)
    world.run(hours=1.1)
    assert {world.outcome(f"{day:02d}.json").status for day in uploads} == {Status.SUCCEEDED}
    taken = world.connector.times_taken()
    assert len(taken) == 25 * len(uploads)
    assert set(taken.values()) == {1}
    assert world.poison == []
    assert world.queue.messages == []


@pytest.mark.parametrize("days", [0, 63, 390])
def test_reuploads(days: int) -> None:
    """Same name same bytes, new name same bytes: sent once, also months later; same name new bytes: always sent."""
    world = World()
    world.upload("day.json", export(5))
    world.run()
    world.clock.sleep(days * 86_400)
    world.upload("day.json", export(5))
    world.run()
    assert world.outcome("day.json").status is Status.DUPLICATE
    world.upload("renamed.json", export(5))
    world.run()
    assert world.outcome("renamed.json").status is Status.DUPLICATE
    world.upload("day.json", export(5, first=6))
    world.run()
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert set(world.connector.times_taken().values()) == {1}
    assert len(world.connector.times_taken()) == 10


def test_resend_sends_known_content_again_once() -> None:
    """The same request never sends twice, however often its message is delivered; the outcome says what became of it."""
    world = World()
    message = world.upload("day.json", export(25))
    world.run()
    asked = world.request("resend", message)
    world.process(asked)
    outcome = world.outcome("day.json")
    assert outcome.status is Status.SUCCEEDED
    assert [(one.kind, one.result) for one in outcome.requests] == [("resend", "done")]
    assert outcome.before is not None
    assert outcome.before.status is Status.SUCCEEDED
    assert world.process(asked) is None
    assert set(world.connector.times_taken().values()) == {2}


def test_a_resend_that_fails_goes_on_under_its_own_ledger() -> None:
    """A requeue and the sweep continue the resend instead of starting it anew."""
    world = World()
    message = world.upload("day.json", export(25))
    world.run()
    world.connector.script.append(OK)
    world.connector.always = reply(503)
    world.announce(world.request("resend", message))
    world.run()
    assert world.outcome("day.json").status is Status.FAILED
    world.queue.messages.clear()
    world.connector.always = OK
    world.clock.sleep(2 * 3_600)
    world.sweep()
    world.run()
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert set(world.connector.times_taken().values()) == {2}
    assert len(world.ledgers()) == 2


def test_a_command_retries_a_rejected_export() -> None:
    """`retry --rejected` after MAX_INVALID_PERCENT was raised sends what was rejected."""
    world = World()
    message = world.upload("day.json", export(10, bad=tuple(range(1, 8))))
    world.run()
    assert world.outcome("day.json").status is Status.REJECTED
    world.with_settings(MAX_INVALID_PERCENT="90")
    assert world.process(message) is None
    world.process(world.request("retry", message))
    assert world.outcome("day.json").status is Status.PARTIALLY_SUCCEEDED


def test_the_sweep_reports_after_it_has_queued() -> None:
    """A vault that cannot be reached does not keep an export from being queued."""
    world = World()
    world.exports.put("missed.json", export(3))
    world.clock.sleep(3_600)
    world.tokens.always = TransientError(FailedCode.VAULT_UNAVAILABLE, "The vault cannot be reached.")
    sweep_result = world.sweep()
    assert sweep_result.queued == 1
    assert sweep_result.expiry_problem == "The vault cannot be reached."


def test_the_sweep_knows_the_secrets_last_day_and_the_last_export() -> None:
    """Days until the secret expires, and when an export was last sent: a closed day's counts."""
    world = World()
    world.tokens.expires_on = MORNING + timedelta(days=30)
    world.upload("day.json", export(3))
    world.run()
    world.clock.sleep(3_600)
    world.upload("closed.json", b"[]")
    world.run()
    sweep_result = world.sweep()
    assert sweep_result.last_sent_at == MORNING + timedelta(hours=1)
    assert sweep_result.secret_days_left == pytest.approx(30, abs=0.1)
    world.tokens.expires_on = None
    assert "no expiry date" in world.sweep().expiry_problem
    world.tokens.expires = False
    sweep_result = world.sweep()
    assert (sweep_result.expiry_problem, sweep_result.secret_days_left) == ("", None)


def test_unsafe_names_are_swept_too() -> None:
    """An export with a name that must not be touched is rejected by the sweep as by an event, and only once."""
    world = World()
    world.exports.put("a//b.json", export(1))
    world.clock.sleep(3_600)
    world.sweep()
    world.run()
    world.clock.sleep(3_600)
    assert world.sweep().queued == 0
    (name,) = [one for one in world.results.names() if one.startswith("outcomes/")]
    assert json.loads(world.results.data(name))["error"]["code"] == "unsafe-name"


@pytest.mark.parametrize(
    "text", ["nonsense", "{}", '{"gatepost": 2, "name": "a.json", "etag": "1"}', "[]", "e30="]
)
def test_only_bad_messages_reach_the_poison_queue(text: str) -> None:
    """A message that is none of ours is tried five times by the host and then rejected; no request is made."""
    world = World()
    world.queue.messages.append((0.0, text))
    world.run(hours=1)
    assert world.poison == [text]
    assert world.connector.requests == []
