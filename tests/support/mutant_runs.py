"""Runs the tests that reach each mutant, in a process of its own.

All tests are collected once, in one process. From it a child is forked for each mutant, which puts the changed functions in place
and runs its tests. A mutant for which that would not be sound (`tests.support.mutant_swap`) gets a child of a process that
has no module of the project yet; it loads the changed module itself.
"""

import gc
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from importlib import import_module
from mmap import mmap
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.mutant_caches import Caches
from tests.support.mutant_children import limit, run_children
from tests.support.mutant_coverage import PYTEST
from tests.support.mutant_list import UNCHANGED, Mutant, mutated
from tests.support.mutant_loader import ChangedModule
from tests.support.mutant_results import Results
from tests.support.mutant_swap import Key, Swap, loaded_functions

if TYPE_CHECKING:
    from types import FunctionType

LOADED_FIRST: Final = (
    "azure.storage.blob", "azure.storage.queue", "azure.identity", "azure.functions", "azure.keyvault.secrets",
    "hypothesis.stateful", "jmespath", "jsonschema", "msgspec", "requests", "rich", "trustme", "typer",
)  # fmt: skip
_START_SECONDS: Final = 60.0
_FIRST_TESTS: Final = 12


@dataclass(frozen=True)
class Task:
    """A mutant and the tests to run.

    Attributes:
        mutant: the change; its index is `UNCHANGED` for a run that must succeed.
        tests: those that reach it and have not run with it yet.
        swap: what to put in place, if that is sound.
        rarity: of tests that run through a line beside it which few do.
        queue: those to run, in order; empty until it is known.
        later: those to run if none of these fails.
        place: shared with the child: the number of the test it is at, from 1; then whether the budget was used up.
    """

    mutant: Mutant
    tests: list[str]
    swap: Swap | None
    rarity: dict[str, float] = field(default_factory=dict)
    queue: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    place: mmap = field(default_factory=lambda: mmap(-1, 5), compare=False)

    @property
    def at(self) -> str:
        """The test that the child was at when it ended; the first one, if it did not come so far."""
        return self.queue[max(0, int.from_bytes(self.place[:4]) - 1)]

    @property
    def cut(self) -> list[str]:
        """The tests that did not run, since the budget was used up before."""
        return [*self.queue[int.from_bytes(self.place[:4]) :], *self.later] if self.place[4] else []


class Watch:
    """A plug-in of pytest in a child: notes which test begins, limits how long it may take, and ends when the budget is used up.

    Args:
        task: whose tests run.
        results: say how long each takes without a mutant, and how much processor time there is for all of them.
    """

    def __init__(self, task: Task, results: Results) -> None:
        self._task = task
        self._numbers = {name: number for number, name in enumerate(task.queue, 1)}
        self._seconds = results.seconds
        self._budget = results.budget
        self._until: float | None = None

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A machine with other work to do lets a process wait; an endless loop shows in the time it works."""
        self._until = self._until or time.process_time() + self._budget
        if time.process_time() > self._until:
            self._task.place[4] = 1
            os._exit(0)  # no test has failed so far, or none would begin
        usual = self._seconds.get(nodeid, 1.0)
        limit(2 + 5 * usual, _START_SECONDS + 20 * usual)
        self._task.place[:4] = self._numbers[nodeid].to_bytes(4)


class Collected:
    """A plug-in of pytest that runs mutants instead of tests, once these are collected."""

    def __init__(self, runner: "Runner", tasks: list[Task]) -> None:
        self._runner = runner
        self._tasks = tasks
        self._functions: dict[str, dict[Key, list[FunctionType]]] = {}
        self._items: dict[str, pytest.Item] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Runs them all."""
        self._items = {item.nodeid: item for item in session.items}
        self._functions = loaded_functions(self._runner.root)
        gc.collect()
        Caches(self._runner.root).forget()
        gc.freeze()
        self._runner.decide(self._tasks, self._child)
        return True

    def _child(self, task: Task) -> int:
        if task.swap:
            task.swap.put_in_place(self._functions.get(task.mutant.path, {}))
        items = [self._items[name] for name in task.queue]
        session = items[0].session
        session.config.pluginmanager.register(Watch(task, self._runner.results))
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.testsfailed:
                return 1
        return 0


class Runner:
    """Runs mutants.

    Args:
        root: the project's folder.
        results: what is known, how long tests take and may take, and where what is found is noted.
        jobs: how many processes at a time.
        said: called after each result, with the mutant and the test that noticed it (empty: none did).
    """

    def __init__(self, root: Path, results: Results, jobs: int, said: Callable[[Mutant, str], None]) -> None:
        self.root = root
        self.results = results
        self._jobs = jobs
        self._said = said
        self._trusted: dict[str, bool] = {}

    def run(self, tasks: list[Task]) -> None:
        """Find out about all of them."""
        for library in LOADED_FIRST:
            import_module(library)
        swapped = [task for task in tasks if task.swap is not None]
        if swapped and not (child := os.fork()):
            files = sorted({name.partition("::")[0] for task in swapped for name in task.tests})
            os._exit(int(pytest.main([*PYTEST, "--capture=no", *files], plugins=[Collected(self, swapped)])))
        if swapped and os.waitpid(child, 0)[1]:
            raise RuntimeError("the tests cannot be collected")
        self.results.load()
        self.decide([task for task in tasks if task.swap is None], self._fresh_child)

    def decide(self, tasks: list[Task], child: Callable[[Task], int]) -> None:
        """Run tasks until each has survived all of its tests, or one of them fails that does not fail without the mutant.

        Args:
            tasks: what to run.
            child: runs one, in a process of its own.
        """
        waiting = deque(tasks)
        cut = None if child != self._fresh_child else _FIRST_TESTS
        for task, passed in run_children(self._next(waiting, cut), child, jobs=self._jobs):
            if passed and task.later and not task.cut:
                waiting.appendleft(replace(task, queue=task.later, later=[]))
            elif passed or self._is_trusted(task, child):
                self._found(task, "" if passed else task.at)
            else:
                waiting.append(replace(task, queue=[], later=[]))

    def _next(self, waiting: deque[Task], cut: int | None) -> Iterator[Task]:
        while waiting:
            task = waiting.popleft()
            if task.queue:
                yield replace(task, place=mmap(-1, 5))
                continue
            trusted = [name for name in task.tests if self._trusted.get(name, True)]
            if not trusted:
                self._found(task, "")
                continue
            queue = self.results.ordered(task.mutant, trusted, task.rarity)
            yield replace(task, queue=queue[:cut], later=queue[cut:] if cut else [], place=mmap(-1, 5))

    def _found(self, task: Task, by: str) -> None:
        by_name = task.swap is None or bool(task.swap.name)
        passed = [one for one in task.tests if one not in set(task.cut)]
        self.results.note(task.mutant, passed, by, left=task.cut, by_name=by_name)
        self._said(task.mutant, by)

    def _is_trusted(self, task: Task, child: Callable[[Task], int]) -> bool:
        """Whether the test that failed succeeds without the mutant, when it runs alone."""
        name = task.at
        if name not in self._trusted:
            alone = Task(replace(task.mutant, index=UNCHANGED), [name], None, queue=[name])
            self._trusted[name] = all(passed for _, passed in run_children([alone], child))
        return self._trusted[name]

    def _fresh_child(self, task: Task) -> int:
        limit(_START_SECONDS, 5 * _START_SECONDS)
        index = task.mutant.index
        ChangedModule(self.root, task.mutant.path, lambda source: mutated(source, index)).install()
        return int(pytest.main(["-x", *PYTEST, *task.queue], plugins=[Watch(task, self.results)]))
