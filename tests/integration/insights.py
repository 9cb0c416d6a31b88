"""A host whose telemetry goes to the ingestion stand-in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.azure import LocalAzure
from local.host_process import HostProcess
from local.ingestion import Ingestion


@dataclass(frozen=True)
class Watched:
    """A host, and where its telemetry arrives; its log is a file."""

    host: HostProcess
    ingestion: Ingestion
    log: Path

    def swept(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Let the timer start a sweep, and wait for it and for the report; gives the timer's end and the sweep's."""
        timer, sweep, report = self.host.sweep(), self.host.next(), self.host.next()
        assert [one["succeeded"] for one in (timer, sweep, report)] == [True] * 3
        return timer, sweep

    def said(self) -> str:
        """Everything that left the process: telemetry as it was sent, and its log."""
        return "\n".join(
            [
                *(body.decode() for body in self.ingestion.raw),
                self.log.read_text(errors="replace"),
            ]
        )


@contextmanager
def watched(azure: LocalAzure, folder: Path, **changes: str) -> Iterator[Watched]:
    """A host with telemetry that names an operation; when the block ends it has sent everything it had to say."""
    log = folder / "host.log"
    environment = azure.environment | azure.telemetry | changes
    with HostProcess(environment, log, pause_seconds=0, traced=True) as host:
        yield Watched(host, azure.ingestion, log)
