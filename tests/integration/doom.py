"""Deaths: the doomed host seen from the test, and requests that kill the worker that made them."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from azure.storage.blob import BlobLeaseClient

from local.azure import LocalAzure
from local.connector import Connector, Fault, Records
from local.host import ROOT
from local.host_process import HostProcess
from local.servers import Answer, Request


class DoomedHost:
    """Starts `tests.support.doomed_host`; use it in a `with` block, which ends it."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment = dict(environment)
        self._log = log

    def __enter__(self) -> Self:
        """Start it."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.doomed_host"],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._read()
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._process.communicate(timeout=30)

    def run(self) -> list[str]:
        """Let a worker take the next message, waiting until one shows; gives its moments."""
        said = self._ask("wait list")
        assert said["said"][0]["succeeded"], said
        moments: list[str] = said["moments"]
        return moments

    def kill_at(self, moment: int) -> bool:
        """Let a worker take the next message, waiting until one shows, and die at a moment; whether it came so far."""
        return "killed" in self._ask(f"wait {moment}")

    def offer(self, moment: int | None = None) -> dict[str, Any]:
        """Let a worker take a message if one shows now, and die at a moment, if one is given; gives what the host says of it."""
        return self._ask("list" if moment is None else str(moment))

    def _ask(self, words: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{words}\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self._log.read_text(errors="replace")[-2_000:]
        said: dict[str, Any] = json.loads(line)
        return said


def break_leases(azure: LocalAzure) -> None:
    """Let a dead owner's lease be over at once, where a test need not wait for the minute."""
    for blob in azure.state.list_blobs("lease/"):
        if blob.lease and blob.lease.state == "leased":
            BlobLeaseClient(azure.state.get_blob_client(blob.name)).break_lease(0)


def kills_worker(azure: LocalAzure, host: Callable[[], HostProcess], *, taken: bool) -> Fault:
    """The connector's answer that never comes: the worker dies of this request, and its lease with it.

    Args:
        azure: where the lease is.
        host: whose worker it is.
        taken: whether the connector takes the batch first.
    """

    def fault(connector: Connector, request: Request, records: Records) -> Answer:
        if taken:
            connector.take(request, records)
        host().kill_worker()
        break_leases(azure)
        return Answer(0, wire=lambda _handler: None)

    return fault
