"""Who decides. Every way of deciding leaves a list of decisions behind that leads to the same run again."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from tests.explorer.schedule import Decision

FATES: Final[dict[str, tuple[tuple[str, int], ...]]] = {
    "read": (("busy", 3), ("fails", 2), ("dies-before", 2), ("slow=20", 1), ("slow=75", 1)),
    "write": (
        ("unanswered", 8),
        ("dies-before", 4),
        ("dies-after", 6),
        ("busy", 2),
        ("slow=20", 1),
        ("slow=75", 4),
        ("late=45", 2),
        ("lost", 1),
        ("fails", 1),
    ),
    "lease": (("unanswered", 3), ("dies-before", 1), ("dies-after", 1), ("busy", 3), ("slow=9", 2)),
    "connect": (("refused", 3), ("dies-before", 1), ("slow=20", 2), ("slow=45", 3)),
    "body": (
        ("stored-lost", 10),
        ("lost", 3),
        ("503", 4),
        ("429", 4),
        ("504-stored", 3),
        ("413", 6),
        ("400", 3),
        ("403", 3),
        ("401", 1),
        ("207", 3),
        ("207-none", 3),
        ("207-item", 4),
        ("figures", 2),
        ("html", 1),
        ("202", 1),
        ("dies-before", 2),
        ("dies-after", 6),
        ("slow=45", 2),
        ("late=75", 4),
    ),
    "token": (("fails", 3), ("refused", 2), ("slow=45", 3), ("dies-before", 1)),
    "end": (("dies-before", 1),),
}
"""What can become of a call, by its kind, and how often it is chosen."""

STOPS: Final = (
    "stop=30",
    "stop=61",
    "stop=130",
    "stop=700",
    "stand=61",
    "stand=130",
    "freeze=700",
    "freeze=70",
)
"""Before the call the worker is stopped (its clock goes on), stands (its clock stands as well), or its whole host is stopped."""


class Chooser(Protocol):
    """Decides at every step."""

    decisions: list[Decision]

    def actions(self, step: int, possible: Sequence[str]) -> Iterable[str]:
        """What people and other systems do now."""
        ...

    def task(self, step: int, ready: Sequence[str], usual: str) -> str:
        """Which task goes on."""
        ...

    def fate(self, step: int, task: str, kind: str) -> str:
        """What becomes of the call that it makes; empty: it is answered."""
        ...


class Replay:
    """Decides as a list says.

    Attributes:
        options: what else could have been decided at the steps behind the last decision, if that is wanted.
    """

    def __init__(self, decisions: Sequence[Decision], *, options_until: int = 0) -> None:
        self.decisions = list(decisions)
        self.options: list[Decision] = []
        self._last = max((one.step for one in decisions), default=0)
        self._until = options_until
        self._told: defaultdict[int, list[str]] = defaultdict(list)
        for one in decisions:
            self._told[one.step].append(one.what)

    def actions(self, step: int, _possible: Sequence[str]) -> Iterable[str]:
        """As told."""
        return [one[3:] for one in self._told.get(step, ()) if one.startswith("do=")]

    def task(self, step: int, ready: Sequence[str], usual: str) -> str:
        """As told, if that one can."""
        if self._last < step <= self._until:
            self.options += [Decision(step, f"run={one}") for one in ready if one != usual]
        told = (one[4:] for one in self._told.get(step, ()) if one.startswith("run="))
        return next((one for one in told if one in ready), usual)

    def fate(self, step: int, _task: str, kind: str) -> str:
        """As told."""
        if self._last < step <= self._until:
            whats = [*(what for what, _ in FATES.get(kind, ())), "stop=130", "freeze=700"]
            self.options += [Decision(step, what) for what in whats]
        told = (one for one in self._told.get(step, ()) if not one.startswith(("do=", "run=")))
        return next(told, "")


class Chance:
    """Decides by chance: priorities that change at a few points (PCT), faults and actions at a rate of their own.

    Args:
        seed: the same for the same run.
        horizon: there are no faults after this step.
    """

    def __init__(self, seed: int, horizon: int = 260) -> None:
        self.decisions: list[Decision] = []
        self._chance = random.Random(f"schedule {seed}")
        self._horizon = horizon
        self._priorities: dict[str, float] = {}
        self._changes = {self._chance.randrange(horizon) for _ in range(self._chance.choice((0, 1, 2, 3, 5)))}
        self._faults = self._chance.choice((0.0, 0.01, 0.03, 0.06))
        self._stops = self._chance.choice((0.0, 0.0, 0.005, 0.02))
        self._acts = self._chance.choice((0.0, 0.01, 0.03, 0.05))
        self._connector = self._chance.choice((0.0, 0.1, 0.3, 0.6))
        self._favourite = self._chance.choice((None, None, *FATES["body"]))

    def actions(self, step: int, possible: Sequence[str]) -> Iterable[str]:
        """Now and then one."""
        if step > self._horizon or not possible or self._chance.random() >= self._acts:
            return ()
        action = self._chance.choice(possible)
        self.decisions.append(Decision(step, f"do={action}"))
        return (action,)

    def task(self, step: int, ready: Sequence[str], usual: str) -> str:
        """The one with the highest priority."""
        if step > self._horizon:
            return usual
        for one in ready:
            self._priorities.setdefault(one, self._chance.random())
        chosen = max(ready, key=self._priorities.__getitem__)
        if step in self._changes:
            self._priorities[chosen] = min(self._priorities.values()) - 1
            chosen = max(ready, key=self._priorities.__getitem__)
        if chosen != usual:
            self.decisions.append(Decision(step, f"run={chosen}"))
        return chosen

    def fate(self, step: int, _task: str, kind: str) -> str:
        """Mostly none."""
        if step > self._horizon:
            return ""
        told = ""
        if self._chance.random() < (self._connector if kind == "body" else self._faults) and kind in FATES:
            fates = FATES[kind]
            if kind == "body" and self._favourite and self._chance.random() < 0.5:
                fates = (self._favourite,)
            told = self._chance.choices([one for one, _ in fates], [weight for _, weight in fates])[0]
        elif self._chance.random() < self._stops:
            told = self._chance.choice(STOPS)
        if told:
            self.decisions.append(Decision(step, told))
        return told
