"""The ledger as a value and as a journal: each step from one state to the next, read back as it was written."""

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.delivery import ledger as ledgers
from shared.delivery import ledger_journal, ledger_steps
from shared.delivery.classify_reply import Action, ReplyDecision
from shared.delivery.ledger import Entry, Ledger, Plan, entry_of
from shared.delivery.mapping_figures import MappingFigures
from shared.delivery.outcome import ExportVersion, Ignored, Reason, SourceVersion
from shared.exports.batches import Batch

ACCEPTED = ReplyDecision(Action.ACCEPTED, http_status=201, saved=9, skipped=1)
VERSION = ExportVersion(name="day.json", etag="1")


def _batch(first: int, last: int, records: int | None = None) -> Batch:
    return Batch(
        first, last, records or last - first + 1, 100, hashlib.sha256(f"{first}-{last}".encode()).hexdigest()
    )


def _plan(*batches: Batch, read: int | None = None, **changes: Any) -> Plan:
    entries = [entry_of(batch) for batch in batches]
    sent = sum(batch.records for batch in batches)
    plan = Plan(
        schema_version=1,
        version="2.0.0",
        rules="r",
        key="9f" * 32,
        planned_at="2026-11-22T05:00:00Z",
        read=sent if read is None else read,
        rejected=0 if read is None else read - sent,
        bits="00" * 32,
        entries=entries,
    )
    return msgspec.structs.replace(plan, **changes)


def _ledger(*states: str) -> Ledger:
    """Batches of ten records each, in these states."""
    batches = [_batch(1 + 10 * index, 10 + 10 * index) for index in range(len(states))]
    ledger = ledger_steps.planned(None, _plan(*batches))
    for index, state in enumerate(states):
        changed: Any = msgspec.structs.replace(ledger.entries[index], state=state)
        ledger = ledger.with_entry(index, changed)
    return ledger


def _ranges(entries: list[Entry]) -> list[tuple[int, int, str]]:
    return [(entry.first, entry.last, entry.state) for entry in entries]


def test_sending_counts_a_possible_copy_only_for_a_batch_that_was_sending() -> None:
    """Planned becomes sending; sending again is a copy that may be."""
    once = ledger_steps.sending(_ledger("planned"), 0)
    assert (once.entries[0].state, once.entries[0].possible_copies) == ("sending", 0)
    assert ledger_steps.sending(once, 0).entries[0].possible_copies == 1


def test_an_acceptance_is_noted_with_what_the_reply_said() -> None:
    """Status, time, counts, refused records; the other batches stay as they are."""
    ledger = ledger_steps.accepted(_ledger("sending", "planned"), 0, ACCEPTED, [3], "2026-11-22T05:00:03Z")
    entry = ledger.entries[0]
    assert (entry.state, entry.http_status, entry.accepted_at) == ("accepted", 201, "2026-11-22T05:00:03Z")
    assert (entry.saved, entry.skipped, entry.refused, entry.unconfirmed) == (9, 1, [3], 0)
    assert ledger.accepted_any
    assert ledger.next_open() == 1
    assert ledger.entries[1] == _ledger("planned", "planned").entries[1]


def test_a_batch_has_no_more_unconfirmed_records_than_it_has() -> None:
    """Whatever the reply said."""
    decision = ReplyDecision(Action.ACCEPTED, http_status=200, unconfirmed=99)
    assert ledger_steps.accepted(_ledger("sending"), 0, decision, [], "").entries[0].unconfirmed == 10


def test_a_single_record_that_is_refused_keeps_its_number() -> None:
    """So that the rejected file can show it."""
    ledger = ledger_steps.refused(_ledger("sending"), 0, ReplyDecision(Action.HALVE, http_status=400))
    entry = ledger.entries[0]
    assert (entry.state, entry.refused, entry.http_status) == ("refused", [1], 400)
    assert (ledger.refused_singly, ledger.next_open(), ledger.accepted_any) == (1, None, False)


def test_refusals_that_were_not_about_the_records_are_taken_back() -> None:
    """Not one record was accepted: they are sent again once the cause is fixed; what was accepted stays."""
    ledger = ledger_steps.reopened(
        ledger_steps.refused(_ledger("accepted", "sending"), 1, ReplyDecision(Action.HALVE, http_status=400))
    )
    assert _ranges(ledger.entries) == [(1, 10, "accepted"), (11, 20, "planned")]
    assert ledger.entries[1].refused == []


def test_a_split_batch_keeps_its_copies_and_its_requests() -> None:
    """Each half may be a copy if the whole may; requests and doubts elsewhere stay with the first half."""
    whole = _ledger("accepted", "sending", "planned")
    changed = msgspec.structs.replace(whole.entries[1], possible_copies=2, requests=5, in_doubt_elsewhere=4)
    parts = [_batch(11, 15), _batch(16, 20)]
    ledger = ledger_steps.split(
        whole.with_entry(1, changed), 1, parts, [{"2026-11-21": 4}, {"2026-11-22": 1}]
    )
    assert [entry.batch for entry in ledger.entries[1:3]] == parts
    halves = [
        (one.state, one.possible_copies, one.requests, one.in_doubt_elsewhere) for one in ledger.entries
    ]
    assert halves[1:3] == [("planned", 2, 5, 4), ("planned", 2, 0, 0)]
    assert len(ledger.entries) == 4


def test_a_step_never_changes_the_ledger_it_starts_from() -> None:
    """Steps are values: what was read stays what was read."""
    before = _ledger("planned", "planned")
    kept = msgspec.json.encode(before)
    ledger_steps.sending(before, 0)
    ledger_steps.accepted(before, 0, ACCEPTED, [], "")
    ledger_steps.refused(before, 1, ACCEPTED)
    ledger_steps.split(before, 1, [_batch(11, 15), _batch(16, 20)], [{}, {}])
    ledger_steps.planned(before, _plan(_batch(1, 20)))
    assert msgspec.json.encode(before) == kept


def test_closed_is_whatever_was_sent_or_may_have_been() -> None:
    """Only planned ranges may be cut anew, unless a request of them got no answer."""
    ledger = _ledger("accepted", "planned", "sending", "refused", "planned")
    doubtful = msgspec.structs.replace(ledger.entries[4], possible_copies=1)
    closed = ledgers.closed_entries(ledger.with_entry(4, doubtful))
    assert [entry.first for entry in closed] == [1, 21, 31, 41]
    assert ledgers.closed_entries(None) == []


@pytest.mark.parametrize(
    ("states", "touched"),
    [(("planned", "refused"), False), (("planned", "accepted"), True), (("sending", "planned"), True)],
)
def test_a_ledger_is_touched_once_something_was_accepted_or_may_have_been(
    states: tuple[str, ...], *, touched: bool
) -> None:
    """What the connector refused is with nobody else."""
    assert _ledger(*states).touched is touched


def test_a_new_plan_keeps_what_is_closed_and_the_size_a_413_taught() -> None:
    """Closed entries stay as they were, to the byte; the rest is replaced, in order."""
    old = msgspec.structs.replace(_ledger("accepted", "planned", "refused", "planned"), max_bytes=70)
    new = ledger_steps.planned(old, _plan(_batch(11, 14), _batch(15, 20), _batch(31, 40)))
    assert _ranges(new.entries) == [
        (1, 10, "accepted"), (11, 14, "planned"), (15, 20, "planned"), (21, 30, "refused"), (31, 40, "planned"),
    ]  # fmt: skip
    assert new.entries[0] is old.entries[0]
    assert new.entries[3] is old.entries[2]
    assert (new.max_bytes, new.completed_by) == (70, None)


def test_a_plan_that_says_nothing_new_is_known() -> None:
    """Time and program alone are no reason to write, nor where an earlier attempt noted events; other batches, counts or bits are."""
    ledger = _ledger("accepted", "planned")
    same = _plan(_batch(11, 20), read=20, rejected=0, version="3.0.0", planned_at="2026-11-23T05:00:00Z")
    assert ledger_steps.is_as_planned(ledger, same)
    named = ledger.with_entry(1, msgspec.structs.replace(ledger.entries[1], file="0f" * 32))
    assert ledger_steps.is_as_planned(named, same)
    for change in (
        {"rejected": 1}, {"bits": "11" * 32}, {"entries": [entry_of(_batch(11, 15)), entry_of(_batch(16, 20))]},
    ):  # fmt: skip
        assert not ledger_steps.is_as_planned(ledger, msgspec.structs.replace(same, **change))


@pytest.mark.parametrize(
    ("ranges", "read", "sound"),
    [
        ([(1, 10), (11, 20)], 20, True),
        ([(1, 10), (12, 20)], 20, False),  # one record is nowhere
        ([(1, 10), (10, 19)], 20, False),  # overlap by one
        ([(11, 20), (1, 10)], 20, False),
        ([(0, 9), (10, 19)], 20, False),
        ([(1, 10), (1, 10)], 20, False),
        ([(1, 10)], 20, False),
        ([], 0, True),
    ],
)
def test_a_ledger_is_sound_if_its_batches_follow_and_add_up(
    ranges: list[tuple[int, int]], read: int, sound: object
) -> None:
    """One from which a line was lost is noticed before anything is sent by it."""
    entries = [entry_of(_batch(first, last)) for first, last in ranges]
    plan = _plan(read=0, rejected=0)
    ledger = Ledger(plan=msgspec.structs.replace(plan, read=read), entries=entries)
    assert ledger.sound is sound


def test_what_is_sent_elsewhere_counts_for_soundness() -> None:
    """Records out of question are in no batch, nor are those that are left out."""
    ledger = ledger_steps.planned(None, _plan(_batch(1, 10), read=20, rejected=4, sent_elsewhere=6))
    assert ledger.sound
    plan = msgspec.structs.replace(ledger.plan, rejected=-4, sent_elsewhere=14)
    assert not msgspec.structs.replace(ledger, plan=plan).sound
    left_out = {"repeated": 3, "ignored": [Ignored(code="rule", records=2)]}
    assert ledger_steps.planned(None, _plan(_batch(1, 10), read=17, rejected=2, **left_out)).sound


def _halved(ledger: Ledger, index: int) -> Ledger:
    entry = ledger.entries[index]
    middle = entry.first + entry.records // 2
    parts = [_batch(entry.first, middle - 1), _batch(middle, entry.last)]
    return ledger_steps.split(ledger, index, parts, [{} for _ in parts]) if entry.records > 1 else ledger


def _requested(ledger: Ledger, index: int) -> Ledger:
    entry = ledger.entries[index]
    return ledger.with_entry(index, msgspec.structs.replace(entry, requests=entry.requests + 1))


def _planned_anew(ledger: Ledger, _index: int) -> Plan:
    free = [one.batch for one in ledger.entries if not one.closed]
    return msgspec.structs.replace(ledger.plan, entries=[entry_of(one) for one in free], planned_at="later")


STEPS: dict[str, Callable[[Ledger, int], Ledger | Plan]] = {
    "sending": ledger_steps.sending,
    "requests": _requested,
    "accepted": lambda ledger, index: ledger_steps.accepted(
        ledger, index, ACCEPTED, [1], "2026-11-22T05:00:03Z"
    ),
    "refused": lambda ledger, index: ledger_steps.refused(
        ledger, index, ReplyDecision(Action.HALVE, http_status=400)
    ),
    "halved": _halved,
    "reopened": lambda ledger, _index: ledger_steps.reopened(ledger),
    "smaller": lambda ledger, _index: msgspec.structs.replace(ledger, max_bytes=(ledger.max_bytes or 99) - 1),
    "completed": lambda ledger, _index: msgspec.structs.replace(
        ledger, completed_by=VERSION, completed_at="now"
    ),
    "planned anew": _planned_anew,
}


@given(
    st.integers(1, 5), st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 1_000)), max_size=12)
)
def test_a_journal_read_back_is_the_value_that_was_written(
    batches: int, steps: list[tuple[str, int]]
) -> None:
    """Whatever the sequence of steps and plans; each line holds only what changed, and all stay sound."""
    ledger = _ledger(*["planned"] * batches)
    journal = ledger_journal.encode_plan(ledger.plan, "worker")
    for what, index in steps:
        after = STEPS[what](ledger, index % len(ledger.entries))
        if isinstance(after, Plan):
            journal += ledger_journal.encode_plan(after, "worker")
            ledger = ledger_steps.planned(ledger, after)
        else:
            journal += ledger_journal.encode_change(ledger, after, "worker")
            ledger = after
        assert ledger_journal.decode(journal) == ledger
        assert ledger.sound
    assert ledger_journal.schema_version(journal) == 1


def test_a_change_is_as_large_as_what_changed() -> None:
    """Not as the ledger: what an export writes must not grow with its square."""
    sizes = [
        len(ledger_journal.encode_change(before, ledger_steps.sending(before, 7), "worker"))
        for before in (_ledger(*["planned"] * 10), _ledger(*["planned"] * 1_000))
    ]
    assert sizes[0] == sizes[1] < 400


def test_two_workers_never_write_the_same_line() -> None:
    """So that a worker knows its own line from another's."""
    ledger = _ledger("planned")
    assert ledger_journal.encode_plan(ledger.plan, "a") != ledger_journal.encode_plan(ledger.plan, "b")
    after = ledger_steps.sending(ledger, 0)
    assert ledger_journal.encode_change(ledger, after, "a") != ledger_journal.encode_change(
        ledger, after, "b"
    )


def test_a_journal_is_written_to_the_letter() -> None:
    """Another version of this program may read it: what is usual is left out, and means the same."""
    plan = _plan(_batch(1, 10))
    sha256 = plan.entries[0].sha256
    entry = f'{{"first":1,"last":10,"records":10,"bytes":100,"sha256":"{sha256}"}}'
    line = (
        '{"by":"w","plan":{"schemaVersion":1,"version":"2.0.0","rules":"r","key":"'
        + "9f" * 32
        + '","plannedAt":"2026-11-22T05:00:00Z","read":10,"bits":"'
        + "00" * 32
        + f'","entries":[{entry}]}}}}\n'
    )
    assert ledger_journal.encode_plan(plan, "w").decode() == line
    ledger = ledger_journal.decode(line.encode())
    assert ledger is not None
    assert (ledger.plan, ledger.plan.number, ledger.plan.rejected_cut) == (plan, 1, False)
    change = ledger_journal.encode_change(ledger, msgspec.structs.replace(ledger, max_bytes=9), "w")
    assert change == b'{"by":"w","change":{"at":1,"replaces":0,"maxBytes":9}}\n'
    after = ledger_journal.decode(line.encode() + change)
    assert after == msgspec.structs.replace(ledger, max_bytes=9)
    of_source = MappingFigures(source=SourceVersion("munich", "5a", {}))
    assert msgspec.json.encode(of_source) == b'{"source":{"name":"munich","profile":"5a","people":{}}}'


def test_a_plan_without_a_version_is_none_of_a_newer_program() -> None:
    """It is no plan at all, which is said by another code."""
    assert ledger_journal.schema_version(b'{"plan":{"plannedAt":""}}\n') == 0


def test_a_journal_is_written_in_camel_case_without_what_is_usual() -> None:
    """As other programs expect it, and short."""
    reasons = [Reason(property="UserId", code="missing", reason="is missing", records=2)]
    line = ledger_journal.encode_plan(_plan(_batch(1, 10), read=12, by_reason=reasons), "worker")
    assert b'"schemaVersion":1' in line
    assert b'"plannedAt"' in line
    assert b"possibleCopies" not in line
    assert line.endswith(b"}\n")
    assert ledger_journal.decode(b"") is None


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"by": "x"}',
        b'{"plan": {"schemaVersion": 1}}',
        b'{"change": {"at": 0, "replaces": 0}}',
        b"\xff",
        b"\n\n",
    ],
)
def test_what_is_no_ledger_is_an_error_of_one_kind(data: bytes) -> None:
    """Whatever the bytes, `decode` raises nothing else."""
    with pytest.raises(msgspec.MsgspecError):
        ledger_journal.decode(data)


def test_a_line_that_says_nothing_makes_a_ledger_unusable() -> None:
    """Also behind a plan: what it should have said is not known."""
    journal = ledger_journal.encode_plan(_plan(_batch(1, 10)), "worker")
    with pytest.raises(msgspec.MsgspecError):
        ledger_journal.decode(journal + b'{"by": "x"}\n')


def test_a_state_nobody_knows_is_no_ledger() -> None:
    """A damaged state must not be taken for open or for done."""
    ledger = _ledger("planned")
    journal = ledger_journal.encode_plan(ledger.plan, "a") + ledger_journal.encode_change(
        ledger, ledger_steps.sending(ledger, 0), "a"
    )
    assert ledger_journal.decode(journal) is not None
    with pytest.raises(msgspec.ValidationError):
        ledger_journal.decode(journal.replace(b'"sending"', b'"maybe"'))


def test_the_newest_schema_version_counts() -> None:
    """A newer program has planned last, whatever else its lines hold."""
    old = ledger_journal.encode_plan(_plan(_batch(1, 10)), "a")
    assert ledger_journal.schema_version(old) == 1
    assert ledger_journal.schema_version(old + b'{"plan":{"schemaVersion":3,"entries":7}}\n') == 3
    with pytest.raises(msgspec.MsgspecError):
        ledger_journal.schema_version(b'{"plan":')


@pytest.mark.parametrize(
    ("state", "copies", "in_doubt", "closed"),
    [
        ("planned", 0, False, False),
        ("planned", 1, True, True),
        ("sending", 0, True, True),
        ("accepted", 1, False, True),
        ("refused", 1, False, True),
    ],
)
def test_only_what_has_no_answer_is_in_doubt(
    state: Any, copies: int, in_doubt: object, closed: object
) -> None:
    """A batch that was accepted or refused after a copy of it got no answer has its answer."""
    entry = msgspec.structs.replace(entry_of(_batch(1, 2)), state=state, possible_copies=copies)
    assert (entry.in_doubt, entry.closed) == (in_doubt, closed)


def test_what_is_left_out_is_neither_sent_nor_wrong() -> None:
    """Records whose event goes by another record, and those ignored for each reason."""
    ignored = [Ignored(code="before-start", records=2), Ignored(code="exit-only", records=3)]
    assert _plan(_batch(1, 2), repeated=1, ignored=ignored).left_out == 6
