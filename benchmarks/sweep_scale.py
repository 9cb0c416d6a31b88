"""A sweep over millions of exports with outcomes, listed by a stand-in: what it takes of our own, and whether memory stays flat.

python -m benchmarks.sweep_scale [--exports 2000000] [--slice SECONDS]

The stand-in has no latency; storage's own is added on paper: two containers, 5,000 blobs a page, one page after another.
"""

import argparse
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from rich.console import Console

from benchmarks.listing_stand_in import A_PAGE
from local.azurite import ACCOUNT, KEY
from shared.clock import SystemClock
from shared.delivery.dependencies import Dependencies
from shared.delivery.sweep import new_sweep, sweep
from shared.messages import TaskMessage, read_messages
from shared.services.storage import BlobContainer
from shared.storage_connection import StorageConnection
from tests.support.world import World

_SECONDS_A_PAGE: Final = 0.5
"""What storage takes for a page of 5,000 with metadata, across a region's network: a guess on the careful side."""


@dataclass(frozen=True, slots=True)
class ScaleFigures:
    """What a sweep took.

    Attributes:
        seconds: of all slices.
        cpu_seconds: of the sweep's own process.
        slices: how many.
        grown_bytes: memory at its peak above what the process had before.
    """

    seconds: float
    cpu_seconds: float
    slices: int
    grown_bytes: int


@contextmanager
def _stand_in(exports: int) -> Iterator[StorageConnection]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.listing_stand_in", str(port), str(exports)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as program:
        try:
            if program.stdout:
                program.stdout.readline()
            yield StorageConnection(
                connection_string=f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
                f"BlobEndpoint=http://127.0.0.1:{port}/{ACCOUNT};"
            )
        finally:
            program.terminate()


def measure(exports: int, slice_seconds: int | None) -> ScaleFigures:
    """Sweep.

    Args:
        exports: with an outcome each.
        slice_seconds: of an invocation; `None`: as the settings have it.

    Raises:
        SystemExit: it found something to do, or did not come to its end.
    """
    with _stand_in(exports) as connection:
        world = World()
        deps = replace(
            world.deps,
            clock=SystemClock(),
            exports=BlobContainer(connection, None, world.settings.exports_container),
            results=BlobContainer(connection, None, world.settings.results_container),
            settings=replace(
                world.settings, invocation_seconds=slice_seconds or world.settings.invocation_seconds
            ),
        )
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        wall, cpu = time.perf_counter(), time.process_time()
        slices = _all_slices(deps, world)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return ScaleFigures(wall, cpu, slices, grown * 1_024)


def _all_slices(deps: Dependencies, world: World) -> int:
    """Take a sweep to its end, as the queue has it."""
    message, slices = new_sweep(), 0
    while True:
        found = sweep(deps, message)
        slices += 1
        if found is None or found.queued or found.waiting:
            raise SystemExit(f"the sweep found something to do among finished exports: {found}")
        if found.finished:
            return slices
        _, text = world.queue.messages.pop()
        (following,) = read_messages(text, deps.settings.exports_container)
        if not isinstance(following, TaskMessage):
            raise SystemExit("the sweep did not put its next slice on the queue")
        message = following


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweep_scale", description="A sweep at scale.")
    parser.add_argument("--exports", type=int, default=2_000_000)
    parser.add_argument("--slice", type=int, help="seconds of an invocation, instead of INVOCATION_SECONDS")
    told = parser.parse_args()
    found = measure(told.exports, told.slice)
    pages = 2 * -(-told.exports // A_PAGE)
    Console(highlight=False).print(
        f"{told.exports:,} exports with outcomes, {found.slices} slices: {found.seconds:.0f} s, {found.cpu_seconds:.1f} s of CPU "
        f"({found.cpu_seconds / told.exports * 1e6:.0f} microseconds an export), {found.grown_bytes / 1e6:.0f} MB more; "
        f"{pages} pages of {_SECONDS_A_PAGE} s would make it {found.cpu_seconds + pages * _SECONDS_A_PAGE:,.0f} s"
    )


if __name__ == "__main__":
    main()
