"""What telemetry costs: at the worker's start, for an export, and while its ingestion endpoint is out of order.

    python -m benchmarks.telemetry [--rounds 30] [--records 20000]

Every condition has a host of its own; they take turns, one export each a round, in an order that changes, so that a busy
machine disturbs all alike. An export's time is its outcome's `durationSeconds`; it is compared with that of the same
round under an endpoint that answers. Processor time is the worker process's, all its threads, until the attempt has ended.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Final, Self

from azure.storage.queue import QueueClient

from local.azure import LocalAzure
from local.event_grid import EventGrid
from local.host_process import HostProcess
from local.ingestion import Ingestion, Trouble, answers, settings
from local.samples import record
from local.servers import Answer, Server
from shared.blob_names import outcome_path
from shared.delivery.outcome import decode
from tests.support.exports import array

OFF: Final = "telemetry off"
HEALTHY: Final = "endpoint answers"
REFUSED: Final = "endpoint refuses connections"
HANGS: Final = "endpoint hangs"
STATUSES: Final = (400, 439, 500)
CONDITIONS: Final = (OFF, HEALTHY, REFUSED, HANGS, *(f"endpoint answers {status}" for status in STATUSES))
_WARM_UPS: Final = 2
_PATIENCE_SECONDS: Final = 600
_START: Final = """
import os, time
started = time.perf_counter()
from local.host import ROOT
from local.worker import Worker
loaded = time.perf_counter()
Worker(ROOT)
ready = time.perf_counter()
resident = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS")) / 1024
print(ready - loaded, resident, len(os.listdir("/proc/self/task")), flush=True)
os._exit(0)
"""


def start_costs(azure: LocalAzure, times: int) -> Iterator[str]:
    """What the worker's start costs with telemetry and without: seconds, resident MB, threads."""
    figures: dict[bool, list[list[float]]] = defaultdict(list)
    for _ in range(times):
        for on in (False, True):
            environment = azure.environment | (azure.telemetry if on else {})
            command = [sys.executable, "-c", _START]
            said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
            figures[on].append([float(word) for word in said.splitlines()[-1].split()])
    yield "| Worker's start | seconds | resident MB | threads |"
    yield "|---|---|---|---|"
    for on in (False, True):
        seconds, resident, threads = (statistics.median(column) for column in zip(*figures[on], strict=True))
        yield f"| telemetry {'on' if on else 'off'} | {seconds:.2f} | {resident:.0f} | {threads:.0f} |"


class Bench:
    """One host for one condition, with a queue and an ingestion endpoint of its own; all of them share storage.

    Attributes:
        seconds: what exports took so far.
        processor_seconds: what the worker's process used for them.
    """

    def __init__(self, azure: LocalAzure, condition: str, folder: Path) -> None:
        self._azure = azure
        self._condition = condition
        self._folder = folder
        self._stack = ExitStack()
        self.seconds: list[float] = []
        self.processor_seconds = 0.0

    def __enter__(self) -> Self:
        """Start it."""
        name = f"bench-{CONDITIONS.index(self._condition)}"
        queue = QueueClient.from_connection_string(self._azure.azurite.connection_string, name)
        queue.create_queue()
        over = threading.Event()
        ingestion = Ingestion(_trouble(self._condition, over))
        url = self._stack.enter_context(Server(ingestion)).url
        environment = self._azure.environment | {"EXPORTS_QUEUE": name}
        if self._condition != OFF:
            environment |= settings("http://127.0.0.1:9" if self._condition == REFUSED else url)
            environment |= {"TMPDIR": str(self._folder)}
        self._events = EventGrid(self._azure.exports, queue)
        self._host = self._stack.enter_context(HostProcess(environment, self._folder / f"{name}.log"))
        self._stack.callback(self._host.kill)  # what it still has to send is not an export's business
        self._stack.callback(over.set)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self._stack.close()

    def run(self, name: str, data: bytes) -> float:
        """Run one export; gives its outcome's duration in seconds."""
        blob = self._azure.exports.upload_blob(name, data)
        etag = str(blob.get_blob_properties().etag)
        before = _processor_seconds(self._host.worker_pid)
        self._events.announce(name, etag.strip('"'))
        said = self._host.next(_PATIENCE_SECONDS)
        if not said["succeeded"]:
            raise SystemExit(f"an export failed: {said['error']}")
        self.processor_seconds += _processor_seconds(self._host.worker_pid) - before
        outcome = decode(self._azure.results.download_blob(outcome_path(name, etag)).readall())
        blob.delete_blob()
        if outcome.status != "Succeeded" or outcome.duration_seconds is None:
            raise SystemExit(f"an export ended as {outcome.status}")
        self.seconds.append(outcome.duration_seconds)
        return outcome.duration_seconds


def _trouble(condition: str, over: threading.Event) -> Trouble:
    def hang() -> Answer:
        over.wait()
        return Answer(0, wire=lambda _handler: None)

    return ({HANGS: hang} | {f"endpoint answers {status}": answers(status) for status in STATUSES}).get(
        condition
    )


def _processor_seconds(pid: int) -> float:
    """User and system time of a process, its threads included."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.telemetry")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--records", type=int, default=20_000, help="an export")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        azure = stack.enter_context(LocalAzure(keep_bodies=False))
        print("\n".join(start_costs(azure, 9)), flush=True)
        benches = {one: stack.enter_context(Bench(azure, one, folder)) for one in CONDITIONS}
        numbers = count()
        for turn in range(-_WARM_UPS, arguments.rounds):
            for bench in random.sample(list(benches.values()), len(benches)):
                number = next(numbers)
                first = number * arguments.records
                bench.run(f"{number}.json", array(record(first + one) for one in range(arguments.records)))
            if turn == -1:
                for bench in benches.values():
                    bench.seconds, bench.processor_seconds = [], 0.0
    print("\n".join(_table(benches, arguments.rounds, arguments.records)))


def _table(benches: dict[str, Bench], rounds: int, records: int) -> Iterator[str]:
    yield f"\n{rounds} exports of {records:,} records each.\n"
    yield "| Condition | s an export, median | fastest | beside an endpoint that answers | processor s an export |"
    yield "|---|---|---|---|---|"
    healthy = benches[HEALTHY].seconds
    for condition, bench in benches.items():
        pairs = sorted(mine / its - 1 for mine, its in zip(bench.seconds, healthy, strict=True))
        processor = bench.processor_seconds / rounds
        yield (
            f"| {condition} | {statistics.median(bench.seconds):.3f} | {min(bench.seconds):.3f} "
            f"| {statistics.median(pairs) * 100:+.1f} % | {processor:.3f} |"
        )


if __name__ == "__main__":
    main()
