"""Microsoft's own queue listener in front of the functions: the WebJobs SDK's, which Azure Functions uses, as one program.

It takes the messages, hides and renews them, counts tries and fills the poison queue, all by the SDK's code; each message
it posts to a loopback address here, and any reply but 2xx is a failed function. The program is no part of this
repository: the environment variable `GATEPOST_QUEUE_LISTENER` names it, or it lies beside the checkout.
"""

import json
import logging
import os
import queue
import subprocess
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, Protocol, Self

from local.host_times import HostTimes
from local.queue_trigger import queue_name
from local.servers import Answer, Request, Server
from local.trigger_metadata import Delivery

_BESIDE: Final = Path(__file__).resolve().parents[2] / "shared/tools/queue-listener/qhost"
_TIMES: Final = ("InsertionTime", "ExpirationTime", "NextVisibleTime")
_START_SECONDS: Final = 60
_POLL_SECONDS: Final = 0.2
_LOG: Final = logging.getLogger(__name__)


class ListenerError(Exception):
    """The listener did not start, or ended by itself; what it said is in the log."""


class Runner(Protocol):
    """What runs the function on a message."""

    @property
    def abandoned(self) -> bool:
        """Whether the time after a stop was over, so that nobody may settle the message."""
        ...

    def answer(self, taken: Delivery) -> bool:
        """Run the function; whether it succeeded."""
        ...


def listener_program() -> Path | None:
    """Where the program is; `None` if it is not on this machine."""
    path = Path(os.environ.get("GATEPOST_QUEUE_LISTENER") or _BESIDE)
    return path if os.access(path, os.X_OK) else None


class Listener:
    """Runs the program; use it in a `with` block, which stops it once the running function has ended.

    Args:
        program: its path.
        binding: the queue trigger's binding out of `function.json`; its connection must be a connection string.
        times: tries and pause; the ten minutes are its own.
        runner: runs the function.
    """

    def __init__(self, program: Path, binding: Mapping[str, Any], times: HostTimes, runner: Runner) -> None:
        self._program = program
        self._runner = runner
        self._settings = {
            "connection": os.environ[binding["connection"]],
            "queue": queue_name(binding),
            "batchSize": "1",
            "newBatchThreshold": "0",
            "messageEncoding": "none",
            "maxDequeueCount": str(times.most_tries),
            "visibilityTimeout": _span(times.pause_seconds),
            "maxPollingInterval": _span(_POLL_SECONDS),
        }
        self._states: queue.Queue[str] = queue.Queue()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start it and wait until it listens.

        Raises:
            ListenerError: it does not start.
        """
        with ExitStack() as stack:
            url = stack.enter_context(Server(self)).url
            settings = {
                f"QHOST_{name}": value for name, value in (self._settings | {"url": f"{url}/"}).items()
            }
            self._process = subprocess.Popen(
                [self._program], env=os.environ | settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
            )
            stack.callback(self._stop)
            threading.Thread(target=self._read, name="listener", daemon=True).start()
            if not self._is_ready():
                raise ListenerError("the queue listener did not start")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self._stack.close()

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._process.pid

    def step(self) -> bool:
        """Nothing is to be done here: the program does it.

        Raises:
            ListenerError: it has ended.
        """
        if self._process.poll() is not None:
            raise ListenerError(f"the queue listener has ended ({self._process.returncode})")
        return False

    def answer(self, request: Request) -> Answer:
        """A message that it took."""
        succeeded = self._runner.answer(_delivery(request))
        if self._runner.abandoned:
            self._process.kill()  # as the host's own end: the message stays as it is
        return Answer(200 if succeeded else 500)

    def _is_ready(self) -> bool:
        try:
            return self._states.get(timeout=_START_SECONDS) == "ready"
        except queue.Empty:
            return False

    def _read(self) -> None:
        for line in self._process.stdout or ():
            event = json.loads(line)
            if event["event"] == "ready":
                self._states.put("ready")
            elif event["event"] not in {"message", "start"}:  # these two quote addresses and pop receipts
                _LOG.info("queue listener: %s", event["event"])
        self._states.put("ended")

    def _stop(self) -> None:
        """SIGTERM: it takes no new message and waits for the running function, without limit."""
        self._process.terminate()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


def _delivery(request: Request) -> Delivery:
    headers = {name.removeprefix("x-queue-"): value for name, value in request.headers.items()}
    return Delivery(
        text=request.body.decode(),
        id=headers["id"],
        dequeue_count=int(headers["dequeuecount"]),
        pop_receipt=headers["popreceipt"],
        times={name: headers[name.lower()] for name in _TIMES},
    )


def _span(seconds: float) -> str:
    """A time span as .NET reads it."""
    hours, rest = divmod(seconds, 3_600)
    minutes, rest = divmod(rest, 60)
    return f"{int(hours):02d}:{int(minutes):02d}:{rest:09.6f}"
