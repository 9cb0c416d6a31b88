"""Runs one pass in this process and prints seconds and memory: `python -m benchmarks.child WAY FILE`."""

import json
import re
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.passes import WAYS
from local.host import ROOT


@dataclass(frozen=True)
class Figures:
    """A pass: seconds by the clock and of the processor; `megabytes` is the most memory in use above the idle process."""

    seconds: float
    megabytes: float
    records: int
    cpu_seconds: float


def measured(way: str, path: Path) -> Figures:
    """Run a pass in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.child", way, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return Figures(**json.loads(done.stdout))


def main(way: str, path: Path) -> None:
    """Measure here."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak so far is that of the imports
    idle = memory_kb("VmHWM")
    started, cpu = time.perf_counter(), time.process_time()
    records = WAYS[way](path)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    megabytes = (memory_kb("VmHWM") - idle) / 1_024
    figures = Figures(seconds, megabytes, records, cpu_seconds)
    print(json.dumps(asdict(figures)))


def memory_kb(what: str) -> int:
    """A line of this process's status, in kB, such as `VmHWM`, the peak."""
    found = re.search(rf"{what}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) if found else 0


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
