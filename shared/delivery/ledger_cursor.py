"""Where sending stands in a ledger: the entries whose requests are on their way, and what became of them.

An entry is named by its first record: its place changes when an entry before it is cut.
"""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from itertools import islice, takewhile

import msgspec

from shared.delivery import ledger_steps
from shared.delivery.ledger import Entry, Ledger
from shared.delivery.ledger_store import LedgerStore, StoredLedger
from shared.delivery.plan import MAX_ENTRIES, mismatch, too_many_batches
from shared.exports.batches import Batch, Body


class LedgerCursor:
    """Walks through a planned ledger while its bodies are sent, some at a time.

    Args:
        store: writes the ledger.
        stored: the ledger, planned for this attempt.
        accepted_before: whether another ledger of this content says that a batch was accepted.

    Attributes:
        stored: the ledger as it was last written.
        ledger: the ledger as it is now; it may be ahead of what is written.
        unwritten: whether something happened to a batch that is not written yet.
    """

    def __init__(self, store: LedgerStore, stored: StoredLedger, *, accepted_before: bool) -> None:
        if stored.ledger is None:
            raise AssertionError("a ledger is planned before anything is sent")
        self._store = store
        self.stored = stored
        self.ledger = stored.ledger
        self.unwritten = False
        self._accepted_before = accepted_before
        self._begin = 0  # no entry before this one is open
        self._ours: set[int] = set()  # of which this attempt has written that they are being sent
        self._unanswered: set[int] = set()

    @property
    def accepted_any(self) -> bool:
        """Whether the connector has accepted a batch of this content."""
        return self._accepted_before or self.ledger.accepted_any

    def place(self, first: int) -> int:
        """Where the entry is that begins with this record, or the first one behind it."""
        return bisect_left(self.ledger.entries, first, key=lambda entry: entry.first)

    def entry(self, first: int) -> Entry:
        """The entry that begins with this record."""
        return self.ledger.entries[self.place(first)]

    def open_entries(self, most: int, after: int = 0) -> list[Entry]:
        """The next entries that still have to be sent, in order.

        Args:
            most: so many at most.
            after: only those behind this record.
        """
        while self._begin < len(self.ledger.entries) and not self.ledger.entries[self._begin].open:
            self._begin += 1
        begin = max(self._begin, self.place(after + 1))
        entries = self.ledger.entries
        return [*islice((entry for entry in islice(entries, begin, None) if entry.open), most)]

    def write(self, ledger: Ledger) -> None:
        """Write the ledger.

        Raises:
            LeaseLostError: another worker has written it.
            StorageError: it cannot be written.
        """
        self.stored = self._store.write(self.stored, ledger)
        self.ledger = ledger
        self.unwritten = False

    def write_sending(self, firsts: Sequence[int]) -> None:
        """Write that the requests of entries are about to leave; one that got no answer before may become a copy.

        Args:
            firsts: of the entries.
        """
        ledger = self.ledger
        for first in firsts:
            if first not in self._ours or first in self._unanswered:
                ledger = ledger_steps.sending(ledger, self.place(first))
        self.write(ledger)
        self._ours.update(firsts)
        self._unanswered.difference_update(firsts)

    def is_open(self, body: Body) -> bool:
        """Whether a body still has to be sent.

        Raises:
            ActionRequiredError: `ledger-mismatch`, if the ledger does not know it.
        """
        place = self.place(body.batch.first)
        if place == len(self.ledger.entries) or self.ledger.entries[place].batch != body.batch:
            raise mismatch()
        return self.ledger.entries[place].open

    def fitting(self, entries: Sequence[Entry]) -> list[int]:
        """First records of the entries before the first that must be halved, because the connector has refused such a large one."""
        return [entry.first for entry in takewhile(lambda entry: not self._is_too_large(entry), entries)]

    def _is_too_large(self, entry: Entry) -> bool:
        limit = self.ledger.max_bytes
        return limit is not None and entry.bytes > limit and entry.records > 1

    def shrink(self, body: Body) -> None:
        """After a 413 the next ones are halved, too; a quarter of leeway, since halves are never quite even."""
        smaller = min(self.ledger.max_bytes or body.batch.bytes, max(1, body.batch.bytes * 3 // 4))
        self.ledger = msgspec.structs.replace(self.ledger, max_bytes=smaller)

    def split(self, first: int, parts: Sequence[Batch], days: Sequence[dict[str, int]]) -> None:
        """Replace an entry by smaller ones; written with the next step.

        One that a dead worker left as `sending` is counted first: its parts are sent again.

        Args:
            first: of the entry.
            parts: what it is cut into, in order.
            days: of which days each part's events are.

        Raises:
            ActionRequiredError: `batches-too-small`: the ledger has no room for more entries.
        """
        if len(self.ledger.entries) >= MAX_ENTRIES:
            raise too_many_batches()
        place = self.place(first)
        whole = self.ledger if first in self._ours else ledger_steps.sending(self.ledger, place)
        self.settle(first, ledger_steps.split(whole, place, parts, days))
        self._ours.discard(first)

    def note(self, first: int, http_status: int | None, *, answered: bool) -> None:
        """Count a request of an entry and keep its answer; written with the next step.

        Args:
            first: of the entry.
            http_status: of the reply, if there was one.
            answered: whether it is certain that the batch was taken, or that it was not.
        """
        entry = self.entry(first)
        noted = msgspec.structs.replace(entry, requests=entry.requests + 1, http_status=http_status)
        self.ledger = self.ledger.with_entry(self.place(first), noted)
        if not answered:
            self._unanswered.add(first)

    def settle(self, first: int, ledger: Ledger) -> None:
        """An entry was accepted, refused or cut; written with the next step.

        Args:
            first: of the entry.
            ledger: that says so.
        """
        self.ledger = ledger
        self.unwritten = True
        self._unanswered.discard(first)

    def any_unanswered(self, firsts: Collection[int]) -> bool:
        """Whether a request of one of these entries may have been taken unnoticed."""
        return not self._unanswered.isdisjoint(firsts)

    def rest(self) -> None:
        """Bring the ledger to rest: a batch stays `sending` only if a request of it may have been taken unnoticed."""
        if self.ledger.next_open() is not None or self.unwritten:
            entries = [self._at_rest(entry) for entry in self.ledger.entries]
            self.write(msgspec.structs.replace(self.ledger, entries=entries))

    def _at_rest(self, entry: Entry) -> Entry:
        """What an earlier attempt left as `sending` and this one did not come to, stays so."""
        if entry.state == "sending" and entry.first in self._ours - self._unanswered:
            return msgspec.structs.replace(entry, state="planned")
        return entry
