"""What a worker remembers from one attempt to the next, so that it need not ask storage for it again.

Only what cannot become wrong: runs of a job's index, which are named by their content and used only while a listing shows them; the key
of its hashes, which is made once (a run under another key makes the next attempt read it again); and that a message which asks for the
report lies on the queue.
"""

from datetime import datetime, timedelta
from typing import Final

from shared.events.identity import HASH_BYTES, Key
from shared.events.runs import Run

MAX_RUN_BYTES: Final = 64 << 20
"""Runs that are remembered are at most this large together, two dates of four million events; the one that was used least recently
goes first."""


class WorkerMemory:
    """Of one worker; another process has its own.

    Attributes:
        keys: of the hashes, by job.
    """

    def __init__(self) -> None:
        self.keys: dict[str, Key] = {}
        self._report_asked_at: datetime | None = None
        self._runs: dict[str, Run] = {}
        self._bytes = 0

    def run(self, path: str) -> Run | None:
        """A run, if it is remembered; it was used last from now on."""
        run = self._runs.pop(path, None)
        if run:
            self._runs[path] = run
        return run

    def keep(self, path: str, run: Run) -> None:
        """Remember a run, if it is not too large for that."""
        if path in self._runs or _bytes_of(run) > MAX_RUN_BYTES:
            return
        self._runs[path] = run
        self._bytes += _bytes_of(run)
        while self._bytes > MAX_RUN_BYTES:
            self._bytes -= _bytes_of(self._runs.pop(next(iter(self._runs))))

    def asked_for_report(self, now: datetime) -> None:
        """A message that asks for the report was put.

        Args:
            now: UTC.
        """
        self._report_asked_at = now

    def report_is_on_its_way(self, now: datetime, within: timedelta) -> bool:
        """Whether this worker has put such a message lately, by a clock that may have been set since.

        Args:
            now: UTC.
            within: so long such a message surely waits.
        """
        asked = self._report_asked_at
        return asked is not None and timedelta() <= now - asked < within


def _bytes_of(run: Run) -> int:
    return len(run.hashes) * HASH_BYTES
