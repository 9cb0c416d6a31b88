"""The ledger and its lease: who may send, what is frozen, and what happens when it is not as we left it."""

import json
from collections.abc import Callable

import msgspec
import pytest

from shared.delivery import held_export
from shared.delivery.connector_ports import Reply
from shared.delivery.ledger import Ledger
from shared.error_codes import Status
from shared.messages import Message, read_messages
from tests.support.exports import export, record
from tests.support.fake_connector import OK, REFUSED_CONNECTION, reply
from tests.support.world import World

HALF_WAY = [OK, OK, reply(403)]


def _half_sent(records: int = 45) -> tuple[World, Message]:
    """A world in which two of five batches were accepted and the third was refused for want of permission."""
    world = World()
    world.connector.script.extend(HALF_WAY)
    message = world.upload("day.json", export(records))
    world.run()
    assert world.outcome("day.json").status is Status.BLOCKED
    return world, message


def _change(world: World, change: Callable[[Ledger], Ledger]) -> None:
    path, ledger = world.only_ledger()
    world.put_ledger(path, change(ledger))


def test_the_ledger_says_sending_before_the_request_leaves() -> None:
    """Write-ahead: whenever a request arrives, the ledger already says so, and only for that batch."""
    world = World()
    seen = []

    def check_ledger(when: str, _what: str) -> None:
        if when == "post":
            seen.append([entry.state for entry in world.ledgers()[0].entries])

    world.connector.on_post = check_ledger
    world.upload("day.json", export(25))
    world.run()
    assert seen == [
        ["sending", "planned", "planned"],
        ["accepted", "sending", "planned"],
        ["accepted", "accepted", "sending"],
    ]


def test_a_size_that_the_connector_found_too_large_stays_so_for_later_attempts() -> None:
    """The next attempt cuts what is left to what fits, instead of halving batches one by one, or asking again."""
    world = World().with_settings(RETRY_MAX_SECONDS="0")
    sizes: list[int] = []
    outage = True

    def answer(records: list[object]) -> Reply:
        sizes.append(len(records))
        if len(records) > 7:
            return reply(413)
        return reply(503) if outage and len(sizes) > 3 else OK

    world.connector.always = answer
    message = world.upload("day.json", export(30))
    world.process(message)
    assert sizes == [10, 5, 5, 5]
    assert world.outcome("day.json").status is Status.FAILED
    outage = False
    world.run(hours=1)
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert sizes[4:] == [7, 7, 6]
    ledger = world.only_ledger()[1]
    assert ledger.max_bytes is not None
    assert max(entry.bytes for entry in ledger.plan.entries) <= ledger.max_bytes


def test_an_acceptance_and_the_next_sending_are_one_write() -> None:
    """Three batches cost one write for the plan, one to begin, and one a batch."""
    world = World()
    writes: list[str] = []
    world.state.on_change = lambda what, name: writes.append(name) if what == "write" else None
    world.upload("day.json", export(25))
    world.run()
    assert len([name for name in writes if name.startswith("ledger/")]) == 1 + 1 + 3


def test_a_later_attempt_sends_only_what_was_not_accepted() -> None:
    """After a person corrected the permission, the third to fifth batch are sent."""
    world, message = _half_sent()
    world.process(message)
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert [batch[0]["AssetId"] for batch in world.connector.taken] == [
        f"door-{number:06d}" for number in (1, 11, 21, 31, 41)
    ]


def test_no_personal_data_is_in_a_ledger() -> None:
    """Neither the export's content nor the connector's reply is written down there."""
    world, _ = _half_sent()
    text = "".join(world.state.data(name).decode("latin-1") for name in world.state.names())
    assert "example.com" not in text
    assert "door-" not in text


def test_a_taken_lease_puts_the_message_back_without_a_request() -> None:
    """For a job one attempt at a time: the other message waits around 15 s, then twice as long, and no try is counted."""
    world, message = _half_sent()
    world.state.steal_lease(world.lease)
    assert world.process(message) is None
    assert world.outcome("day.json").attempts == 1
    assert len(world.connector.requests) == 3
    ((shows, text),) = world.queue.messages
    assert shows - world.clock.monotonic() == 15
    (waiting,) = read_messages(text, "badging-exports")
    assert isinstance(waiting, Message)
    assert (waiting.waits, waiting.tries) == (1, 0)
    world.run(hours=0.1)
    assert world.outcome("day.json").status is Status.SUCCEEDED


def test_a_dead_owners_lease_ends_within_a_minute() -> None:
    """A killed worker's job can be taken over after 60 s, not before."""
    world, message = _half_sent()
    world.state.acquire(world.lease, "a-dead-worker", 60)
    world.clock.sleep(59)
    world.process(message)
    assert len(world.connector.requests) == 3
    world.clock.sleep(2)
    world.process(message)
    assert world.outcome("day.json").status is Status.SUCCEEDED


def test_the_lease_is_renewed_while_a_long_request_is_on_its_way() -> None:
    """A reply that takes 400 s does not cost the lease."""
    world = World()
    world.connector.on_post = lambda when, _what: world.clock.sleep(400) if when == "post" else None
    world.upload("day.json", export(25))
    world.run()
    outcome = world.outcome("day.json")
    assert (outcome.status, outcome.attempts) == (Status.SUCCEEDED, 1)


def test_a_lost_lease_is_noticed_before_the_next_request() -> None:
    """While one request is on its way another worker takes the lease: its reply is noted, and no further request leaves."""
    world = World()

    def lose_it(when: str, _what: str) -> None:
        if when == "posted" and len(world.connector.requests) == 2:
            world.state.steal_lease(world.lease)

    world.connector.on_post = lose_it
    message = world.upload("day.json", export(45))
    before = world.state.on_change
    outcome = world.process(message)
    assert outcome is not None
    assert outcome.status is Status.IN_PROGRESS
    assert len(world.connector.requests) == 2
    assert [entry.state for entry in world.ledgers()[0].entries][:4] == [
        "accepted",
        "accepted",
        "sending",
        "planned",
    ]
    assert world.state.on_change is before
    world.connector.on_post = lambda _when, _what: None
    world.run(hours=1)
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert sum(batch.possible_copies for batch in world.outcome("day.json").batches) == 1


def test_forty_seconds_without_a_renewal_end_the_attempt() -> None:
    """Storage that does not answer renewals makes us stop before Azure lets others in."""
    world = World()

    def lose_storage(when: str, _what: str) -> None:
        if when == "posted":
            world.connector.on_post = lambda _when, _what: None
            world.state.refuses = "storage cannot be reached"
            world.clock.sleep(41)
            world.state.refuses = ""

    world.connector.on_post = lose_storage
    world.process(world.upload("day.json", export(45)))
    assert len(world.connector.requests) == 1
    assert [entry.state for entry in world.ledgers()[0].entries][:2] == ["sending", "planned"]


def test_the_lease_is_given_back_whatever_happens() -> None:
    """After an attempt that failed, the next one need not wait for the lease to end."""
    world, _ = _half_sent()
    world.state.acquire(world.lease, "next", 60)


def test_other_bytes_than_the_ledger_wrote_down_block() -> None:
    """Same rules, another hash: nothing is guessed."""
    world, message = _half_sent()
    _change(
        world,
        lambda ledger: ledger.with_entry(0, msgspec.structs.replace(ledger.entries[0], sha256="0" * 64)),
    )
    world.process(message)
    outcome = world.outcome("day.json")
    assert outcome.error is not None
    assert (outcome.status, outcome.retry, outcome.error.code) == (
        Status.BLOCKED,
        "person",
        "ledger-mismatch",
    )
    assert len(world.connector.requests) == 3


def test_the_rest_is_cut_anew_by_todays_sizes() -> None:
    """Accepted batches and those in doubt stay; what was only planned is cut anew by every attempt."""
    world, message = _half_sent()
    _change(
        world,
        lambda ledger: ledger.with_entry(2, msgspec.structs.replace(ledger.entries[2], state="sending")),
    )
    world.with_settings(BATCH_MAX_RECORDS="4")
    world.process(message)
    outcome = world.outcome("day.json")
    assert outcome.status is Status.SUCCEEDED
    assert [(batch.first, batch.last) for batch in outcome.batches] == [
        (1, 10), (11, 20), (21, 30), (31, 34), (35, 38), (39, 42), (43, 45),
    ]  # fmt: skip
    assert [batch.possible_copies for batch in outcome.batches] == [0, 0, 1, 0, 0, 0, 0]
    assert set(world.connector.times_taken()) == {record(number)["AssetId"] for number in range(1, 46)}


@pytest.mark.parametrize(
    ("data", "code", "retry"),
    [
        (b'{"plan": {"schemaVersion": 2}}\n', "newer-ledger", "auto"),
        (b'{"plan": {"schemaVersion": 1, "entries": 3}}\n', "ledger-damaged", "person"),
        (b'{"change": {"at": 0, "replaces": 0}}\n', "ledger-damaged", "person"),
        (b"\x00\x01", "ledger-damaged", "person"),
        (b"", "ledger-gone", "person"),
    ],
)
def test_a_ledger_that_cannot_be_read_blocks(data: bytes, code: str, retry: str) -> None:
    """A newer version after a rollback, or a damaged one, is left as it is and nothing is sent."""
    world, message = _half_sent()
    path, _ = world.only_ledger()
    world.state.put(path, data)
    world.process(message)
    outcome = world.outcome("day.json")
    assert outcome.error is not None
    assert (outcome.status, outcome.error.code, outcome.retry) == (Status.BLOCKED, code, retry)
    assert world.state.data(path) == data
    assert len(world.connector.requests) == 3


def test_a_ledger_that_is_gone_blocks() -> None:
    """An outcome that says that something was sent, and no ledger: sending again would double it."""
    world, message = _half_sent()
    world.state.delete(world.only_ledger()[0])
    world.process(message)
    outcome = world.outcome("day.json")
    assert outcome.error is not None
    assert (outcome.status, outcome.error.code, outcome.retry) == (Status.BLOCKED, "ledger-gone", "person")
    assert len(world.connector.requests) == 3


def test_another_job_is_another_ledger() -> None:
    """The same content is sent to another connector job."""
    world = World()
    message = world.upload("day.json", export(3))
    world.run()
    world.with_settings(CONNECTOR_JOB_ID="44444444-4444-4444-4444-444444444444")
    world.upload("again.json", export(3))
    world.run()
    assert message.name == "day.json"
    assert world.outcome("again.json").status is Status.SUCCEEDED
    assert len(world.connector.requests) == 2


def test_two_names_with_the_same_bytes_are_sent_once() -> None:
    """The second name finds the first one's ledger half done, finishes it, and the first one becomes the duplicate."""
    world, first = _half_sent()
    world.upload("copy.json", export(45))
    world.run()
    assert world.outcome("copy.json").status is Status.SUCCEEDED
    world.process(first)
    outcome = world.outcome("day.json")
    assert outcome.status is Status.DUPLICATE
    assert set(world.connector.times_taken().values()) == {1}


def test_a_blob_overwritten_between_event_and_reading_is_superseded() -> None:
    """Nothing of the old version was sent: it is closed as `Superseded`, and the new one has its own event."""
    world = World()
    old = world.upload("day.json", export(3))
    world.upload("day.json", export(5))
    world.run()
    assert [len(batch) for batch in world.connector.taken] == [5]
    assert world.outcome("day.json").status is Status.SUCCEEDED
    closed = json.loads(world.results.data(f"outcomes/day.json/{old.etag}.json"))
    assert (closed["status"], closed["error"]) == ("Superseded", None)


def _closed(world: World, message: Message) -> tuple[str, str | None, str | None]:
    document = json.loads(world.results.data(f"outcomes/day.json/{message.etag}.json"))
    return document["status"], document["retry"], document["error"] and document["error"]["code"]


def test_a_blob_overwritten_in_pass_1_is_superseded_and_the_new_one_sent() -> None:
    """Nothing of the old version was sent; the new one is queued by the attempt that met it."""
    world = World()
    world.exports.chunk_bytes = 1_000

    def overwrite(name: str) -> None:
        world.exports.on_chunk = lambda _name: None
        world.exports.put(name, export(7, first=100))

    world.exports.on_chunk = overwrite
    message = world.upload("day.json", export(45))
    world.run(hours=0.1)
    assert _closed(world, message) == ("Superseded", None, None)
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert world.connector.times_taken() == {f"door-{number:06d}": 1 for number in range(100, 107)}


def test_a_blob_overwritten_in_pass_2_is_blocked_and_the_new_one_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Something of the old version was sent: a person decides about the rest, and its outcome has the figures."""
    monkeypatch.setattr(held_export, "HELD_BYTES", -1)  # as if it were too large to be held
    world = World()
    world.exports.chunk_bytes = 1_000

    def overwrite(when: str, _what: str) -> None:
        if when == "posted":
            world.connector.on_post = lambda _when, _what: None
            world.exports.put("day.json", export(7, first=9_000))

    world.connector.on_post = overwrite
    message = world.upload("day.json", export(4_500))
    world.run(hours=0.1)
    assert _closed(world, message) == ("Blocked", "person", "export-overwritten")
    assert world.outcome("day.json").status is Status.SUCCEEDED
    taken = world.connector.times_taken()
    assert {f"door-{number:06d}" for number in range(9_000, 9_007)} <= set(taken)
    assert set(taken.values()) == {1}


def test_an_export_that_grows_while_it_is_read_does_not_keep_a_worker_busy() -> None:
    """Each version is put off longer than the one before: 10 s, 20 s, ... at most ten minutes."""
    world = World()
    world.exports.chunk_bytes = 1_000

    def grow(name: str) -> None:
        world.exports.put(name, export(45))

    world.exports.on_chunk = grow
    world.upload("day.json", export(45))
    world.run(hours=2)
    assert len([name for name in world.results.names() if name.startswith("outcomes/")]) <= 20


def test_an_unreachable_connector_leaves_the_batch_planned() -> None:
    """A request that never left is no possible copy, in this attempt or the next."""
    world = World()
    world.connector.always = REFUSED_CONNECTION
    world.upload("day.json", export(3))
    world.run(hours=1)
    assert [entry.state for entry in world.ledgers()[0].entries] == ["planned"]
    world.connector.always = OK
    world.run(hours=2)
    assert world.outcome("day.json").batches[0].possible_copies == 0
