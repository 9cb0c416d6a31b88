"""What a worker that has just started does between a message and its first request, beside an earlier commit.

python -m benchmarks.cold [--commit 7b3c8eb | --package] [--identity] [--runs 5] [--calls]

With `--identity` storage is reached over https with the app's identity and the usual file of certificates is trusted beside the
stand-ins', as in Azure. With `--package` the two programs are today's package, once without its compiled modules, in a folder that nothing is written to. Each
run has a host, a worker and stand-ins of its own and one export of 5,000 records. Nothing of the programs is touched: Python
imports `sitecustomize` before them, which notes what they import and ask for, and when. With `--calls` each call is listed.
"""

import argparse
import json
import os
import re
import statistics
import tempfile
import time
import zipfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import certifi

from benchmarks.earlier import checked_out
from benchmarks.made import write
from infra.package import CACHE, pack
from infra.wheels import SITE_PACKAGES, wheels
from local.azure import LocalAzure
from local.host import ROOT
from local.host_process import HostProcess

_NOTING: Final = """
import atexit, builtins, json, os, sys, threading, time

def note(kind, what, began):
    noted.append((threading.current_thread().name, kind, what, began, time.perf_counter()))

def importing(name, *rest, **options):
    depth, known, began = getattr(here, "depth", 0), len(sys.modules), time.perf_counter()
    here.depth = depth + 1
    try:
        return imports(name, *rest, **options)
    finally:
        here.depth = depth
        if not depth and len(sys.modules) > known:
            note("import", name, began)
        found = sys.modules.get("requests.adapters")
        if hasattr(found, "HTTPAdapter") and not hasattr(found, "send"):
            found.send = found.HTTPAdapter.send
            found.HTTPAdapter.send = sending

def sending(adapter, request, *rest, **options):
    began = time.perf_counter()
    try:
        return sys.modules["requests.adapters"].send(adapter, request, *rest, **options)
    finally:
        note("call", f"{request.method} {request.url}", began)

def joining(thread, *rest, **options):
    began = time.perf_counter()
    joins(thread, *rest, **options)
    if thread.name == "loading":
        note("wait", "", began)

if "local.worker" in sys.orig_argv:
    noted, here, imports, joins = [], threading.local(), builtins.__import__, threading.Thread.join
    builtins.__import__, threading.Thread.join = importing, joining
    atexit.register(lambda: open(os.environ["COLD"], "w").write(json.dumps(noted)))
"""
_WAIT, _IMPORT, _STORAGE, _LOGIN = "wait", "import", "storage", "login"
_ROWS: Final = {
    "host": "until the worker has the message",
    _WAIT: "waiting for what is imported in the background",
    _IMPORT: "importing",
    _STORAGE: "calls to storage",
    _LOGIN: "calls to vault, identity and Entra ID",
    "rest": "the rest: reading and checking 5,000 records, the plan",
    "own": "from the worker's having the message to the first request",
    "all": "from the message to the first request",
}


@dataclass(frozen=True, slots=True)
class Noted:
    """Something that was done before the first request; seconds since the announcement.

    Attributes:
        kind: `wait`, `import`, `storage` or `login`.
        what: method and path; empty of imports.
        began: when.
        seconds: how long it took.
    """

    kind: str
    what: str
    began: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Program:
    """A program that is measured.

    Attributes:
        name: as it is shown.
        root: its folder.
        libraries: their folder; `None`: those of this Python. With one, Python writes no compiled modules.
    """

    name: str
    root: Path
    libraries: Path | None = None


def cold_start(folder: Path, run: int, program: Program, *, identity: bool) -> tuple[float, list[Noted]]:
    """Seconds from the message to the first request, and what was done between them; of other threads only calls.

    Args:
        folder: for the export.
        run: its number.
        program: that a worker runs.
        identity: whether storage is reached as in Azure.
    """
    path, site, told = (
        write(folder / f"cold-{run}.json", 5_000, first=run * 5_000),
        folder / "site",
        folder / "told",
    )
    site.mkdir(exist_ok=True)
    (site / "sitecustomize.py").write_text(_NOTING)
    came: list[float] = []
    with LocalAzure(with_identity=identity) as azure:
        places = [str(place) for place in (site, program.libraries) if place]
        noting = azure.environment | {"PYTHONPATH": os.pathsep.join(places), "COLD": str(told)}
        if identity:
            trusted = folder / "trusted.pem"
            trusted.write_text(
                Path(certifi.where()).read_text() + Path(noting["REQUESTS_CA_BUNDLE"]).read_text()
            )
            noting["REQUESTS_CA_BUNDLE"] = str(trusted)
        noting |= {"PYTHONDONTWRITEBYTECODE": "1"} if program.libraries else {}
        with HostProcess(noting, folder / "host.log", root=program.root) as host:
            azure.connector.always = lambda *_: came.append(time.perf_counter())
            azure.exports.upload_blob(path.name, path.read_bytes())
            started = time.perf_counter()
            azure.event_grid.poll()
            host.next()
        storage = azure.azurite.blob_uri
    noted = json.loads(told.read_text())
    thread = next(name for name, _, what, *_ in noted if "/physicalbadging" in what)
    return came[0] - started, [
        Noted(_kind(kind, what, storage), _shown(what, storage), began - started, ended - began)
        for name, kind, what, began, ended in noted
        if (name == thread or kind == "call") and began > started and ended <= came[0]
    ]


def _kind(kind: str, what: str, storage: str) -> str:
    if kind == "call":
        return _STORAGE if storage in what else _LOGIN
    return kind


def _shown(what: str, storage: str) -> str:
    """A call without what differs from run to run."""
    method, _, url = what.partition(" ")
    path, _, query = url.removeprefix(storage).partition("?")
    listed = re.search("prefix=([a-z]+)", query)
    short = re.sub(r"[0-9a-f-]{16,}", "…", re.sub(r"https?://[^/]+", "", path))
    return f"{method} {short}{f' (list {listed[1]})' if listed else ''}{' (lease)' if 'comp=lease' in query else ''}"


def split(total: float, noted: list[Noted]) -> dict[str, float]:
    """Milliseconds of each row."""
    found = dict.fromkeys(_ROWS, 0.0) | {"all": total, "host": noted[0].began}
    for one in noted:
        found[one.kind] += one.seconds
    found["own"] = total - found["host"]
    found["rest"] = found["own"] - sum(found[row] for row in (_WAIT, _IMPORT, _STORAGE, _LOGIN))
    return {row: seconds * 1_000 for row, seconds in found.items()}


def packages(folder: Path) -> list[Program]:
    """Today's package, unpacked without its compiled modules and with them."""
    package = folder / "package.zip"
    pack(package, ROOT, wheels(ROOT / "requirements.txt", CACHE))
    programs = [
        Program(name, folder / name, folder / name / SITE_PACKAGES) for name in ("sources", "compiled")
    ]
    with zipfile.ZipFile(package) as zipped:
        for program in programs:
            names = [
                name for name in zipped.namelist() if program.name == "compiled" or not name.endswith(".pyc")
            ]
            zipped.extractall(program.root, names)
    return programs


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold", description="Splits a cold start.")
    parser.add_argument("--commit", default="7b3c8eb")
    parser.add_argument("--package", action="store_true", help="today's package, not compiled and compiled")
    parser.add_argument("--identity", action="store_true", help="storage over https, as in Azure")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--calls", action="store_true", help="list the calls of the last run")
    told = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gatepost-cold-")))
        if told.package:
            programs = packages(folder)
        else:
            programs = [
                Program(told.commit, stack.enter_context(checked_out(told.commit))),
                Program("now", ROOT),
            ]
        runs = [
            [cold_start(folder, run, program, identity=told.identity) for program in programs]
            for run in range(told.runs + 1)  # the first one compiles
        ][1:]
    then, now = ([split(*run[place]) for run in runs] for place in (0, 1))
    for row, what in _ROWS.items():
        before, after = (statistics.median(one[row] for one in side) for side in (then, now))
        print(f"| {what} | {before:.0f} | {after:.0f} |")
    for place, program in enumerate(programs):
        calls = [one for one in runs[-1][place][1] if one.what and one.kind in {_STORAGE, _LOGIN}]
        print(
            f"\n{program.name}: {sum(one.kind == _STORAGE for one in calls)} calls to storage, {len(calls)} in all"
        )
        for one in calls if told.calls else ():
            print(f"{one.began * 1_000:7.0f} {one.seconds * 1_000:6.1f} {one.what}")


if __name__ == "__main__":
    main()
