"""A process that dies anywhere while it sends an export of a source, and finds another mapping when it comes back."""

import hashlib
from collections import Counter
from functools import cache

import pytest

from shared.blob_names import plan_path
from shared.delivery.ledger import Ledger
from shared.delivery.ledger_journal import decode
from shared.delivery.record_bits import RecordBits
from shared.delivery.source_store import SourceStore
from shared.error_codes import Status
from tests.support.sources import HEADER, TABLE
from tests.support.world import ENVIRONMENT, CrashError, World

DAY = "munich/day.csv"
JOB = ENVIRONMENT["CONNECTOR_JOB_ID"]
ROWS = 45
FATES = {  # by person: what becomes of the row under the first mapping, and under the second
    "1": ("sent", "sent"),
    "7": ("sent", "ignored"),
    "8": ("ignored", "sent"),
    "9": ("rejected", "sent"),
    "6": ("sent", "rejected"),
}
PERSONS = [list(FATES)[number * 7 % len(FATES)] for number in range(ROWS)]


def put_mapping(world: World, mapping: int) -> None:
    """Describe the source so that each person's rows have their fate."""
    known = [person for person, fates in FATES.items() if fates[mapping] == "sent"]
    people = "Id,UPN\n" + "".join(f"{person},person{person}@example.com\n" for person in known)
    world.put_source("munich", profile(mapping), people=people)


def profile(mapping: int) -> str:
    """The profile of one of the two mappings."""
    ignored = ", ".join(f'"{person}"' for person, fates in FATES.items() if fates[mapping] == "ignored")
    return f'{TABLE}[[ignore]]\nfrom = "Id"\nis = [{ignored}]\n'


def table() -> bytes:
    """A row for each door."""
    rows = (
        f"2026-11-21 08:00:{number:02},{person},door-{number:06},,Granted\n"
        for number, person in enumerate(PERSONS)
    )
    return (HEADER + "".join(rows)).encode()


def died(crash_at: int) -> tuple[World, int]:
    """What is there after the process has died at one of its writes or requests; and how many it had."""
    world = World().with_settings(MAX_INVALID_PERCENT="90")
    put_mapping(world, 0)
    moments = 0

    def hook(_what: str, _name: str) -> None:
        nonlocal moments
        moments += 1
        if moments == crash_at + 1:
            put_mapping(world, 1)
            world.source_store = SourceStore(world.sources, world.state, world.clock)
            raise CrashError

    for place in (world.results, world.state, world.queue):
        place.on_change = hook
    world.connector.on_post = hook
    world.upload(DAY, table())
    world.run(hours=1)
    return world, moments


@cache
def moments() -> int:
    """How many moments there are at which the process can die."""
    return died(10_000)[1]


def doors(world: World) -> Counter[int]:
    """How often the connector took each row."""
    return Counter(
        {int(name.removeprefix("door-")): times for name, times in world.connector.times_taken().items()}
    )


@pytest.mark.parametrize("crash_at", range(moments()))
def test_every_row_has_one_fate_wherever_the_process_dies(crash_at: int) -> None:
    """What was accepted under the first mapping is sent; everything else is judged by the second; repeats are counted."""
    world, _ = died(crash_at)
    outcome, taken, accepted = world.outcome(DAY), doors(world), rows_accepted(world)
    judged_by = 0 if any(mapping_of(one) == 0 and one.completed_by for one in world.ledgers()) else 1
    fates = {number: FATES[person][judged_by] for number, person in enumerate(PERSONS)}
    assert outcome.status is Status.PARTIALLY_SUCCEEDED
    assert outcome.records is not None
    assert {number for number, fate in fates.items() if fate == "sent"} <= accepted <= set(taken)
    left = Counter(fate for number, fate in fates.items() if number not in accepted)
    assert (outcome.records.read, outcome.records.sent) == (ROWS, len(accepted))
    assert (outcome.records.ignored, outcome.records.rejected) == (left["ignored"], left["rejected"])
    assert sum(one.records for one in outcome.ignored) == left["ignored"]
    rejected = {one["record"] - 1 for one in world.rejected(DAY)} if outcome.rejections.blob else set()
    assert rejected == {number for number, fate in fates.items() if fate == "rejected"} - accepted
    copies = sum(batch.possible_copies * batch.records for batch in outcome.batches)
    assert sum(times - 1 for times in taken.values()) <= copies + outcome.in_doubt_elsewhere


def mapping_of(ledger: Ledger) -> int:
    """Under which of the two mappings a ledger was planned."""
    assert ledger.plan.mapping is not None
    return int(ledger.plan.mapping.source.profile == hashlib.sha256(profile(1).encode()).hexdigest())


def rows_accepted(world: World) -> set[int]:
    """Rows that some ledger says were accepted."""
    found = set()
    for path in world.state.names():
        if path.startswith("ledger/") and (ledger := decode(world.state.data(path))):
            bits = RecordBits(world.state.data(plan_path(JOB, ledger.plan.key, ledger.plan.bits)))
            for entry in ledger.entries:
                if entry.state == "accepted":
                    found |= {one - 1 for one in range(entry.first, entry.last + 1) if one in bits}
    return found


def test_the_campaign_has_seen_both_mappings_at_work() -> None:
    """In some of these worlds each mapping has sent a part, rows among it that the second one leaves out."""
    both = kept = 0
    for crash_at in range(moments()):
        world, _ = died(crash_at)
        both += sum(one.accepted_any for one in world.ledgers()) == 2
        kept += any(FATES[PERSONS[row]][1] != "sent" for row in rows_accepted(world))
    assert both >= 5
    assert kept >= 5
