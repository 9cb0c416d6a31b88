"""A function app that only writes down what it is given, to see what a host does with a message.

Its bindings and host.json are the product's own. What a message says is done: `{"do": "raise"}`, `{"do": "wait"}` (until the
test says so), `{"do": "sleep", "seconds": 3}`; any other ends at once.
"""

import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from azure.storage.queue import QueueClient

from local.azurite import Azurite
from local.host import ROOT
from local.host_process import HostProcess

_FUNCTION: Final = """
import json, os, pathlib, time
import azure.functions as func

FOLDER = pathlib.Path(os.environ["RECORDS"])


def note(**what: object) -> None:
    with (FOLDER / "calls.jsonl").open("a") as file:
        file.write(json.dumps(what) + "\\n")


def main(message: func.QueueMessage, context: func.Context) -> None:
    text = message.get_body().decode()
    note(began=text, id=message.id, tries=message.dequeue_count, pid=os.getpid())
    order = json.loads(text) if text.startswith("{") else {}
    if order.get("do") == "raise":
        raise ValueError("as told")
    if order.get("do") == "sleep":
        time.sleep(order["seconds"])
    while order.get("do") == "wait" and not (FOLDER / "go").exists():
        time.sleep(0.02)
    note(ended=text, pid=os.getpid())
"""


@dataclass
class Recorder:
    """The app on a queue of its own.

    Attributes:
        listener: Microsoft's queue listener, which takes the messages; `None` where the local host itself does.
    """

    azurite: Azurite
    name: str
    folder: Path
    listener: Path | None = None
    queue: QueueClient = field(init=False)
    poison: QueueClient = field(init=False)

    def __post_init__(self) -> None:
        """Lay out the app; the queue is the test's to make."""
        self.queue, self.poison = (
            QueueClient.from_connection_string(self.azurite.connection_string, name)
            for name in (self.name, f"{self.name}-poison")
        )
        root = self.folder / "app"
        for trigger in ("BlobUploadTrigger", "TimerUploadTrigger"):
            shutil.copytree(ROOT / trigger, root / trigger)
        shutil.copy(ROOT / "host.json", root)
        (root / "BlobUploadTrigger/__init__.py").write_text(_FUNCTION)

    def host(
        self, environment: Mapping[str, str], changes: Mapping[str, str] | None = None, **times: Any
    ) -> HostProcess:
        """A host for it; use it in a `with` block.

        Args:
            environment: what every process needs.
            changes: of the app's settings.
            times: see `HostProcess`.
        """
        settings = {
            "ExportStorage": self.azurite.connection_string,
            "EXPORTS_QUEUE": self.name,
            "RECORDS": str(self.folder),
        }
        return HostProcess(
            {**environment, **settings, **(changes or {})},
            self.folder / "host.log",
            root=self.folder / "app",
            listener=self.listener,
            **times,
        )

    def send(self, text: str = "", **order: Any) -> None:
        """Put a message on the queue that never expires: a text, or what the function is to do."""
        self.queue.send_message(text or json.dumps(order), time_to_live=-1)

    def go(self) -> None:
        """Let functions that wait go on."""
        (self.folder / "go").touch()

    def calls(self, what: str = "began") -> list[dict[str, Any]]:
        """The calls that `began` so far, or `ended`."""
        file = self.folder / "calls.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return [call for call in map(json.loads, lines) if what in call]

    def wait_for(self, count: int, what: str = "began") -> list[dict[str, Any]]:
        """Wait for so many calls; gives them."""
        until(lambda: len(self.calls(what)) >= count)
        return self.calls(what)

    def left(self) -> int:
        """How many messages the queue has, hidden ones too."""
        return self.queue.get_queue_properties().approximate_message_count or 0


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something is true.

    Raises:
        TimeoutError: it never was.
    """
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"it did not happen within {seconds:.0f} s")
        time.sleep(0.05)
