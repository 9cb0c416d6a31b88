"""What a fold leaves in doubt, as seen by a pass that reads its own ledger after it."""

from shared.blob_names import ledger_path
from shared.delivery.fold import Folded, InDoubt
from shared.delivery.ledger import Entry

KEY, RULES = "9f" * 32, "r" * 64
RESEND = "0b7c2a52-1111-4222-8333-444455556666"
OURS, OTHER = ledger_path("job", KEY, RULES, None), ledger_path("job", KEY.replace("9", "8"), RULES, None)
RESENT = ledger_path("job", KEY, RULES, RESEND)
FOLDED = Folded(
    {
        "file-1": InDoubt(OURS, {1: 101, 2: 102, 4: 104}),
        "file-2": InDoubt(OURS, {7: 107}),
        "file-3": InDoubt(OTHER, {1: 201}),
        "file-4": InDoubt(RESENT, {1: 301}),
    }
)


def _closed(*ranges: tuple[int, int]) -> list[Entry]:
    return [
        Entry(first=first, last=last, records=1, bytes=1, sha256="", state="sending")
        for first, last in ranges
    ]


def test_doubt_in_our_own_ledger_counts_as_long_as_its_batches_are_closed() -> None:
    """A worker that came back may have noted between the two readings that its batch was not taken: then it is sent."""
    assert FOLDED.of(OURS, _closed((1, 4), (7, 9))) == {101, 102, 104, 107}
    assert FOLDED.of(OURS, _closed((7, 9))) == {107}
    assert FOLDED.of(OURS, _closed((1, 3), (5, 6))) == {101, 102}
    assert FOLDED.of(OURS, []) == frozenset()


def test_doubt_in_other_ledgers_counts_for_an_ordinary_attempt_and_not_for_a_resend() -> None:
    """A resend sees its own request's only."""
    assert FOLDED.elsewhere(OURS, None) == {201, 301}
    assert FOLDED.elsewhere(OTHER, RESEND) == {301}
