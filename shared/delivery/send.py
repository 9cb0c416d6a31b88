"""Pass 2: post the batches one after another, in order, each noted in the ledger before and after.

The write that notes an acceptance also notes the next `sending`, and the last one `completedBy`. A request that may
have reached the connector and brought no answer is counted in `possibleCopies` before its batch is posted again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from shared.clock import Clock, utc_text
from shared.delivery import ledger as ledgers
from shared.delivery.classify_reply import Action, ReplyDecision, classify_reply
from shared.delivery.job_lease import JobLease
from shared.delivery.ledger import Entry, Ledger
from shared.delivery.observer import NULL_OBSERVER, Observer
from shared.delivery.outcome import MAX_REPLY_CHARACTERS, ExportVersion
from shared.delivery.ports import Connector, Reply, Tokens
from shared.error_codes import BlockedCode, FailedCode
from shared.errors import (
    ActionRequiredError,
    ExportChangedError,
    OutcomeError,
    TimeUsedUpError,
    TransientError,
)
from shared.exports.batches import Body

MAX_REFUSED_SINGLY: Final = 20
MANY_COPIES: Final = 10
ONE_DAY_SECONDS: Final = 86_400.0
_MIN_WAIT_SECONDS: Final = 1.0
_MAX_WAIT_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class SendOptions:
    """How to reach the connector, and how patiently: `retry_max_seconds` from a batch's first failure."""

    connector: Connector
    tokens: Tokens
    clock: Clock
    retry_max_seconds: float
    deadline: float  # of the monotonic clock; no request leaves after it
    observer: Observer = NULL_OBSERVER


class Sending:
    """Sends what a ledger has open.

    Attributes:
        ledger: as it was last written.
        progress: whether the connector has taken anything in this attempt.
        replies: the connector's last reply to a batch, by the batch's SHA-256.
    """

    def __init__(self, line: SendOptions, lease: JobLease, ledger: Ledger, version: ExportVersion) -> None:
        self._line = line
        self._lease = lease
        self._version = version
        self._at = 0
        self._unanswered = False
        self._fresh_token_tried = False
        self.ledger = ledger
        self.progress = False
        self.replies: dict[str, str] = {}

    def run(self, bodies: Iterable[Body]) -> None:
        """Send all that is open; `bodies` are the export's, cut exactly as the ledger says.

        Raises:
            OutcomeError: it ends here; the ledger has been brought to rest.
            TimeUsedUpError: likewise.
            ExportChangedError: likewise.
            LeaseLostError: the ledger is no longer ours.
        """
        first = self.ledger.next_open()
        if first is None:  # other rules left nothing to send
            self._write(self._completed(self.ledger))
            return
        try:
            self._write(ledgers.sending(self.ledger, first))
            for body in bodies:
                if self._is_open(body):
                    self._deliver(body)
            if self.ledger.next_open() is not None:
                raise _mismatch()
        except (OutcomeError, TimeUsedUpError, ExportChangedError):
            self._rest()
            raise

    @property
    def _entry(self) -> Entry:
        return self.ledger.entries[self._at]

    def _is_open(self, body: Body) -> bool:
        """Whether a body still has to be sent.

        Raises:
            ActionRequiredError: `ledger-mismatch`, if the ledger does not know it.
        """
        entries = self.ledger.entries
        while (
            self._at < len(entries)
            and not entries[self._at].open
            and entries[self._at].last < body.batch.first
        ):
            self._at += 1
        if self._at == len(entries):
            raise _mismatch()
        known = self._entry
        if known.open and body.batch == known.batch:
            return True
        if known.open or not known.first <= body.batch.first <= body.batch.last <= known.last:
            raise _mismatch()
        return False

    def _deliver(self, body: Body) -> None:
        """Send one body, in halves where it must be."""
        waiting = [body]
        while waiting:
            body = waiting.pop()
            if body.batch.bytes > self.ledger.max_bytes and body.batch.records > 1:
                waiting.extend(self._halved(body))
                continue
            decision = self._settled(body)
            if decision.action is Action.ACCEPTED:
                refused = [body.number_of(index) for index in decision.refused]
                self._done(ledgers.accepted(self.ledger, self._at, decision, refused, self._now()))
                self.progress, self._fresh_token_tried = True, False
                if not decision.unconfirmed:
                    self._line.observer.accepted(body.batch.records - len(refused))
            elif body.batch.records > 1:
                if decision.shrink:
                    # The next ones are halved, too; a quarter of leeway, since halves are never quite even.
                    smaller = min(self.ledger.max_bytes, max(1, body.batch.bytes * 3 // 4))
                    self.ledger = msgspec.structs.replace(self.ledger, max_bytes=smaller)
                waiting.extend(self._halved(body))
            else:
                self._refused(decision)

    def _halved(self, body: Body) -> list[Body]:
        """Cut a batch in two, in the ledger as well; the first half comes out last, to be popped first."""
        first, second = body.halves()
        parted = ledgers.split(self.ledger, self._at, [first.batch, second.batch])
        self._write(ledgers.sending(parted, self._at))
        return [second, first]

    def _refused(self, decision: ReplyDecision) -> None:
        if self.ledger.refused_singly >= MAX_REFUSED_SINGLY:
            message = f"The connector refused more than {MAX_REFUSED_SINGLY} single records."
            raise ActionRequiredError(BlockedCode.TOO_MANY_REFUSED, message)
        self._done(ledgers.refused(self.ledger, self._at, decision))

    def _done(self, ledger: Ledger) -> None:
        """Note what became of the current batch and, in the same write, the next one or the end."""
        following = ledger.next_open()
        ledger = self._completed(ledger) if following is None else ledgers.sending(ledger, following)
        self._unanswered = False
        self._write(ledger)
        self._at += 1

    def _completed(self, ledger: Ledger) -> Ledger:
        return msgspec.structs.replace(ledger, completed_by=self._version, completed_at=self._now())

    def _settled(self, body: Body) -> ReplyDecision:
        """Post until there is an answer to act on.

        Raises:
            OutcomeError: nothing more can be done in this attempt.
            TimeUsedUpError: no time is left for a request.
        """
        failing_since: float | None = None
        failures = 0
        while True:
            try:
                return self._once(body)
            except TransientError as error:
                now = self._line.clock.monotonic()
                failing_since = now if failing_since is None else failing_since
                failures += 1
                wait = error.retry_after_seconds
                if wait is None:
                    wait = self._line.clock.between(_MIN_WAIT_SECONDS, min(_MAX_WAIT_SECONDS, 2.0**failures))
                wait = max(wait, _MIN_WAIT_SECONDS)  # also where we are told to come back at once
                until = min(failing_since + self._line.retry_max_seconds, self._line.deadline)
                if self._entry.possible_copies >= MANY_COPIES:
                    raise TransientError(
                        error.code, error.message, retry_after_seconds=ONE_DAY_SECONDS
                    ) from None
                if not error.at_once or now + wait > until:
                    raise
            if self._unanswered:
                self._unanswered = False
                self._write(ledgers.sending(self.ledger, self._at))
            self._line.clock.sleep(wait)

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
                raise _error(decision)

    def _post(self, body: Body, *, fresh: bool) -> ReplyDecision:
        line = self._line
        token = line.tokens.token(fresh=fresh)
        self._lease.check()
        if line.clock.monotonic() >= line.deadline:
            raise TimeUsedUpError
        with line.observer.request(self._at) as answered:
            reply = line.connector.post(body.data, token)
            answered(reply.status if isinstance(reply, Reply) else None)
        decision = classify_reply(
            reply,
            records=body.batch.records,
            accepted_before=self.ledger.accepted_any,
            now=line.clock.now(),
        )
        self._unanswered = self._unanswered or not decision.answered
        if isinstance(reply, Reply):
            self.replies[body.batch.sha256] = reply.body.decode(errors="replace")[:MAX_REPLY_CHARACTERS]
        noted = msgspec.structs.replace(
            self._entry, requests=self._entry.requests + 1, http_status=decision.http_status
        )
        self.ledger = self.ledger.with_entry(self._at, noted)
        return decision

    def _rest(self) -> None:
        """Bring the ledger to rest: a batch stays `sending` only if a request of it may have been taken unnoticed."""
        index = self.ledger.next_open()
        if index is None:
            return
        state: ledgers.State = "sending" if self._unanswered else "planned"
        entry = msgspec.structs.replace(self.ledger.entries[index], state=state)
        self._write(self.ledger.with_entry(index, entry))

    def _write(self, ledger: Ledger) -> None:
        self._lease.write(ledger)
        self.ledger = ledger

    def _now(self) -> str:
        return utc_text(self._line.clock.now())


def _error(decision: ReplyDecision) -> OutcomeError:
    """What the attempt ends with if it ends with this reply."""
    if isinstance(decision.code, FailedCode):
        return TransientError(
            decision.code, decision.message, retry_after_seconds=decision.retry_after_seconds
        )
    return ActionRequiredError(decision.code or BlockedCode.CONNECTOR_REFUSED, decision.message)


def _mismatch() -> ActionRequiredError:
    message = "The export does not yield the batches that its ledger wrote down."
    return ActionRequiredError(BlockedCode.LEDGER_MISMATCH, message)
