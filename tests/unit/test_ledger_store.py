"""How a ledger is written: If-Match, under the lease, knowing its own line from another's."""

from typing import Any

import msgspec
import pytest

from shared.blob_names import ledger_path, plan_path
from shared.delivery import ledger_journal, ledger_steps
from shared.delivery.job_lease import JobLease
from shared.delivery.ledger import Entry, Ledger, Plan
from shared.delivery.ledger_store import MAX_LINES, LedgerStore, StoredLedger, completed_one, is_touched
from shared.delivery.outcome import ExportVersion
from shared.delivery.ports import Document
from shared.delivery.record_bits import RecordBits
from shared.errors import ActionRequiredError, ConditionError, LeaseLostError, StorageError
from tests.support.fake_clock import FakeClock
from tests.support.fake_storage import FakeContainer

JOB, KEY, RULES = "job", "9f" * 32, "r" * 64
RESEND = "0b7c2a52-1111-4222-8333-444455556666"
BITS = RecordBits(b"\xff\xff\x0f")  # records 1 to 20
ENTRIES = [
    Entry(first=1, last=10, records=10, bytes=100, sha256="1" * 64),
    Entry(first=11, last=20, records=10, bytes=100, sha256="2" * 64),
]
PLAN = Plan(
    schema_version=1,
    version="2.0.0",
    rules=RULES,
    key=KEY,
    planned_at="2026-11-22T05:00:00Z",
    read=20,
    bits=BITS.sha256,
    entries=ENTRIES,
)


class _Storage:
    """A state container, the job's lease, and a ledger's store."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.state = FakeContainer("gatepost-state", self.clock)
        self.lease = JobLease(self.state, "lease/job", self.clock).__enter__()
        self.store = LedgerStore(self.state, JOB, self.lease)
        self.path = self.store.path(KEY, RULES, None)

    def planned(self) -> StoredLedger:
        """A ledger with a plan and nothing sent."""
        return self.store.plan(StoredLedger(self.path, ""), PLAN, BITS)

    def read(self) -> StoredLedger:
        """As another attempt reads it."""
        return self.store.of_content(KEY, None)[self.path]

    def lose_answers(self) -> None:
        """Whatever is appended from here on is written, and the answer gets lost: a second try meets its own."""
        append = self.state.append

        def lost(name: str, data: bytes, etag: str) -> str:
            append(name, data, etag)
            raise ConditionError("changed")

        self.state.append = lost  # type: ignore[method-assign]


def _sending(stored: StoredLedger, index: int = 0) -> Ledger:
    assert stored.ledger is not None
    return ledger_steps.sending(stored.ledger, index)


def test_what_is_written_is_what_another_attempt_reads() -> None:
    """Plan, bits, changes; that one goes on where the journal ends, and the worker that wrote it before cannot any more."""
    storage = _Storage()
    stored = storage.planned()
    stored = storage.store.write(stored, _sending(stored))
    again = storage.read()
    assert (again.ledger, again.lines) == (stored.ledger, 3)
    assert bytes(again.bits) == bytes(BITS)
    storage.store.write(again, _sending(again))
    with pytest.raises(LeaseLostError):
        storage.store.write(stored, _sending(stored))


def test_what_was_written_is_known_and_what_a_failed_write_has_done_is_read() -> None:
    """A write may be taken although it fails: then storage says what the ledger is."""
    storage = _Storage()
    stored = storage.planned()
    read, append, asked = storage.state.read, storage.state.append, list[str]()

    def reading(name: str) -> Document | None:
        asked.append(name)
        return read(name)

    def failing(name: str, data: bytes, etag: str) -> str:
        append(name, data, etag)
        raise StorageError("storage answers 500")

    storage.state.read = reading  # type: ignore[method-assign]
    assert [one.state for one in storage.store.entries_at(storage.path)] == ["planned", "planned"]
    assert asked == []
    storage.state.append = failing  # type: ignore[method-assign]
    with pytest.raises(StorageError):
        storage.store.write(stored, _sending(stored))
    assert [one.state for one in storage.store.entries_at(storage.path)] == ["sending", "planned"]
    assert asked == [storage.path]


def test_the_bits_are_there_before_the_plan_that_names_them() -> None:
    """Who dies in between leaves bits that nobody names, not a plan without its bits."""
    storage = _Storage()
    order: list[str] = []
    storage.state.on_change = lambda what, name: order.append(name) if what == "write" else None
    storage.planned()
    assert order == [plan_path(JOB, KEY, BITS.sha256), storage.path]


def test_an_ordinary_attempt_and_a_resend_do_not_see_each_others_ledgers() -> None:
    """All of this content with the same request, whatever the rules; none of another content."""
    storage = _Storage()
    paths = [
        ledger_path(JOB, KEY, RULES, None),
        ledger_path(JOB, KEY, "s" * 64, None),
        ledger_path(JOB, KEY, RULES, RESEND),
    ]
    for path in [
        *paths,
        ledger_path(JOB, KEY.replace("9", "8"), RULES, None),
        ledger_path("j", KEY, "r", None),
    ]:
        storage.store.plan(StoredLedger(path, ""), PLAN, BITS)
    assert list(storage.store.of_content(KEY, None)) == paths[:2]
    assert list(storage.store.of_content(KEY, RESEND)) == paths[2:]
    assert storage.store.of_content("0" * 64, None) == {}


def test_a_write_whose_answer_got_lost_is_known_by_its_line() -> None:
    """Also the first one, which makes the journal."""
    storage = _Storage()
    storage.lose_answers()
    stored = storage.planned()
    stored = storage.store.write(stored, _sending(stored))
    assert (stored.lines, stored.etag) == (2, storage.state.head(storage.path).etag)


@pytest.mark.parametrize("lines", [1, 2])
def test_a_line_of_another_worker_means_that_the_lease_is_lost(lines: int) -> None:
    """One line more than we know that is not ours, or ours with another behind it; after that nothing is written."""
    storage = _Storage()
    stored = storage.planned()
    foreign = ledger_journal.encode_change(_sending(stored), _sending(stored), "another")
    ours = ledger_journal.encode_change(
        stored.ledger or _sending(stored), _sending(stored), storage.lease.holder
    )
    data = storage.state.data(storage.path)
    storage.state.put(storage.path, data + (foreign if lines == 1 else ours + foreign))
    before = storage.state.data(storage.path)
    for _ in range(2):
        with pytest.raises(LeaseLostError):
            storage.store.write(stored, _sending(stored))
    assert storage.state.data(storage.path) == before
    assert storage.lease.seconds_left() == 0


def test_a_journal_that_somebody_else_made_is_not_ours() -> None:
    """It was absent when we looked; now it has a plan."""
    storage = _Storage()
    storage.planned()
    with pytest.raises(LeaseLostError):
        storage.store.plan(StoredLedger(storage.path, ""), msgspec.structs.replace(PLAN, read=3), BITS)


def test_a_journal_that_was_made_and_not_written_into_is_taken_over() -> None:
    """Storage makes it and appends in two requests: who died in between, or lost the answer, left it empty."""
    storage = _Storage()
    storage.state.put_journal(storage.path, b"")
    empty = storage.read()
    assert (empty.ledger, empty.lines) == (None, 0)
    assert storage.store.plan(empty, PLAN, BITS).lines == 1
    storage = _Storage()
    append = storage.state.append

    def makes_only(name: str, data: bytes, etag: str) -> str:
        storage.state.append = append  # type: ignore[method-assign]
        storage.state.put_journal(name, b"")
        raise ConditionError("changed")

    storage.state.append = makes_only  # type: ignore[method-assign]
    assert storage.planned().lines == 1
    assert storage.read().ledger == ledger_steps.planned(None, PLAN)


def test_an_empty_journal_that_another_worker_fills_first_is_not_ours() -> None:
    """The second try is as conditional as the first."""
    storage = _Storage()

    def never(name: str, data: bytes, etag: str) -> str:
        if not etag:
            storage.state.put_journal(name, b"")
        raise ConditionError("changed")

    storage.state.append = never  # type: ignore[method-assign]
    with pytest.raises(LeaseLostError):
        storage.planned()


def test_a_ledger_that_is_gone_is_not_made_anew() -> None:
    """When it is deleted, it is no longer as we know it."""
    storage = _Storage()
    stored = storage.planned()
    storage.state.delete(storage.path)
    with pytest.raises(LeaseLostError):
        storage.store.write(stored, _sending(stored))
    assert storage.path not in storage.state.names()


def test_nothing_is_written_without_the_lease() -> None:
    """Neither bits nor lines."""
    storage = _Storage()
    stored = storage.planned()
    before = {name: storage.state.data(name) for name in storage.state.names()}
    storage.lease.lost("on purpose")
    with pytest.raises(LeaseLostError):
        storage.store.write(stored, _sending(stored))
    with pytest.raises(LeaseLostError):
        storage.store.plan(stored, msgspec.structs.replace(PLAN, bits="0" * 64), RecordBits(b"\x01"))
    assert {name: storage.state.data(name) for name in storage.state.names()} == before


def test_a_full_journal_needs_a_person() -> None:
    """Storage appends to a blob 50,000 times; before that the batches are said to be too small."""
    storage = _Storage()
    stored = storage.planned()
    full = StoredLedger(stored.path, stored.etag, MAX_LINES, stored.ledger, stored.bits)
    with pytest.raises(ActionRequiredError) as caught:
        storage.store.write(full, _sending(full))
    assert caught.value.code == "batches-too-small"
    last = StoredLedger(stored.path, stored.etag, MAX_LINES - 1, stored.ledger, stored.bits)
    assert storage.store.write(last, _sending(last)).lines == MAX_LINES < 50_000


def _without_a_batch(plan: Plan) -> bytes:
    return ledger_journal.encode_plan(msgspec.structs.replace(plan, entries=plan.entries[:1]), "x")


@pytest.mark.parametrize(
    ("journal", "code"),
    [
        (b"{}\n", "ledger-damaged"),
        (b"nonsense\n", "ledger-damaged"),
        (ledger_journal.encode_plan(PLAN, "x")[:-20], "ledger-damaged"),
        (_without_a_batch(PLAN), "ledger-damaged"),
        (b'{"plan":{"schemaVersion":2,"more":[]}}\n', "newer-ledger"),
    ],
)
def test_a_ledger_that_cannot_be_used_needs_a_person(journal: bytes, code: str) -> None:
    """Nothing is guessed about what was sent."""
    storage = _Storage()
    storage.planned()
    storage.state.put(storage.path, journal)
    with pytest.raises(ActionRequiredError) as caught:
        storage.store.of_content(KEY, None)
    assert caught.value.code == code


def test_a_ledger_without_its_bits_needs_a_person() -> None:
    """Nobody knows which records its batches hold."""
    storage = _Storage()
    storage.planned()
    storage.state.delete(plan_path(JOB, KEY, BITS.sha256))
    with pytest.raises(ActionRequiredError) as caught:
        storage.read()
    assert caught.value.code == "ledger-damaged"


def test_records_are_those_of_the_plan_without_what_was_refused() -> None:
    """Accepted and in doubt, by number."""
    changes: list[dict[str, Any]] = [{"state": "accepted", "refused": [3, 4]}, {"state": "sending"}]
    entries = [msgspec.structs.replace(one, **more) for one, more in zip(ENTRIES, changes, strict=True)]
    bits = RecordBits(b"\xfe\xff\x0f")  # record 1 is in no batch
    stored = StoredLedger("p", "1", 3, Ledger(plan=PLAN, entries=entries), bits)
    assert [number for number in range(1, 25) if number in stored.accepted] == [2, 5, 6, 7, 8, 9, 10]
    assert [number for number in range(1, 25) if number in stored.in_doubt] == list(range(11, 21))
    empty = StoredLedger("p", "1")
    assert not empty.accepted
    assert not empty.in_doubt


def test_what_ledgers_say_together() -> None:
    """Anything accepted or in doubt touches the content; one that is complete decides."""
    fresh = StoredLedger("a", "1", 1, ledger_steps.planned(None, PLAN), BITS)
    sending = StoredLedger("b", "1", 2, _sending(fresh), BITS)
    version = ExportVersion(name="a.json", etag="1")
    done = msgspec.structs.replace(ledger_steps.planned(None, PLAN), completed_by=version)
    assert not is_touched([fresh, StoredLedger("c", "1")])
    assert is_touched([fresh, sending])
    assert completed_one([fresh, sending, StoredLedger("c", "1")]) is None
    assert completed_one([fresh, StoredLedger("d", "1", 3, done, BITS)]) == done


def test_a_ledger_that_is_gone_since_it_was_listed_is_none() -> None:
    """Its time was over; another one of the content still counts."""
    storage = _Storage()
    storage.planned()
    other = storage.store.path(KEY, "s" * 64, None)
    storage.store.plan(StoredLedger(other, ""), PLAN, BITS)
    read = storage.state.read

    def without(name: str) -> Document | None:
        return None if name == other else read(name)

    storage.state.read = without  # type: ignore[method-assign]
    found = storage.store.of_content(KEY, None)
    assert found[other] == StoredLedger(other, "")
    assert found[storage.path].ledger is not None


def test_what_any_request_sent_touches_a_content() -> None:
    """A resend that is over counts as well, though no attempt works with its ledger any more."""
    storage = _Storage()
    resent = StoredLedger(storage.store.path(KEY, RULES, RESEND), "")
    planned = storage.store.plan(resent, PLAN, BITS)
    assert not storage.store.was_touched(KEY)
    storage.store.write(planned, _sending(planned))
    assert storage.store.was_touched(KEY)
    assert not storage.store.was_touched("0" * 64)
