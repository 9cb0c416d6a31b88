"""The time of the world, and the clocks of workers in it, which may be wrong, drift and stand still."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

START = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


class Time(Protocol):
    """What storage needs of a clock."""

    def now(self) -> datetime:
        """The current time, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back."""
        ...


@dataclass(eq=False)
class _Timer:
    due: float
    again: Callable[[], float]
    action: Callable[[], None]
    owner: object
    running: bool = False


class WorldTime:
    """True time, which storage goes by; moved, never waited for.

    Attributes:
        seconds: passed since the start.
        wait: what a worker's sleep does, given the moment it waits for; it moves the time there, until a scheduler of
            several workers sets it to something that lets others run meanwhile.
        run: what runs the action of a timer that is due; a scheduler may run it as a task of its own.
    """

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self.seconds = 0.0
        self.wait: Callable[[float], None] = self.move_to
        self.run: Callable[[Callable[[], None]], None] = lambda action: action()
        self._timers: list[_Timer] = []
        self._held: set[int] = set()

    def now(self) -> datetime:
        """The start and what has passed since."""
        return self._start + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """What has passed."""
        return self.seconds

    def move_to(self, seconds: float) -> None:
        """Move on to a moment; what is due on the way happens in its order, each at its time."""
        while due := self._next(seconds):
            self.seconds = max(self.seconds, due.due)
            due.running = True
            started = due.again()
            try:
                self.run(due.action)
            finally:
                due.due, due.running = started, False
        self.seconds = max(self.seconds, seconds)

    def next_due(self) -> float | None:
        """When the next timer that is not held is due; `None` if there is none."""
        timer = self._next(float("inf"))
        return max(timer.due, self.seconds) if timer else None

    def every(
        self, period: Callable[[], float], action: Callable[[], None], owner: object = None
    ) -> Callable[[], None]:
        """Run an action every so often; gives what stops it.

        Args:
            period: gives the seconds of true time to the next run, asked when a run begins.
            action: what is run.
            owner: who can hold it.
        """
        timer = _Timer(self.seconds + period(), lambda: self.seconds + period(), action, owner)
        self._timers.append(timer)

        def stop() -> None:
            if timer in self._timers:
                self._timers.remove(timer)

        return stop

    def hold(self, owner: object) -> None:
        """Let nothing of an owner's run: it stands still."""
        self._held.add(id(owner))

    def let_go(self, owner: object, postponed_seconds: float) -> None:
        """Let an owner's timers run again: what was due meanwhile runs once, so many seconds after it was due."""
        self._held.discard(id(owner))
        for timer in self._timers:
            if timer.owner is owner:
                timer.due += postponed_seconds

    def _next(self, latest: float) -> _Timer | None:
        ready = [
            one
            for one in self._timers
            if one.due <= latest and not one.running and id(one.owner) not in self._held
        ]
        return min(ready, key=lambda one: one.due, default=None)


@dataclass(eq=False)
class WorkerClock:
    """One worker's clock (`shared.clock.Clock`).

    Attributes:
        offset: how far its wall clock is ahead of true time.
        rate: its seconds in a second of true time; 1.0001 is a clock that is fast.
        chance: where `between` comes from.
    """

    world: WorldTime
    offset: timedelta = timedelta()
    rate: float = 1.0
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    _stood_seconds: float = 0.0
    _paused_at: float | None = None
    _stands: bool = False

    def now(self) -> datetime:
        """The wall clock, in UTC: right or wrong."""
        return self.world.now() + self.offset + timedelta(seconds=self.world.seconds * (self.rate - 1))

    def monotonic(self) -> float:
        """Seconds that this worker has counted."""
        standing = 0.0
        if self._paused_at is not None and self._stands:
            standing = self.world.seconds - self._paused_at
        return (self.world.seconds - self._stood_seconds - standing) * self.rate

    def sleep(self, seconds: float) -> None:
        """Wait until this clock has counted so many seconds."""
        end = self.monotonic() + seconds
        while (left := end - self.monotonic()) > 1e-9:
            self.world.wait(self.world.seconds + left / self.rate)

    def between(self, low_seconds: float, high_seconds: float) -> float:
        """A random number of seconds, the same for the same seed."""
        return self.chance.uniform(low_seconds, high_seconds)

    def every(self, seconds: float, action: Callable[[], None]) -> Callable[[], None]:
        """Run an action whenever this clock has counted so much; what is due in a pause runs after it, once."""
        return self.world.every(lambda: seconds / self.rate, action, self)

    def pause(self, *, stands: bool) -> None:
        """Stop the worker: its timers are held from here on.

        Args:
            stands: whether the monotonic clock stands still (a suspended machine) or goes on (SIGSTOP).
        """
        self._paused_at, self._stands = self.world.seconds, stands
        self.world.hold(self)

    def resume(self) -> None:
        """Let it go on where it was."""
        if self._paused_at is None:
            return
        stood = self.world.seconds - self._paused_at if self._stands else 0.0
        self._stood_seconds += stood
        self._paused_at = None
        self.world.let_go(self, stood)
