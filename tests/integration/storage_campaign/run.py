"""Sequences of random requests on both sides, every answer compared."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from tests.integration.storage_campaign.azurite_side import AzuriteAccount, AzuriteSide
from tests.integration.storage_campaign.generator import Generator
from tests.integration.storage_campaign.model_side import ModelSide
from tests.integration.storage_campaign.operations import Answer, Operation
from tests.support.storage_model.clock import START, WorldTime

SEQUENCE_REQUESTS = 200


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


def run_campaign(account: AzuriteAccount, first_seed: int, requests: int) -> Tally:
    """Run sequence after sequence, each on empty ground, until so many requests were compared."""
    tally = Tally()
    seed = first_seed
    while tally.requests < requests:
        run_sequence(account, seed, tally)
        seed += 1
    return tally


def run_sequence(account: AzuriteAccount, seed: int, tally: Tally) -> None:
    """Run one sequence, up to its first difference."""
    world = WorldTime(START)
    name = f"campaign-{seed}"
    account.set_clock(world.now())
    model, azurite = ModelSide(world, name, name), AzuriteSide(account, name, name)
    generator = Generator(random.Random(seed), model.labels)  # noqa: S311  (repeatable, guards nothing)
    done: list[Operation] = []
    for _ in range(SEQUENCE_REQUESTS):
        operation = generator.next()
        done.append(operation)
        if operation.kind == "pass":
            world.move_to(world.seconds + operation.arguments["seconds"])
            account.set_clock(world.now())
            continue
        ours, theirs = model.do(operation), azurite.do(operation)
        generator.learn(operation, ours)
        tally.requests += 1
        tally.answers[f"{operation.kind} {ours.status} {ours.code}".strip()] += 1
        if ours != theirs:
            tally.differences.append(_report(seed, done, ours, theirs))
            return
    account.set_clock(world.now() + timedelta(days=1))


def _report(seed: int, done: list[Operation], ours: Answer, theirs: Answer) -> str:
    steps = "\n".join(f"  {number:3d} {operation}" for number, operation in enumerate(done, 1))
    return f"seed {seed}\n{steps}\n  model:   {ours}\n  Azurite: {theirs}"
