"""Everything together: the world's time, storage in it, and workers that see it each in its own way."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from tests.support.storage_model.blobs import BlobModel
from tests.support.storage_model.clock import WorkerClock, WorldTime
from tests.support.storage_model.host import QueueListener
from tests.support.storage_model.queues import NEVER, QueueModel
from tests.support.storage_model.wire import OnCall, Wire, answered
from tests.support.storage_model.workers import WorkerContainer, WorkerQueue

EXPORTS: Final = "badging-exports"
RESULTS: Final = "badging-results"
STATE: Final = "gatepost-state"
SOURCES: Final = "gatepost-sources"
QUEUE: Final = "badging-exports"


@dataclass(frozen=True)
class Worker:
    """One worker: its clock, its way to storage, and the ports as it sees them."""

    name: str
    clock: WorkerClock
    wire: Wire
    exports: WorkerContainer
    results: WorkerContainer
    state: WorkerContainer
    sources: WorkerContainer
    queue: WorkerQueue


@dataclass
class Account:
    """A data account with its containers and its queue, and the time it goes by."""

    world: WorldTime = field(default_factory=WorldTime)

    def __post_init__(self) -> None:
        """Make empty containers and an empty queue."""
        self.blobs, self.queues = BlobModel(self.world), QueueModel(self.world)
        for container in (EXPORTS, RESULTS, STATE, SOURCES):
            self.blobs.create_container(container)
        self.queues.create_queue(QUEUE)

    def worker(
        self,
        name: str,
        on_call: OnCall = answered,
        *,
        seed: int = 0,
        offset: timedelta = timedelta(),
        rate: float = 1.0,
    ) -> Worker:
        """A worker that starts now.

        Args:
            name: told to the hook with every call.
            on_call: the hook; see `wire`.
            seed: of its chance.
            offset: how far its wall clock is ahead of true time.
            rate: its seconds in a second of true time.
        """
        clock = WorkerClock(self.world, offset, rate, random.Random(f"{name} {seed}"))
        wire = Wire(name, clock, on_call)
        return Worker(
            name=name,
            clock=clock,
            wire=wire,
            exports=WorkerContainer(self.blobs, wire, EXPORTS),
            results=WorkerContainer(self.blobs, wire, RESULTS),
            state=WorkerContainer(self.blobs, wire, STATE),
            sources=WorkerContainer(self.blobs, wire, SOURCES),
            queue=WorkerQueue(self.queues, wire, QUEUE),
        )

    def listener(self) -> QueueListener:
        """A host that takes messages from the queue."""
        return QueueListener(self.queues, self.world, QUEUE)

    def announce(self, text: str, *, hidden_seconds: int = 0) -> None:
        """Put a message on the queue, as Event Grid or a person's command does."""
        self.queues.put(QUEUE, text, hidden_seconds=hidden_seconds, live_seconds=NEVER)
