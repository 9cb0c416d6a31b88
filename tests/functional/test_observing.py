"""What delivery tells its observer adds up to what the outcomes say, whatever happens on the way."""

from collections import Counter

import pytest

from shared.delivery.outcome import decode
from shared.error_codes import Status
from tests.functional.test_crashes import STEPS
from tests.support.exports import export
from tests.support.fake_connector import BROKEN, OK, REFUSED_CONNECTION, Stored, reply
from tests.support.telemetry_listener import Listener
from tests.support.world import CrashError, World, crashing_after


def _world(**settings: str) -> tuple[World, Listener]:
    listener = Listener()
    return World(observer=listener.observer).with_settings(**settings), listener


def _totals(world: World) -> Counter[str]:
    """Records and requests of all outcomes together."""
    totals: Counter[str] = Counter()
    for name in world.results.names():
        if name.startswith("outcomes/"):
            outcome = decode(world.results.data(name))
            totals["sent"] += outcome.records.sent if outcome.records else 0
            totals["rejected"] += outcome.records.rejected if outcome.records else 0
            totals["requests"] += sum(batch.requests for batch in outcome.batches)
            totals[outcome.status.value] += 1
    return totals


def _check(world: World, listener: Listener) -> None:
    """The sums agree; every outcome came to rest, so every final status is one attempt."""
    totals, points = _totals(world), listener.points()
    assert listener.sums("gatepost.records.sent").total() == totals["sent"]
    assert listener.sums("gatepost.records.rejected").total() == totals["rejected"]
    durations = points.get(("gatepost.connector.duration", "s"), [])
    assert sum(point.count for _, point in durations) == totals["requests"] == len(listener.spans)
    attempts = listener.sums("gatepost.exports", "status")
    ends = [status.value for status in Status if status.final]
    assert {status: attempts[status] for status in ends} == {status: totals[status] for status in ends}
    assert sum(point.count for _, point in points["gatepost.export.duration", "s"]) == attempts.total()


def test_ordinary_exports_add_up() -> None:
    """Good, partly bad, broken, empty, twice the same, and of another kind."""
    world, listener = _world()
    for name, data in {
        "good.json": export(25),
        "bad.json": export(12, first=100, bad=(101, 107)),
        "worse.json": export(3, first=200, bad=(200, 201)),
        "copy.json": export(25),
        "copy of bad.json": export(12, first=100, bad=(101, 107)),
        "broken.json": b"[{",
        "closed.json": b"[]",
        "table.csv": b"a,b",
    }.items():
        world.upload(name, data)
    world.run()
    _check(world, listener)
    assert listener.sums("gatepost.records.sent") == {"": 35}
    assert listener.sums("gatepost.records.rejected") == {"": 6}


def test_requeues_add_up() -> None:
    """An export that fails half-way again and again is counted once, as it gets on."""
    world, listener = _world(RETRY_MAX_SECONDS="0")
    world.connector.script.extend(
        [OK, reply(503), REFUSED_CONNECTION, OK, reply(429), Stored(BROKEN), OK, OK]
    )
    world.upload("day.json", export(45, bad=(7,)))
    world.run(hours=12)
    assert world.outcome("day.json").status is Status.PARTIALLY_SUCCEEDED
    _check(world, listener)
    assert listener.sums("gatepost.exports", "status")["Failed"] == 4


def test_running_out_of_time_adds_up() -> None:
    """What an attempt leaves to the next one is no end of the export, and its records are counted where they are sent."""
    world, listener = _world(INVOCATION_SECONDS="10")
    world.connector.on_post = lambda when, _what: world.clock.sleep(6) if when == "post" else None
    world.upload("day.json", export(45, bad=(7,)))
    world.run(hours=1)
    _check(world, listener)
    assert listener.sums("gatepost.exports", "status") == {"InProgress": 2, "PartiallySucceeded": 1}


def test_halves_and_refusals_add_up() -> None:
    """Records that the connector refuses are not sent, and each half is a request of its own."""
    world, listener = _world()

    def refuse(records: list[dict[str, str]]) -> object:
        bad = any(record["AssetId"] == "door-000013" for record in records)
        return reply(400) if bad else OK

    world.connector.always = refuse  # type: ignore[assignment]  # a function that decides by the records
    world.upload("day.json", export(25))
    world.run()
    assert world.outcome("day.json").status is Status.PARTIALLY_SUCCEEDED
    assert listener.sums("gatepost.records.sent") == {"": 24}
    assert listener.sums("gatepost.records.rejected") == {}


def test_what_a_207_leaves_open_is_not_counted_as_sent() -> None:
    """An unconfirmed batch is none; one with a failed item is all but that item."""
    world, listener = _world()
    failed_item = b'[{"index": 3, "status": 400}]'
    world.connector.script.extend([reply(207, failed_item), reply(207, b"?"), OK])
    world.upload("day.json", export(25))
    world.run()
    _check(world, listener)
    assert listener.sums("gatepost.records.sent") == {"": 14}


def test_content_another_name_finishes_is_counted_once() -> None:
    """The first name sent two batches and failed; the second sent the rest; then the first is a duplicate."""
    world, listener = _world(RETRY_MAX_SECONDS="0")
    world.connector.script.extend([OK, OK, reply(503)])
    world.upload("first.json", export(45))
    world.run()
    world.upload("second.json", export(45))
    world.run(hours=2)
    assert world.outcome("first.json").status is Status.DUPLICATE
    assert world.outcome("second.json").status is Status.SUCCEEDED
    assert listener.sums("gatepost.records.sent").total() == _totals(world)["sent"] == 45


def test_a_message_that_meets_a_running_attempt_counts_nothing() -> None:
    """While another worker has the job's lease no attempt begins; the records are the other's to count."""
    world, listener = _world()
    message = world.upload("day.json", export(25, bad=(7,)))

    def second_worker(when: str, _what: str) -> None:
        if when == "post" and world.attempts == 1:
            world.process(message)

    world.connector.on_post = second_worker
    world.run(hours=1)
    _check(world, listener)
    attempts = listener.sums("gatepost.exports", "status")
    assert attempts == {"PartiallySucceeded": 1}


@pytest.mark.parametrize("crash_at", range(STEPS))
def test_a_worker_that_dies_loses_at_most_one_batch_of_the_count(crash_at: int) -> None:
    """Nothing is counted twice; only what was noted in the very moment of death may be missing."""
    world, listener = _world()
    hook = crashing_after(crash_at)
    for place in (world.results, world.state, world.queue):
        place.on_change = hook
    world.connector.on_post = hook
    world.upload("day.json", export(45, bad=(7, 33)))
    world.run(hours=1)
    totals = _totals(world)
    assert 0 <= totals["sent"] - listener.sums("gatepost.records.sent").total() <= 10
    assert listener.sums("gatepost.records.rejected").total() in {0, totals["rejected"]}


def test_an_export_that_kills_its_worker_is_told_of() -> None:
    """The tenth unfinished start ends in silence for the caller, but not for the log."""
    world, listener = _world()

    def die(_when: str, _what: str) -> None:
        raise CrashError

    world.connector.on_post = die
    message = world.upload("day.json", export(3))
    for _ in range(9):
        with pytest.raises(CrashError):
            world.process(message)
        world.clock.sleep(61)
    world.process(message)
    assert listener.sums("gatepost.exports", "status") == {"Blocked": 1}


def test_a_sweep_tells_what_it_saw() -> None:
    """Open outcomes by status, the age of the last sent export, and the secret's days."""
    world, listener = _world()
    world.upload("good.json", export(3))
    world.run()
    world.connector.always = reply(403)
    world.upload("day.json", export(3, first=10))
    world.run(hours=48)
    world.sweep()
    points = listener.points()
    assert {
        attributes["status"]: point.value
        for attributes, point in points["gatepost.exports.waiting", "{export}"]
    } == {"Blocked": 1, "Failed": 0, "InProgress": 0, "Rejected": 0}
    [(_, age)] = points["gatepost.export.age", "h"]
    assert age.value == pytest.approx(48, abs=0.1)
