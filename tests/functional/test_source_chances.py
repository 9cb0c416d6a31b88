"""Sources that change at any moment while their export is sent through crashes, lost replies and refusals."""

import hashlib
import random
from collections import Counter
from typing import Any

import pytest

from shared.blob_names import plan_path
from shared.delivery.connector_ports import NoReply, Reply
from shared.delivery.ledger_journal import decode
from shared.delivery.outcome import Outcome
from shared.delivery.record_bits import RecordBits
from shared.delivery.source_store import SourceStore
from tests.support.fake_connector import OK, Stored, reply
from tests.support.sources import HEADER, TABLE
from tests.support.world import ENVIRONMENT, CrashError, World

pytestmark = pytest.mark.unmeasured

DAY = "munich/day.csv"
PERSONS = "1234567"
SCHEDULES = 40


class Schedule:
    """An export, four mappings of it, and chances of everything that may happen.

    Attributes:
        world: where it happens.
        rows: whose row each one is.
    """

    def __init__(self, number: int) -> None:
        chance = random.Random(f"sources {number}")
        self.chance = chance
        self.world = World().with_settings(
            MAX_INVALID_PERCENT="100", REMAP_DAYS="0"
        )  # its passes: test_remap.py
        self.rows = chance.choices(PERSONS, k=chance.randrange(5, 45))
        self.fates = [
            {one: chance.choice(["sent", "sent", "ignored", "rejected"]) for one in PERSONS} | {"1": "sent"}
            for _ in range(4)
        ]
        self.calm = False

    def run(self) -> Outcome:
        """Let everything happen for half a day, and nothing for three more."""
        world = self.world
        self.put(0)
        for place in (world.results, world.state, world.queue):
            place.on_change = self.happen
        world.connector.on_post = self.happen
        world.connector.always = self.answer
        rows = (
            f"2026-11-21 08:00:{number:02},{person},door-{number:06},,Granted\n"
            for number, person in enumerate(self.rows)
        )
        world.upload(DAY, (HEADER + "".join(rows)).encode())
        world.run(hours=12)
        self.calm = True
        for _ in range(3):
            world.run(hours=23)
            world.sweep()
        world.run(hours=1)
        return world.outcome(DAY)

    def happen(self, _what: str, _name: str) -> None:
        """Perhaps the source changes now, or the worker dies."""
        at = self.chance.random()
        if self.calm or at > 0.1:
            return
        if at < 0.06:
            self.put(self.chance.randrange(4))
            return
        self.world.source_store = SourceStore(self.world.sources, self.world.state, self.world.clock)
        raise CrashError

    def answer(self, records: list[Any]) -> Reply | NoReply | Stored:
        """What the connector says."""
        if self.calm:
            return OK
        smaller = reply(413) if len(records) > 1 else OK
        answers: list[Reply | NoReply | Stored] = [OK, OK, OK, reply(503), Stored(), smaller, reply(401)]
        return self.chance.choice(answers)

    def put(self, mapping: int) -> None:
        """Put one of the mappings."""
        self.world.put_source("munich", self.profile(mapping), people=self.people(mapping))

    def profile(self, mapping: int) -> str:
        """It says who is ignored."""
        ignored = [f'"{one}"' for one in PERSONS if self.fates[mapping][one] == "ignored"]
        return f'{TABLE}[[ignore]]\nfrom = "Id"\nis = [{", ".join(["'none'", *ignored])}]\n# {mapping}\n'

    def people(self, mapping: int) -> str:
        """It says who is known."""
        known = [one for one in PERSONS if self.fates[mapping][one] == "sent"]
        return "Id,UPN\n" + "".join(f"{one},person{one}@example.com\n" for one in known)

    def fates_by(self, outcome: Outcome) -> list[str]:
        """What each row's fate is by the files that an outcome names; profile and people may be of two mappings."""
        assert outcome.source is not None
        profiles = {_sha256(self.profile(mapping)): mapping for mapping in range(4)}
        people = {_sha256(self.people(mapping)): mapping for mapping in range(4)}
        rules = self.fates[profiles[outcome.source.profile]]
        known = self.fates[people[outcome.source.people["people.csv"]]]
        judged = {True: "sent", False: "rejected"}
        return ["ignored" if rules[one] == "ignored" else judged[known[one] == "sent"] for one in self.rows]

    def accepted(self) -> set[int]:
        """Rows that some ledger says were accepted."""
        state, found = self.world.state, set()
        for path in state.names():
            ledger = decode(state.data(path)) if path.startswith("ledger/") else None
            for entry in ledger.entries if ledger else []:
                if ledger and entry.state == "accepted":
                    plan = plan_path(ENVIRONMENT["CONNECTOR_JOB_ID"], ledger.plan.key, ledger.plan.bits)
                    bits = RecordBits(state.data(plan)).within(entry.first, entry.last)
                    found |= {number for number in range(len(self.rows)) if number + 1 in bits}
        return found


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("number", range(SCHEDULES))
def test_every_row_is_sent_once_or_accounted_for(number: int) -> None:
    """What was accepted is sent; all else has its fate by the last mapping; what went twice is counted."""
    schedule = Schedule(number)
    outcome = schedule.run()
    records, fates, accepted = outcome.records, schedule.fates_by(outcome), schedule.accepted()
    assert outcome.status.final
    assert records is not None
    assert {row for row, fate in enumerate(fates) if fate == "sent"} <= accepted
    left = Counter(fate for row, fate in enumerate(fates) if row not in accepted)
    assert (records.read, records.sent) == (len(schedule.rows), len(accepted))
    assert (records.ignored, records.rejected) == (left["ignored"], left["rejected"])
    kept = schedule.world.rejected(DAY) if outcome.rejections.blob else []
    assert [one["record"] - 1 for one in kept] == [
        row for row, fate in enumerate(fates) if fate == "rejected" and row not in accepted
    ]
    taken = {int(name[5:]): times for name, times in schedule.world.connector.times_taken().items()}
    assert accepted <= set(taken)
    copies = sum(batch.possible_copies * batch.records for batch in outcome.batches)
    assert sum(times - 1 for times in taken.values()) <= copies + outcome.in_doubt_elsewhere


def test_the_schedules_have_seen_what_they_are_for() -> None:
    """Several ledgers of one content, and records of which nobody knows whether they went twice."""
    ledgers = doubts = 0
    for number in range(SCHEDULES):
        schedule = Schedule(number)
        outcome = schedule.run()
        ledgers += sum(one.accepted_any for one in schedule.world.ledgers()) > 1
        doubts += outcome.in_doubt_elsewhere > 0
    assert ledgers >= 5
    assert doubts >= 2
