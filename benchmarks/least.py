"""The least that pass 1 must do in Python, beside all of it and beside the naive way: `python -m benchmarks.least`.

The least is reading and hashing the file, decoding four values of each record, one keyed hash of them, and asking a set whether
that was there before; nothing is checked, cut or written. Processor seconds, each way in a process of its own, in turns.
"""

import argparse
import json
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from siphashc import siphash

from benchmarks.child import measured
from benchmarks.made import write
from benchmarks.passes import NAIVE_OF, floor
from local.host import ROOT

_RUNS: Final = 3
_SEGMENT: Final = 1 << 16
_END: Final = b"},"


class _Values(msgspec.Struct, rename="pascal", gc=False):
    user_id: str
    asset_id: str
    event_time: str
    access_status: str


_DECODER: Final = msgspec.json.Decoder(list[_Values])


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--least", type=Path, metavar="FILE", help="only this, in this process")
    arguments = parser.parse_args()
    if arguments.least:
        begun = time.process_time()
        floor(arguments.least)
        records = least(arguments.least)
        print(json.dumps([time.process_time() - begun, records]))
        return
    with tempfile.TemporaryDirectory(prefix="gatepost-bench-") as name:
        path = write(Path(name) / "export.json", arguments.records)
        _show(path, arguments.records)


def _show(path: Path, records: int) -> None:
    taken: dict[str, list[float]] = {"naive": [], "ours": [], "least": []}
    for _ in range(_RUNS):
        taken["naive"].append(measured(NAIVE_OF["one line"], path).cpu_seconds)
        taken["ours"].append(measured("ours", path).cpu_seconds)
        taken["least"].append(_child(path, records))
    seconds = {way: statistics.median(runs) for way, runs in taken.items()}
    for way, one in seconds.items():
        print(f"{way}: {records / one:,.0f} records/s, {seconds['naive'] / one:.1f} times naive")


def _child(path: Path, records: int) -> float:
    command = [sys.executable, "-m", "benchmarks.least", "--least", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    seconds, found = json.loads(done.stdout)
    if found != records:
        raise SystemExit("the least way does not find every record")
    return float(seconds)


def least(path: Path) -> int:
    """Decode, hash, ask; gives the number of different events."""
    key = secrets.token_bytes(16)
    seen: set[int] = set()
    for segment in _segments(path.read_bytes()):
        seen |= {
            siphash(key, f"{one.user_id} {one.asset_id} {one.event_time} {one.access_status}")
            for one in _DECODER.decode(segment)
        }
    return len(seen)


def _segments(data: bytes) -> Iterator[bytes]:
    """Arrays of some hundred records each, out of one array that is written on one line."""
    at = 1
    while at < len(data):
        end = data.rfind(_END, at, at + _SEGMENT) + 1 if at + _SEGMENT < len(data) else len(data) - 1
        yield b"[%b]" % data[at:end]
        at = end + 1


if __name__ == "__main__":
    main()
