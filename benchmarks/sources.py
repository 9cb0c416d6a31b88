"""Mapping a badging system's export beside the script that a competent engineer would write: `python -m benchmarks.sources`.

Beside both the least that must be done (`sources_least`). Each way runs in a process of its own, in turn, several times; the
median counts. Prints rows a second, the ratio, and the most memory in use above the idle process with everything imported. For
our way the people file is part of the memory, not of the time: it is loaded once a version, not once an export; theirs is left
out of their time as well.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from benchmarks.child import memory_kb
from benchmarks.sources_least import LEAST
from benchmarks.sources_made import write_csv, write_jsonl, write_people
from benchmarks.sources_ways import SCRIPTS, our_source, ours, script_people
from local.host import ROOT

RUNS: Final = 3
_FORMS: Final = {"csv": (write_csv, "day.csv"), "json": (write_jsonl, "day.jsonl")}


def main() -> None:
    """Measure and show; with `--way`, run one way in this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--way", nargs=3, metavar=("WAY", "FORM", "FOLDER"))
    arguments = parser.parse_args()
    if arguments.way:
        way, form, folder = arguments.way
        print(json.dumps(_here(way, form, Path(folder))))
        return
    with tempfile.TemporaryDirectory(prefix="gatepost-bench-") as name:
        folder = Path(name)
        write_people(folder / "people.csv", arguments.people)
        for form, (write, file) in _FORMS.items():
            write(folder / file, arguments.rows, arguments.people)
            _show(form, arguments.rows, folder)


def _show(form: str, rows: int, folder: Path) -> None:
    runs: dict[str, list[dict[str, Any]]] = {"ours": [], "script": [], "least": []}
    for _ in range(RUNS):
        for way, taken in runs.items():
            taken.append(_child(way, form, folder))
    if {run["records"] for taken in runs.values() for run in taken} != {runs["ours"][0]["records"]}:
        raise SystemExit("the ways do not give the same records")
    seconds = {way: statistics.median(run["seconds"] for run in taken) for way, taken in runs.items()}
    megabytes = {way: max(run["megabytes"] for run in taken) for way, taken in runs.items()}
    for way in runs:
        print(f"{form} {way}: {rows / seconds[way]:,.0f} rows/s, {megabytes[way]:.0f} MB above idle")
    for way in ("ours", "least"):
        print(f"{form} {way}: {seconds['script'] / seconds[way]:.1f} times the script")


def _child(way: str, form: str, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.sources", "--way", way, form, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _here(way: str, form: str, folder: Path) -> dict[str, Any]:
    """Run one way in this process; processor seconds, since the machine may have other work."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak so far is that of the imports
    idle_kb = memory_kb("VmHWM")
    people, export = folder / "people.csv", folder / _FORMS[form][1]
    if way == "ours":
        source = our_source(people, tables=form == "csv")
        begun = time.process_time()
        records = ours(export, source)
    else:
        known = script_people(people)
        begun = time.process_time()
        records = SCRIPTS[form](export, known) if way == "script" else LEAST[form](export, known[0])
    seconds = time.process_time() - begun
    return {"seconds": seconds, "records": records, "megabytes": (memory_kb("VmHWM") - idle_kb) / 1_024}


if __name__ == "__main__":
    main()
