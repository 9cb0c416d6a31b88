"""Azurite, Microsoft's storage emulator: installed once into `.tools/`, started on ports of the system's choosing."""

import os
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

from local import npm

ACCOUNT: Final = "devstoreaccount1"
KEY: Final = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="  # Azurite's own, public
_PACKAGES: Final = Path(__file__).parent / "npm_packages"
USUAL_PORTS: Final = (10_000, 10_001, 10_002)
"""Of blobs, queues and tables: what `UseDevelopmentStorage=true` means."""
_START_SECONDS: Final = 30
_LOAD_SECONDS: Final = 300
"""Where it has to read what it has kept."""
_TRIES: Final = 5


class AzuriteError(Exception):
    """Azurite cannot be started; the text says what to do."""


@dataclass
class Azurite:
    """A running Azurite; use it in a `with` block, which ends it.

    Attributes:
        certificate: paths of a certificate and its key, for https with `--oauth basic`; `None` for http.
        ports: of blobs, queues and tables; `None` for ports of the system's choosing.
        location: a folder to keep everything in, instead of in memory; what it holds is there at the next start.
        account: whose addresses are given.
        more_accounts: that it has besides, each with storage of its own; `of_account` gives their addresses.
    """

    certificate: tuple[Path, Path] | None = None
    ports: tuple[int, int, int] | None = None
    location: Path | None = None
    account: str = ACCOUNT
    more_accounts: Sequence[str] = ()
    blob_port: int = 0
    queue_port: int = 0

    @property
    def blob_uri(self) -> str:
        """The blob service's address."""
        return f"{self._scheme}://127.0.0.1:{self.blob_port}/{self.account}"

    @property
    def queue_uri(self) -> str:
        """The queue service's address."""
        return f"{self._scheme}://127.0.0.1:{self.queue_port}/{self.account}"

    @property
    def connection_string(self) -> str:
        """What `ExportStorage` is set to."""
        return (
            f"DefaultEndpointsProtocol={self._scheme};AccountName={self.account};AccountKey={KEY};"
            f"BlobEndpoint={self.blob_uri};QueueEndpoint={self.queue_uri};"
        )

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def of_account(self, account: str) -> Self:
        """The same one's other account; it is ended where it was started."""
        return replace(self, account=account, more_accounts=())

    @property
    def _scheme(self) -> str:
        return "https" if self.certificate else "http"

    def __enter__(self) -> Self:
        """Start it; a port that another program takes meanwhile costs another try."""
        node, script = installed()
        for _ in range(1 if self.ports else _TRIES):
            self.blob_port, self.queue_port, table_port = self.ports or _free_ports()
            self._process = subprocess.Popen(
                [*_command(node, script, self.blob_port, self.queue_port, table_port), *self._options()],
                env=os.environ | self._accounts(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            if self._is_up():
                return self
            self._end()
        raise AzuriteError("Azurite does not start; run `make clean` and try again")

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._end()

    def _options(self) -> list[str]:
        kept = ["--location", str(self.location)] if self.location else ["--inMemoryPersistence"]
        if not self.certificate:
            return kept
        certificate, key = self.certificate
        return [*kept, "--oauth", "basic", "--cert", str(certificate), "--key", str(key)]

    def _accounts(self) -> dict[str, str]:
        """Without this it has the usual one."""
        if not self.more_accounts:
            return {}
        return {"AZURITE_ACCOUNTS": ";".join(f"{name}:{KEY}" for name in (self.account, *self.more_accounts))}

    def _is_up(self) -> bool:
        deadline = time.monotonic() + (_LOAD_SECONDS if self.location else _START_SECONDS)
        waiting = [self.blob_port, self.queue_port]
        while waiting and time.monotonic() < deadline and self._process.poll() is None:
            if is_listening(waiting[0]):
                waiting.pop(0)
            else:
                time.sleep(0.05)
        return not waiting and self._process.poll() is None

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def installed() -> tuple[str, Path]:
    """Node and Azurite's script, installed on the first call; two processes do not get in each other's way.

    Raises:
        InstallError: if it cannot be installed.
    """
    with npm.alone():
        node = npm.node()
        package = "azurite" if npm.major(node) > npm.OLDEST_NODE else "azurite-node20"
        folder = npm.install(node, _PACKAGES / package)
        return node, folder / "node_modules/azurite/dist/src/azurite.js"


def _command(node: str, script: Path, blob: int, queue: int, table: int) -> list[str]:
    ports = ["--blobPort", str(blob), "--queuePort", str(queue), "--tablePort", str(table)]
    return [node, str(script), *ports, "--skipApiVersionCheck", "--disableTelemetry", "--silent"]


def is_listening(port: int) -> bool:
    """Whether a program listens on a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _free_ports() -> tuple[int, int, int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    first, second, third = (one.getsockname()[1] for one in sockets)
    for one in sockets:
        one.close()
    return first, second, third
