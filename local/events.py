"""`make events`: Event Grid beside `func start`, on Azurite's usual ports, with settings from the sample."""

import json
import threading
from contextlib import ExitStack
from typing import Final

from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import ContainerClient
from azure.storage.queue import QueueClient
from rich.console import Console

from local.azure import CONTAINERS, QUEUE
from local.azurite import USUAL_PORTS, Azurite, is_listening
from local.event_grid import EventGrid
from local.host import ROOT

_STORAGE: Final = "UseDevelopmentStorage=true"


def events(console: Console) -> None:
    """Watch the exports container until the person presses Ctrl-C."""
    names = _names()
    with ExitStack() as stack:
        if not is_listening(USUAL_PORTS[0]):
            console.print("Starting Azurite on its usual ports ...")
            stack.enter_context(Azurite(ports=USUAL_PORTS))
        containers = [ContainerClient.from_connection_string(_STORAGE, name) for name in names[:-1]]
        queues = [
            QueueClient.from_connection_string(_STORAGE, name) for name in (names[-1], f"{names[-1]}-poison")
        ]
        for container in containers:
            _quietly(container.create_container)
        for queue in queues:
            _quietly(queue.create_queue)
        stack.enter_context(EventGrid(containers[0], queues[0]))
        console.print(f"Announcing what lands in {names[0]} on the queue {names[-1]}. Ctrl-C ends it.")
        threading.Event().wait()


def _names() -> list[str]:
    """The containers and the queue, as local.settings.json names them if it is there."""
    file = ROOT / "local.settings.json"
    values = json.loads(file.read_text())["Values"] if file.exists() else {}
    settings = (
        "EXPORTS_CONTAINER",
        "RESULTS_CONTAINER",
        "STATE_CONTAINER",
        "SOURCES_CONTAINER",
        "EXPORTS_QUEUE",
    )
    return [values.get(name, usual) for name, usual in zip(settings, (*CONTAINERS, QUEUE), strict=True)]


def _quietly(create: object) -> None:
    try:
        create()  # type: ignore[operator]  # a client's create method
    except ResourceExistsError:
        return
