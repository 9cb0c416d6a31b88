"""Fold: what became of the events in open files goes into the index, record by record, as the ledgers say.

Runs are written first. Then, after one more renewal of the lease, a file of which nothing is kept is deleted; one of which a
record is still in doubt stays as it is, and is folded again next time.
"""

from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from shared.blob_names import request_of_ledger
from shared.clock import Clock
from shared.delivery.event_index import EventIndex
from shared.delivery.ledger import Entry
from shared.delivery.ledger_store import LedgerStore
from shared.delivery.open_files import ListedFile, OpenFiles
from shared.delivery.settled_events import Settled, Share, all_kept, settle
from shared.errors import ActionRequiredError, TimeUsedUpError
from shared.events.open_file import OpenFile
from shared.events.runs import run_of

_MANY_EVENTS: Final = 250_000
"""So many are settled at a time before their runs are written."""


@dataclass(frozen=True, slots=True)
class InDoubt:
    """What is kept of an open file: the ledger that it belongs to, and the events that may have been accepted, by record number."""

    ledger: str
    events: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Folded:
    """What is in doubt after everything else has gone into the index, by the names of the open files."""

    kept: Mapping[str, InDoubt] = field(default_factory=dict)

    def of(self, ledger: str, closed: Sequence[Entry]) -> frozenset[int]:
        """Events in doubt in one ledger, as far as it still has them closed.

        Until it is read with its fence, a worker that comes back may note that a batch was not taken, and cut it: what was in doubt
        for the fold must be sent then.

        Args:
            ledger: its path.
            closed: its entries that are closed, as it was read with its fence.
        """
        firsts = [entry.first for entry in closed]
        return frozenset(
            event
            for one in self.kept.values()
            if one.ledger == ledger
            for number, event in one.events.items()
            if (place := bisect_right(firsts, number)) and number <= closed[place - 1].last
        )

    def elsewhere(self, ledger: str, request_id: str | None) -> frozenset[int]:
        """Events in doubt in other ledgers.

        Args:
            ledger: which does not count.
            request_id: of a resend: only its ledgers count; `None`: all do.
        """
        others = (one for one in self.kept.values() if one.ledger != ledger)
        return frozenset(
            event
            for one in others
            if request_id is None or request_of_ledger(one.ledger) == request_id
            for event in one.events.values()
        )


class Folding:
    """Folds the open files of a job, under its lease.

    Args:
        files: the open files of the job.
        index: takes the runs.
        ledgers: of the job.
        clock: for the deadline.

    Attributes:
        ledgers: likewise.
        lease: of the job.
        last: what was in doubt after the last fold.
    """

    def __init__(self, files: OpenFiles, index: EventIndex, ledgers: LedgerStore, clock: Clock) -> None:
        self._files = files
        self._index = index
        self.ledgers = ledgers
        self._clock = clock
        self.lease = ledgers.lease
        self.last = Folded()

    def fold(self, deadline: float) -> Folded:
        """Fold everything.

        Args:
            deadline: monotonic seconds; what is left then is folded next time.

        Raises:
            TimeUsedUpError: the deadline is over; what was folded stays so.
            LeaseLostError: the lease is not ours any more.
            TransientError: storage cannot be read.
            StorageError: it cannot be written.
        """
        entries = _Entries(self.ledgers)
        kept: dict[str, InDoubt] = {}
        waiting: list[tuple[ListedFile, OpenFile, Settled]] = []
        for listed in self._files.listed():
            if self._clock.monotonic() >= deadline:
                self._flush(waiting)
                raise TimeUsedUpError
            file = self._files.read(listed)
            if file is None:
                continue
            settled = entries.settled(listed.name, file)
            if settled.kept:
                kept[listed.name] = InDoubt(file.ledger, settled.kept)
            waiting.append((listed, file, settled))
            if sum(len(one.hashes) for _, one, _ in waiting) >= _MANY_EVENTS:
                self._flush(waiting)
                waiting = []
        self._flush(waiting)
        self.last = Folded(kept)
        return self.last

    def _flush(self, waiting: list[tuple[ListedFile, OpenFile, Settled]]) -> None:
        """Write the runs; then delete the files of which nothing is kept."""
        groups: defaultdict[tuple[str | None, bytes, str, Share], array[int]] = defaultdict(
            partial(array, "Q")
        )
        for listed, file, settled in waiting:
            apart = listed.name if settled.kept else ""  # so that folding it again gives the same run
            for share, hashes in settled.shares.items():
                for request_id in _indexes(file):
                    groups[request_id, file.key_id, apart, share].extend(hashes)
        for (request_id, key_id, _, share), hashes in sorted(groups.items(), key=lambda one: one[0][3]):
            self._index.write(request_id, share, run_of(key_id, hashes))
        over = [listed for listed, _, settled in waiting if not settled.kept]
        if over:
            self.lease.renew()
        for listed in over:
            self._files.delete(listed)


class _Entries:
    """The entries of ledgers, each read once while files are folded."""

    def __init__(self, ledgers: LedgerStore) -> None:
        self._ledgers = ledgers
        self._read: dict[str, list[Entry] | None] = {}

    def settled(self, name: str, file: OpenFile) -> Settled:
        """What became of a file's events."""
        if file.ledger not in self._read:
            self._read[file.ledger] = self._entries(file.ledger)
        entries = self._read[file.ledger]
        return all_kept(file) if entries is None else settle(name, file, entries)

    def _entries(self, path: str) -> list[Entry] | None:
        """Of a ledger that is gone none; `None` if it cannot be read."""
        try:
            return self._ledgers.entries_at(path)
        except ActionRequiredError:
            return None


def _indexes(file: OpenFile) -> list[str | None]:
    """What a resend sends goes into its own index as well."""
    request_id = request_of_ledger(file.ledger)
    return [None, request_id] if request_id else [None]
