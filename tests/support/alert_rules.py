"""How Azure evaluates an alert rule over time: at its frequency, over its look-back, one alert a combination of dimensions.

An alert that has fired closes when its row is missing in two evaluations one after another, which is what Azure does for
rules that are evaluated every 15 minutes to 11 hours. Evaluations that would see the same are made once: an ordinary week
costs nothing.
"""

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from infra.workbook import QUERIES
from tests.support.telemetry_tables import Row, TelemetryTables

RULES: Final = json.loads((QUERIES / "alerts.json").read_text())["log"]
_DURATIONS: Final = {
    "PT15M": timedelta(minutes=15),
    "PT1H": timedelta(hours=1),
    "P1D": timedelta(days=1),
    "P2D": timedelta(days=2),
}
_MISSES_TO_CLOSE: Final = 2
_WEEK: Final = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Firing:
    """One alert from firing to closing; `closed` is `None` while it is open."""

    alert: str
    dimensions: tuple[str, ...]
    fired: datetime
    closed: datetime | None = None


class Rule:
    """One rule of `alerts.json`, on rows in the order of their times."""

    def __init__(self, rule: dict[str, Any], rows: Sequence[Row], tables: TelemetryTables) -> None:
        self._name: str = rule["name"]
        self._dimensions: list[str] = rule["dimensions"]
        self._every = _DURATIONS[rule["frequency"]]
        self._lookback = _DURATIONS[rule["lookback"]]
        self._query = (QUERIES / "alerts" / f"{self._name}.kql").read_text()
        self._lines = re.findall(r'message startswith "([^"]+)"', self._query)
        self._rows = [row for row in rows if self._uses(row)]
        self._times = [row.at for row in self._rows]
        self._tables = tables
        self._known: dict[Any, frozenset[tuple[str, ...]]] = {}

    @property
    def evaluations(self) -> int:
        """How many evaluations had to be made."""
        return len(self._known)

    def firings(self, start: datetime, end: datetime) -> Iterator[Firing]:
        """What it tells between two times, and what is still open at the end."""
        active: dict[tuple[str, ...], tuple[Firing, int]] = {}
        now = start
        while now < end:
            seen = self._seen(now)
            for dimensions in seen:
                firing = active[dimensions][0] if dimensions in active else None
                active[dimensions] = (firing or Firing(self._name, dimensions, now), 0)
            for dimensions, (firing, misses) in list(active.items()):
                if dimensions in seen:
                    continue
                active[dimensions] = (firing, misses + 1)
                if misses + 1 == _MISSES_TO_CLOSE:
                    del active[dimensions]
                    yield replace(firing, closed=now)
            now += self._every
        for firing, _ in active.values():
            yield firing

    def _uses(self, row: Row) -> bool:
        """Whether the row can make a difference: of metrics and invocations by name, of log lines by how they begin.

        Other lines are only a sign of life, which matters in the first days of an app and not in a year.
        """
        if row.table == "traces":
            return "traces" in self._query and any(row.values[0].startswith(word) for word in self._lines)
        return re.search(rf"\b{row.table}\b", self._query) is not None and f'"{row.values[0]}"' in self._query

    def _seen(self, now: datetime) -> frozenset[tuple[str, ...]]:
        first = bisect_left(self._times, now - self._lookback)
        rows = self._rows[first : bisect_right(self._times, now)]
        key = self._key(rows, now)
        if key not in self._known:
            self._tables.hold(rows)
            found = self._tables.found(self._name, now)
            self._known[key] = frozenset(tuple(str(row[name]) for name in self._dimensions) for row in found)
        return self._known[key]

    def _key(self, rows: Sequence[Row], now: datetime) -> Any:
        """All that the query's answer depends on: rows relative to now, or to each other where it does not ask the time."""
        if re.search(r"\b(now|ago)\(", self._query):
            of_week = (now - datetime(2024, 1, 1, tzinfo=UTC)) % _WEEK if "datetime(" in self._query else None
            return of_week, tuple((now - row.at, row.table, row.values) for row in rows)
        return tuple((row.at - rows[0].at, row.table, row.values) for row in rows)


def firings(
    rows: Sequence[Row], start: datetime, end: datetime, names: Collection[str] = ()
) -> tuple[list[Firing], int]:
    """What the rules (all, if none is named) tell between two times, in order, and for how many evaluations that stands."""
    ordered = sorted(rows, key=lambda row: row.at)
    found: list[Firing] = []
    evaluated = 0
    with TelemetryTables() as tables:
        for rule in RULES:
            if names and rule["name"] not in names:
                continue
            found.extend(Rule(rule, ordered, tables).firings(start, end))
            evaluated += (end - start) // _DURATIONS[rule["frequency"]]
    return sorted(found, key=lambda firing: (firing.fired, firing.alert)), evaluated
