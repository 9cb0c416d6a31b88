"""What sending tells and notes about each batch, whatever came before it."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest

from shared.delivery.ledger import Entry
from shared.delivery.ledger_journal import decode
from shared.delivery.observer import NullObserver
from shared.delivery.waiting import EMPTY_EXPORT_SECONDS, FAILED_DELAYS_SECONDS, LEASE_LOST_SECONDS
from shared.error_codes import FailedCode, Status
from shared.errors import LeaseLostError, TransientError
from shared.exports.batches import Body
from shared.messages import Message, read_messages
from tests.support.exports import export
from tests.support.fake_connector import BROKEN, OK, reply
from tests.support.world import World


@dataclass
class Told(NullObserver):
    """Keeps how many records it is told were accepted, batch by batch."""

    counts: list[int] = field(default_factory=list)

    def accepted(self, records: int) -> None:
        """So many more."""
        self.counts.append(records)


def _entries(world: World) -> list[Entry]:
    (ledger,) = world.ledgers()
    return ledger.entries


def _waiting(world: World) -> list[tuple[float, Message]]:
    """The messages on the queue, and in how many seconds each shows."""
    now = world.clock.monotonic()
    found = [(shows - now, read_messages(text, "badging-exports")[0]) for shows, text in world.queue.messages]
    return [(seconds, one) for seconds, one in found if isinstance(one, Message)]


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        pytest.param(200, b"", [3], id="nothing is said"),
        pytest.param(200, b'{"RecordsSaved": 1}', [1], id="two are missing"),
        pytest.param(207, b'[{"index": 1, "status": 400}]', [2], id="one was refused"),
        pytest.param(207, b"", [], id="none is confirmed"),
    ],
)
def test_only_what_the_connector_confirmed_is_told_as_sent(status: int, body: bytes, told: list[int]) -> None:
    """Records that were refused, or of which a reply says nothing, do not count."""
    observer = Told()
    world = World(observer=observer)
    world.connector.always = reply(status, body)
    world.upload("day.json", export(3))
    world.run()
    assert observer.counts == told


def test_a_token_may_be_refused_once_a_batch() -> None:
    """An attempt may last longer than a token: after an acceptance another fresh one is asked for."""
    world = World()
    world.connector.script.extend([reply(401), OK, reply(401), OK, OK])
    world.upload("day.json", export(25))
    world.run()
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert len(world.connector.requests) == 5


def test_a_fresh_token_that_is_not_to_be_had_just_now_is_asked_for_again() -> None:
    """The one that was refused is not sent once more instead."""
    world = World()
    world.connector.script.append(reply(401))
    world.connector.on_post = lambda when, _: (
        world.tokens.failures.append(TransientError(FailedCode.VAULT_UNAVAILABLE, "The vault is away."))
        if when == "posted" and len(world.connector.requests) == 1
        else None
    )
    world.upload("day.json", export(5))
    world.run()
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert world.connector.tokens == ["token-1", "token-2"]


def test_doubt_about_one_batch_is_none_about_the_next() -> None:
    """A request that got no answer, then an acceptance; then a refusal: the refused batch is planned, not in doubt."""
    world = World()
    world.connector.script.extend([BROKEN, OK, reply(403)])
    world.upload("day.json", export(25))
    world.run()
    assert world.outcome("day.json").status is Status.BLOCKED
    entries = _entries(world)
    assert [one.state for one in entries] == ["accepted", "planned", "planned"]
    assert [one.possible_copies for one in entries] == [1, 0, 0]


def test_a_file_that_is_not_filled_yet_comes_again_in_two_minutes() -> None:
    """The same message, and nothing is written."""
    world = World()
    message = world.upload("day.json", b"")
    world.queue.messages.clear()
    assert world.process(message) is None
    assert _waiting(world) == [(EMPTY_EXPORT_SECONDS, message)]
    assert world.results.names() == []


def _raising(error: Exception) -> Callable[..., object]:
    def refuse(*_: object, **__: object) -> object:
        raise error

    return refuse


def test_storage_that_cannot_be_read_counts_as_a_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message comes again after the usual waits, which grow."""
    world = World()
    message = world.upload("day.json", export(3))
    world.queue.messages.clear()
    down = TransientError(FailedCode.STORAGE_UNAVAILABLE, "storage cannot be reached")
    monkeypatch.setattr(world.exports, "head", _raising(down))
    for tries in (0, 1):
        assert world.process(replace(message, tries=tries)) is None
        assert _waiting(world) == [(FAILED_DELAYS_SECONDS[tries], replace(message, tries=tries + 1))]
        world.queue.messages.clear()


def test_a_lease_that_is_lost_before_anything_has_begun_costs_five_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The message comes again as it was."""
    world = World()
    message = replace(world.upload("day.json", export(3)), tries=2)
    world.queue.messages.clear()
    monkeypatch.setattr(world.results, "write", _raising(LeaseLostError("lost")))
    assert world.process(message) is None
    assert _waiting(world) == [(LEASE_LOST_SECONDS, message)]


def test_a_body_is_let_go_once_its_batch_was_accepted() -> None:
    """A worker holds what is on its way and what is made ready, not the whole export."""
    world = World().with_settings(BATCH_MAX_RECORDS="1")
    held: list[int] = []

    def counting(when: str, _what: str) -> None:
        if when == "post":
            held.append(sum(isinstance(one, Body) for one in gc.get_objects()))

    world.connector.on_post = counting
    world.upload("day.json", export(20))
    gc.freeze()  # what other tests have left is not looked through at each request
    try:
        world.run()
    finally:
        gc.unfreeze()
    assert max(held) - held[0] <= 3


@dataclass
class Answers(NullObserver):
    """Keeps what it is told of each request: its place in the ledger, and the reply's status."""

    statuses: list[tuple[int, int | None]] = field(default_factory=list)

    @contextmanager
    def request(self, batch: int) -> Iterator[Callable[[int | None], None]]:
        """One more."""
        yield lambda status: self.statuses.append((batch, status))


def test_each_request_is_told_with_its_answer() -> None:
    """Or that it got none."""
    observer = Answers()
    world = World(observer=observer)
    world.connector.script.extend([OK, BROKEN, reply(503), reply(201)])
    world.upload("day.json", export(15))
    world.run()
    assert observer.statuses == [(0, 200), (1, None), (1, 503), (1, 201)]


def test_what_was_accepted_is_told_before_the_next_request_leaves() -> None:
    """A dashboard shows a long export's progress."""
    observer = Told()
    world = World(observer=observer)
    told: list[list[int]] = []
    world.connector.on_post = lambda when, _what: told.append([*observer.counts]) if when == "post" else None
    world.upload("day.json", export(25))
    world.run()
    assert told == [[], [10], [10, 10]]
    assert observer.counts == [10, 10, 5]


def test_no_request_leaves_at_the_very_end_of_the_time() -> None:
    """A token came just then."""
    world = World().with_settings(INVOCATION_SECONDS="100")
    token = world.tokens.token

    def slow(*, fresh: bool = False) -> str:
        world.clock.pass_until(100)
        return token(fresh=fresh)

    world.tokens.token = slow  # type: ignore[method-assign]
    world.process(world.upload("day.json", export(3)))
    assert world.connector.requests == []
    assert world.outcome("day.json").status is Status.FAILED


def test_what_is_too_large_for_the_connector_is_cut_before_it_is_sent() -> None:
    """After a 413; the halves keep the open file of the whole, and what was accepted so far is written before."""
    world = World()
    world.connector.script.append(reply(413))
    world.upload("day.json", export(20))
    world.run()
    assert [len(one) for one in world.connector.requests] == [10, 5, 5, 5, 5]
    path, _ = world.only_ledger()
    lines = world.state.data(path).splitlines(keepends=True)
    steps = [decode(b"".join(lines[:count])) for count in range(1, len(lines) + 1)]
    assert ["accepted", "accepted", "planned"] in [
        [one.state for one in step.entries] for step in steps if step
    ]


def test_halves_of_what_an_earlier_attempt_left_in_doubt_have_one_open_file() -> None:
    """It is too large by now for what the connector takes: the file of the whole is written anew, and stays theirs."""
    world = World().with_settings(CONNECTOR_PARALLEL_REQUESTS="2", RETRY_MAX_SECONDS="0")
    world.connector.script.extend([OK, BROKEN, reply(413)])
    world.upload("day.json", export(30))
    world.run()
    assert [one.in_doubt for one in _entries(world)][:2] == [False, True]
    before = {one.file for one in _entries(world)}
    world.with_settings(CONNECTOR_PARALLEL_REQUESTS="1").run(hours=1)
    halves = [one for one in _entries(world) if 11 <= one.first <= 20]
    assert [(one.first, one.last) for one in halves] == [(11, 15), (16, 20)]
    assert len({one.file for one in halves}) == 1
    assert not before & {one.file for one in halves}


def _sleeps_of(world: World) -> list[float]:
    """The seconds of each sleep from now on."""
    slept: list[float] = []
    sleep = world.clock.sleep

    def noting(seconds: float) -> None:
        slept.append(seconds)
        sleep(seconds)

    world.clock.sleep = noting  # type: ignore[method-assign]
    return slept


def test_waits_begin_anew_for_what_was_cut() -> None:
    """The connector was busy twice, then refused the batch: its halves are other requests."""
    world = World()
    world.connector.script.extend([OK, reply(503), reply(503), reply(400), reply(503), OK, OK])
    slept = _sleeps_of(world)
    world.upload("day.json", export(20))
    world.run()
    assert slept == [1.5, 2.5, 1.5]
    assert world.outcome("day.json").status is Status.SUCCEEDED


def test_records_that_were_all_refused_are_sent_again_once_a_person_asks() -> None:
    """The refusals were not about the records: the job was a wrong one."""
    world = World().with_settings(BATCH_MAX_RECORDS="1")
    world.connector.always = reply(413)
    message = world.upload("day.json", export(1))
    world.run()
    outcome = world.outcome("day.json")
    assert outcome.error is not None
    assert (outcome.status, outcome.error.code) == (Status.BLOCKED, "connector-refused")
    world.connector.always = OK
    world.process(world.request("retry", message))
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert len(world.connector.taken) == 1


def test_a_fault_before_anything_was_sent_counts_as_a_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits grow: reading is no progress."""
    world = World()
    message = world.upload("day.json", export(3))
    world.queue.messages.clear()
    down = TransientError(FailedCode.STORAGE_UNAVAILABLE, "storage cannot be reached")
    monkeypatch.setattr(world.exports, "chunks", _raising(down))
    world.process(replace(message, tries=2))
    ((seconds, again),) = _waiting(world)
    assert (seconds, again.tries) == (FAILED_DELAYS_SECONDS[2], 3)
    outcome = world.outcome("day.json")
    assert (outcome.unknown_keys, outcome.in_doubt_elsewhere, outcome.records) == (0, 0, None)


def test_no_open_file_is_written_without_the_lease() -> None:
    """A worker that slept would leave one that nobody ends."""
    world = World().with_settings(BATCH_MAX_RECORDS="1")

    def slept(when: str, _what: str) -> None:
        if when == "posted" and len(world.connector.requests) == 1:
            world.state.steal_lease(world.lease)
            world.clock.sleep(61)
            world.state.on_change = lambda what, name: changed.append(name) if what == "write" else None

    changed: list[str] = []
    world.connector.on_post = slept
    world.process(world.upload("day.json", export(5)))
    assert [name for name in changed if name.startswith("open/")] == []


def test_what_was_accepted_is_written_before_the_rest_waits() -> None:
    """Two requests on their way, one of them throttled: a death during the wait does not repeat the other."""
    world = World().with_settings(BATCH_MAX_RECORDS="1", CONNECTOR_PARALLEL_REQUESTS="2")
    world.connector.script.extend([OK, OK, reply(429, retry_after="20"), OK])
    states: list[list[str]] = []
    sleep = world.clock.sleep

    def noting(seconds: float) -> None:
        states.append([one.state for one in _entries(world)])
        sleep(seconds)

    world.clock.sleep = noting  # type: ignore[method-assign]
    world.upload("day.json", export(3))
    world.run()
    assert states == [["accepted", "accepted", "sending"]]


def test_waits_begin_anew_for_the_rest_of_a_group_once_one_of_it_was_accepted() -> None:
    """The connector is there: it was busy for a moment."""
    world = World().with_settings(BATCH_MAX_RECORDS="1", CONNECTOR_PARALLEL_REQUESTS="2")
    world.connector.script.extend([OK, reply(503), reply(503), OK, reply(503), OK])
    slept = _sleeps_of(world)
    world.upload("day.json", export(3))
    world.run()
    assert slept == [1.5, 1.5]
    assert world.outcome("day.json").status is Status.SUCCEEDED
