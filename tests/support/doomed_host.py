"""A functions host whose workers are killed: each message is taken by a process of its own, forked and ready.

It reads lines from standard input, each one run: a number (the worker kills itself with SIGKILL at that moment), or
`list` (it lives, and says its moments); after the word `wait` it waits until there is a message to take. A moment is
before or after one request of any kind, to the connector, to Entra ID, to the vault or to storage; the host's own calls to
the queue are none. Nothing of the product is touched: moments are counted where the libraries hand a request to the
network. After each run one JSON line says what became of it.
"""

import json
import logging
import os
import signal
import sys
import threading
import time
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from local.host import ROOT, Host, triggered_by
from local.host_times import HostTimes
from local.queue_trigger import QueueTrigger
from local.worker import Worker

HIDDEN_SECONDS: Final = 1
LIVES: Final = -1
_POLL_SECONDS: Final = 0.05


class Doom:
    """Counts the moments of this process and ends it at one of them.

    Attributes:
        moments: what has happened so far, as `before PUT ledger`, `after POST connector`.
    """

    def __init__(self, at: int) -> None:
        self.moments: list[str] = []
        self._at = at
        self._lock = threading.Lock()
        self._send = HTTPAdapter.send

    def install(self) -> None:
        """Stand where requests leave."""
        doom = self

        def send(
            adapter: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **options: Any
        ) -> requests.Response:
            what = _kind(request)
            if what:
                doom.meet(f"before {what}")
            response = doom._send(adapter, request, *args, **options)
            if what:
                doom.meet(f"after {what}")
            return response

        HTTPAdapter.send = send  # type: ignore[method-assign, assignment]  # the one place all libraries pass

    def meet(self, moment: str) -> None:
        """One more moment; perhaps the last."""
        with self._lock:
            if len(self.moments) == self._at:
                os.kill(os.getpid(), signal.SIGKILL)
            self.moments.append(moment)


def _kind(request: requests.PreparedRequest) -> str:
    """What a request is about, without its address; empty for the host's own calls to the queue."""
    parts = urlsplit(request.url or "")
    if "/messages" in parts.path and request.method != "POST":
        return ""
    known = {
        "/api/signals": "connector", "/messages": "requeue", "/badging-exports/": "export",
        "/outcomes/": "outcome", "/rejected/": "rejected file", "/ledger/": "ledger", "/plans/": "plan",
        "/gatepost-state/lease/": "job", "/reports/": "report", "/secrets/": "vault",
        "/oauth2/": "token", "/.well-known/": "authority",
    }  # fmt: skip
    what = next((name for part, name in known.items() if part in parts.path), "identity")
    return f"{request.method} {'lease of ' if 'comp=lease' in parts.query else ''}{what}"


class _OneProcess(Worker):
    """Host and worker in one process, which dies as a whole: an instance that is lost."""

    pid = 0

    def kill(self) -> None:
        """Nobody outlives this."""
        os.kill(os.getpid(), signal.SIGKILL)

    def restart(self) -> None:
        """Never asked: the host has died with the worker."""


def _child(at: int, *, waits: bool) -> None:
    """Take one message, in a process of its own, and say its moments."""
    doom = Doom(at)
    doom.install()
    said: list[dict[str, Any]] = []
    worker = _OneProcess(ROOT)
    times = replace(HostTimes.of(ROOT), hidden_seconds=HIDDEN_SECONDS, pause_seconds=0)
    queue = QueueTrigger(triggered_by(worker, "queueTrigger").trigger, times)
    host = Host(worker, times, said.append)
    while not (took := host.take(queue)) and waits:
        time.sleep(_POLL_SECONDS)
    print(json.dumps({"took": took, "moments": doom.moments, "said": said}), flush=True)


def main() -> None:
    """Run as a process."""
    logging.basicConfig(stream=sys.stderr, level=logging.DEBUG, format="%(levelname)s %(name)s: %(message)s")
    for name in ("azure.core", "urllib3", "azure.identity", "msal", "azure_functions_runtime_v1"):
        logging.getLogger(name).setLevel(logging.WARNING)  # at the levels the product leaves them at
    _make_ready()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        *waits, word = line.split()
        process = os.fork()
        if process == 0:
            _child(LIVES if word == "list" else int(word), waits=bool(waits))
            os._exit(0)
        _, status = os.waitpid(process, 0)
        if os.WIFSIGNALED(status):
            print(json.dumps({"killed": os.WTERMSIG(status)}), flush=True)


def _make_ready() -> None:
    """Import what a worker imports at its first message, so that each child starts at once."""
    import azure.identity
    import azure.keyvault.secrets
    import azure.storage.queue

    from shared import app, wiring
    from shared.delivery import process_export, remap_attempt, sweep
    from shared.report import request
    from shared.services import connector, credentials, storage
    from shared.sources import reader, sent_values, source


if __name__ == "__main__":
    main()
