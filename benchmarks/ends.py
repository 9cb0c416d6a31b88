"""From a blob to the connector and back, on Azurite and the stand-ins, and the least that could cost."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import requests

from benchmarks.made import write
from benchmarks.passes import our_bodies
from local.azure import AUDIENCE, LocalAzure
from local.connector import PATH, slow
from local.host import ROOT
from local.host_process import HostProcess
from local.identities import token_for

REPLY_SECONDS: Final = 0.2
_UPLOAD_SECONDS: Final = 1.0
"""Azurite goes on with a large upload after it has answered."""
_TRIGGERS: Final = "import BlobUploadTrigger, TimerUploadTrigger"
_LIBRARIES: Final = "import azure.functions, azure.storage.blob, requests"


@contextmanager
def machine(folder: Path) -> Iterator[tuple[LocalAzure, HostProcess]]:
    """A warm functions host on stand-ins that keep nothing."""
    with LocalAzure(keep_bodies=False) as azure, HostProcess(azure.environment, folder / "host.log") as host:
        whole_seconds(azure, host, write(folder / "warm.json", 10, first=9_000_000))
        yield azure, host


def end_to_end(folder: Path, records: int, runs: int) -> list[tuple[float, float]]:
    """Seconds of a whole attempt, and of streaming the blob down twice and posting the same bodies; in turns."""
    with machine(folder) as (azure, host):
        return [
            (whole_seconds(azure, host, path), floor_seconds(azure, path))
            for path in (
                write(folder / f"end-{run}.json", records, first=run * records) for run in range(runs)
            )
        ]


def waiting(folder: Path, requests_: int) -> float:
    """A whole attempt's seconds over those of posting the same bodies alone, at `REPLY_SECONDS` a reply."""
    with machine(folder) as (azure, host):
        azure.connector.always = slow(REPLY_SECONDS)
        path = write(folder / "waiting.json", requests_ * 5_000, first=50_000_000)
        return whole_seconds(azure, host, path) / _posting(azure, list(our_bodies(path)))


def first_request(folder: Path, runs: int, root: Path = ROOT) -> float:
    """Median seconds from the message to the first request for 5,000 records, in a worker that has just started.

    Args:
        folder: for the exports.
        runs: each with a worker of its own.
        root: the program that the worker runs.
    """
    return statistics.median(_first_request(folder, run, root) for run in range(runs))


def _first_request(folder: Path, run: int, root: Path) -> float:
    path = write(folder / f"cold-{run}.json", 5_000, first=run * 5_000)
    with LocalAzure() as azure, HostProcess(azure.environment, folder / "host.log", root=root) as host:
        came: list[float] = []
        azure.connector.always = lambda *_: came.append(time.perf_counter())
        azure.exports.upload_blob(path.name, path.read_bytes())
        started = time.perf_counter()
        azure.event_grid.poll()
        host.next()
    return came[0] - started


def imports(runs: int) -> tuple[float, float]:
    """Median seconds to import both triggers, and to import the libraries they could not do without."""
    triggers, libraries = [], []
    for _ in range(runs):
        triggers.append(_import(_TRIGGERS))
        libraries.append(_import(_LIBRARIES))
    return statistics.median(triggers), statistics.median(libraries)


def whole_seconds(azure: LocalAzure, host: HostProcess, path: Path) -> float:
    """Seconds from the announcement of an export to its end."""
    with path.open("rb") as data:
        azure.exports.upload_blob(path.name, data)
    time.sleep(_UPLOAD_SECONDS)
    started = time.perf_counter()
    azure.event_grid.poll()
    host.next(600)
    return time.perf_counter() - started


def floor_seconds(azure: LocalAzure, path: Path) -> float:
    """Seconds of streaming an export twice and posting its bodies, one after another."""
    bodies = list(our_bodies(path))
    started = time.perf_counter()
    for _ in range(2):
        for _chunk in azure.exports.download_blob(path.name).chunks():
            pass
    return time.perf_counter() - started + _posting(azure, bodies)


def _posting(azure: LocalAzure, bodies: list[bytes]) -> float:
    """Seconds of posting bodies one after another, and nothing else."""
    token = token_for(AUDIENCE)
    azure.entra.issued[token] = (AUDIENCE, time.time() + 3_600)
    with requests.Session() as session:
        session.trust_env = False  # which would put another bundle before ours
        session.verify = azure.environment["REQUESTS_CA_BUNDLE"]
        session.headers.update({"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        url = f"{azure.environment['CONNECTOR_URL']}{PATH}?jobid={azure.connector.job_id}"
        started = time.perf_counter()
        for body in bodies:
            session.post(url, data=body).raise_for_status()
        return time.perf_counter() - started


def _import(statement: str) -> float:
    code = f"import time; s = time.perf_counter(); {statement}; print(time.perf_counter() - s)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))
