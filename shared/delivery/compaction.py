"""Compaction: the runs of one event date, one acceptance date, one kind and one key become one.

Their union is written and read back, then those that are not the union itself are deleted. So that a day of many exports is not a day of
many runs to read.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from shared.blob_names import lease_path
from shared.clock import Clock
from shared.delivery.dependencies import Dependencies
from shared.delivery.event_index import EventIndex
from shared.delivery.job_lease import JobLease
from shared.delivery.settled_events import Share
from shared.errors import LeaseLostError, LeaseTakenError, TransientError
from shared.events.run_names import Kind, RunName
from shared.events.runs import DamagedRunError, Run, union

_MOST_EVENTS: Final = 4_000_000
"""Runs are not put together beyond that: a union is held in memory."""


_SECONDS: Final = 5.0
"""A slice of a sweep, or the end of an attempt, gives it so long."""

_LEASE_TRIES: Final = 6
_LEASE_PAUSE_SECONDS: Final = 10.0


def compact_index(deps: Dependencies) -> None:
    """Put runs together beside a sweep, if the job's lease is free now or soon; else another sweep does it.

    Raises:
        StorageError: storage cannot be written.
    """
    settings, clock = deps.settings, deps.clock
    index = EventIndex(deps.state, settings.job_id, clock, settings.repeat_days)
    for tried in range(_LEASE_TRIES):
        if tried:
            clock.sleep(_LEASE_PAUSE_SECONDS)
        try:
            with JobLease(deps.state, lease_path(settings.job_id), clock) as lease:
                Compaction(index, lease, clock).compact()
        except LeaseTakenError:
            continue
        except (LeaseLostError, TransientError):
            return  # what is apart stays so until the next time
        return


class Compaction:
    """Puts the runs of a job together, under its lease.

    Args:
        index: of the job's events.
        lease: of the job, which is held.
        clock: for the time that is given.
    """

    def __init__(self, index: EventIndex, lease: JobLease, clock: Clock) -> None:
        self._index = index
        self._lease = lease
        self._clock = clock

    def compact(self) -> bool:
        """Put together what is apart, for a few seconds; whether everything was.

        Raises:
            LeaseLostError: the lease is not ours any more.
            StorageError: storage cannot be written.
            TransientError: it cannot be reached.
        """
        until = self._clock.monotonic() + _SECONDS
        for names in _groups(self._index.names(None)):
            if self._clock.monotonic() >= until:
                return False
            for runs in self._readable(names):
                self._put_together(runs)
        return True

    def _readable(self, names: list[RunName]) -> list[dict[RunName, Run]]:
        """Runs that can be put together: of one key, undamaged, and not too many events."""
        by_key: defaultdict[bytes, dict[RunName, Run]] = defaultdict(dict)
        events = 0
        for name in names:
            try:
                run = self._index.read(None, name)
            except DamagedRunError:
                continue
            if run and events + len(run.hashes) <= _MOST_EVENTS:
                by_key[run.key_id][name] = run
                events += len(run.hashes)
        return [runs for runs in by_key.values() if len(runs) > 1]

    def _put_together(self, runs: dict[RunName, Run]) -> None:
        one = next(iter(runs))
        whole = union([*runs.values()])
        share = Share(one.event_date, one.accepted_date, one.kind == "doubt")
        name = self._index.write(None, share, whole)
        if not self._is_there(name, whole):
            return
        self._lease.renew()
        for other in runs:
            if other != name:
                self._index.delete(other)

    def _is_there(self, name: RunName, whole: Run) -> bool:
        try:
            return self._index.read(None, name) == whole
        except DamagedRunError:
            return False


def _groups(names: Iterator[RunName]) -> Iterator[list[RunName]]:
    """Runs of one event date, one acceptance date and one kind, where there are several."""
    for _, found in groupby(names, key=lambda one: (one.event_date, one.accepted_date)):
        kinds: defaultdict[Kind, list[RunName]] = defaultdict(list)
        for name in found:
            kinds[name.kind].append(name)
        yield from (same for same in kinds.values() if len(same) > 1)
