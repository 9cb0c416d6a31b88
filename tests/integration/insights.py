"""Application Insights for tests: the ingestion stand-in on a port, and a host whose telemetry goes there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.azure import LocalAzure
from local.host_process import HostProcess
from local.ingestion import Ingestion, settings
from local.servers import Server


@dataclass(frozen=True)
class Watched:
    """A host, and where its telemetry arrives; its log is a file."""

    host: HostProcess
    ingestion: Ingestion
    log: Path

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
    """A host with telemetry; when the block ends it has sent everything it had to say."""
    ingestion = Ingestion()
    with Server(ingestion) as server:
        environment = azure.environment | settings(server.url) | {"TMPDIR": str(folder)} | changes
        log = folder / "host.log"
        with HostProcess(environment, log, pause_seconds=0) as host:
            yield Watched(host, ingestion, log)
