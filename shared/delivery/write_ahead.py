"""Written ahead: the events of a request stand in an open file, and the ledger's entry names it, before the request leaves."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate, islice
from typing import Final

import msgspec

from shared.delivery.fold import Folding
from shared.delivery.ledger import Ledger
from shared.delivery.open_files import OpenFiles
from shared.events.event_log import EventLog
from shared.events.identity import Key

FOLD_AFTER_BATCHES: Final = 100
_BATCHES_AHEAD: Final = 50
FILE_RECORDS: Final = 50_000
"""The events of so many batches to come stand in the same file, up to so many of 14 bytes each: a write is dearer than they are."""


class WriteAhead:
    """Writes the open files of one ledger.

    A batch that an earlier attempt left in doubt gets a file anew as well: that attempt's own may be deleted late, by a worker that
    folded it while it was not in doubt, and has lost the lease since. Of what this attempt has written nobody else can know that.

    Args:
        files: of the job.
        folding: of the job, under its lease; the holder's name makes each attempt's files different.
        key: of the hashes.
        log: the events of what is sent.
        ledger: path of the ledger.

    Attributes:
        log: likewise.
    """

    def __init__(self, files: OpenFiles, folding: Folding, key: Key, log: EventLog, ledger: str) -> None:
        self._files = files
        self._folding = folding
        self._key = key
        self._ledger = ledger
        self._written: set[str] = set()
        self._folded_at = 0
        self.log = log

    def named(self, ledger: Ledger, places: Sequence[int]) -> Ledger:
        """The ledger whose entries name open files of this attempt: one for all that name none yet.

        A file that must be written holds the events of open batches behind these as well, as far as it has room.

        Args:
            ledger: as it is now.
            places: of the entries, in order.

        Raises:
            LeaseLostError: the lease is not ours any more.
            StorageError: storage cannot be written.
        """
        needed = self._unnamed(ledger, places)
        if not needed:
            return ledger
        behind = range(places[-1] + 1, len(ledger.entries))
        further = islice((place for place in behind if ledger.entries[place].open), _BATCHES_AHEAD)
        without = [*needed, *self._unnamed(ledger, further)]
        room = bisect_right([*accumulate(ledger.entries[place].records for place in without)], FILE_RECORDS)
        without = without[: max(room, len(needed))]
        lease = self._folding.lease
        lease.check()
        within = [(ledger.entries[place].first, ledger.entries[place].last) for place in without]
        name = self._files.write(
            self.log.open_file(self._ledger, self._key, ledger.plan.planned_at, lease.holder, within)
        )
        self._written.add(name)
        for place in without:
            named = msgspec.structs.replace(ledger.entries[place], file=name)
            ledger = ledger.with_entry(place, named)
        return ledger

    def _unnamed(self, ledger: Ledger, places: Iterable[int]) -> list[int]:
        """The places of those entries that name no file of this attempt."""
        return [place for place in places if ledger.entries[place].file not in self._written]

    def without_refused(self, ledger: Ledger, index: int) -> Ledger:
        """The ledger whose entry, which was accepted, does not count refused records among its days."""
        entry = ledger.entries[index]
        days = Counter(entry.days)
        for number in entry.refused:
            days.subtract(self.log.days(number, number))
        return ledger.with_entry(index, msgspec.structs.replace(entry, days=dict(+days)))

    def batches_over(self, count: int, deadline: float) -> None:
        """Now and then bring what was accepted into the index; the files that are over are gone then.

        Args:
            count: of all batches so far that were accepted or refused.
            deadline: monotonic seconds.

        Raises:
            TimeUsedUpError: the deadline is over.
        """
        if count - self._folded_at >= FOLD_AFTER_BATCHES:
            self._folded_at = count
            self._written &= self._folding.fold(deadline).kept.keys()
