"""What ledgers of a content have decided before an attempt, by input record number. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.delivery.ledger import Entry, Ledger, closed_entries
from shared.delivery.record_bits import RecordBits


@dataclass(frozen=True, slots=True)
class Decided:
    """What ledgers of this content have decided before this attempt, by input record number.

    Attributes:
        closed: batches of our own ledger that are never cut or judged again.
        planned: its other batches, by the SHA-256 of their bodies.
        own: the bits of our own ledger's last plan.
        accepted_elsewhere: records that other ledgers say were accepted: never sent, judged or rejected again.
        in_doubt_elsewhere: records that other ledgers may have had accepted.
    """

    closed: Sequence[Entry] = ()
    planned: Mapping[str, Entry] = field(default_factory=dict)
    own: RecordBits = field(default_factory=RecordBits)
    accepted_elsewhere: RecordBits = field(default_factory=RecordBits)
    in_doubt_elsewhere: RecordBits = field(default_factory=RecordBits)

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """First and last record of each closed batch."""
        return [(entry.first, entry.last) for entry in self.closed]

    @property
    def taken(self) -> RecordBits:
        """Records accepted elsewhere that are none of our own closed batches'."""
        ours = RecordBits()
        for entry in self.closed:
            ours = ours.union(self.own.within(entry.first, entry.last))
        return self.accepted_elsewhere.without(ours)


def decided_by(
    ledger: Ledger | None, own: RecordBits, others: Sequence[tuple[RecordBits, RecordBits]]
) -> Decided:
    """What pass 1 must leave as it is.

    Args:
        ledger: our own, if there is one.
        own: its plan's bits.
        others: of each other ledger of this content, what was accepted and what is in doubt.
    """
    accepted, in_doubt = RecordBits(), RecordBits()
    for theirs, doubtful in others:
        accepted, in_doubt = accepted.union(theirs), in_doubt.union(doubtful)
    planned = {one.sha256: one for one in ledger.entries if not one.closed} if ledger else {}
    return Decided(closed_entries(ledger), planned, own, accepted, in_doubt)
