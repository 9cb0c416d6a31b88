"""Several requests of one export on their way: how long 1,000,000 records take at a connector that takes its time, and over the floor.

python -m benchmarks.several [--records 1000000] [--replies 1 0.2]
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks.ends import floor_seconds, whole_seconds
from benchmarks.made import write
from local.azure import LocalAzure
from local.connector import Connector, Records
from local.host_process import HostProcess
from local.servers import Request

PARALLEL: Final = (1, 2, 4, 8)
_RUNS: Final = 7


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt.

    Attributes:
        seconds: of the whole attempt.
        first_seconds: until the first request arrived: pass 1 and the token.
        writes: lines that it appended to its ledger, a batch.
    """

    seconds: float
    first_seconds: float
    writes: float


@contextmanager
def _machine(folder: Path, parallel: int) -> Iterator[tuple[LocalAzure, HostProcess]]:
    """A warm functions host with so many requests on their way."""
    with LocalAzure(keep_bodies=False) as azure:
        environment = azure.environment | {"CONNECTOR_PARALLEL_REQUESTS": str(parallel)}
        with HostProcess(environment, folder / "host.log") as host:
            whole_seconds(azure, host, write(folder / "warm.json", 10, first=90_000_000))
            yield azure, host


def attempt(folder: Path, records: int, parallel: int, reply_seconds: float) -> Run:
    """Send an export to a connector that takes its time.

    Args:
        folder: for the export.
        records: in it.
        parallel: requests on their way.
        reply_seconds: from a request's head to its reply; the stand-in's own work is done meanwhile.
    """
    with _machine(folder, parallel) as (azure, host):
        came: list[float] = []

        def slowly(_connector: Connector, request: Request, _records: Records) -> None:
            came.append(time.perf_counter())
            time.sleep(max(0.0, request.came_at + reply_seconds - time.perf_counter()))

        azure.connector.always = slowly
        path = write(folder / "several.json", records)
        seconds = whole_seconds(azure, host, path)
        started = time.perf_counter() - seconds
        ledgers = [blob.name for blob in azure.state.list_blobs("ledger/")]
        lines = max(azure.state.download_blob(name).readall().count(b"\n") for name in ledgers)
    return Run(seconds, came[0] - started, lines / len(came))


def over_the_floor(folder: Path, records: int, parallel: Sequence[int]) -> tuple[dict[int, float], float]:
    """Median seconds of a whole attempt, by requests on their way, and of streaming the export twice and posting its bodies in turn.

    Azurite streams the same bytes now twice as fast, now half as fast: so each machine is new, they take turns, and the floor is
    taken three times on each.
    """
    wholes: dict[int, list[float]] = {some: [] for some in parallel}
    floors: list[float] = []
    for run, some in enumerate(list(parallel) * _RUNS):
        with _machine(folder, some) as (azure, host):
            path = write(folder / f"floor-{run}.json", records, first=records)
            wholes[some].append(whole_seconds(azure, host, path))
            floors += [floor_seconds(azure, path) for _ in range(3)]
        path.unlink()
    return {some: statistics.median(seconds) for some, seconds in wholes.items()}, statistics.median(floors)


def _rows(folder: Path, records: int, reply_seconds: float, console: Console) -> None:
    alone = 0.0
    for parallel in PARALLEL:
        run = attempt(folder, records, parallel, reply_seconds)
        alone = alone or run.seconds
        bound = alone / parallel + run.first_seconds  # of the same run: how busy the machine is differs
        console.print(
            f"| {reply_seconds * 1000:.0f} ms | {parallel} | {run.seconds:.1f} s | {run.first_seconds:.1f} s | "
            f"{run.seconds / bound:.2f} | {run.writes:.2f} |"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.several", description="Several requests.")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--replies", type=float, nargs="*", default=[1.0, 0.2], help="seconds of a reply")
    told = parser.parse_args(arguments)
    console = Console(highlight=False, width=200)
    with tempfile.TemporaryDirectory(prefix="gatepost-several-") as name:
        for reply_seconds in told.replies:
            _rows(Path(name), told.records, reply_seconds, console)
        wholes, floor = over_the_floor(Path(name), told.records, (1, 4))
    for parallel, whole in wholes.items():
        console.print(f"with {parallel}: {whole:.1f} s, {whole / floor:.2f} times the floor of {floor:.1f} s")


if __name__ == "__main__":
    main()
