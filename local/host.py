"""The functions host, as far as Gatepost uses it: a queue trigger with its tries and poison queue, and a timer by hand.

`python -m local.host` runs it as a process of its own, with settings from the environment, the way Azure runs the app.
It reads words from standard input (`sweep`: run the timer's function; end of input: finish and stop) and says on standard
output what it has done, one JSON object a line. `HostProcess` is the other end of those pipes.

What the real host does with a message, and so does this: hide it for ten minutes and keep it hidden while the function
runs; delete it when the function returns; when it raises, show it again after `visibilityTimeout`; after
`maxDequeueCount` tries move it to the poison queue. The figures come from host.json.
"""

import argparse
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.identity import ManagedIdentityCredential
from azure.storage.queue import QueueClient, QueueMessage
from azure_functions_runtime_v1.bindings.datumdef import Datum

from local.worker import Function, Result, Worker

ROOT: Final = Path(__file__).resolve().parent.parent
HIDDEN_SECONDS: Final = 600
_IDLE_SECONDS: Final = 0.1


@dataclass(frozen=True)
class Tries:
    """What host.json says about messages whose function raised."""

    most: int
    pause_seconds: int

    @classmethod
    def of(cls, root: Path) -> "Tries":
        """Read it."""
        queues = json.loads((root / "host.json").read_text())["extensions"]["queues"]
        hours, minutes, seconds = map(int, queues["visibilityTimeout"].split(":"))
        pause = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        return cls(queues["maxDequeueCount"], int(pause.total_seconds()))


class Host:
    """Runs the functions of a folder.

    Args:
        root: the folder.
        tell: is given what happened, as a JSON object.
        hidden_seconds: how long a message stays hidden when its worker dies; the real host's ten minutes, or less.
        pause_seconds: between two tries of a message; `None` for what host.json says.
    """

    def __init__(
        self,
        root: Path,
        tell: Callable[[dict[str, Any]], None],
        hidden_seconds: int = HIDDEN_SECONDS,
        pause_seconds: int | None = None,
    ) -> None:
        worker = Worker(root)
        self._worker = worker
        self._uploads = _triggered_by(worker, "queueTrigger")
        self._sweeps = _triggered_by(worker, "timerTrigger")
        self._tell = tell
        self._hidden_seconds = hidden_seconds
        tries = Tries.of(root)
        self._tries = tries if pause_seconds is None else Tries(tries.most, pause_seconds)
        name = _setting(self._uploads.trigger["queueName"])
        connection = self._uploads.trigger["connection"]
        self._queue, self._poison = _queue(connection, name), _queue(connection, f"{name}-poison")

    def step(self) -> bool:
        """Take one message, if there is one."""
        message = self._queue.receive_message(visibility_timeout=self._hidden_seconds)
        if message is None:
            return False
        trace_parent = _trace_parent()
        with self._kept_hidden(message):
            result = self._worker.invoke(
                self._uploads, Datum(message.content, "string"), _metadata(message), trace_parent
            )
        self._settle(message, result)
        self._report(self._uploads, result, message.dequeue_count, trace_parent)
        return True

    def sweep(self) -> None:
        """Run the timer's function once."""
        text = json.dumps({"Schedule": {"AdjustForDST": True}, "ScheduleStatus": None, "IsPastDue": False})
        trace_parent = _trace_parent()
        result = self._worker.invoke(self._sweeps, Datum(text, "json"), {}, trace_parent)
        self._report(self._sweeps, result, 1, trace_parent)

    def _settle(self, message: QueueMessage, result: Result) -> None:
        if not result.succeeded and (message.dequeue_count or 0) < self._tries.most:
            self._queue.update_message(message, visibility_timeout=self._tries.pause_seconds)
            return
        if not result.succeeded:
            self._poison.send_message(message.content, time_to_live=-1)
        self._queue.delete_message(message)

    def _report(self, function: Function, result: Result, tries: int | None, trace_parent: str) -> None:
        said = {"function": function.name, "succeeded": result.succeeded, "error": result.error}
        ids = {"invocationId": result.invocation_id, "traceParent": trace_parent}
        self._tell(said | {"tries": tries} | ids)

    @contextmanager
    def _kept_hidden(self, message: QueueMessage) -> Iterator[None]:
        over = threading.Event()

        def renew() -> None:
            while not over.wait(self._hidden_seconds / 2):
                try:
                    renewed = self._queue.update_message(message, visibility_timeout=self._hidden_seconds)
                    message.pop_receipt = renewed.pop_receipt
                except AzureError:
                    continue  # storage is away for a moment; the next renewal may be in time

        thread = threading.Thread(target=renew, name="hide", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def _triggered_by(worker: Worker, kind: str) -> Function:
    return next(one for one in worker.functions if one.trigger["type"] == kind)


def _setting(text: str) -> str:
    """A binding's text with its `%NAME%` looked up among the app settings."""
    return os.environ[text.strip("%")] if text.startswith("%") else text


def _queue(connection: str, name: str) -> QueueClient:
    text = os.environ.get(connection)
    if text:
        return QueueClient.from_connection_string(text, name)
    credential = ManagedIdentityCredential(client_id=os.environ[f"{connection}__clientId"])
    return QueueClient(os.environ[f"{connection}__queueServiceUri"], name, credential=credential)


def _metadata(message: QueueMessage) -> dict[str, Datum]:
    times = {
        "ExpirationTime": message.expires_on,
        "InsertionTime": message.inserted_on,
        "NextVisibleTime": message.next_visible_on,
    }
    known = {name: Datum(json.dumps(time.isoformat()), "json") for name, time in times.items() if time}
    return known | {
        "Id": Datum(message.id, "string"),
        "PopReceipt": Datum(message.pop_receipt, "string"),
        "DequeueCount": Datum(str(message.dequeue_count), "string"),
    }


def _trace_parent() -> str:
    """The host's trace context (W3C): an operation id and a parent id of its own for every invocation."""
    return f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"


def main() -> None:
    """Run as a process."""
    arguments = _arguments()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("azure.core").setLevel(logging.WARNING)  # the real host polls in another process
    host = Host(arguments.root, _tell, arguments.hidden_seconds, arguments.pause_seconds)
    words = _Words()
    _tell({"ready": True, "at": datetime.now(UTC).isoformat()})
    while not words.over:
        try:
            if words.sweep_wanted():
                host.sweep()
            elif not host.step():
                time.sleep(_IDLE_SECONDS)
        except ResourceNotFoundError:
            raise SystemExit("the queue is missing") from None
        except AzureError:
            time.sleep(1)  # storage is away for a moment


class _Words:
    """What standard input says."""

    def __init__(self) -> None:
        self.over = False
        self._sweeps = 0
        threading.Thread(target=self._listen, name="words", daemon=True).start()

    def sweep_wanted(self) -> bool:
        """Whether a sweep was asked for; forgets it."""
        if not self._sweeps:
            return False
        self._sweeps -= 1
        return True

    def _listen(self) -> None:
        for line in sys.stdin:
            self._sweeps += line.strip() == "sweep"
        self.over = True


def _tell(said: dict[str, Any]) -> None:
    print(json.dumps(said), flush=True)  # noqa: T201  (the parent reads it)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local.host", description="Runs the functions of a folder."
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder with host.json")
    parser.add_argument("--hidden-seconds", type=int, default=HIDDEN_SECONDS)
    parser.add_argument("--pause-seconds", type=int, default=None, help="between tries; default: host.json's")
    return parser.parse_args()


if __name__ == "__main__":
    main()
