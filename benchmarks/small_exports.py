"""What many small exports cost: calls to storage and seconds of an export of one request, with a delay added to each call.

python -m benchmarks.small_exports [--exports 20] [--delay 0.02] [--instances 1]

With several instances all of them want the job's lease: each takes a message when it has none, and puts it back where another one
has the lease, as the host has them do.
"""

import argparse
import heapq
import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from rich.console import Console

from local.azure import LocalAzure
from shared import wiring
from shared.clock import SystemClock
from shared.delivery.process_export import process_export
from shared.delivery.waiting import lease_taken_seconds
from shared.messages import Message, read_messages
from shared.report.request import request_report
from tests.support.exports import export

MANY: Final = 10_000
_RECORDS: Final = 300
_ACCOUNT: Final = "/devstoreaccount1/"
_HIDDEN_SECONDS: Final = 300
_POLL_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Measured:
    """What the exports of a run took.

    Attributes:
        exports: how many.
        calls: to storage, of all attempts.
        seconds: until the last one had its outcome.
        cpu_seconds: of this process; with it the connector's stand-in.
        tries: messages that were taken.
    """

    exports: int
    calls: int
    seconds: float
    cpu_seconds: float
    tries: int


@contextmanager
def delayed(seconds: float) -> Iterator[Counter[str]]:
    """Add a delay to each call to storage, as a network does; counts the calls that the product makes, by their methods."""
    calls: Counter[str] = Counter()
    send = HTTPAdapter.send

    def slowly(
        adapter: HTTPAdapter, request: requests.PreparedRequest, *rest: Any, **options: Any
    ) -> requests.Response:
        path, method = urlsplit(request.url or "").path, request.method or ""
        if path.startswith(_ACCOUNT) and (
            method == "POST" or "/messages" not in path
        ):  # others are the host's
            calls[method] += 1
            time.sleep(seconds)
        return send(adapter, request, *rest, **options)

    HTTPAdapter.send = slowly  # type: ignore[method-assign,assignment]
    try:
        yield calls
    finally:
        HTTPAdapter.send = send  # type: ignore[method-assign]


def measure(exports: int, delay_seconds: float, instances: int) -> Measured:
    """Send exports of one request each, once every worker has begun.

    Args:
        exports: how many.
        delay_seconds: added to each call.
        instances: workers, each with one message at a time.

    Raises:
        SystemExit: the connector did not take one request an export.
    """
    with LocalAzure() as azure:
        os.environ.update(azure.environment)
        names = [f"site-{number:05d}/day.json" for number in range(exports + instances)]
        for number, name in enumerate(names):
            azure.exports.upload_blob(name, export(_RECORDS, first=1 + _RECORDS * number))
        messages = [json.dumps({"gatepost": 1, "name": name, "trigger": "upload"}) for name in names]
        workers = [_Instance(azure) for _ in range(instances)]
        for worker, message in zip(workers, messages, strict=False):
            worker.process(message)
        for message in messages[instances:]:
            azure.queue.send_message(message)
        found = _drained(azure, workers, exports, delay_seconds)
        if azure.connector.requests != exports + instances:
            raise SystemExit(f"{azure.connector.requests} requests for {exports + instances} exports")
    return found


def _drained(azure: LocalAzure, workers: list["_Instance"], exports: int, delay_seconds: float) -> Measured:
    """Until the connector has taken them all."""
    wanted = azure.connector.requests + exports
    with delayed(delay_seconds) as calls, ThreadPoolExecutor(len(workers)) as threads:
        wall, cpu = time.perf_counter(), time.process_time()
        running = [
            threads.submit(worker.serve, lambda: azure.connector.requests >= wanted) for worker in workers
        ]
        tries = sum(one.result() for one in running)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Measured(exports, calls.total(), wall, cpu, tries)


class _Instance:
    """One worker, with connections and a memory of its own."""

    def __init__(self, azure: LocalAzure) -> None:
        self._queue = azure.queue
        self._deps = wiring.build(azure.environment)

    def process(self, text: str) -> None:
        """One invocation."""
        deps = self._deps
        for message in read_messages(text, deps.settings.exports_container):
            if isinstance(message, Message) and process_export(deps, message, "0"):
                request_report(deps.results, deps.queue, deps.clock.now(), deps.memory)

    def serve(self, is_over: Any) -> int:
        """Take messages until all is done; gives how many."""
        tries = 0
        while not is_over():
            message = self._queue.receive_message(visibility_timeout=_HIDDEN_SECONDS)
            if message is None:
                time.sleep(_POLL_SECONDS)
                continue
            tries += 1
            self.process(message.content)
            self._queue.delete_message(message)
        return tries


def calculated(exports: int, instances: int, seconds: float, refused_seconds: float) -> float:
    """Seconds until the last of many exports is sent, by the product's own waiting for the lease.

    Args:
        exports: how many, all announced at once.
        instances: that take messages.
        seconds: with the lease, of an export.
        refused_seconds: of a try without it.
    """
    clock = SystemClock()
    messages = [(0.0, number, 0) for number in range(exports)]  # due, name, waits
    free = [0.0] * instances
    lease_free = done = 0.0
    while messages:
        due, number, waits = heapq.heappop(messages)
        now = max(due, heapq.heappop(free))
        if now >= lease_free:
            lease_free = done = now + seconds
            heapq.heappush(free, done)
        else:
            heapq.heappush(free, now + refused_seconds)
            delay = lease_taken_seconds(clock, waits)
            heapq.heappush(messages, (now + refused_seconds + delay, number, waits + 1))
    return done


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.small_exports", description="Exports of one request."
    )
    parser.add_argument("--exports", type=int, default=20)
    parser.add_argument("--delay", type=float, default=0.02, help="seconds added to each call to storage")
    parser.add_argument("--instances", type=int, default=1, help="all of them want the job's lease")
    told = parser.parse_args()
    found = measure(told.exports, told.delay, told.instances)
    console = Console(highlight=False)
    each, cpu = found.seconds / found.exports, found.cpu_seconds / found.exports
    console.print(
        f"{found.exports} exports, {told.instances} instances: {found.seconds:.0f} s; an export {each:.2f} s, of these "
        f"{cpu:.3f} s of CPU, {found.calls / found.exports:.1f} calls to storage, {found.tries} messages taken"
    )
    if told.instances == 1:
        console.print(f"{MANY:,} such exports: {each * MANY / 3_600:.1f} h")
        refused = 6 * told.delay  # HEAD, outcome, lease, the message put back
        for instances in (1, 40):
            for exports in (found.exports, MANY):
                seconds = calculated(exports, instances, each, refused)
                console.print(
                    f"by calculation, {instances} instances, {exports:,}: {seconds:,.0f} s, {seconds / 3_600:.1f} h"
                )


if __name__ == "__main__":
    main()
