"""What a sweep and its passes over rejected records cost, on Azurite and the stand-ins, after a people file has changed.

    python -m benchmarks.remaps [--exports 1000] [--people 200000]

Each export has 20 rows, 3 of them of persons whom nobody knows at first. In the first night the people file changes and
helps nobody, in the second it knows one of the three. Everything but the queue is the product's own: real storage clients,
real requests. Bytes and calls do not depend on the machine, seconds do. Every ten minutes Azurite collects garbage, and on a busy
machine it answers nobody for minutes then: there, take fewer exports.
"""

import argparse
import os
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from local.azure import LocalAzure
from shared.delivery import sweep as sweeping
from shared.delivery.outcome_listing import list_outcomes
from shared.delivery.ports import Container, Document
from shared.delivery.process_export import process_export
from shared.delivery.source_store import SourceStore
from shared.error_codes import Status
from shared.errors import StorageError
from shared.messages import Message, TaskMessage, read_messages
from shared.wiring import build

if TYPE_CHECKING:
    from shared.delivery.dependencies import Dependencies

ROWS: Final = 20
UNKNOWN: Final = 3
_PROFILE: Final = """
version = 1
name = "Benchmark"
[input]
format = "csv"
[time]
from = "Time"
format = "%Y-%m-%d %H:%M:%S"
zone = "UTC"
[[person]]
from = "Id"
directory = "people.csv"
key = "Id"
[asset]
id = "Door"
[outcome]
from = "Event"
success = ["Granted"]
"""


@dataclass
class Counts:
    """Calls to storage and bytes read from it, by container."""

    calls: Counter[str] = field(default_factory=Counter)
    read_bytes: Counter[str] = field(default_factory=Counter)


class Counted:
    """A container whose calls and bytes are counted."""

    def __init__(self, container: Container, counts: Counts) -> None:
        self._container = container
        self._counts = counts

    def __getattr__(self, name: str) -> Any:
        """Every method of the container, counted where it makes a call."""
        found = getattr(self._container, name)
        return self._counting(found) if callable(found) else found

    def _counting(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            self._counts.calls[self._container.name] += 1
            found = method(*arguments, **options)
            if isinstance(found, Document):
                self._counts.read_bytes[self._container.name] += len(found.data)
            return found

        return counted

    def chunks(self, name: str, etag: str) -> Iterator[bytes]:
        """Stream a blob."""
        self._counts.calls[self._container.name] += 1
        for chunk in self._container.chunks(name, etag):
            self._counts.read_bytes[self._container.name] += len(chunk)
            yield chunk


class Collected:
    """A queue that keeps what is put."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def put(self, text: str, _delay_seconds: int) -> None:
        """Keep it."""
        self.texts.append(text)

    def waiting(self) -> int:
        """How many there are."""
        return len(self.texts)


class Bench:
    """A deployment with one source, driven message by message.

    Attributes:
        counts: of storage, since the last `anew`.
        repeated: attempts that storage did not let come to their end.
    """

    def __init__(self, azure: LocalAzure, people: int) -> None:
        self._azure = azure
        self._people = [f"{number},person{number}@example.com\n" for number in range(people)]
        self.counts = Counts()
        self.repeated = 0
        self._queue = Collected()
        made = build(azure.environment)
        exports, results, state, sources = (
            Counted(one, self.counts)
            for one in (made.exports, made.results, made.state, vars(made.sources)["_sources"])
        )
        store = SourceStore(sources, state, made.clock)
        self.deps: Dependencies = replace(
            made,
            exports=exports,
            results=results,
            state=state,
            sources=store,
            queue=self._queue,
        )

    def put_people(self, *more: str) -> None:
        """Another version of the people file."""
        text = "Id,UPN\n" + "".join([*self._people, *(f"{one},{one}@example.com\n" for one in more)])
        self._azure.sources.upload_blob("site/people.csv", text.encode(), overwrite=True)
        self._azure.sources.upload_blob("site/profile.toml", _PROFILE.encode(), overwrite=True)

    def fill(self, exports: int) -> None:
        """Upload exports and send them."""
        for number in range(exports):
            name, data = f"site/{number:05d}.csv", _export(number)
            self._azure.exports.upload_blob(name, data, overwrite=True)
            self._attempt(Message(name))

    def anew(self) -> None:
        """Count from here on."""
        self.counts.calls.clear()
        self.counts.read_bytes.clear()
        self._queue.texts.clear()

    def sweep(self) -> int:
        """One sweep; how many exports it has queued because of a changed mapping."""
        found = sweeping.sweep(self.deps, sweeping.new_sweep())
        if found is None or not found.finished:
            raise SystemExit("the sweep has not come to its end")
        return found.remaps_due - found.remaps_left

    def passes(self) -> None:
        """Work through what the sweep has queued."""
        for text in self._queue.texts:
            for message in read_messages(text, self.deps.exports.name):
                if not isinstance(message, TaskMessage):
                    self._attempt(message)

    def _attempt(self, message: Message) -> None:
        """One attempt; once more if storage was too busy to answer, as the host does."""
        for last in (False, False, True):
            try:
                process_export(self.deps, message, str(uuid.uuid4()))
            except StorageError:
                if last:
                    raise
                self.repeated += 1
            else:
                return

    def sent(self) -> int:
        """Records that all outcomes say were sent."""
        listed = list_outcomes(self.deps.results)
        return sum(one.sent or 0 for one in listed if one.status is not Status.REJECTED)


def _export(number: int) -> bytes:
    rows = [
        f"2026-11-22 0{number % 10}:{number // 10 % 60:02d}:{row:02d},{_person(number, row)},door-{number},Granted\n"
        for row in range(ROWS)
    ]
    return ("Time,Id,Door,Event\n" + "".join(rows)).encode()


def _person(number: int, row: int) -> str:
    return f"new{row}" if row < UNKNOWN else str((number * ROWS + row) % 1_000)


def night(bench: Bench, what: str, exports: int) -> Iterator[str]:
    """The lines about one sweep and its passes."""
    bench.anew()
    for part, work in (("sweep", bench.sweep), ("passes", bench.passes)):
        wall, cpu = time.perf_counter(), time.process_time()
        queued = work()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        if part == "sweep" and queued != exports:
            raise SystemExit(f"the sweep has queued {queued} exports, not {exports}")
        calls = ", ".join(f"{name} {count:,}" for name, count in sorted(bench.counts.calls.items()))
        read = ", ".join(f"{name} {count:,}" for name, count in sorted(bench.counts.read_bytes.items()))
        yield f"{what}, {part}: {wall:.1f} s, {cpu:.1f} s of CPU; calls: {calls}; bytes read: {read or 'none'}"
        bench.counts.calls.clear()
        bench.counts.read_bytes.clear()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--exports", type=int, default=1_000)
    parser.add_argument("--people", type=int, default=200_000)
    told = parser.parse_args()
    with LocalAzure(keep_bodies=False) as azure, patch.dict(os.environ, azure.environment):
        bench = Bench(azure, told.people)
        bench.put_people()
        bench.fill(told.exports)
        first = bench.sent()
        bench.put_people("another")
        for line in night(bench, "without gain", told.exports):
            print(line, flush=True)
        if bench.sent() != first:
            raise SystemExit("something was sent")
        bench.put_people("another", "new0")
        for line in night(bench, "with gain", told.exports):
            print(line, flush=True)
        if bench.sent() != first + told.exports:
            raise SystemExit(f"{bench.sent() - first} records were sent, not {told.exports}")
        if bench.repeated:
            print(
                f"{bench.repeated} attempts were made again, since storage did not answer: the figures are a little too high"
            )


if __name__ == "__main__":
    main()
