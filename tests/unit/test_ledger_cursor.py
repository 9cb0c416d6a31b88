"""Where sending stands in a ledger: which entry a body is, and whether it still has to be sent."""

from dataclasses import replace
from typing import cast

import msgspec
import pytest

from shared.delivery.bodies_in_hand import BodiesInHand
from shared.delivery.ledger import Entry, Ledger, Plan, entry_of
from shared.delivery.ledger_cursor import LedgerCursor
from shared.delivery.ledger_store import LedgerStore, StoredLedger
from shared.delivery.plan import MAX_ENTRIES
from shared.errors import ActionRequiredError
from shared.exports.batches import Batch, Body


class Written:
    """A store that keeps what it is given.

    Attributes:
        times: how often it was given something.
    """

    def __init__(self) -> None:
        self.times = 0

    def write(self, stored: StoredLedger, ledger: Ledger) -> StoredLedger:
        """Keep it."""
        self.times += 1
        return replace(stored, ledger=ledger)


def _states(ledger: Ledger | None) -> list[tuple[int, str]]:
    """First record and state of each entry."""
    assert ledger is not None
    return [(entry.first, entry.state) for entry in ledger.entries]


def _body(first: int, last: int) -> Body:
    batch = Batch(first, last, last - first + 1, 100, f"{first}-{last}")
    return Body(batch, b"", (range(first, last + 1),))


def _cursor(*entries: Entry, store: Written | None = None, accepted_before: bool = False) -> LedgerCursor:
    plan = Plan(
        schema_version=1,
        version="2.0.0",
        rules="r",
        key="9f" * 32,
        planned_at="2026-11-22T05:00:00Z",
        read=100,
        bits="00" * 32,
        entries=list(entries),
    )
    ledger = Ledger(plan=plan, entries=list(entries))
    stored = StoredLedger("ledger/x", "1", ledger=ledger)
    return LedgerCursor(cast("LedgerStore", store or Written()), stored, accepted_before=accepted_before)


def _entry(first: int, last: int, **changes: object) -> Entry:
    return msgspec.structs.replace(entry_of(_body(first, last).batch), **changes)


def test_what_was_accepted_is_passed_over_and_what_is_planned_is_sent() -> None:
    """Bodies come in the ledger's order; those of accepted entries may be left out, since their records may be."""
    cursor = _cursor(
        _entry(1, 2, state="accepted"), _entry(3, 4, state="refused"), _entry(5, 6), _entry(7, 8)
    )
    assert not cursor.is_open(_body(1, 2))
    assert not cursor.is_open(_body(3, 4))
    assert cursor.is_open(_body(5, 6))
    assert [entry.first for entry in cursor.open_entries(8)] == [5, 7]
    assert [entry.first for entry in cursor.open_entries(1)] == [5]
    assert [entry.first for entry in cursor.open_entries(8, after=6)] == [7]


def test_behind_a_record_means_behind_it_also_where_a_batch_is_one_record() -> None:
    """It is on its way already, and must not be prepared once more."""
    cursor = _cursor(_entry(1, 4), _entry(5, 5), _entry(6, 6), _entry(7, 9))
    assert [entry.first for entry in cursor.open_entries(8, after=5)] == [6, 7]
    assert [entry.first for entry in cursor.open_entries(8, after=6)] == [7]


def test_a_ledger_that_says_all_there_is_is_not_written_again() -> None:
    """Neither before anything has happened, nor after it was written."""
    store = Written()
    cursor = _cursor(_entry(1, 2, state="accepted"), store=store)
    cursor.rest()
    assert store.times == 0
    cursor = _cursor(_entry(1, 2), store=store)
    cursor.settle(1, cursor.ledger.with_entry(0, _entry(1, 2, state="accepted")))
    said = [cursor.unwritten]
    cursor.write(cursor.ledger)
    said.append(cursor.unwritten)
    assert said == [True, False]
    cursor.rest()
    assert store.times == 1
    cursor.settle(1, cursor.ledger)
    cursor.rest()
    assert store.times == 2


@pytest.mark.parametrize(
    ("before", "state", "accepted"),
    [(False, "planned", False), (True, "planned", True), (False, "accepted", True), (True, "refused", True)],
)
def test_a_batch_was_accepted_under_whatever_rules(*, before: bool, state: str, accepted: bool) -> None:
    """From then on a refusal is one of records, not of the whole export."""
    assert _cursor(_entry(1, 2, state=state), accepted_before=before).accepted_any is accepted


@pytest.mark.parametrize("body", [_body(5, 7), _body(7, 9), _body(6, 6)])
def test_a_body_that_the_ledger_does_not_know_is_a_mismatch(body: Body) -> None:
    """No body is sent as another one."""
    cursor = _cursor(_entry(1, 2, state="accepted"), _entry(5, 6), _entry(7, 8))
    with pytest.raises(ActionRequiredError, match="does not yield"):
        cursor.is_open(body)


def test_a_body_behind_the_last_entry_is_a_mismatch() -> None:
    """All the ledger knows was accepted."""
    cursor = _cursor(_entry(1, 2, state="accepted"))
    with pytest.raises(ActionRequiredError, match="does not yield"):
        cursor.is_open(_body(3, 4))


def test_bodies_are_held_until_they_are_settled() -> None:
    """In the order of their entries; halves take the place of the whole."""
    cursor = _cursor(_entry(1, 2, state="accepted"), _entry(3, 6), _entry(7, 8))
    coming = iter([_body(1, 2), _body(3, 6), _body(7, 8)])
    bodies = BodiesInHand(coming, cursor)
    assert bodies.of(3) == bodies.of(3) == _body(3, 6)
    cursor.split(3, [_body(3, 4).batch, _body(5, 6).batch], [{}, {}])
    bodies.settle(_body(3, 6), _body(3, 4), _body(5, 6))
    assert [bodies.of(first) for first in (5, 3, 7)] == [_body(5, 6), _body(3, 4), _body(7, 8)]


@pytest.mark.parametrize("coming", [[], [_body(1, 2)], [_body(7, 8)], [_body(3, 5)]])
def test_an_export_that_yields_another_body_than_the_next_is_a_mismatch(coming: list[Body]) -> None:
    """Nothing that is planned is passed over."""
    cursor = _cursor(_entry(1, 2, state="accepted"), _entry(3, 6), _entry(7, 8))
    with pytest.raises(ActionRequiredError, match="does not yield"):
        BodiesInHand(iter(coming), cursor).of(3)


def test_only_what_is_larger_than_the_connector_takes_is_halved() -> None:
    """A single record cannot be; three quarters of what was refused are tried next, and never more again."""
    pair, one, larger = _entry(1, 2), _entry(3, 3), _entry(4, 5, bytes=101)
    cursor = _cursor(pair, one, larger)
    assert cursor.fitting([pair, one, larger]) == [1, 3, 4]
    cursor.shrink(_body(1, 2))
    assert cursor.ledger.max_bytes == 75
    assert cursor.fitting([pair, one]) == []
    assert cursor.fitting([one, pair]) == [3]
    cursor.ledger = msgspec.structs.replace(cursor.ledger, max_bytes=100)
    assert cursor.fitting([pair, one, larger, one]) == [1, 3]
    cursor.ledger = msgspec.structs.replace(cursor.ledger, max_bytes=20)
    cursor.shrink(_body(1, 2))
    assert cursor.ledger.max_bytes == 20
    tiny = Body(Batch(1, 2, 2, 1, "tiny"), b"", ())
    cursor.shrink(tiny)
    assert cursor.ledger.max_bytes == 1


def test_an_entry_is_cut_in_the_ledger_before_its_parts_are_sent() -> None:
    """However often it is cut: one write, with the `sending` of the parts that go."""
    cursor = _cursor(_entry(1, 2, state="accepted"), _entry(3, 6))
    cursor.split(3, [_body(3, 4).batch, _body(5, 6).batch], [{}, {}])
    cursor.split(3, [_body(3, 3).batch, _body(4, 4).batch], [{}, {}])
    assert cursor.unwritten
    assert _states(cursor.stored.ledger) == [(1, "accepted"), (3, "planned")]
    cursor.write_sending([3, 4])
    assert _states(cursor.stored.ledger) == [
        (1, "accepted"),
        (3, "sending"),
        (4, "sending"),
        (5, "planned"),
    ]


def test_a_ledger_has_room_for_so_many_entries() -> None:
    """A connector that refuses everything but tiny batches needs a person, not a ledger without end."""
    many = [_entry(n, n, state="accepted") for n in range(1, MAX_ENTRIES - 1)]
    two = _body(MAX_ENTRIES, MAX_ENTRIES + 1)
    cursor = _cursor(*many, entry_of(two.batch))
    halves = [_body(n, n).batch for n in (MAX_ENTRIES, MAX_ENTRIES + 1)]
    cursor.split(MAX_ENTRIES, halves, [{}, {}])
    assert len(cursor.ledger.entries) == MAX_ENTRIES
    with pytest.raises(ActionRequiredError, match="more than 20,000 requests"):
        cursor.split(MAX_ENTRIES, halves, [{}, {}])


def test_a_request_is_noted_and_written_with_the_next_step() -> None:
    """How often the entry was posted, and the last answer."""
    cursor = _cursor(_entry(1, 2, requests=3))
    cursor.note(1, 503, answered=True)
    cursor.note(1, None, answered=True)
    assert (cursor.entry(1).requests, cursor.entry(1).http_status) == (5, None)
    assert cursor.stored.ledger is not None
    assert cursor.stored.ledger.entries[0].requests == 3
    cursor.rest()
    assert cursor.stored.ledger.entries[0].requests == 5


def test_only_a_batch_that_got_no_answer_becomes_a_possible_copy() -> None:
    """Of those that are sent again: the one of which it is certain that it was not taken is none."""
    cursor = _cursor(_entry(1, 2), _entry(3, 4), _entry(5, 6, state="sending"))
    cursor.write_sending([1, 3])
    cursor.note(1, 503, answered=True)
    cursor.note(3, None, answered=False)
    assert cursor.any_unanswered([1, 3])
    assert not cursor.any_unanswered([1])
    cursor.write_sending([1, 3])
    cursor.write_sending([1, 3])
    assert [one.possible_copies for one in cursor.ledger.entries] == [0, 1, 0]
    cursor.write_sending([5])  # left so by a worker that died
    assert [one.possible_copies for one in cursor.ledger.entries] == [0, 1, 1]


@pytest.mark.parametrize(
    ("state", "ours", "answered", "rests"),
    [
        ("planned", True, False, "sending"),
        ("planned", True, True, "planned"),
        ("planned", False, True, "planned"),
        ("sending", True, True, "planned"),
        ("sending", False, True, "sending"),
    ],
)
def test_a_ledger_at_rest_says_sending_only_if_there_is_doubt(
    state: str, ours: object, answered: object, rests: str
) -> None:
    """A request that has its answer, or never left, is planned anew; what a dead worker left is, once it was counted."""
    cursor = _cursor(_entry(1, 2, state=state), _entry(3, 4, state="accepted"))
    if ours:
        cursor.write_sending([1])
        cursor.note(1, None, answered=bool(answered))
    cursor.rest()
    assert _states(cursor.stored.ledger) == [(1, rests), (3, "accepted")]
    assert cursor.entry(1).in_doubt is (rests == "sending" or state == "sending")
