"""The worker seen from the host: a process that is given invocations, and that may die of one."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

import msgspec

from local.invocation import Function, Invocation, Result

_STOP_SECONDS: Final = 50
_CHECKOUT: Final = Path(__file__).resolve().parent.parent


class WorkerError(Exception):
    """The worker did not start; what it said is in the log."""


class WorkerProcess:
    """Starts `python -m local.worker`; use it in a `with` block, which stops it in good order.

    Args:
        root: the folder with the functions.
    """

    def __init__(self, root: Path) -> None:
        self._command = [sys.executable, "-m", "local.worker", "--root", str(root)]
        self.functions: list[Function] = []

    def __enter__(self) -> Self:
        """Start it.

        Raises:
            WorkerError: it does not start.
        """
        self.restart()
        return self

    def __exit__(self, *_: object) -> None:
        """Let it finish what it is doing, then end it."""
        self._close_input()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        self._output.close()

    @property
    def pid(self) -> int:
        """Its process id; another after `restart`."""
        return self._process.pid

    def invoke(self, invocation: Invocation) -> Result:
        """Run a function and wait for its end, or for the worker's."""
        try:
            self._input.write(msgspec.json.encode(invocation) + b"\n")
            self._input.flush()
            line = self._output.readline()
        except BrokenPipeError:
            line = b""
        if not line.endswith(b"\n"):  # nothing, or what a worker had said when it was killed
            return self._died()
        return msgspec.json.decode(line, type=Result)

    def kill(self) -> None:
        """SIGKILL; a running invocation ends as `died`."""
        self._process.kill()

    def restart(self) -> None:
        """Start a worker, the first or the next.

        Raises:
            WorkerError: it does not start.
        """
        self._process = subprocess.Popen(
            self._command,
            cwd=_CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        if not (self._process.stdin and self._process.stdout):
            raise AssertionError("both are pipes")
        self._input, self._output = self._process.stdin, self._process.stdout
        line = self._output.readline()
        if not line:
            raise WorkerError(f"the worker did not start ({self._process.wait()})")
        self.functions = msgspec.json.decode(line, type=list[Function])

    def _died(self) -> Result:
        code = self._process.wait()
        self._close_input()
        self._output.close()
        return Result("", succeeded=False, error=f"the worker process ended ({code})", died=True)

    def _close_input(self) -> None:
        with suppress(BrokenPipeError):  # what a dead worker has not read is lost with it
            self._input.close()
