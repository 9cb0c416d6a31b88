"""What pass 1 is told of events: those that were accepted before, and those in doubt. Read once an attempt, for all its passes."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import tzinfo

from shared.clock import Clock
from shared.delivery.compaction import Compaction
from shared.delivery.event_index import EventIndex
from shared.delivery.fold import Folding
from shared.delivery.index_warnings import INDEX_DAMAGED
from shared.delivery.ledger import Entry
from shared.delivery.ledger_store import LedgerStore
from shared.delivery.open_files import OpenFiles
from shared.delivery.ports import Container
from shared.delivery.worker_memory import WorkerMemory
from shared.delivery.write_ahead import WriteAhead
from shared.errors import LeaseLostError, OutcomeError, TimeUsedUpError
from shared.events.event_log import EventLog
from shared.events.repeat_filter import DateEvents, Known, RepeatFilter


@dataclass(frozen=True, slots=True)
class EventState:
    """What a job has in the state container of the events that it sent.

    Attributes:
        index: of those that were accepted.
        files: of requests that are about to leave.
        folding: from the files into the index.
        clock: likewise for what may take a few seconds only.
    """

    index: EventIndex
    files: OpenFiles
    folding: Folding
    clock: Clock

    def ahead(self, ledger: str, events: EventLog) -> WriteAhead:
        """Writes the open files of one ledger.

        Args:
            ledger: its path.
            events: of the records that it sends.
        """
        return WriteAhead(self.files, self.folding, self.index.key, events, ledger)

    def fold_at_the_end(self, deadline: float) -> None:
        """Bring what this attempt has sent into the index; what cannot be done now is done by the next attempt.

        Args:
            deadline: monotonic seconds.
        """
        with suppress(OutcomeError, TimeUsedUpError, LeaseLostError):
            if self.files.any_written:
                self.folding.fold(deadline)
            if self.index.crowded:
                Compaction(self.index, self.folding.lease, self.clock).compact()

    @property
    def warnings(self) -> Sequence[str]:
        """What was found damaged or lost, by code."""
        return sorted(self.index.warnings | ({INDEX_DAMAGED} if self.files.damaged else set()))


@dataclass(frozen=True, slots=True)
class Repeats:
    """Makes the filters of an attempt's passes.

    Attributes:
        sent_events: what is known of the job's events, folded.
        request_id: of a resend, which is judged by what it has sent itself.
        start: an EventTime in UTC; events before it do not go. Empty: all do.
        zone: of the days in which people count.
    """

    sent_events: EventState
    request_id: str | None
    start: str
    zone: tzinfo
    _dates: dict[str, DateEvents] = field(default_factory=dict)

    def filter(self, ledger: str, closed: Sequence[Entry]) -> RepeatFilter:
        """The filter of one pass.

        Args:
            ledger: path of our own ledger; empty while it is not known.
            closed: its closed entries, as it was read with its fence.

        Raises:
            ActionRequiredError: `events-key-damaged`.
            TransientError: storage cannot be reached.
        """
        folded = self.sent_events.folding.last
        return RepeatFilter(
            Known(
                key=self.sent_events.index.key,
                of_date=self._of_date,
                elsewhere=folded.elsewhere(ledger, self.request_id),
                ours=folded.of(ledger, closed),
                start=self.start,
                zone=self.zone,
            )
        )

    def _of_date(self, date: str) -> DateEvents:
        if date not in self._dates:
            self._dates[date] = self.sent_events.index.of_date(date, self.request_id)
        return self._dates[date]


def event_state(
    state: Container, ledgers: LedgerStore, clock: Clock, repeat_days: int, memory: WorkerMemory
) -> EventState:
    """What a job has in the state container of its events; nothing is read yet.

    Args:
        state: the state container.
        ledgers: of the job, under its lease.
        clock: for deadlines, and for what is too old.
        repeat_days: how long an event that was sent is not sent again.
        memory: of the worker.
    """
    index = EventIndex(state, ledgers.job_id, clock, repeat_days, memory)
    files = OpenFiles(state, ledgers.job_id)
    return EventState(index, files, Folding(files, index, ledgers, clock), clock)
