"""A sweep over very many exports that all have their outcomes.

Azurite looks through everything it holds to store one blob more, so that 100,000 exports would take it hours to take in.
It is given two, and while it is stopped its database is multiplied: the names are new, their content is shared.
"""

import json
import os
import time
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from azure.storage.blob import ContainerClient

from local.azure import CONTAINERS, LocalAzure
from local.azurite import Azurite
from shared.blob_names import bare, outcome_path
from shared.delivery import sweep as sweeping
from shared.wiring import build

_PATTERN: Final = "2026/000000.json"
_DATABASE: Final = "__azurite_db_blob__.json"


def sweep(folder: Path, exports: int) -> float:
    """Seconds of a sweep over so many exports with final outcomes; the report that follows one is not in it.

    Raises:
        SystemExit: it took the exports for something else than finished.
    """
    location = folder / "many"
    etag = _one(location)
    _multiply(location / _DATABASE, etag, exports)
    with LocalAzure(location=location) as azure, patch.dict(os.environ, azure.environment):
        at = build(azure.environment)
        started = time.perf_counter()
        found = sweeping.sweep(at, sweeping.new_sweep())
        seconds = time.perf_counter() - started
        if found is None or found.queued or found.waiting or not found.finished:
            raise SystemExit(f"the sweep found something to do among finished exports: {found}")
        return seconds


def _one(location: Path) -> str:
    """Store one export and its outcome; gives the export's ETag."""
    with Azurite(location=location) as azurite:
        exports, results = (
            ContainerClient.from_connection_string(azurite.connection_string, name) for name in CONTAINERS[:2]
        )
        exports.create_container()
        results.create_container()
        etag = bare(str(exports.upload_blob(_PATTERN, b"[]").get_blob_properties().etag))
        metadata = {"status": "Succeeded", "recordssent": "1", "finishedat": "2026-11-22T05:00:00Z"}
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
