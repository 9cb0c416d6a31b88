"""A sweep over very many exports that all have their outcomes, beside a bare listing of the same containers.

python -m benchmarks.many [--exports 100000] [--keep FOLDER]

Azurite looks through everything it holds to store one blob more, so that 100,000 exports would take it hours to take in.
It is given two, and while it is stopped its database is multiplied: the names are new, their content is shared.
"""

import argparse
import json
import os
import re
import resource
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch
from urllib.parse import quote

import requests
from azure.storage.blob import ContainerClient, generate_container_sas
from rich.console import Console

from local.azure import CONTAINERS, LocalAzure
from local.azurite import ACCOUNT, KEY, Azurite
from shared.blob_names import bare, outcome_path
from shared.delivery import sweep as sweeping
from shared.wiring import build

_PATTERN: Final = "2026/000000.json"
_DATABASE: Final = "__azurite_db_blob__.json"
_MARKER: Final = re.compile(rb"<NextMarker>([^<]+)</NextMarker>")


@dataclass(frozen=True, slots=True)
class SweepFigures:
    """What a sweep took.

    Attributes:
        exports: with an outcome each.
        seconds: of the sweep; the report that follows one is not in it.
        cpu_seconds: of the sweep's own process.
        listing_seconds: of asking for the same pages and throwing them away.
        grown_bytes: how much memory the sweep's process grew to above what it had before.
    """

    exports: int
    seconds: float
    cpu_seconds: float
    listing_seconds: float
    grown_bytes: int


def sweep(folder: Path, exports: int) -> SweepFigures:
    """Take a sweep over so many exports with final outcomes.

    Args:
        folder: where Azurite keeps them; what it has there already is used.
        exports: how many.

    Raises:
        SystemExit: it took the exports for something else than finished.
    """
    location = folder / f"many-{exports}"
    if not (location / _DATABASE).exists():
        etag = _one(location)
        _multiply(location / _DATABASE, etag, exports)
    with LocalAzure(location=location) as azure, patch.dict(os.environ, azure.environment):
        at = build(azure.environment)
        listed = _listing(azure)
        before = _peak()
        wall, cpu = time.perf_counter(), time.process_time()
        found = sweeping.sweep(at, sweeping.new_sweep())
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        listed = (listed + _listing(azure)) / 2
        if found is None or found.queued or found.waiting or not found.finished:
            raise SystemExit(f"the sweep found something to do among finished exports: {found}")
        return SweepFigures(exports, wall, cpu, listed, _peak() - before)


def _listing(azure: LocalAzure) -> float:
    """Seconds of listing exports and outcomes without reading what comes."""
    started = time.perf_counter()
    with requests.Session() as session:
        for name in CONTAINERS[:2]:
            sas = generate_container_sas(
                ACCOUNT, name, account_key=KEY, permission="rl", expiry=datetime.now(UTC) + timedelta(hours=1)
            )
            marker: str | None = ""
            while marker is not None:
                asked = f"restype=container&comp=list&include=metadata&maxresults=5000&marker={quote(marker)}"
                page = session.get(f"{azure.azurite.blob_uri}/{name}?{asked}&{sas}", timeout=600).content
                following = _MARKER.search(page)
                marker = following[1].decode() if following else None
    return time.perf_counter() - started


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _one(location: Path) -> str:
    """Store one export and its outcome; gives the export's ETag."""
    with Azurite(location=location) as azurite:
        exports, results = (
            ContainerClient.from_connection_string(azurite.connection_string, name) for name in CONTAINERS[:2]
        )
        exports.create_container()
        results.create_container()
        etag = bare(str(exports.upload_blob(_PATTERN, b"[]").get_blob_properties().etag))
        metadata = {
            "status": "Succeeded",
            "recordssent": "300",
            "recordsrejected": "0",
            "finishedat": "2026-11-22T05:00:00Z",
            "events": "2026-11-20=120 2026-11-21=180 last=2026-11-21T22:04:58",
            "source": "2026",
            "mapping": "9f2c" * 16,
            "uploadedat": "2026-11-22T05:00:00Z",
        }
        results.upload_blob(outcome_path(_PATTERN, etag), b"{}", metadata=metadata)
    return etag


def _multiply(database: Path, etag: str, exports: int) -> None:
    """Write the database anew, with every blob in it so many times; each export has an ETag of its own."""
    whole: dict[str, Any] = json.loads(database.read_text())
    blobs = next(one for one in whole["collections"] if one["name"] == "$BLOBS_COLLECTION$")
    patterns = [json.dumps(one) for one in blobs["data"]]
    blobs["data"] = [
        json.loads(_numbered(pattern, etag, number)) | {"$loki": number * len(patterns) + place + 1}
        for number in range(exports)
        for place, pattern in enumerate(patterns)
    ]
    blobs["maxId"] = len(blobs["data"])
    for name, index in blobs["binaryIndices"].items():
        index["values"] = sorted(range(blobs["maxId"]), key=lambda place: blobs["data"][place][name])
    database.write_text(json.dumps(whole))


def _numbered(pattern: str, etag: str, number: int) -> str:
    return pattern.replace(_PATTERN, f"2026/{number:06d}.json").replace(etag, f"{etag[:-6]}{number:06d}")


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.many", description=__doc__.partition(chr(10))[0]
    )
    parser.add_argument("--exports", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="a folder in which Azurite keeps them for the next run")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gatepost-many-") as folder:
        found = sweep(told.keep or Path(folder), told.exports)
    Console(highlight=False).print(
        f"{found.exports:,} exports with outcomes: {found.seconds:.1f} s, {found.cpu_seconds:.1f} s of CPU, "
        f"{found.grown_bytes / 1e6:.0f} MB more; a bare listing {found.listing_seconds:.1f} s, "
        f"{found.seconds / found.listing_seconds:.2f} times"
    )


if __name__ == "__main__":
    main()
