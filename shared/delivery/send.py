"""Pass 2: post the batches in order, some at a time, each noted in the ledger before and after.

A group of batches is on its way at the same time: at most `CONNECTOR_PARALLEL_REQUESTS`, and one alone until one was accepted.
Before the ledger says `sending`, the events of the group stand in an open file, with those of some groups to come; while requests are
on their way, the next such file is written, and what was accepted is folded. When all are answered, one write notes what became of
them and the next group's `sending`, and the last one `completedBy`. What was not accepted, refused or cut is sent again before
anything else, after the longest wait that was asked for. A batch that is sent again after a request that brought no answer is first
counted in `possibleCopies`.

Whatever ends sending, requests that are on their way are waited for. Only they are made by other threads; ledger and outcome are
touched by the attempt's own alone.
"""

from collections.abc import Generator, Sequence
from contextlib import closing
from functools import partial

from shared.clock import utc_text
from shared.delivery import ledger_steps
from shared.delivery.batch_results import BatchResults
from shared.delivery.bodies_in_hand import BodiesInHand
from shared.delivery.classify_reply import Action, ReplyDecision
from shared.delivery.job_lease import JobLease
from shared.delivery.ledger import Ledger
from shared.delivery.ledger_cursor import LedgerCursor
from shared.delivery.meanwhile import Meanwhile
from shared.delivery.outcome import ExportVersion
from shared.delivery.post_group import GroupPoster
from shared.delivery.retry_pauses import RetryPauses
from shared.delivery.send_options import SendOptions
from shared.delivery.send_result import SendResult
from shared.delivery.waiting import MANY_COPIES, ONE_DAY_SECONDS
from shared.delivery.write_ahead import WriteAhead
from shared.error_codes import BlockedCode
from shared.errors import (
    ActionRequiredError,
    ExportChangedError,
    OutcomeError,
    StorageError,
    TimeUsedUpError,
    TransientError,
)
from shared.exports.batches import Body


class Sender:
    """Sends what a ledger has open.

    Args:
        options: what it needs.
        lease: of the job; it is renewed between every `sending` and its bodies.
        cursor: where sending stands in the ledger, which is planned for this attempt.
        version: the export; `completedBy` when all is sent.
        ahead: writes the events of batches down before their requests leave.
    """

    def __init__(
        self,
        options: SendOptions,
        lease: JobLease,
        cursor: LedgerCursor,
        version: ExportVersion,
        ahead: WriteAhead,
    ) -> None:
        self._options = options
        self._cursor = cursor
        self._version = version
        self._ahead = ahead
        self._poster = GroupPoster(options, lease, cursor)
        self._settled = BatchResults(cursor, ahead, options.clock)
        self._pauses = RetryPauses(options.clock, options.retry_max_seconds, options.deadline)
        self._fresh_token_tried = False
        self._fresh_token_next = False

    def send(self, bodies: Generator[Body]) -> SendResult:
        """Send all that is open.

        Args:
            bodies: the export's, cut exactly as the ledger says; closed at the end.

        Raises:
            LeaseLostError: the lease or the ledger is not ours any more.
            StorageError: the ledger cannot be written.
        """
        stopped: OutcomeError | TimeUsedUpError | ExportChangedError | None = None
        with closing(bodies):
            try:
                self._send(BodiesInHand(bodies, self._cursor))
            except (OutcomeError, TimeUsedUpError, ExportChangedError) as error:
                self._cursor.rest()
                stopped = error
        self._settled.tell(self._options.observer)
        return SendResult(self._cursor.stored, self._settled.any_accepted, self._poster.replies, stopped)

    def _send(self, bodies: BodiesInHand) -> None:
        while group := self._next_group(bodies):
            self._begin(group)
            self._deliver(bodies, [bodies.of(first) for first in group])
        self._cursor.write(self._ended(self._cursor.ledger))

    def _next_group(self, bodies: BodiesInHand) -> list[int]:
        """First records of the batches that go next, in order; what is too large for the connector is cut."""
        most = self._options.parallel_requests if self._settled.any_accepted else 1
        while True:
            coming = self._cursor.open_entries(most)
            fitting = self._cursor.fitting(coming)
            if fitting or not coming:
                return fitting
            first = coming[0].first
            self._write_ahead([first])  # halves keep the whole's file
            if self._cursor.unwritten:  # reading takes its time
                self._cursor.write(self._cursor.ledger)
            self._settled.halve(bodies, bodies.of(first))

    def _begin(self, group: Sequence[int]) -> None:
        """The requests of a group are about to leave; the same write notes what became of the one before."""
        self._write_ahead(group)
        self._write_sending(group)

    def _write_ahead(self, firsts: Sequence[int]) -> None:
        """The events of batches stand in an open file, which their entries name."""
        places = [self._cursor.place(first) for first in firsts]
        self._cursor.ledger = self._ahead.named(self._cursor.ledger, places)

    def _write_sending(self, firsts: Sequence[int]) -> None:
        self._cursor.write_sending(firsts)
        self._settled.tell(self._options.observer)

    def _deliver(self, bodies: BodiesInHand, group: list[Body]) -> None:
        """Post a group until each of its bodies was accepted, refused or cut.

        Raises:
            OutcomeError: nothing more can be done in this attempt.
            TimeUsedUpError: no time is left for a request.
        """
        self._pauses.forget()
        while group:
            group, fault = self._post(bodies, group)
            if group:
                self._prepare_again(group, fault)

    def _post(self, bodies: BodiesInHand, group: list[Body]) -> tuple[list[Body], TransientError | None]:
        """Post a group once; gives those that are to be posted again, and the fault that has to pass before.

        Raises:
            OutcomeError, TimeUsedUpError, StorageError: nothing more can be done; what was answered is noted.
        """
        meanwhile = Meanwhile(partial(self._prepare_following, group[-1].batch.last))
        try:
            decisions = self._poster.post(group, meanwhile, fresh=self._fresh_token_next)
        except TransientError as no_token:
            return group, no_token
        self._fresh_token_next = False
        left: list[Body] = []
        undecided: list[ReplyDecision] = []
        for body, decision in zip(group, decisions, strict=True):
            match decision.action:
                case Action.ACCEPTED:
                    self._settled.accept(bodies, body, decision)
                    self._fresh_token_tried = False
                    self._pauses.forget()
                case Action.HALVE:
                    self._settled.refuse(bodies, body, decision)
                case Action.RETRY | Action.NEW_TOKEN | Action.STOP:
                    left.append(body)
                    undecided.append(decision)
        self._check(meanwhile)
        return left, self._fault(undecided)

    def _prepare_following(self, after: int) -> None:
        """What the requests behind a record need, and what those before it have left, while others are on their way."""
        self._ahead.batches_over(self._settled.settled, self._options.deadline)
        following = self._cursor.open_entries(self._options.parallel_requests, after)
        self._write_ahead([entry.first for entry in following])

    def _check(self, meanwhile: Meanwhile) -> None:
        try:
            meanwhile.check()
        except StorageError:
            self._cursor.rest()  # should storage take this
            raise

    def _fault(self, undecided: Sequence[ReplyDecision]) -> TransientError | None:
        """What has to pass before the rest is posted again; where several faults do, the one with the longest wait.

        Raises:
            OutcomeError: one of the replies ends sending.
        """
        refused_token = any(decision.action is Action.NEW_TOKEN for decision in undecided)
        for decision in undecided:
            ends = Action.STOP, *([Action.NEW_TOKEN] if self._fresh_token_tried else [])
            if decision.action in ends:
                raise decision.error()
        if refused_token:
            self._fresh_token_tried = self._fresh_token_next = True
        faults = [one.stop for one in undecided if isinstance(one.stop, TransientError)]
        return max(faults, key=lambda fault: fault.retry_after_seconds or 0.0, default=None)

    def _prepare_again(self, group: Sequence[Body], fault: TransientError | None) -> None:
        """Write the ledger for the rest of a group, and wait until it may be posted again.

        Raises:
            TransientError: it is not to be tried again within this invocation.
        """
        firsts = [body.batch.first for body in group]
        pause = self._pause(firsts, fault) if fault else 0.0
        if self._cursor.unwritten or self._cursor.any_unanswered(firsts):
            self._write_sending(firsts)
        if pause:
            self._options.clock.sleep(pause)

    def _pause(self, firsts: Sequence[int], fault: TransientError) -> float:
        if any(self._cursor.entry(first).possible_copies >= MANY_COPIES for first in firsts):
            raise TransientError(fault.code, fault.message, retry_after_seconds=ONE_DAY_SECONDS) from None
        return self._pauses.after(fault)

    def _ended(self, ledger: Ledger) -> Ledger:
        """Nothing is open any more. With refused records the rejected file comes before `completedBy`.

        Raises:
            ActionRequiredError: `connector-refused`: not one record was accepted.
        """
        refused = any(entry.refused for entry in ledger.entries)
        if refused and not self._cursor.accepted_any:
            self._cursor.ledger = ledger_steps.reopened(ledger)
            message = "The connector refused every single record of the export."
            raise ActionRequiredError(BlockedCode.CONNECTOR_REFUSED, message)
        now = utc_text(self._options.clock.now())
        return ledger if refused else ledger_steps.completed(ledger, self._version, now)
