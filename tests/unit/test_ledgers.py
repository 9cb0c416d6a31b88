"""The ledger as a value: each step from one state to the next, the plan, and the plan under other rules."""

import hashlib
from typing import Any

import msgspec
import pytest

from shared import __version__
from shared.delivery import ledger as ledgers
from shared.delivery.classify_reply import Action, ReplyDecision
from shared.delivery.ledger import Entry, Ledger, entry_of
from shared.delivery.outcome import Reason
from shared.delivery.plan import frozen, planned, replan
from shared.delivery.validate_export import ValidationResult
from shared.exports.batches import Batch
from shared.exports.validate import RULES_DIGEST

ACCEPTED = ReplyDecision(Action.ACCEPTED, http_status=201, saved=9, skipped=1)


def _batch(first: int, last: int, records: int | None = None) -> Batch:
    return Batch(
        first, last, records or last - first + 1, 100, hashlib.sha256(f"{first}-{last}".encode()).hexdigest()
    )


def _examination(*batches: Batch, read: int = 30) -> ValidationResult:
    return ValidationResult(
        sha256="9f" * 32,
        read=read,
        rejected=read - sum(batch.records for batch in batches),
        by_reason=[],
        latest_event="2026-11-21T08:00:00",
        batches=list(batches),
    )


def _ledger(*states: str) -> Ledger:
    """Batches of ten records each, in these states."""
    ledger = planned(
        _examination(
            *(_batch(1 + 10 * index, 10 + 10 * index) for index in range(len(states))), read=10 * len(states)
        ),
        "job",
        1_000,
        "2026-11-22T05:00:00Z",
    )
    for index, state in enumerate(states):
        changed: Any = msgspec.structs.replace(ledger.entries[index], state=state)
        ledger = ledger.with_entry(index, changed)
    return ledger


def test_a_plan_takes_everything_over_from_the_examination() -> None:
    """Counts, reasons, hash, rules and batches are frozen; nothing has been sent."""
    reasons = [Reason(property="UserId", code="missing", reason="is missing", records=2)]
    plan = planned(
        ValidationResult("9f" * 32, 12, 2, reasons, "2026-11-21T08:00:00", [_batch(1, 12, 10)]),
        "job",
        500,
        "2026-11-22T05:00:00Z",
    )
    assert (plan.version, plan.rules, plan.schema_version) == (__version__, RULES_DIGEST, 1)
    assert (plan.read, plan.rejected, plan.by_reason, plan.max_bytes) == (12, 2, reasons, 500)
    assert plan.entries == [entry_of(_batch(1, 12, 10))]
    assert (plan.next_open(), plan.completed_by, plan.accepted_any) == (0, None, False)


def test_sending_counts_a_possible_copy_only_for_a_batch_that_was_sending() -> None:
    """Planned becomes sending; sending again is a copy that may be."""
    once = ledgers.sending(_ledger("planned"), 0)
    assert (once.entries[0].state, once.entries[0].possible_copies) == ("sending", 0)
    assert ledgers.sending(once, 0).entries[0].possible_copies == 1


def test_an_acceptance_is_noted_with_what_the_reply_said() -> None:
    """Status, time, counts, refused records; the other batches stay as they are."""
    ledger = ledgers.accepted(_ledger("sending", "planned"), 0, ACCEPTED, [3], "2026-11-22T05:00:03Z")
    entry = ledger.entries[0]
    assert (entry.state, entry.http_status, entry.accepted_at) == ("accepted", 201, "2026-11-22T05:00:03Z")
    assert (entry.saved, entry.skipped, entry.refused, entry.unconfirmed) == (9, 1, [3], False)
    assert ledger.accepted_any
    assert ledger.next_open() == 1
    assert ledger.entries[1] == _ledger("planned", "planned").entries[1]


def test_a_single_record_that_is_refused_keeps_its_number() -> None:
    """So that the rejected file can show it."""
    ledger = ledgers.refused(_ledger("sending"), 0, ReplyDecision(Action.HALVE, http_status=400))
    assert (ledger.entries[0].state, ledger.entries[0].refused, ledger.entries[0].http_status) == (
        "refused",
        [1],
        400,
    )
    assert ledger.refused_singly == 1
    assert ledger.next_open() is None
    assert not ledger.accepted_any


def test_a_split_batch_keeps_its_copies_and_its_requests() -> None:
    """Each half may be a copy if the whole may; the requests stay with the first half."""
    whole = _ledger("accepted", "sending", "planned")
    changed = msgspec.structs.replace(whole.entries[1], possible_copies=2, requests=5)
    parts = [_batch(11, 15), _batch(16, 20)]
    ledger = ledgers.split(whole.with_entry(1, changed), 1, parts)
    assert [entry.batch for entry in ledger.entries[1:3]] == parts
    assert [(entry.state, entry.possible_copies, entry.requests) for entry in ledger.entries[1:3]] == [
        ("planned", 2, 5),
        ("planned", 2, 0),
    ]
    assert len(ledger.entries) == 4


def test_a_step_never_changes_the_ledger_it_starts_from() -> None:
    """Steps are values: what was read stays what was read."""
    before = _ledger("planned", "planned")
    kept = ledgers.encode(before)
    ledgers.sending(before, 0)
    ledgers.accepted(before, 0, ACCEPTED, [], "")
    ledgers.refused(before, 1, ACCEPTED)
    ledgers.split(before, 1, [_batch(11, 15), _batch(16, 20)])
    assert ledgers.encode(before) == kept


def test_a_ledger_is_read_back_as_it_was_written() -> None:
    """In camel case, as other programs expect it."""
    ledger = ledgers.accepted(_ledger("sending", "refused", "planned"), 0, ACCEPTED, [2, 3], "x")
    data = ledgers.encode(ledger)
    assert ledgers.decode(data) == ledger
    assert b'"possibleCopies":0' in data
    assert b'"schemaVersion":1' in data
    assert ledgers.schema_version(data) == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"null", b"{}", b'{"schemaVersion": "1"}', b"\xff", b'{"schemaVersion": 1e400}'],
)
def test_what_is_no_ledger_is_an_error_of_one_kind(data: bytes) -> None:
    """Whatever the bytes, `decode` raises nothing else."""
    with pytest.raises(msgspec.MsgspecError):
        ledgers.schema_version(data)
    with pytest.raises(msgspec.MsgspecError):
        ledgers.decode(data)


def test_a_state_nobody_knows_is_no_ledger() -> None:
    """A damaged state must not be taken for open or for done."""
    data = ledgers.encode(_ledger("planned")).replace(b'"planned"', b'"maybe"')
    with pytest.raises(msgspec.ValidationError):
        ledgers.decode(data)


def test_frozen_is_whatever_was_sent_or_may_have_been() -> None:
    """Planned ranges alone may be cut anew."""
    assert frozen(_ledger("accepted", "planned", "sending", "refused", "planned")) == [
        (1, 10),
        (21, 30),
        (31, 40),
    ]


def _anew(ledger: Ledger, *batches: Batch) -> Ledger:
    """By other rules, which find these batches."""
    return replan(msgspec.structs.replace(ledger, rules="old"), _examination(*batches, read=ledger.read))


def _ranges(entries: list[Entry]) -> list[tuple[int, int, str]]:
    return [(entry.first, entry.last, entry.state) for entry in entries]


def test_other_rules_keep_what_was_sent_and_cut_the_rest() -> None:
    """Accepted and refused stay as they were, to the byte; planned ranges are replaced, in order."""
    old = _ledger("accepted", "planned", "refused", "planned")
    new = _anew(old, _batch(1, 10), _batch(11, 14), _batch(15, 20), _batch(21, 30), _batch(31, 40))
    assert _ranges(new.entries) == [
        (1, 10, "accepted"), (11, 14, "planned"), (15, 20, "planned"), (21, 30, "refused"), (31, 40, "planned"),
    ]  # fmt: skip
    assert new.entries[0] == old.entries[0]
    assert new.entries[3] == old.entries[2]
    assert (new.rules, new.version, new.rejected) == (RULES_DIGEST, __version__, 0)


def test_a_batch_in_doubt_is_sent_again_as_todays_rules_write_it() -> None:
    """It stays `sending`, with its counts, under the new hash; a record that is invalid today is left out of it."""
    old = _ledger("accepted", "sending")
    entry = msgspec.structs.replace(old.entries[1], possible_copies=1, requests=3, http_status=503)
    new = _anew(old.with_entry(1, entry), _batch(1, 10), _batch(12, 20))
    doubtful = new.entries[1]
    assert (doubtful.batch, doubtful.state) == (_batch(12, 20), "sending")
    assert (doubtful.possible_copies, doubtful.requests, doubtful.http_status) == (1, 3, 503)
    assert new.rejected == 1


def test_a_batch_that_rests_after_a_doubt_is_not_cut_anew() -> None:
    """A request of it went unanswered before one that was: it keeps its range and its count."""
    old = _ledger("planned", "planned")
    old = old.with_entry(0, msgspec.structs.replace(old.entries[0], possible_copies=1))
    assert frozen(old) == [(1, 10)]
    new = _anew(old, _batch(1, 10), _batch(11, 20))
    assert _ranges(new.entries) == [(1, 10, "planned"), (11, 20, "planned")]
    assert new.entries[0].possible_copies == 1


def test_a_batch_in_doubt_of_which_nothing_is_valid_today_is_unconfirmed() -> None:
    """It is neither sent again nor forgotten: it may have been accepted."""
    new = _anew(_ledger("sending", "planned"), _batch(11, 20))
    assert _ranges(new.entries) == [(1, 10, "accepted"), (11, 20, "planned")]
    assert new.entries[0].unconfirmed
    assert new.rejected == 0


def test_other_rules_count_so_that_everything_adds_up() -> None:
    """What is in no batch is rejected, whichever rules said so."""
    new = _anew(_ledger("accepted", "planned", "planned"), _batch(1, 10), _batch(25, 30))
    assert new.read == sum(entry.records for entry in new.entries) + new.rejected == 30
    assert new.rejected == 14


def test_split_batches_are_frozen_one_by_one() -> None:
    """Halves that were accepted stay; the half that was only planned is cut anew with what follows it."""
    old = ledgers.split(_ledger("sending", "planned"), 0, [_batch(1, 5), _batch(6, 10)])
    old = ledgers.accepted(old, 0, ACCEPTED, [], "x")
    assert frozen(old) == [(1, 5)]
    new = _anew(old, _batch(1, 5), _batch(6, 20))
    assert _ranges(new.entries) == [(1, 5, "accepted"), (6, 20, "planned")]
