"""Sequences of random requests on both sides, every answer compared."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from local.azurite import Azurite
from shared.services.storage import BlobContainer
from shared.storage_connection import StorageConnection
from tests.integration.storage_campaign.azurite_rest import AzuriteAccount
from tests.integration.storage_campaign.azurite_side import AzuriteSide
from tests.integration.storage_campaign.generator import Generator
from tests.integration.storage_campaign.model_side import ModelSide
from tests.integration.storage_campaign.operations import Answer, Operation, Side
from tests.integration.storage_campaign.port_side import PortGenerator, PortSide
from tests.support.storage_model.blobs import BlobModel
from tests.support.storage_model.clock import START, WorkerClock, WorldTime
from tests.support.storage_model.refusals import Dialect
from tests.support.storage_model.wire import Wire
from tests.support.storage_model.workers import WorkerContainer

SEQUENCE_REQUESTS = 200


class Requests(Protocol):
    """What makes requests up."""

    def next(self) -> Operation:
        """The next one."""
        ...

    def learn(self, operation: Operation, answer: Answer) -> None:
        """What the model answered."""
        ...


@dataclass
class Tally:
    """What a campaign has done.

    Attributes:
        answers: how often each kind of request was answered with each status and code.
        differences: what differed, each as a text with the seed and the requests that lead there.
    """

    requests: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Ground:
    """An Azurite, and the account on it whose clock is moved."""

    azurite: Azurite
    account: AzuriteAccount

    def rest(self, seed: int, world: WorldTime) -> tuple[Side, Side, Requests]:
        """Single requests: the models themselves against REST."""
        name = f"campaign-{seed}"
        model = ModelSide(world, name, name)
        chance = random.Random(seed)
        return model, AzuriteSide(self.account, name, name), Generator(chance, model.labels)

    def port(self, seed: int, world: WorldTime) -> tuple[Side, Side, Requests]:
        """Calls of the product's storage module: on the models against the same on the SDK."""
        name = f"port-{seed}"
        self.account.blob("PUT", name, {"restype": "container"}, body=b"")
        connection = StorageConnection(connection_string=self.azurite.connection_string)
        blobs = BlobModel(world, Dialect.AZURITE)
        blobs.create_container(name)
        model = PortSide(WorkerContainer(blobs, Wire("worker", WorkerClock(world)), name))
        chance = random.Random(seed)
        sides = PortSide(BlobContainer(connection, None, name)), PortGenerator(chance, model.labels)
        return model, *sides


type Sides = Callable[[int, WorldTime], tuple[Side, Side, Requests]]


def run_campaign(account: AzuriteAccount, sides: Sides, first_seed: int, requests: int) -> Tally:
    """Run sequence after sequence until so many requests were compared.

    Args:
        account: whose clock is moved.
        sides: makes the two sides and the requests of a sequence from its seed, on empty ground.
        first_seed: of the first sequence; the next one has the next.
        requests: how many at least.
    """
    tally = Tally()
    seed = first_seed
    while tally.requests < requests:
        world = WorldTime(START)
        account.set_clock(world.now())
        _run_sequence(account, world, seed, sides(seed, world), tally)
        seed += 1
    return tally


def _run_sequence(
    account: AzuriteAccount, world: WorldTime, seed: int, sides: tuple[Side, Side, Requests], tally: Tally
) -> None:
    """Run one sequence, up to its first difference."""
    model, azurite, made = sides
    done: list[Operation] = []
    for _ in range(SEQUENCE_REQUESTS):
        operation = made.next()
        done.append(operation)
        if operation.kind == "pass":
            world.move_to(world.seconds + operation.arguments["seconds"])
            account.set_clock(world.now())
            continue
        ours, theirs = model.do(operation), azurite.do(operation)
        made.learn(operation, ours)
        tally.requests += 1
        tally.answers[f"{operation.kind} {ours.status} {ours.code}".strip()] += 1
        if ours != theirs:
            tally.differences.append(_report(seed, done, ours, theirs))
            return


def _report(seed: int, done: list[Operation], ours: Answer, theirs: Answer) -> str:
    steps = "\n".join(f"  {number:3d} {operation}" for number, operation in enumerate(done, 1))
    return f"seed {seed}\n{steps}\n  model:   {ours}\n  Azurite: {theirs}"
