"""What became of the events of an open file, by the entries that name it."""

from array import array

import msgspec

from shared.delivery.ledger import Entry
from shared.delivery.settled_events import Settled, Share, all_kept, settle
from shared.events.open_file import OpenFile

NAME = "5a" * 32
BEFORE, BEHIND = "2026-11-21", "2026-11-22"
FILE = OpenFile(
    ledger="ledger/j/k/r.json",
    key_id=bytes(8),
    planned_at="2026-11-22T05:00:00Z",
    by="worker",
    dates=[BEFORE, BEHIND],
    numbers=array("Q", [2, 3, 5, 7, 8, 9]),
    date_of=array("Q", [0, 1, 0, 0, 1, 1]),
    hashes=array("Q", [102, 103, 105, 107, 108, 109]),
)


def _entry(first: int, last: int, **changes: object) -> Entry:
    """A batch that was accepted under this file."""
    made = Entry(
        first=first,
        last=last,
        records=1,
        bytes=1,
        sha256="",
        state="accepted",
        accepted_at="2026-11-23T00:10:00Z",
        file=NAME,
    )
    return msgspec.structs.replace(made, **changes)


def _accepted(date: str, *, on: str = "2026-11-23", doubt: bool = False) -> Share:
    return Share(date, on, doubt)


def test_events_of_accepted_batches_are_shared_out_by_date() -> None:
    """From the first record of a batch to its last one; what is in no batch was never sent."""
    assert settle(NAME, FILE, [_entry(2, 5)]) == Settled(
        {_accepted(BEFORE): array("Q", [102, 105]), _accepted(BEHIND): array("Q", [103])}, {}
    )
    assert settle(NAME, FILE, [_entry(1, 4), _entry(6, 6), _entry(8, 20)]) == Settled(
        {_accepted(BEFORE): array("Q", [102]), _accepted(BEHIND): array("Q", [103, 108, 109])}, {}
    )


def test_the_day_of_acceptance_and_what_was_not_confirmed_keep_events_apart() -> None:
    """They are forgotten at another time, and are sent again where they are in doubt."""
    entries = [_entry(2, 3), _entry(5, 6, accepted_at="2026-11-24T08:00:00Z"), _entry(7, 9, unconfirmed=1)]
    assert settle(NAME, FILE, entries).shares == {
        _accepted(BEFORE): array("Q", [102]),
        _accepted(BEHIND): array("Q", [103]),
        _accepted(BEFORE, on="2026-11-24"): array("Q", [105]),
        _accepted(BEFORE, doubt=True): array("Q", [107]),
        _accepted(BEHIND, doubt=True): array("Q", [108, 109]),
    }


def test_refused_records_were_not_accepted() -> None:
    """Whatever became of the others of their batch."""
    assert settle(NAME, FILE, [_entry(7, 9, refused=[8])]).shares == {
        _accepted(BEFORE): array("Q", [107]),
        _accepted(BEHIND): array("Q", [109]),
    }


def test_what_may_have_been_accepted_is_kept() -> None:
    """On its way, or sent without an answer; not what was only planned, or refused as a whole."""
    entries = [
        _entry(2, 2, state="sending"),
        _entry(3, 5, state="planned", possible_copies=1),
        _entry(7, 7, state="planned"),
        _entry(8, 8, state="refused"),
        _entry(9, 9),
    ]
    assert settle(NAME, FILE, entries) == Settled(
        {_accepted(BEHIND): array("Q", [109])}, {2: 102, 3: 103, 5: 105}
    )


def test_batches_of_another_file_say_nothing_of_this_one() -> None:
    """Wherever they are among those that do."""
    other = "5b" * 32
    assert settle(NAME, FILE, [_entry(2, 9, file=other)]) == Settled({}, {})
    assert settle(NAME, FILE, [_entry(2, 3, file=other), _entry(5, 5), _entry(7, 9, file="")]) == Settled(
        {_accepted(BEFORE): array("Q", [105])}, {}
    )


def test_of_a_ledger_that_cannot_be_read_everything_is_kept() -> None:
    """Any of them may have been accepted."""
    assert all_kept(FILE) == Settled({}, dict(zip(FILE.numbers, FILE.hashes, strict=True)))
