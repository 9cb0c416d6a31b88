"""The functions host as a process of its own, seen from outside: started, stopped, killed, or only held up."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self

from local.host import ROOT

_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 60


class HostError(Exception):
    """The host did not start, ended by itself, or did not do what was asked in time; the text has its last words."""


class HostProcess:
    """Starts `python -m local.host` and with it a worker; use it in a `with` block, which stops both in good order.

    Args:
        environment: all of it; `LocalAzure.environment` is what is needed.
        log: where its standard error goes, and the worker's.
        root: the folder with the functions.
        listener: Microsoft's queue listener (`local.listener`), to take the messages in the host's place.
        traced: whether it gives invocations a trace context.
        times: what to change of `HostTimes`, by name.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        log: Path,
        *,
        root: Path = ROOT,
        listener: Path | None = None,
        traced: bool = False,
        **times: Any,
    ) -> None:
        self._environment = dict(environment)
        self._log = log
        options = {"root": root, "listener": listener} | times
        self._command = [sys.executable, "-m", "local.host", *(["--traced"] if traced else [])]
        for name, value in options.items():
            if value is not None:
                self._command += [f"--{name.replace('_', '-')}", str(value)]
        self._said: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._idle: queue.Queue[int | None] = queue.Queue()
        self._asked = 0
        self._worker_pid = 0
        self._listener_pid: int | None = None

    def __enter__(self) -> Self:
        """Start it and wait until it takes messages."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,  # host and worker are one group: an instance, which can be lost as a whole
            )
        self._reader = threading.Thread(target=self._read, name="host", daemon=True)
        self._reader.start()
        try:
            self._listener_pid = self.next(_START_SECONDS).get(
                "listener"
            )  # its first word is that it is ready
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Let it finish what it is doing, then end it; where a person pressed Ctrl-C, as Azure stops it."""
        if self._process.poll() is None and self._process.stdin:
            if kind is KeyboardInterrupt:
                self.terminate()
            self._process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_SECONDS)
        self.kill()

    @property
    def pid(self) -> int:
        """The host's process id."""
        return self._process.pid

    @property
    def worker_pid(self) -> int:
        """Its worker's process id; another once a worker has died."""
        return self._worker_pid

    @property
    def running(self) -> bool:
        """Whether the host still runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL for host and worker: the instance is lost, nothing is cleaned up."""
        self._signal_both(signal.SIGKILL)
        self._process.wait()
        self._close()

    def kill_host(self) -> None:
        """SIGKILL for the host alone: its worker finishes the function that runs, and nobody settles the message."""
        if self._listener_pid:  # part of the host, in a process of its own only here
            os.kill(self._listener_pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()

    def kill_worker(self) -> None:
        """SIGKILL for the worker alone, as when it takes too much memory."""
        os.kill(self._worker_pid, signal.SIGKILL)

    def terminate(self) -> None:
        """SIGTERM for the host, as Azure stops an instance."""
        self._process.terminate()

    def suspend(self) -> None:
        """SIGSTOP for host and worker: a machine that stands still."""
        self._signal_both(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT: it goes on where it stood."""
        self._signal_both(signal.SIGCONT)

    def wait(self, seconds: float) -> int:
        """Wait for its end by itself; gives its exit code."""
        return self._process.wait(seconds)

    def sweep(self, seconds: float = 60) -> dict[str, Any]:
        """Run the sweep and wait for it; what ends meanwhile is passed over."""
        self._ask("sweep")
        while True:
            said = self.next(seconds)
            if said.get("function") == "TimerUploadTrigger":
                return said

    def wait_until_idle(self, seconds: float = 90) -> None:
        """Wait until what was on the queue is done: no message shows there now, and no function runs.

        Raises:
            HostError: it was busy all this time, has ended, or the listener takes the messages, which does not say what it does.
        """
        if self._listener_pid:
            raise HostError("the queue listener does not say whether a message is left")
        self._asked += 1
        self._ask("idle")
        while self._hear(self._idle, seconds, "was busy") < self._asked:
            pass  # the answer to an earlier question, which nobody waited for

    def next(self, seconds: float = 60) -> dict[str, Any]:
        """What it says next: an invocation that ended.

        Raises:
            HostError: it did not say anything in time, or ended.
        """
        return self._hear(self._said, seconds, "said nothing")

    def _hear[T](self, source: queue.Queue[T | None], seconds: float, otherwise: str) -> T:
        try:
            said = source.get(timeout=seconds)
        except queue.Empty:
            raise HostError(f"the host {otherwise} for {seconds:.0f} s") from None
        if said is None:
            raise self._ended()
        return said

    def _ask(self, word: str) -> None:
        if self._process.stdin is None:
            raise HostError("the host has no standard input")
        try:
            self._process.stdin.write(f"{word}\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError):  # the latter: closed, since it was killed
            raise self._ended() from None

    def _ended(self) -> HostError:
        return HostError("the host has ended: " + self._log.read_text(errors="replace")[-2_000:])

    def _read(self) -> None:
        for line in self._process.stdout or ():
            said = json.loads(line)
            self._worker_pid = said.get("worker", self._worker_pid)
            if said.keys() == {"idle"}:
                self._idle.put(said["idle"])
            elif said.keys() != {"worker"}:
                self._said.put(said)
        for waited_for in (self._said, self._idle):
            waited_for.put(None)

    def _signal_both(self, number: int) -> None:
        with suppress(ProcessLookupError):  # both have ended
            os.killpg(self._process.pid, number)

    def _close(self) -> None:
        self._reader.join(_STOP_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with suppress(BrokenPipeError):  # what a dead host was asked last is still to be written
                    pipe.close()
