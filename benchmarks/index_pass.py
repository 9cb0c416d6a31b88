"""What pass 1 costs with a large index of events: 35 days of a million events each.

    python -m benchmarks.index_pass [--records 1000000] [--days 35] [--events 1000000]

The index lies in a folder, in the form in which storage holds it, and is read by the product's own code; each way is measured in a
process of its own, `--runs` times in turns. Ways:

* `no index`: nothing was sent before;
* `one day`: all events are of one day, of which the index holds a million others;
* `all days`: the export's events are of all days, in their order; of each, the index holds a million others;
* `all days, mixed`: the same, and the days follow each other from record to record;
* `sent before`: all events are of one day, and in the index, as when an export is uploaded again with one record corrected.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, cast

from benchmarks.child import Figures, memory_kb
from benchmarks.made import record
from benchmarks.passes import CHUNK_BYTES, MAX_RECORDS, Nowhere
from local.host import ROOT
from shared.blob_names import events_prefix
from shared.delivery.event_index import EventIndex
from shared.delivery.ports import Absent, Blob, Container, Document
from shared.delivery.rejected_file import RejectedFile
from shared.delivery.validate_export import validate_export
from shared.events.identity import EventHashing
from shared.events.repeat_filter import Known, RepeatFilter
from shared.events.run_names import RunName
from shared.events.runs import encode_run, name_of, run_of
from shared.exports.batches import Limits
from shared.exports.reader import Reader
from shared.exports.unpacking import Unpacked
from tests.support.fake_clock import FakeClock

JOB: Final = "11111111-2222-3333-4444-555555555555"
WAYS: Final = ("no index", "one day", "all days", "all days, mixed", "sent before")
_LAST: Final = date(2026, 11, 20)
_MAX_BYTES: Final = 5_000_000_000


class Folder:
    """As much of a container as reading an index takes, in a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, name: str) -> Document | None:
        """Read a file."""
        path = self._root / name
        return Document(path.read_bytes(), "") if path.exists() else None

    def write(self, name: str, data: bytes, _condition: str | Absent | None) -> str:
        """Write one."""
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return ""

    def blobs(self, prefix: str) -> Iterator[Blob]:
        """List files below a folder."""
        for path in sorted((self._root / prefix).rglob("*.run")):
            yield Blob(str(path.relative_to(self._root)), "", path.stat().st_size, datetime.now(UTC))


def index_in(folder: Path) -> EventIndex:
    """The index in a folder, on the day after the last."""
    clock = FakeClock(datetime(2026, 11, 21, tzinfo=UTC))
    return EventIndex(cast("Container", Folder(folder)), JOB, clock, 35)


def _day(place: int) -> date:
    return _LAST - timedelta(days=place)


def make_index(folder: Path, days: int, hashes: "array[int]") -> None:
    """An index with the same hashes for each of the last days; what they are does not matter, each date is read by itself."""
    index = index_in(folder)
    data = encode_run(run_of(index.key.id, hashes))
    first: Path | None = None
    for place in range(days):
        day = _day(place).isoformat()
        path = folder / f"{events_prefix(JOB, None)}{RunName(day, day, 'run', name_of(data))}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if first is None:
            path.write_bytes(data)
            first = path
        else:
            os.link(first, path)


def make_export(path: Path, records: int, days: int, *, mixed: bool = False) -> None:
    """An export whose events are of the last days, the oldest first, or of another day from record to record."""
    with path.open("w") as file:
        for number in range(records):
            place = number % days if mixed else days - 1 - number * days // records
            made = record(number)
            made["EventTime"] = f"{_day(place)}{made['EventTime'][10:]}"
            file.write(("[" if number == 0 else ",") + json.dumps(made, separators=(",", ":")))
        file.write("]")


def run_pass(path: Path, folder: Path) -> int:
    """Pass 1 with the index; gives how many records go."""
    index = index_in(folder)
    repeats = RepeatFilter(Known(index.key, lambda date_: index.of_date(date_, None)))
    reader = Reader(Unpacked(_chunks(path), _MAX_BYTES))
    limits = Limits(MAX_RECORDS, 10_000_000)
    validate_export(reader, RejectedFile(Nowhere()), limits, repeats=repeats)
    return len(repeats.log)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def measured(path: Path, folder: Path) -> Figures:
    """Run a pass in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.index_pass", "--child", str(path), str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return Figures(**json.loads(done.stdout))


def child(path: Path, folder: Path) -> None:
    """Measure here."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak so far is that of the imports
    idle, begun, cpu = memory_kb("VmHWM"), time.perf_counter(), time.process_time()
    records = run_pass(path, folder)
    seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - cpu
    print(json.dumps(asdict(Figures(seconds, (memory_kb("VmHWM") - idle) / 1_024, records, cpu_seconds))))


def compare(root: Path, told: argparse.Namespace) -> Iterator[str]:
    """Lines of a Markdown table."""
    chance = random.Random(1)
    others = array("Q", (chance.getrandbits(64) for _ in range(told.events)))
    empty, whole, own = root / "empty", root / "whole", root / "own"
    make_index(empty, 0, others)
    make_index(whole, told.days, others)
    one_day, in_order, mixed = root / "one.json", root / "ordered.json", root / "mixed.json"
    make_export(one_day, told.records, 1)
    make_export(in_order, told.records, told.days)
    make_export(mixed, told.records, told.days, mixed=True)
    make_index(own, 1, _events_of(one_day, own))
    read = dict(
        zip(
            WAYS,
            ((one_day, empty), (one_day, whole), (in_order, whole), (mixed, whole), (one_day, own)),
            strict=True,
        )
    )
    taken: dict[str, list[Figures]] = {way: [] for way in WAYS}
    for _ in range(told.runs):
        for way in WAYS:
            taken[way].append(measured(*read[way]))
    yield "| Way | Records that go | CPU, s | Records/s of CPU | Peak MB |"
    yield "|---|--:|--:|--:|--:|"
    for way, figures in taken.items():
        cpu = statistics.median(one.cpu_seconds for one in figures)
        megabytes = statistics.median(one.megabytes for one in figures)
        yield f"| {way} | {figures[0].records:,} | {cpu:.1f} | {told.records / cpu:,.0f} | {megabytes:.0f} |"


def _events_of(path: Path, folder: Path) -> "array[int]":
    hashing = EventHashing(index_in(folder).key)
    records = [json.dumps(one).encode() for one in json.loads(path.read_bytes())]
    return array("Q", hashing.events_of(records).hashes)


def main() -> None:
    """Print the table."""
    if sys.argv[1:2] == ["--child"]:
        child(Path(sys.argv[2]), Path(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, usual in (("records", 1_000_000), ("days", 35), ("events", 1_000_000), ("runs", 3)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gatepost-bench-") as root:
        for line in compare(Path(root), told):
            print(line, flush=True)


if __name__ == "__main__":
    main()
