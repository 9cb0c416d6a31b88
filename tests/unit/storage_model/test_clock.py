"""The world's time and the clocks of workers in it."""

import random
from datetime import timedelta

from tests.support.storage_model.clock import START, WorkerClock, WorldTime


def test_timers_run_in_their_order_each_at_its_time() -> None:
    """However far the time is moved at once; what was stopped does not run."""
    world, seen = WorldTime(), list[tuple[str, float]]()
    one, two = WorkerClock(world), WorkerClock(world)
    stop = one.every(15, lambda: seen.append(("one", world.seconds)))
    two.every(20, lambda: seen.append(("two", world.seconds)))
    world.move_to(44.0)
    stop()
    world.move_to(60.0)
    assert seen == [("one", 15), ("two", 20), ("one", 30), ("two", 40), ("two", 60)]


def test_an_action_that_takes_long_does_not_put_off_the_one_after_it() -> None:
    """Seconds are counted from beginning to beginning, and one timer never runs beside itself."""
    world, seen = WorldTime(), list[float]()
    clock = WorkerClock(world)

    def slow() -> None:
        seen.append(world.seconds)
        clock.sleep(20)

    clock.every(15, slow)
    world.move_to(60.0)
    assert seen == [15, 35, 55]


def test_clocks_are_wrong_and_drift() -> None:
    """An hour of a clock that is fast is less than an hour; storage goes by the true time."""
    world = WorldTime()
    clock = WorkerClock(world, offset=timedelta(minutes=-2), rate=1.25)
    clock.sleep(3_600)
    assert world.seconds == 2_880
    assert clock.monotonic() == 3_600
    assert clock.now() == START + timedelta(seconds=3_600, minutes=-2)


def test_a_suspended_machine_has_counted_nothing() -> None:
    """Its monotonic clock stood still, and its timers are due as much later; its wall clock is right."""
    world, seen = WorldTime(), list[float]()
    clock = WorkerClock(world)
    clock.every(15, lambda: seen.append(world.seconds))
    world.move_to(10.0)
    clock.pause(stands=True)
    world.move_to(110.0)
    assert (clock.monotonic(), seen) == (10, [])
    clock.resume()
    world.move_to(116.0)
    assert (clock.monotonic(), seen) == (16, [115])
    assert clock.now() == START + timedelta(seconds=116)


def test_a_stopped_process_finds_that_time_has_passed() -> None:
    """After SIGSTOP the monotonic clock has gone on; a timer that was due runs at once, once."""
    world, seen = WorldTime(), list[float]()
    clock = WorkerClock(world)
    clock.every(15, lambda: seen.append(world.seconds))
    clock.pause(stands=False)
    world.move_to(100.0)
    assert (clock.monotonic(), seen) == (100, [])
    clock.resume()
    clock.resume()
    world.move_to(116.0)
    assert seen == [100, 115]


def test_chance_is_the_same_for_the_same_seed() -> None:
    """And within its bounds."""
    seeds = (random.Random(7) for _ in range(2))
    drawn = [[WorkerClock(WorldTime(), chance=seed).between(1, 2) for _ in range(2)] for seed in seeds]
    assert drawn[0] == drawn[1]
    assert 1 <= drawn[0][0] <= 2


def test_a_scheduler_decides_who_waits_and_what_runs() -> None:
    """A sleep asks it to wait, as often as it takes; a timer's action is handed to it."""
    world, waits, run = WorldTime(), list[float](), list[object]()
    clock = WorkerClock(world)
    clock.every(5, lambda: None)

    def wait(until: float) -> None:
        waits.append(until)
        world.move_to(min(until, world.seconds + 4))

    world.wait, world.run = wait, run.append
    clock.sleep(10)
    assert waits == [10, 10, 10]
    assert len(run) == 2
