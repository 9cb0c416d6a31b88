"""Greenlets that hand over at every call, and time that moves when none of them can go on."""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from greenlet import GreenletExit, greenlet

from shared.errors import LeaseLostError
from tests.explorer.choices import Chooser
from tests.support.storage_model.clock import WorkerClock, WorldTime
from tests.support.storage_model.wire import CrashError

MAX_STEPS: Final = 6_000
"""More in one schedule means that something goes on for ever."""


class EndlessError(Exception):
    """The schedule does not come to rest."""


@dataclass(eq=False)
class Process:
    """One worker's process, which dies and begins anew.

    Attributes:
        lives: how often it has begun; what belongs to an earlier life is dead.
        paused_until: true time until which nothing of it goes on.
        held: what is held while it is paused, beside its clock's timers.
        stood: whether its clock has ever stood still.
    """

    name: str
    clock: "StepClock"
    lives: int = 1
    paused_until: float = 0.0
    held: object = None
    stood: bool = False


@dataclass(eq=False)
class Task:
    """What runs on its own: a worker's invocations, or one of its renewals.

    Attributes:
        ready_at: when it can go on, in true time; infinite for never.
        kind: of the call that it makes next.
        fate: what becomes of it.
    """

    name: str
    process: Process
    life: int
    run: greenlet
    ready_at: Callable[[], float] = lambda: 0.0
    kind: str = ""
    fate: str = ""

    @property
    def is_orphan(self) -> bool:
        """Whether its process has died since."""
        return self.life != self.process.lives


@dataclass
class Scheduler:
    """Runs tasks one at a time.

    Attributes:
        act: what a person or another system does, by its name.
        possible: the names of what may be done now.
        step: how many there were.
        freezes: how often a whole host was stopped, so that its message was shown to another one.
        calm: whether nothing but the usual happens any more.
        closed: whether nothing goes on any more.
    """

    world: WorldTime
    chooser: Chooser
    act: Callable[[str], None] = lambda _: None
    possible: Callable[[], list[str]] = list
    step: int = 0
    freezes: int = 0
    tasks: list[Task] = field(default_factory=list)
    current: Task | None = None
    calm: bool = False
    closed: bool = False
    _hub: greenlet = field(default_factory=greenlet.getcurrent)

    def __post_init__(self) -> None:
        """Sleeping means that others go on."""
        self.world.wait = self._sleep_until

    def spawn(self, process: Process, name: str, action: Callable[[], None]) -> Task:
        """A new task, which begins when it is chosen."""

        def run() -> None:
            with suppress(CrashError):
                action()

        task = Task(name, process, process.lives, greenlet(run, parent=self._hub))
        self.tasks.append(task)
        return task

    def point(self, kind: str) -> str:
        """Before a call of the current task: others may go first; gives the call's fate.

        Raises:
            CrashError: the process died meanwhile.
        """
        task = self._alive()
        self._hand_over(task, kind, lambda: 0.0)
        return task.fate

    def wait_until(self, ready_at: Callable[[], float]) -> None:
        """Let the current task wait."""
        self._hand_over(self._alive(), "", ready_at)

    def die(self) -> None:
        """The current task's process dies: everything of it.

        Raises:
            CrashError: always.
        """
        self.task.process.lives += 1
        raise CrashError

    def pause(self, what: str, seconds: float) -> None:
        """Stop the current task's process for a while: `stop`, `stand` or `freeze` (the host as well)."""
        process = self.task.process
        process.paused_until = self.world.seconds + seconds
        process.clock.pause(stands=what == "stand")
        process.stood |= what == "stand"
        if what == "freeze":
            self.freezes += 1
            self.world.hold(process.held)
        self._hand_over(self._alive(), "", lambda: 0.0)

    @property
    def task(self) -> Task:
        """The current task."""
        assert self.current is not None
        return self.current

    def run(self, until: float = math.inf) -> None:
        """Go on until nothing is left to do, or until a moment of true time.

        Raises:
            EndlessError: too many steps.
        """
        while True:
            self._wake()
            ready = [one for one in self.tasks if self._ready_at(one) <= self.world.seconds]
            if ready:
                self._one_step(ready)
            elif not self._move_on(until):
                return

    def close(self) -> None:
        """End all tasks."""
        self.closed = True
        for task in self.tasks:
            if not task.run.dead:
                self.current = task
                task.run.throw(GreenletExit)
        self.tasks.clear()

    def _one_step(self, ready: list[Task]) -> None:
        self.step += 1
        if self.step > MAX_STEPS:
            raise EndlessError
        task = self.current if self.current in ready else ready[0]
        assert task is not None
        if not self.calm:
            for action in self.chooser.actions(self.step, self.possible()):
                self.act(action)
            by_name = {one.name: one for one in ready}
            task = by_name[self.chooser.task(self.step, list(by_name), task.name)]
            task.fate = self.chooser.fate(self.step, task.name, task.kind) if task.kind else ""
        self.current = task
        task.run.switch()
        if task.run.dead:
            self.tasks.remove(task)

    def _move_on(self, until: float) -> bool:
        """Let time pass until something can go on; whether there is anything before that moment."""
        timer = self.world.next_due()
        moments = [max(self._ready_at(one), one.process.paused_until) for one in self.tasks]
        if timer is not None:
            moments.append(timer)
        following = min(moments, default=math.inf)
        if following > until or following == math.inf:
            if until < math.inf:
                self.world.move_to(until)
            return False
        self.world.move_to(following)
        return True

    def _ready_at(self, task: Task) -> float:
        if task.is_orphan:
            return 0.0
        return max(task.ready_at(), task.process.paused_until)

    def _wake(self) -> None:
        for task in self.tasks:
            process = task.process
            if process.paused_until and process.paused_until <= self.world.seconds:
                process.paused_until = 0.0
                process.clock.resume()
                self.world.let_go(process.held, 0.0)

    def _alive(self) -> Task:
        if self.closed:
            raise GreenletExit
        if self.task.is_orphan:
            raise CrashError
        return self.task

    def _hand_over(self, task: Task, kind: str, ready_at: Callable[[], float]) -> None:
        task.kind, task.ready_at, task.fate = kind, ready_at, ""
        self._hub.switch()
        task.kind = ""
        if task.is_orphan:
            raise CrashError

    def _sleep_until(self, moment: float) -> None:
        self.wait_until(lambda: moment)


@dataclass(eq=False)
class StepClock(WorkerClock):
    """A worker's clock whose timers run as tasks of their own, never twice at once.

    Attributes:
        scheduler: runs them.
        process: whose they are; set once it is known.
    """

    scheduler: Scheduler | None = None
    process: Process | None = None

    def every(self, seconds: float, action: Callable[[], None]) -> Callable[[], None]:
        """As `SystemClock` does it: a run that is under way is waited for when it is stopped."""
        scheduler, process = self.scheduler, self.process
        assert scheduler is not None
        assert process is not None
        runs: list[Task] = []

        def begin() -> None:
            if not (runs and runs[-1] in scheduler.tasks):
                runs.append(scheduler.spawn(process, f"{process.name}.renewal", action))

        stop = super().every(seconds, begin)

        def stop_and_wait() -> None:
            stop()
            if runs and runs[-1] in scheduler.tasks:
                scheduler.wait_until(lambda: math.inf if runs[-1] in scheduler.tasks else 0.0)

        return stop_and_wait


def in_tasks[T](
    scheduler: Scheduler, process: Process, calls: Sequence[Callable[[], T]], meanwhile: Callable[[], None]
) -> list[T]:
    """Make calls in tasks of their own, as the product makes them in threads.

    Args:
        scheduler: runs them.
        process: whose they are.
        calls: to be made.
        meanwhile: done by the task that asks, while they are made.
    """
    results: dict[int, T] = {}
    lost: list[LeaseLostError] = []

    def make(number: int) -> None:
        try:
            results[number] = calls[number]()
        except LeaseLostError as error:
            lost.append(error)

    tasks = [
        scheduler.spawn(process, f"{process.name}.{number + 1}", partial(make, number))
        for number in range(len(calls))
    ]
    meanwhile()
    scheduler.wait_until(lambda: 0.0 if all(task.run.dead for task in tasks) else math.inf)
    if lost:
        raise lost[0]
    return [results[number] for number in range(len(calls))]
