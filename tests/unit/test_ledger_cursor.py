"""Where sending stands in a ledger: which entry a body is, and whether it still has to be sent."""

from dataclasses import replace
from typing import cast

import msgspec
import pytest

from shared.delivery.ledger import Entry, Ledger, Plan, entry_of
from shared.delivery.ledger_cursor import LedgerCursor
from shared.delivery.ledger_store import LedgerStore, StoredLedger
from shared.delivery.plan import MAX_ENTRIES
from shared.errors import ActionRequiredError
from shared.exports.batches import Batch, Body


class Written:
    """A store that keeps what it is given."""

    def write(self, stored: StoredLedger, ledger: Ledger) -> StoredLedger:
        """Keep it."""
        return replace(stored, ledger=ledger)


def _states(ledger: Ledger | None) -> list[tuple[int, str]]:
    """First record and state of each entry."""
    assert ledger is not None
    return [(entry.first, entry.state) for entry in ledger.entries]


def _body(first: int, last: int) -> Body:
    batch = Batch(first, last, last - first + 1, 100, f"{first}-{last}")
    return Body(batch, b"", (range(first, last + 1),))


def _cursor(*entries: Entry) -> LedgerCursor:
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
    return LedgerCursor(cast("LedgerStore", Written()), StoredLedger("ledger/x", "1", ledger=ledger))


def _entry(first: int, last: int, **changes: object) -> Entry:
    return msgspec.structs.replace(entry_of(_body(first, last).batch), **changes)


def test_what_was_accepted_is_passed_over_and_what_is_planned_is_sent() -> None:
    """Bodies come in the ledger's order; those of accepted entries may be left out, since their records may be."""
    entries = (_entry(1, 2, state="accepted"), _entry(3, 4, state="refused"), _entry(5, 6), _entry(7, 8))
    whole = _cursor(*entries)
    assert not whole.is_open(_body(1, 2))
    assert not whole.is_open(_body(3, 4))
    assert whole.is_open(_body(5, 6))
    assert whole.index == 2
    left_out = _cursor(*entries)
    assert left_out.is_open(_body(5, 6))


@pytest.mark.parametrize("body", [_body(5, 7), _body(7, 8), _body(6, 6)])
def test_a_body_that_the_ledger_does_not_know_is_a_mismatch(body: Body) -> None:
    """Nothing that is planned is passed over, and no body is sent as another one."""
    cursor = _cursor(_entry(1, 2, state="accepted"), _entry(5, 6), _entry(7, 8))
    with pytest.raises(ActionRequiredError, match="does not yield"):
        cursor.is_open(body)


def test_a_body_behind_the_last_entry_is_a_mismatch() -> None:
    """All the ledger knows was accepted."""
    cursor = _cursor(_entry(1, 2, state="accepted"))
    with pytest.raises(ActionRequiredError, match="does not yield"):
        cursor.is_open(_body(3, 4))


def test_only_what_is_larger_than_the_connector_takes_is_halved() -> None:
    """A single record cannot be; three quarters of what was refused are tried next, and never more again."""
    cursor = _cursor(_entry(1, 2))
    assert not cursor.is_too_large(_body(1, 2))
    cursor.shrink(_body(1, 2))
    assert cursor.ledger.max_bytes == 75
    assert cursor.is_too_large(_body(1, 2))
    assert not cursor.is_too_large(_body(1, 1))
    cursor.ledger = msgspec.structs.replace(cursor.ledger, max_bytes=100)
    assert not cursor.is_too_large(_body(1, 2))
    cursor.ledger = msgspec.structs.replace(cursor.ledger, max_bytes=20)
    cursor.shrink(_body(1, 2))
    assert cursor.ledger.max_bytes == 20
    tiny = Body(Batch(1, 2, 2, 1, "tiny"), b"", ())
    cursor.shrink(tiny)
    assert cursor.ledger.max_bytes == 1


def test_an_entry_is_cut_in_the_ledger_before_its_parts_are_sent() -> None:
    """In one write with the first part's `sending`, unless that is cut once more; requests are counted by each part."""
    cursor = _cursor(_entry(1, 2, state="accepted"), _entry(3, 6))
    assert cursor.is_open(_body(3, 6))
    cursor.split([_body(3, 4).batch, _body(5, 6).batch], [{}, {}], sending=False)
    assert _states(cursor.stored.ledger) == [(1, "accepted"), (3, "planned"), (5, "planned")]
    cursor.split([_body(3, 3).batch, _body(4, 4).batch], [{}, {}], sending=True)
    assert _states(cursor.stored.ledger) == [
        (1, "accepted"),
        (3, "sending"),
        (4, "planned"),
        (5, "planned"),
    ]


def test_a_ledger_has_room_for_so_many_entries() -> None:
    """A connector that refuses everything but tiny batches needs a person, not a ledger without end."""
    many = [_entry(n, n, state="accepted") for n in range(1, MAX_ENTRIES - 1)]
    two = _body(MAX_ENTRIES, MAX_ENTRIES + 1)
    cursor = _cursor(*many, entry_of(two.batch))
    assert cursor.is_open(two)
    halves = [_body(n, n).batch for n in (MAX_ENTRIES, MAX_ENTRIES + 1)]
    cursor.split(halves, [{}, {}], sending=False)
    assert len(cursor.ledger.entries) == MAX_ENTRIES
    with pytest.raises(ActionRequiredError, match="more than 20,000 requests"):
        cursor.split(halves, [{}, {}], sending=False)


def test_a_request_is_noted_and_written_with_the_next_step() -> None:
    """How often the entry was posted, and the last answer."""
    cursor = _cursor(_entry(1, 2, requests=3))
    cursor.note(503)
    cursor.note(None)
    assert (cursor.entry.requests, cursor.entry.http_status) == (5, None)
    assert cursor.stored.ledger is not None
    assert cursor.stored.ledger.entries[0].requests == 3
    cursor.rest(unanswered=False)
    assert cursor.stored.ledger.entries[0].requests == 5


@pytest.mark.parametrize(
    ("state", "unanswered", "rests"),
    [
        ("sending", True, "sending"),
        ("sending", False, "planned"),
        ("planned", True, "planned"),
        ("planned", False, "planned"),
    ],
)
def test_a_ledger_at_rest_says_sending_only_if_there_is_doubt(
    state: str,
    unanswered: object,
    rests: str,
) -> None:
    """A request that has its answer, or never left, is planned anew."""
    cursor = _cursor(_entry(1, 2, state=state))
    cursor.rest(unanswered=bool(unanswered))
    assert _states(cursor.stored.ledger) == [(1, rests)]
