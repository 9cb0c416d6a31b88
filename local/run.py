"""`make run`: sample exports through everything, once; the exit code says whether all came out as they should."""

import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from azure.core.exceptions import ResourceNotFoundError
from rich.console import Console

from local.azure import LocalAzure
from local.host_process import HostError, HostProcess
from local.insights import wrong_figures
from local.outcomes import table
from local.sample_tables import sources
from local.samples import Sample, samples
from shared.blob_names import outcome_path
from shared.delivery.outcome import Outcome, Records, decode
from shared.error_codes import Status

_PATIENCE_SECONDS: Final = 120


def run(console: Console) -> int:
    """Run everything; gives the exit code."""
    uploaded = samples()
    console.print("Starting Azurite, the stand-ins and the functions host ...")
    with tempfile.TemporaryDirectory(prefix="gatepost-") as folder, LocalAzure() as azure:
        log = Path(folder) / "host.log"
        try:
            outcomes, seconds = _deliver(console, azure, uploaded, log)
        except HostError as error:
            console.print(f"[red]{error}[/red]\n{log.read_text(errors='replace')[-4_000:]}")
            return 1
        console.print(table(outcomes, console.width))
        count, requests = sum(one.records for one in azure.connector.accepted), azure.connector.requests
        console.print(
            f"\nThe connector received {count:,} records in {requests} requests, in {seconds:.1f} s."
        )
        faults = [*_wrong_ends(uploaded, outcomes), *_wrong_records(azure, uploaded)]
        faults += wrong_figures(azure.ingestion, outcomes)
    return _say_whether_right(console, faults)


def _deliver(
    console: Console, azure: LocalAzure, uploaded: list[Sample], log: Path
) -> tuple[list[Outcome], float]:
    """Upload the samples and wait for their outcomes; gives these, and the seconds from the first upload on.

    Args:
        console: where it is said.
        azure: everything around the functions.
        uploaded: the samples.
        log: where the functions' log goes.

    Raises:
        HostError: an export has no outcome in time, or the host has ended.
    """
    with HostProcess(azure.environment | azure.telemetry, log):
        for name, data in sources().items():
            azure.sources.upload_blob(name, data)
        started = time.monotonic()
        for sample in uploaded:
            azure.exports.upload_blob(sample.name, sample.data)
        console.print(f"{len(uploaded)} exports uploaded to {azure.exports.container_name}.\n")
        with azure.event_grid:
            outcomes = [_outcome(azure, sample) for sample in uploaded]
        return outcomes, time.monotonic() - started


def _say_whether_right(console: Console, faults: list[str]) -> int:
    for fault in faults:
        console.print(f"[red]{fault}[/red]")
    if faults:
        return 1
    console.print(
        "[green]Every record it received equals what was in its export, and the telemetry adds up to the outcomes.\n"
        "All as it should be.[/green]"
    )
    return 0


def _outcome(azure: LocalAzure, sample: Sample) -> Outcome:
    """Wait for an export's outcome to come to rest.

    Raises:
        HostError: it did not in time.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    etag = azure.exports.get_blob_client(sample.name).get_blob_properties().etag
    while time.monotonic() < deadline:
        try:
            data = azure.results.download_blob(outcome_path(sample.name, etag)).readall()
        except ResourceNotFoundError:
            data = b""
        if data and (outcome := decode(data)).status is not Status.IN_PROGRESS:
            return outcome
        time.sleep(0.1)
    raise HostError(f"{sample.name} has no outcome after {_PATIENCE_SECONDS} s")


def _wrong_ends(uploaded: list[Sample], outcomes: list[Outcome]) -> Iterator[str]:
    for sample, outcome in zip(uploaded, outcomes, strict=True):
        code = outcome.error.code if outcome.error else None
        requests = sum(batch.requests for batch in outcome.batches)
        if (outcome.status, code, requests) != (sample.status, sample.code, sample.requests):
            yield f"{sample.name} should have been {sample.status} in {sample.requests} requests."
        records = outcome.records or Records(read=0)
        if (records.ignored, records.repeated) != (sample.ignored, sample.repeated):
            yield f"{sample.name} should have had {sample.ignored} ignored and {sample.repeated} repeated records."


def _wrong_records(azure: LocalAzure, uploaded: list[Sample]) -> Iterator[str]:
    expected = Counter(_text(one) for sample in uploaded for one in sample.sent)
    received = Counter(_text(one) for one in azure.connector.records())
    if missing := (expected - received).total():
        yield f"{missing:,} records are missing at the connector, or were altered."
    if spurious := (received - expected).total():
        yield f"{spurious:,} records at the connector were in no export."


def _text(record: dict[str, Any]) -> str:
    return json.dumps(record)
