"""The functions host as a process of its own, seen from outside."""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

from local.host import HIDDEN_SECONDS, ROOT

_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 60


class HostError(Exception):
    """The host did not start, ended by itself, or did not do what was asked in time; the text has its last words."""


class HostProcess:
    """Starts `python -m local.host`; use it in a `with` block, which stops it in good order.

    Args:
        environment: all of it; `LocalAzure.environment` is what is needed.
        log: where its standard error goes.
        root: the folder with the functions.
        hidden_seconds: see `Host`.
        pause_seconds: see `Host`.
        module: what to run; a test may wrap the host in a module of its own.
    """

    def __init__(  # noqa: PLR0913  (each is one knob of the process)
        self,
        environment: Mapping[str, str],
        log: Path,
        *,
        root: Path = ROOT,
        hidden_seconds: int = HIDDEN_SECONDS,
        pause_seconds: int | None = None,
        module: str = "local.host",
    ) -> None:
        self._environment = dict(environment)
        self._log = log
        self._command = [
            sys.executable, "-m", module, "--root", str(root), "--hidden-seconds", str(hidden_seconds),
            *(() if pause_seconds is None else ("--pause-seconds", str(pause_seconds))),
        ]  # fmt: skip
        self._said: queue.Queue[dict[str, Any] | None] = queue.Queue()

    def __enter__(self) -> Self:
        """Start it and wait until it takes messages."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  (our own module)
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._listener = threading.Thread(target=self._listen, name="host", daemon=True)
        self._listener.start()
        try:
            self.next(_START_SECONDS)  # its first word is that it is ready
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Let it finish what it is doing, then end it."""
        if self._process.poll() is None and self._process.stdin:
            self._process.stdin.close()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._close()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL: nothing is cleaned up."""
        self._process.kill()
        self._process.wait()
        self._close()

    def wait(self, seconds: float) -> int:
        """Wait for its end by itself; gives its exit code."""
        return self._process.wait(seconds)

    def sweep(self, seconds: float = 60) -> dict[str, Any]:
        """Run the sweep and wait for it; what ends meanwhile is passed over."""
        if self._process.stdin is None:
            raise HostError("the host has no standard input")
        self._process.stdin.write("sweep\n")
        self._process.stdin.flush()
        while True:
            said = self.next(seconds)
            if said.get("function") == "TimerUploadTrigger":
                return said

    def next(self, seconds: float = 60) -> dict[str, Any]:
        """What it says next: an invocation that ended.

        Raises:
            HostError: it said nothing in time, or ended.
        """
        try:
            said = self._said.get(timeout=seconds)
        except queue.Empty:
            raise HostError(f"the host said nothing for {seconds:.0f} s") from None
        if said is None:
            raise HostError("the host has ended: " + self._log.read_text(errors="replace")[-2_000:])
        return said

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            self._said.put(json.loads(line))
        self._said.put(None)

    def _close(self) -> None:
        self._listener.join(_STOP_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
