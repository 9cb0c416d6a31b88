"""Today's program beside that of an earlier commit, in turns: a pass, memory, starting; by processor time.

Of a pass it also says what it would take without *every event once*.

python -m benchmarks.earlier [--commit 7b3c8eb] [--records 200000] [--runs 5]

The commit is checked out into a temporary worktree and runs with the libraries of today; a cold start of it also under today's
host and stand-ins (its own host ran the functions in a process that had loaded Azure's libraries before).
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks.ends import first_request
from benchmarks.made import FORMS, write
from local.host import ROOT

_READING: Final = """
import json, sys, time
from pathlib import Path
from benchmarks.passes import WAYS
def peak():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024
Path("/proc/self/clear_refs").write_text("5")
idle, cpu = peak(), time.process_time()
WAYS[sys.argv[2]](Path(sys.argv[1]))
print(json.dumps([time.process_time() - cpu, peak() - idle]))
"""
_TRIGGERS: Final = """
import json, time
cpu = time.process_time()
import BlobUploadTrigger, TimerUploadTrigger
print(json.dumps([time.process_time() - cpu]))
"""


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """An earlier commit in a worktree of its own, removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="gatepost-earlier-") as folder:
        tree = Path(folder) / "tree"
        _git("worktree", "add", "--quiet", "--detach", str(tree), commit)
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> None:
    subprocess.run([shutil.which("git") or "git", *arguments], cwd=ROOT, check=True)


def in_turns(trees: list[Path], code: str, arguments: list[str], runs: int) -> list[list[float]]:
    """Medians of what a program prints in each tree.

    Args:
        trees: where it runs, one after another.
        code: prints figures.
        arguments: of it.
        runs: in each.
    """
    said: list[list[list[float]]] = [[] for _ in trees]
    for _ in range(runs):
        for place, tree in enumerate(trees):
            environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": ""}
            done = subprocess.run(
                [sys.executable, "-c", code, *arguments],
                cwd=tree, env=environment, capture_output=True, text=True, check=True,
            )  # fmt: skip
            said[place].append(json.loads(done.stdout.splitlines()[-1]))
    return [[statistics.median(column) for column in zip(*one, strict=True)] for one in said]


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.earlier", description="Beside an earlier commit."
    )
    parser.add_argument("--commit", default="7b3c8eb")
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=5)
    told = parser.parse_args()
    console = Console(highlight=False, width=200)
    with tempfile.TemporaryDirectory(prefix="gatepost-earlier-") as folder, checked_out(told.commit) as tree:
        for form in FORMS:
            path = write(Path(folder) / f"pass{'.gz' if form == 'gzip' else '.json'}", told.records, form)
            then, now = in_turns([tree, ROOT], _READING, [str(path), "ours"], told.runs)
            ((without, _),) = in_turns([ROOT], _READING, [str(path), "without events"], told.runs)
            console.print(
                f"| a pass, {form} | {then[0]:.2f} s, {then[1]:.0f} MB | {now[0]:.2f} s, {now[1]:.0f} MB | "
                f"{now[0] / then[0]:.2f} | {without:.2f} s |"
            )
        (then_imports,), (now_imports,) = in_turns([tree, ROOT], _TRIGGERS, [], told.runs)
        colds = [
            [first_request(Path(folder), 1, root) for root in (tree, ROOT)] for _ in range(told.runs + 1)
        ]
        then_cold, now_cold = (statistics.median(column) for column in zip(*colds[1:], strict=True))
        for what, before, after in (
            ("importing both triggers", then_imports, now_imports),
            ("from the message to the first request, cold, by the clock", then_cold, now_cold),
        ):
            console.print(f"| {what} | {before:.3f} s | {after:.3f} s | {after / before:.2f} |")


if __name__ == "__main__":
    main()
