"""Where sending stands in a ledger: the entry that is being sent, and the writes that note what became of it."""

from collections.abc import Sequence

import msgspec

from shared.delivery import ledger_steps
from shared.delivery.ledger import Entry, Ledger
from shared.delivery.ledger_store import LedgerStore, StoredLedger
from shared.delivery.plan import MAX_ENTRIES, mismatch, too_many_batches
from shared.exports.batches import Batch, Body


class LedgerCursor:
    """Walks through a planned ledger while its bodies are sent.

    Args:
        store: writes the ledger.
        stored: the ledger, planned for this attempt.

    Attributes:
        stored: the ledger as it was last written.
        ledger: the ledger as it is now; with `note` and `shrink` it may be ahead of what is written.
        index: of the entry that is being sent.
    """

    def __init__(self, store: LedgerStore, stored: StoredLedger) -> None:
        if stored.ledger is None:
            raise AssertionError("a ledger is planned before anything is sent")
        self._store = store
        self.stored = stored
        self.ledger = stored.ledger
        self.index = 0

    @property
    def entry(self) -> Entry:
        """The entry that is being sent."""
        return self.ledger.entries[self.index]

    def write(self, ledger: Ledger) -> None:
        """Write the ledger.

        Raises:
            LeaseLostError: another worker has written it.
            StorageError: it cannot be written.
        """
        self.stored = self._store.write(self.stored, ledger)
        self.ledger = ledger

    def write_sending(self) -> None:
        """Write that the entry's request is about to leave."""
        self.write(ledger_steps.sending(self.ledger, self.index))

    def is_open(self, body: Body) -> bool:
        """Go to a body's entry, and say whether it still has to be sent.

        Raises:
            ActionRequiredError: `ledger-mismatch`, if the ledger does not know it.
        """
        entries = self.ledger.entries
        while (
            self.index < len(entries)
            and not entries[self.index].open
            and entries[self.index].last < body.batch.first
        ):
            self.index += 1
        if self.index == len(entries) or body.batch != self.entry.batch:
            raise mismatch()
        return self.entry.open

    def is_too_large(self, body: Body) -> bool:
        """Whether a body must be halved before it is sent, because the connector has refused such a large one."""
        limit = self.ledger.max_bytes
        return limit is not None and body.batch.bytes > limit and body.batch.records > 1

    def shrink(self, body: Body) -> None:
        """After a 413 the next ones are halved, too; a quarter of leeway, since halves are never quite even."""
        smaller = min(self.ledger.max_bytes or body.batch.bytes, max(1, body.batch.bytes * 3 // 4))
        self.ledger = msgspec.structs.replace(self.ledger, max_bytes=smaller)

    def split(self, parts: Sequence[Batch], days: Sequence[dict[str, int]], *, sending: bool) -> None:
        """Replace the entry by smaller ones.

        Args:
            parts: what it is cut into, in order.
            days: of which days each part's events are.
            sending: whether the first part's request is about to leave.

        Raises:
            ActionRequiredError: `batches-too-small`: the ledger has no room for more entries.
        """
        if len(self.ledger.entries) >= MAX_ENTRIES:
            raise too_many_batches()
        parted = ledger_steps.split(self.ledger, self.index, parts, days)
        self.write(ledger_steps.sending(parted, self.index) if sending else parted)

    def note(self, http_status: int | None) -> None:
        """Count a request of the entry and keep its answer; written with the next step."""
        noted = msgspec.structs.replace(self.entry, requests=self.entry.requests + 1, http_status=http_status)
        self.ledger = self.ledger.with_entry(self.index, noted)

    def rest(self, *, unanswered: bool) -> None:
        """Bring the ledger to rest: a batch stays `sending` only if a request of it may have been taken unnoticed."""
        index = self.ledger.next_open()
        if index is None:
            return
        entry = self.ledger.entries[index]
        if entry.state == "sending" and not unanswered:
            entry = msgspec.structs.replace(entry, state="planned")
        self.write(self.ledger.with_entry(index, entry))
