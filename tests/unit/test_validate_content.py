"""Pass 1 in the light of ledgers: how large batches may be, and what is told of which ledger."""

import hashlib
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import msgspec
import pytest

from shared.delivery.decided import Decided
from shared.delivery.ledger import Entry, Ledger, Plan
from shared.delivery.ledger_store import LedgerStore, StoredLedger
from shared.delivery.outcome import Export, ExportVersion, Outcome
from shared.delivery.plan import MAX_PLANNED
from shared.delivery.record_bits import RecordBits
from shared.delivery.validate_content import FirstPass, validate_content
from shared.delivery.validate_export import ValidationResult
from shared.error_codes import Status
from shared.exports.batches import Batch, Limits
from tests.support.fake_clock import FakeClock
from tests.support.fake_storage import FakeContainer

if TYPE_CHECKING:
    from shared.delivery.job_lease import JobLease

KEY, OURS, THEIRS = "9f" * 32, "a" * 64, "b" * 64
STATE = FakeContainer("gatepost-state", FakeClock())
LEDGERS = LedgerStore(STATE, "job", cast("JobLease", None))
RECORD_BYTES = 100


class Pass:
    """Pass 1 over an export of so many records, all alike.

    Attributes:
        told: the limits, what was decided and which ledger, of each time.
    """

    def __init__(self, records: int) -> None:
        self._records = records
        self.rules = SimpleNamespace(digest=OURS)
        self.told: list[tuple[Limits, Decided, str]] = []

    def validate(self, limits: Limits, decided: Decided, ledger: str) -> tuple[ValidationResult, object]:
        """Cut it."""
        self.told.append((limits, decided, ledger))
        size = min(limits.max_records, limits.max_bytes // RECORD_BYTES)
        batches = [
            Batch(first, min(first + size - 1, self._records), size, size * RECORD_BYTES, "")
            for first in range(1, self._records + 1, size)
        ]
        return ValidationResult(KEY, self._records, 0, [], "", batches, RecordBits()), object()

    @property
    def limits(self) -> list[Limits]:
        """Of each time."""
        return [limits for limits, _, _ in self.told]


def _stored(rules: str, *entries: Entry, max_bytes: int | None = None) -> StoredLedger:
    plan = Plan(
        schema_version=1, version="2.0.0", rules=rules, key=KEY, planned_at="", read=100, bits="00" * 32
    )
    bits = RecordBits()
    for entry in entries:
        bits.add(entry.first, entry.last)
    ledger = Ledger(plan=plan, entries=[*entries], max_bytes=max_bytes)
    return StoredLedger(LEDGERS.path(KEY, rules, None), "1", 1, ledger, bits)


def _entry(first: int, last: int, state: str) -> Entry:
    sha256 = hashlib.sha256(b"%d" % first).hexdigest()
    made = Entry(first=first, last=last, records=last - first + 1, bytes=1, sha256=sha256)
    return msgspec.structs.replace(made, state=state)


def _begun() -> Outcome:
    return Outcome(
        status=Status.IN_PROGRESS,
        export=Export(container="badging-exports", name="day.json", etag="0x8D"),
        ledger=KEY,
        job_id="job",
        invocation_id="i",
        version="2.0.0",
        started_at="2026-11-22T05:00:00Z",
    )


def _validated(records: int, limits: Limits, *known: StoredLedger) -> Pass:
    made = Pass(records)
    found = validate_content(
        cast("FirstPass", made), LEDGERS, limits, _begun(), {one.path: one for one in known}
    )
    assert found.found.read == records
    assert found.decided is made.told[-1][1]
    return made


def test_an_export_of_too_many_batches_is_cut_once_more() -> None:
    """A ledger is written for every batch: both limits yield to that."""
    assert _validated(MAX_PLANNED, Limits(1, 1_000)).limits == [Limits(1, 1_000)]
    assert _validated(MAX_PLANNED + 1, Limits(1, 1_000)).limits == [Limits(1, 1_000), Limits(3, 3_000)]


def test_a_size_that_a_connector_has_lowered_wins_over_that() -> None:
    """It would refuse larger ones again; of the settings the smaller limit holds all the same."""
    lowered = _stored(OURS, max_bytes=300)
    assert _validated(3 * MAX_PLANNED + 3, Limits(50, 1_000), lowered).limits == [Limits(50, 300)]
    assert _validated(100, Limits(50, 200), lowered).limits == [Limits(50, 200)]
    of_other_rules = _stored(THEIRS, max_bytes=300)
    assert _validated(100, Limits(50, 1_000), of_other_rules).limits == [Limits(50, 1_000)]


@pytest.mark.parametrize(("any_complete", "readings"), [(True, 1), (False, 2)])
def test_a_complete_ledger_ends_it_unless_it_is_a_pass_over_rejected_records(
    monkeypatch: pytest.MonkeyPatch, readings: int, *, any_complete: bool
) -> None:
    """Of these a complete ledger of other rules says only what was sent."""
    version = ExportVersion(name="day.json", etag="0x8D")
    done = _stored(THEIRS, _entry(1, 10, "accepted"))
    assert done.ledger is not None
    complete = replace(done, ledger=msgspec.structs.replace(done.ledger, completed_by=version))
    monkeypatch.setattr(LEDGERS, "of_content", lambda _key, _request: {complete.path: complete})
    made = Pass(100)
    begun = msgspec.structs.replace(_begun(), ledger=None)
    found = validate_content(
        cast("FirstPass", made), LEDGERS, Limits(50, 10_000), begun, {}, any_complete=any_complete
    )
    assert found.ledgers == {complete.path: complete}
    assert len(made.told) == readings


def test_what_our_own_ledger_says_is_not_said_by_another_one() -> None:
    """What is in doubt elsewhere is counted; our own doubts are counted as copies."""
    ours = _stored(OURS, _entry(1, 10, "accepted"), _entry(11, 20, "sending"), _entry(21, 30, "planned"))
    theirs = _stored(THEIRS, _entry(31, 35, "accepted"), _entry(36, 40, "sending"))
    made_only = StoredLedger("ledger/made", "1")
    for known, accepted, in_doubt in (
        ([ours, made_only], 0, 0),
        ([theirs, ours, made_only], 5, 5),
        ([theirs], 5, 5),
    ):
        ((_, decided, ledger),) = _validated(100, Limits(50, 10_000), *known).told
        assert ledger == ours.path
        assert decided.ranges == ([(1, 10), (11, 20)] if ours in known else [])
        assert (decided.accepted_elsewhere.count(), decided.in_doubt_elsewhere.count()) == (
            accepted,
            in_doubt,
        )
