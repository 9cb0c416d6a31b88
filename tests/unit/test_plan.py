"""From what pass 1 found to a plan: how many batches, how large, and what must be as it was."""

import hashlib
from functools import partial

import msgspec
import pytest

from shared import __version__
from shared.delivery import plan as plans
from shared.delivery.decided import Decided
from shared.delivery.ledger import Entry, entry_of
from shared.delivery.outcome import Reason
from shared.delivery.plan import MAX_ENTRIES, MAX_PLANNED, larger_limits
from shared.delivery.record_bits import RecordBits
from shared.delivery.validate_export import ValidationResult
from shared.errors import ActionRequiredError
from shared.exports.batches import Batch, Limits

RECORD_BYTES = 200


RULES = "5a" * 32
make_plan = partial(plans.make_plan, number=1)


def _batch(first: int, last: int) -> Batch:
    return Batch(first, last, last - first + 1, 100, hashlib.sha256(f"{first}-{last}".encode()).hexdigest())


def _found(*batches: Batch, rejected: int = 0, **changes: object) -> ValidationResult:
    bits = RecordBits()
    for batch in batches:
        bits.add(batch.first, batch.last)
    read = sum(batch.records for batch in batches) + rejected
    found = ValidationResult("9f" * 32, read, rejected, [], "2026-11-21T08:00:00", list(batches), bits)
    return ValidationResult(**({name: getattr(found, name) for name in found.__slots__} | changes))


def _cut(records: int, limits: Limits) -> ValidationResult:
    """What pass 1 would find in an export of so many records, all alike."""
    size = min(limits.max_records, (limits.max_bytes - 2) // (RECORD_BYTES + 1))
    return _found(*(_batch(first, min(first + size - 1, records)) for first in range(1, records + 1, size)))


@pytest.mark.parametrize(
    "limits",
    [Limits(1_000, 10_000_000), Limits(50_000, 100_000), Limits(100, 10_000_000), Limits(1_100, 100_000)],
)
def test_2_400_000_records_are_at_most_2_000_batches(limits: Limits) -> None:
    """Both limits of a batch yield to that; each further reading is worth it, and soon there is none."""
    readings = 0
    while True:
        found = _cut(2_400_000, limits)
        readings += 1
        larger = larger_limits(found, limits)
        if larger is None:
            break
        limits = larger
    assert len(found.batches) <= MAX_PLANNED == 2_000
    assert readings <= 3
    assert limits.max_records <= 50_000
    assert limits.max_bytes <= 50_000_000


def test_limits_stay_where_they_need_not_grow_or_cannot() -> None:
    """2,000 batches are few enough; beyond what a request may hold nothing grows."""
    exactly = _found(*(_batch(number, number) for number in range(1, MAX_PLANNED + 1)))
    assert larger_limits(exactly, Limits(1, 1_000)) is None
    more = _found(*(_batch(number, number) for number in range(1, MAX_PLANNED + 2)))
    assert larger_limits(more, Limits(1, 1_000)) == Limits(3, 3_000)
    assert larger_limits(more, Limits(50_000, 50_000_000)) is None
    assert larger_limits(more, Limits(50_000, 40_000_000)) == Limits(50_000, 50_000_000)


def test_a_plan_takes_everything_over_from_pass_1() -> None:
    """Counts, reasons, hash, rules, bits and batches; nothing has been sent."""
    reasons = [Reason(property="UserId", code="missing", reason="is missing", records=2)]
    found = _found(_batch(1, 10), rejected=2, by_reason=reasons, sent_elsewhere=3)
    plan = make_plan(found, Decided(), RULES, "request", "2026-11-22T05:00:00Z")
    assert (plan.version, plan.rules, plan.schema_version) == (__version__, RULES, 1)
    assert (plan.key, plan.sha256) == ("9f" * 32, "")
    assert (plan.request_id, plan.planned_at) == ("request", "2026-11-22T05:00:00Z")
    assert (plan.read, plan.rejected, plan.sent_elsewhere, plan.by_reason) == (12, 2, 3, reasons)
    assert (plan.bits, plan.latest_event) == (found.bits.sha256, "2026-11-21T08:00:00")
    assert plan.entries == [entry_of(_batch(1, 10))]


def test_a_plan_under_another_key_names_the_bytes_as_well() -> None:
    """Where a source decides which rows there are."""
    found = _found(_batch(1, 10), mapped_key="5a" * 32)
    plan = make_plan(found, Decided(), RULES, None, "")
    assert (plan.key, plan.sha256) == ("5a" * 32, "9f" * 32)


def _closed(first: int, last: int) -> Entry:
    return msgspec.structs.replace(entry_of(_batch(first, last)), state="accepted", requests=1)


def test_closed_batches_are_in_no_plan() -> None:
    """They stay in the ledger as they are."""
    found = _found(_batch(1, 10), _batch(11, 20))
    plan = make_plan(found, Decided(closed=[_closed(1, 10)]), RULES, None, "")
    assert plan.entries == [entry_of(_batch(11, 20))]


@pytest.mark.parametrize(
    "found",
    [
        _found(_batch(1, 9), _batch(10, 20)),
        _found(_batch(11, 20)),
        _found(Batch(1, 10, 9, 100, _batch(1, 10).sha256)),
        _found(Batch(1, 10, 10, 101, _batch(1, 10).sha256)),
        _found(Batch(1, 10, 10, 100, "0" * 64)),
    ],
)
def test_an_export_that_does_not_yield_its_closed_batches_is_not_sent(found: ValidationResult) -> None:
    """Range, count, bytes and hash must be those that were sent."""
    with pytest.raises(ActionRequiredError) as caught:
        make_plan(found, Decided(closed=[_closed(1, 10)]), RULES, None, "")
    assert caught.value.code == "ledger-mismatch"


def test_more_requests_than_a_ledger_holds_need_a_person() -> None:
    """Closed ones count, too."""
    batches = [_batch(number, number) for number in range(1, MAX_ENTRIES + 2)]
    decided = Decided(closed=[_closed(1, 1)])
    assert len(make_plan(_found(*batches[:-1]), decided, RULES, None, "").entries) == MAX_ENTRIES - 1
    with pytest.raises(ActionRequiredError) as caught:
        make_plan(_found(*batches), decided, RULES, None, "")
    assert caught.value.code == "batches-too-small"


def test_a_batch_that_was_planned_before_keeps_the_count_of_its_requests() -> None:
    """Only the very same one: its words in another place are another batch."""
    earlier = msgspec.structs.replace(entry_of(_batch(1, 10)), requests=4, http_status=503)
    moved = msgspec.structs.replace(entry_of(_batch(11, 20)), first=12, last=21, requests=7)
    decided = Decided(planned={one.sha256: one for one in (earlier, moved)})
    plan = make_plan(_found(_batch(1, 10), _batch(11, 20)), decided, RULES, None, "")
    assert [(one.requests, one.http_status) for one in plan.entries] == [(4, 503), (0, None)]


def test_records_in_doubt_under_other_rules_are_counted_where_they_are_sent() -> None:
    """Those that are rejected today are sent by nobody."""
    doubtful = RecordBits()
    doubtful.add(8, 13)
    found = _found(_batch(1, 10), _batch(12, 20), rejected=1)
    plan = make_plan(found, Decided(in_doubt_elsewhere=doubtful), RULES, None, "")
    assert [one.in_doubt_elsewhere for one in plan.entries] == [3, 2]


def test_a_record_in_doubt_that_is_rejected_in_the_middle_of_a_batch_is_sent_by_nobody() -> None:
    """A batch is a range of records, of which not all need be in it."""
    doubtful, bits = RecordBits(), RecordBits()
    doubtful.add(4, 6)
    bits.add(1, 4)
    bits.add(6, 10)
    found = _found(Batch(1, 10, 9, 100, "5a" * 32), rejected=1, bits=bits)
    plan = make_plan(found, Decided(in_doubt_elsewhere=doubtful), RULES, None, "")
    assert [one.in_doubt_elsewhere for one in plan.entries] == [2]
