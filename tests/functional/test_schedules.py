"""What broke once under two workers, late messages and changing rules: each as a test of its own."""

import itertools
import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from shared.blob_names import outcome_path
from shared.delivery.outcome import decode
from shared.delivery.ports import ABSENT
from shared.error_codes import Status
from shared.errors import ConditionError, StorageError
from shared.messages import Message, RequestKind
from tests.explorer.run import exploring, run_scenario
from tests.explorer.scenario import Scenario
from tests.support.exports import export
from tests.support.fake_connector import BROKEN, OK, Stored, reply
from tests.support.storage_model.account import Account
from tests.support.storage_model.leases import INFINITE, Lease
from tests.support.storage_model.refusals import RefusedError
from tests.support.storage_model.wire import Call, sdk_error
from tests.support.world import World

pytestmark = pytest.mark.unmeasured

if TYPE_CHECKING:
    from tests.explorer.schedule import Decision

FIRST_REFUSED = reply(207, json.dumps([{"index": 0, "status": 400}, {"index": 1, "status": 200}]).encode())


class Told:
    """Decides the fates of the first bodies, and what happens outside after the first one."""

    def __init__(self, bodies: Sequence[str], then: Sequence[str], *, lost_writes: bool = False) -> None:
        self.decisions: list[Decision] = []
        self._bodies = list(bodies)
        self._then = list(then)
        self._lost_writes = lost_writes
        self._writes = 0

    def actions(self, _step: int, _possible: Sequence[str]) -> Sequence[str]:
        """Once the bodies are over."""
        if self._bodies:
            return ()
        now, self._then = self._then, []
        return now

    def task(self, _step: int, _ready: Sequence[str], usual: str) -> str:
        """The usual one."""
        return usual

    def fate(self, _step: int, _task: str, kind: str) -> str:
        """As told."""
        if kind == "body" and self._bodies:
            return self._bodies.pop(0)
        self._writes += kind == "write"
        return "unanswered" if self._lost_writes and kind == "write" and self._writes % 2 else ""


def _scenario(kinds: str, rules: str, *, refuses: str = "") -> Scenario:
    return Scenario(1, (kinds,), 3, refuses, 0, 90, rules, (), (0.0,))


@pytest.fixture
def _exploring() -> Iterator[None]:
    with exploring():
        yield


def again(world: World, message: Message, when: str) -> None:
    """Deliver a message once more before a request leaves."""
    if when == "post":
        world.process(message)


def _numbers(world: World) -> list[int]:
    return [line["record"] for line in world.rejected("day.json")]


def test_a_message_that_shows_again_leaves_refused_records_in_the_rejected_file() -> None:
    """While the batch is on its way, and after the end: the file holds what was rejected and what was refused."""
    world = World()
    world.connector.script.append(FIRST_REFUSED)
    message = world.upload("day.json", export(3, bad=(2,)))
    world.connector.on_post = lambda when, _: again(world, message, when)
    world.process(message)
    world.connector.on_post = lambda _when, _what: None
    assert _numbers(world) == [1, 2]
    world.process(message)
    world.run(hours=1)
    assert _numbers(world) == [1, 2]
    assert world.outcome("day.json").status is Status.PARTIALLY_SUCCEEDED


def test_a_worker_that_could_not_read_does_not_overwrite_what_another_one_has_sent() -> None:
    """Its outcome write meets a final one of another attempt, and leaves it."""
    world = World()
    message = world.upload("day.json", export(3))
    world.connector.always = reply(503)
    path = outcome_path(message.name, message.etag)

    def other_sends(what: str, name: str) -> None:
        ended = name == path and what == "write" and world.connector.requests
        if ended and world.connector.always is not OK:
            world.connector.always = OK
            world.state.stored(world.lease).lease = Lease()
            world.process(message)

    world.results.on_change = other_sends
    world.process(message)
    world.results.on_change = lambda _what, _name: None
    assert world.outcome("day.json").status is not Status.FAILED
    world.run(hours=1)
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert set(world.connector.times_taken().values()) == {1}


def test_a_requeue_that_is_taken_early_by_another_worker_is_not_lost() -> None:
    """It meets a taken lease, writes nothing, and is on the queue again: no waiting for the sweep."""
    world = World().with_settings(RETRY_MAX_SECONDS="1")
    world.connector.script.append(reply(429, retry_after="7"))
    world.upload("day.json", export(3))
    world.run()
    world.clock.sleep(7)
    world.state.steal_lease(world.lease)
    world.run()
    assert world.outcome("day.json").attempts == 1
    world.run(hours=0.2)
    assert world.outcome("day.json").status is Status.SUCCEEDED


@pytest.mark.parametrize(
    ("kind", "status", "times"),
    [("resend", Status.SUCCEEDED, 2), ("retry", Status.SUCCEEDED, 1), ("give-up", Status.GIVEN_UP, 0)],
)
def test_a_request_that_meets_a_running_attempt_is_carried_out_after_it(
    kind: RequestKind, status: Status, times: int
) -> None:
    """It waits for the lease with its request, however that attempt ends, and acts once although it comes twice."""
    world = World()
    message = world.upload("day.json", export(3))
    world.queue.messages.clear()
    asked = world.request(kind, message)
    world.connector.script.extend([OK] if kind == "resend" else [reply(403)])

    def ask(when: str, _what: str) -> None:
        if when == "post" and len(world.connector.requests) == 0:
            world.connector.on_post = lambda _when, _what: None
            world.process(asked)
            world.announce(asked)

    world.connector.on_post = ask
    world.process(message)
    world.run(hours=2)
    outcome = world.outcome("day.json")
    assert outcome.status is status
    assert [(one.kind, one.result in {"begun", "done"}) for one in outcome.requests] == [(kind, True)]
    assert set(world.connector.times_taken().values()) == ({times} if times else set())


@pytest.mark.usefixtures("_exploring")
@pytest.mark.parametrize("kinds", ["aaabpppp", "pppabpp", "abababp", "pbpapip"])
def test_rules_that_loosen_one_thing_and_tighten_another_neither_double_nor_lose(kinds: str) -> None:
    """A batch accepted or in doubt under the old rules is never cut, judged or sent again uncounted under the new ones."""
    for old, new, body in itertools.product(
        ("", "a", "b", "ab"), ("", "a", "b", "ab"), ("stored-lost", "lost", "dies-after", "503", "207-item")
    ):
        chooser = Told([body], [f"rules={new}"])
        found = run_scenario(_scenario(kinds, old), chooser)
        assert found.wrong == [], (kinds, old, new, body)


@pytest.mark.usefixtures("_exploring")
@pytest.mark.parametrize("refuses", ["207", "413"])
def test_the_rejected_file_follows_the_rules_of_the_last_attempt(refuses: str) -> None:
    """Whatever was rejected, refused and accepted before: no accepted record in it, and none is missing."""
    for kinds, old, new in itertools.product(("pxpapb", "pbxpai"), ("", "a", "b"), ("", "a", "b", "ab")):
        chooser = Told(["", "503"], [f"rules={new}"])
        found = run_scenario(_scenario(kinds, old, refuses=refuses), chooser)
        assert found.wrong == [], (kinds, old, new)


def test_blocks_that_another_writer_has_discarded_are_a_conflict() -> None:
    """Two attempts stage different rejected files: the second commit is no bad request but a lost race."""
    account = Account()
    one, two = account.worker("one"), account.worker("two")
    ours, theirs = (worker.results.block_writer("rejected/day.jsonl") for worker in (one, two))
    for writer, data in ((ours, b"ours"), (theirs, b"theirs")):
        writer.add(data)
        writer.mark()
    theirs.commit()
    with pytest.raises(ConditionError):
        ours.commit()


def test_a_rejected_file_that_another_worker_has_replaced_is_not_replaced_again() -> None:
    """A commit holds only for the file that was there when the lease was last known to be ours."""
    account = Account()
    one, two = account.worker("one"), account.worker("two")
    late = one.results.block_writer("rejected/day.jsonl", ABSENT)
    late.add(b"old rules")
    newer = two.results.block_writer("rejected/day.jsonl", ABSENT)
    newer.add(b"new rules")
    newer.commit()
    with pytest.raises(ConditionError):
        late.commit()
    document = one.results.read("rejected/day.jsonl")
    assert document is not None
    assert document.data == b"new rules"


def test_an_export_kept_longer_than_outcomes_is_not_taken_for_missed() -> None:
    """Its outcome and its ledger are gone with their retention: the sweep leaves it alone, and it is not sent again."""
    world = World()
    message = world.upload("day.json", export(3))
    world.process(message)
    for container in (world.results, world.state):
        for name in container.names():
            container.delete(name)
    world.queue.messages.clear()
    world.exports.age("day.json", world.clock.now() - timedelta(days=395))
    assert world.sweep().queued == 0


def test_a_rejected_file_that_has_expired_is_written_again() -> None:
    """Every attempt writes it anew, so an outcome never names a file that is gone."""
    world = World()
    world.connector.script.append(reply(403))
    message = world.upload("day.json", export(3, bad=(2,)))
    world.process(message)
    blob = world.outcome("day.json").rejections.blob
    assert blob is not None
    world.results.delete(blob)
    world.process(Message(message.name, message.etag, "sweep"))
    assert world.outcome("day.json").status is Status.PARTIALLY_SUCCEEDED
    assert _numbers(world) == [2]


@pytest.mark.usefixtures("_exploring")
def test_lost_replies_on_writes_are_no_deaths() -> None:
    """The answer of every write is lost once and the SDK repeats it: the echo is known, and everything is sent once."""
    found = run_scenario(_scenario("pppppp", ""), Told([], [], lost_writes=True))
    assert found.wrong == []
    assert found.bodies == 2


def test_a_lease_that_is_never_given_back_is_asked_for_every_ten_minutes_at_most() -> None:
    """The message neither spins nor ends in the poison queue; once a person has freed the lease it is sent."""
    world = World()
    message = world.upload("day.json", export(3))
    world.state.put(world.lease, b"")
    world.state.stored(world.lease).lease = Lease("a-person", INFINITE)
    world.run(hours=24)
    assert world.attempts < 200
    assert world.poison == []
    world.state.stored(world.lease).lease = Lease()
    world.run(hours=1)
    assert decode(world.results.data(outcome_path(message.name, message.etag))).status is Status.SUCCEEDED


def test_an_immutability_policy_is_no_conflict() -> None:
    """A 409 that says so is told as what it is, not as an outcome that is rewritten all the time."""

    def refuse(call: Call) -> None:
        if call.what == "put":
            raise sdk_error(RefusedError(409, "BlobImmutableDueToPolicy"))

    worker = Account().worker("one", refuse)
    with pytest.raises(StorageError) as caught:
        worker.results.write("outcomes/day.json/1.json", b"{}", ABSENT)
    assert not isinstance(caught.value, ConditionError)


def test_an_overwrite_met_while_refused_records_are_added_leaves_the_export_complete() -> None:
    """Everything was sent: the outcome says what was refused, and the new version is sent on its own."""
    world = World()
    world.connector.script.append(FIRST_REFUSED)
    message = world.upload("day.json", export(2))

    def overwrite(when: str, _what: str) -> None:
        if when == "posted":
            world.connector.on_post = lambda _when, _what: None
            world.upload("day.json", export(2, first=10))

    world.connector.on_post = overwrite
    world.process(message)
    old = decode(world.results.data(outcome_path(message.name, message.etag)))
    assert old.status is Status.PARTIALLY_SUCCEEDED
    assert old.records is not None
    assert (old.records.sent, old.records.refused) == (1, 1)
    world.run(hours=1)
    assert world.outcome("day.json").status is Status.SUCCEEDED


def test_more_than_one_batch_in_doubt_is_counted_for_each() -> None:
    """A batch whose reply is lost, sent again and lost again: every repeat is counted in the outcome."""
    world = World()
    world.connector.script.extend([Stored(BROKEN), Stored(BROKEN), OK])
    world.upload("day.json", export(3))
    world.run(hours=1)
    outcome = world.outcome("day.json")
    assert outcome.status is Status.SUCCEEDED
    assert [batch.possible_copies for batch in outcome.batches] == [2]
    assert set(world.connector.times_taken().values()) == {3}
