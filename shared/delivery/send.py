"""Pass 2: post the batches one after another, in order, each noted in the ledger before and after.

Before the ledger says `sending`, the batch's events stand in an open file; that of the next batch is written before this one's
request leaves. The write that notes an acceptance also notes the next `sending`, and the last one `completedBy`. A batch that
is sent again after a request that brought no answer is first counted in `possibleCopies`.
"""

from collections.abc import Iterable

from shared.clock import utc_text
from shared.delivery import ledger_steps
from shared.delivery.classify_reply import Action, ReplyDecision, classify_reply
from shared.delivery.connector_ports import Reply
from shared.delivery.ledger import Ledger
from shared.delivery.ledger_cursor import LedgerCursor
from shared.delivery.ledger_store import LedgerStore, StoredLedger
from shared.delivery.outcome import ExportVersion
from shared.delivery.plan import mismatch
from shared.delivery.reply_body import kept_reply
from shared.delivery.send_options import SendOptions
from shared.delivery.send_result import SendResult
from shared.delivery.waiting import MANY_COPIES, MAX_REFUSED_SINGLY, ONE_DAY_SECONDS, pause_seconds
from shared.delivery.write_ahead import WriteAhead
from shared.error_codes import BlockedCode
from shared.errors import (
    ActionRequiredError,
    ExportChangedError,
    OutcomeError,
    TimeUsedUpError,
    TransientError,
)
from shared.exports.batches import Body


class Sender:
    """Sends what a ledger has open.

    Args:
        options: what it needs.
        store: writes the ledger, under the job's lease, which is renewed between every `sending` and its body.
        stored: the ledger, planned for this attempt.
        version: the export; `completedBy` when all is sent.
        ahead: writes the events of a batch down before its request leaves.
    """

    def __init__(
        self,
        options: SendOptions,
        store: LedgerStore,
        stored: StoredLedger,
        version: ExportVersion,
        ahead: WriteAhead,
    ) -> None:
        self._options = options
        self._lease = store.lease
        self._cursor = LedgerCursor(store, stored)
        self._version = version
        self._ahead = ahead
        self._accepted_before = False
        self._unanswered = False
        self._fresh_token_tried = False
        self._progress = False
        self._replies: dict[str, str] = {}

    def send(self, bodies: Iterable[Body], *, accepted_before: bool = False) -> SendResult:
        """Send all that is open.

        Args:
            bodies: the export's, cut exactly as the ledger says.
            accepted_before: whether another ledger of this content says that a batch was accepted.

        Raises:
            LeaseLostError: the lease or the ledger is not ours any more.
            StorageError: the ledger cannot be written.
        """
        self._accepted_before = accepted_before
        stopped: OutcomeError | TimeUsedUpError | ExportChangedError | None = None
        try:
            self._send(bodies)
        except (OutcomeError, TimeUsedUpError, ExportChangedError) as error:
            self._cursor.rest(unanswered=self._unanswered)
            stopped = error
        return SendResult(self._cursor.stored, self._progress, self._replies, stopped)

    def _send(self, bodies: Iterable[Body]) -> None:
        first = self._cursor.ledger.next_open()
        if first is None:
            self._cursor.write(self._ended(self._cursor.ledger))
            return
        self._cursor.write(self._sending(self._cursor.ledger, first))
        for body in bodies:
            if self._cursor.is_open(body):
                self._deliver(body)
        if self._cursor.ledger.next_open() is not None:
            raise mismatch()

    def _deliver(self, body: Body) -> None:
        """Send one body, in halves where it must be."""
        waiting = [body]
        while waiting:
            body = waiting.pop()
            if self._cursor.is_too_large(body):
                waiting.extend(self._halved(body))
                continue
            self._write_ahead()
            decision = self._settled(body)
            if decision.action is Action.ACCEPTED:
                self._accepted(body, decision)
            elif body.batch.records > 1:
                if decision.shrink:
                    self._cursor.shrink(body)
                waiting.extend(self._halved(body))
            else:
                self._refused(decision)

    def _halved(self, body: Body) -> list[Body]:
        """Cut a batch in two, in the ledger as well; the first half comes out last, to be popped first."""
        first, second = body.halves()
        parts = [first.batch, second.batch]
        days = [self._ahead.log.days(part.first, part.last) for part in parts]
        self._cursor.split(parts, days, sending=not self._cursor.is_too_large(first))
        return [second, first]

    def _accepted(self, body: Body, decision: ReplyDecision) -> None:
        refused = [body.number_of(index) for index in decision.refused]
        index = self._cursor.index
        ledger = ledger_steps.accepted(self._cursor.ledger, index, decision, refused, self._now())
        self._done(self._ahead.without_refused(ledger, index))
        self._progress, self._fresh_token_tried = True, False
        confirmed = body.batch.records - len(refused) - decision.unconfirmed
        if confirmed > 0:
            self._options.observer.accepted(confirmed)

    def _refused(self, decision: ReplyDecision) -> None:
        if self._cursor.ledger.refused_singly >= MAX_REFUSED_SINGLY:
            message = f"The connector refused more than {MAX_REFUSED_SINGLY} single records."
            raise ActionRequiredError(BlockedCode.TOO_MANY_REFUSED, message)
        self._done(ledger_steps.refused(self._cursor.ledger, self._cursor.index, decision))

    def _done(self, ledger: Ledger) -> None:
        """Note what became of the current batch and, in the same write, the next one or the end."""
        following = ledger.next_open()
        self._unanswered = False
        self._cursor.write(self._ended(ledger) if following is None else self._sending(ledger, following))
        self._cursor.index += 1
        self._ahead.batch_over(self._options.deadline)

    def _sending(self, ledger: Ledger, index: int) -> Ledger:
        """The next request is about to leave: its events stand in an open file, which its entry names."""
        return ledger_steps.sending(self._ahead.named(ledger, index), index)

    def _write_ahead(self) -> None:
        """Write the next batch's open file while this one's answer is still to come: nothing may be lost in between."""
        following = self._cursor.ledger.next_open(self._cursor.index + 1)
        if following is not None:
            self._cursor.ledger = self._ahead.named(self._cursor.ledger, following)

    def _ended(self, ledger: Ledger) -> Ledger:
        """Nothing is open any more. With refused records the rejected file comes before `completedBy`.

        Raises:
            ActionRequiredError: `connector-refused`: not one record was accepted.
        """
        refused = any(entry.refused for entry in ledger.entries)
        if refused and not ledger.accepted_any and not self._accepted_before:
            self._cursor.ledger = ledger_steps.reopened(ledger)
            message = "The connector refused every single record of the export."
            raise ActionRequiredError(BlockedCode.CONNECTOR_REFUSED, message)
        return ledger if refused else ledger_steps.completed(ledger, self._version, self._now())

    def _settled(self, body: Body) -> ReplyDecision:
        """Post until there is an answer to act on.

        Raises:
            OutcomeError: nothing more can be done in this attempt.
            TimeUsedUpError: no time is left for a request.
        """
        clock, failing_since, failures = self._options.clock, None, 0
        while True:
            try:
                return self._once(body)
            except TransientError as error:
                now = clock.monotonic()
                failing_since = now if failing_since is None else failing_since
                failures += 1
                pause = pause_seconds(clock, failures, error.retry_after_seconds)
                self._give_up(error, failing_since, now + pause)
            if self._unanswered:
                self._unanswered = False
                self._cursor.write_sending()
            clock.sleep(pause)

    def _give_up(self, error: TransientError, failing_since: float, next_at: float) -> None:
        """Raise the error, if the batch is not to be tried again within this invocation."""
        if self._cursor.entry.possible_copies >= MANY_COPIES:
            raise TransientError(error.code, error.message, retry_after_seconds=ONE_DAY_SECONDS) from None
        until = min(failing_since + self._options.retry_max_seconds, self._options.deadline)
        if not error.at_once or next_at > until:
            raise error

    def _once(self, body: Body) -> ReplyDecision:
        """One request, or two if the token has to be renewed in between.

        Raises:
            TransientError: it may go better later.
            ActionRequiredError: it will not.
        """
        decision = self._post(body, fresh=False)
        if decision.action is Action.NEW_TOKEN and not self._fresh_token_tried:
            self._fresh_token_tried = True
            decision = self._post(body, fresh=True)
        match decision.action:
            case Action.ACCEPTED | Action.HALVE:
                return decision
            case Action.RETRY | Action.NEW_TOKEN | Action.STOP:
                raise decision.error()

    def _post(self, body: Body, *, fresh: bool) -> ReplyDecision:
        options = self._options
        token = options.tokens.token(fresh=fresh)
        if options.clock.monotonic() >= options.deadline:
            raise TimeUsedUpError
        self._lease.renew()
        with options.observer.request(self._cursor.index) as answered:
            reply = options.connector.post(body.data, token, self._lease)
            answered(reply.status if isinstance(reply, Reply) else None)
        decision = classify_reply(
            reply,
            records=body.batch.records,
            accepted_before=self._accepted_before or self._cursor.ledger.accepted_any,
            now=options.clock.now(),
        )
        self._unanswered = self._unanswered or not decision.answered
        if isinstance(reply, Reply):
            self._replies[body.batch.sha256] = kept_reply(reply.body, token)
        self._cursor.note(decision.http_status)
        return decision

    def _now(self) -> str:
        return utc_text(self._options.clock.now())
