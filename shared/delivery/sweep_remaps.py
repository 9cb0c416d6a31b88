"""What a sweep queues because mappings have changed: the exports that waited longest, at most 1,000; the rest next day.

Only listings are looked at, and the digests of sources: no export, no outcome and no rejected file is read.
"""

import heapq
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Final

import msgspec

from shared.blob_names import REMAPS_PATH
from shared.clock import utc_text
from shared.delivery.dependencies import Dependencies
from shared.delivery.outcome_listing import ListedOutcome
from shared.delivery.remap_due import may_be_helped
from shared.delivery.remap_notes import passes_begun
from shared.delivery.remaps_left import RemapsLeft
from shared.delivery.sweep_result import DueRemap, SweepResult
from shared.errors import TransientError
from shared.messages import Message

MAX_REMAPS: Final = 1_000


class RemapSearch:
    """Finds, among the outcomes that a sweep lists, those that a changed mapping may help.

    Args:
        deps: the outside world.
        result: of the sweep; takes what is found.
        now: UTC.
        on_trial: whether the source of a folder is on trial.
    """

    def __init__(
        self, deps: Dependencies, result: SweepResult, now: datetime, on_trial: Callable[[str], bool]
    ) -> None:
        self._days = deps.settings.remap_days if deps.settings.connector_sending else 0
        self._result = result
        self._now = now
        self._on_trial = on_trial
        self._sources = deps.sources
        self._mapping = cache(self._mapping_now)  # files are digested once a slice

    def look_at(self, outcome: ListedOutcome, *, is_current: bool) -> None:
        """Note an outcome if its source has another mapping than the one it was tried under.

        Args:
            outcome: as listed.
            is_current: whether its export is there in this very version.
        """
        if not self._days or not may_be_helped(outcome, self._now, self._days, is_current=is_current):
            return
        folder = outcome.name.partition("/")[0]
        mapping = self._mapping(folder)
        if mapping in {None, outcome.mapping} or self._on_trial(folder):
            return
        result, found = self._result, DueRemap(utc_text(outcome.moment), outcome.name, outcome.etag)
        result.remaps_due += 1
        result.remaps.append(found)
        if len(result.remaps) >= 2 * MAX_REMAPS:
            result.remaps[:] = heapq.nsmallest(MAX_REMAPS, result.remaps)

    def _mapping_now(self, folder: str) -> str | None:
        """The mapping of a folder's source; where it cannot be read, the next sweep asks again."""
        try:
            return self._sources.mapping(folder)
        except TransientError:
            return None


def queue_remaps(deps: Dependencies, result: SweepResult, now: datetime) -> None:
    """Queue what waited longest, and say what is left for the next sweep.

    Args:
        deps: the outside world.
        result: of the sweep.
        now: UTC.

    Raises:
        StorageError: the queue or the results container cannot be written.
    """
    oldest = heapq.nsmallest(MAX_REMAPS, result.remaps)
    for one in oldest:
        deps.queue.put(Message(one.name, one.etag, "sweep", remap=True).encode(), 0)
    for version in passes_begun(deps.state, deps.settings.job_id, now, deps.settings.retry_days):
        deps.queue.put(Message(version.name, version.etag, "sweep", remap=True).encode(), 0)
        result.queued += 1
    result.queued += len(oldest)
    result.remaps_left = result.remaps_due - len(oldest)
    result.remaps = []
    if result.remaps_left:
        left = RemapsLeft(utc_text(now), len(oldest), result.remaps_left)
        deps.results.write(REMAPS_PATH, msgspec.json.encode(left), None)
    else:
        deps.results.delete(REMAPS_PATH)
