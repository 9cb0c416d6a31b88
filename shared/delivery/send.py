"""Pass 2: post the batches one after another, in order, each noted in the ledger before and after.

The write that notes an acceptance also notes the next `sending`, and the last one `completedBy`. A batch that is sent
again after a request that brought no answer is first counted in `possibleCopies`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from shared.clock import Clock, utc_text
from shared.delivery import ledger as ledgers
from shared.delivery.classify_reply import Action, ReplyDecision, classify_reply
from shared.delivery.job_lease import JobLease
from shared.delivery.ledger import Entry, Ledger
from shared.delivery.ledger_store import LedgerStore, StoredLedger
from shared.delivery.observer import Observer
from shared.delivery.outcome import MAX_REPLY_BYTES, ExportVersion
from shared.delivery.plan import MAX_ENTRIES, mismatch, too_many_batches
from shared.delivery.ports import Connector, Reply, Tokens
from shared.delivery.waiting import MANY_COPIES, MAX_REFUSED_SINGLY, ONE_DAY_SECONDS, pause_seconds
from shared.error_codes import BlockedCode
from shared.errors import (
    ActionRequiredError,
    ExportChangedError,
    OutcomeError,
    TimeUsedUpError,
    TransientError,
)
from shared.exports.batches import Body

_TOKEN: Final = re.compile(r"(?i)(?:bearer\s+\S+|eyJ[\w-]+\.[\w-]+\.[\w-]*)")


@dataclass(frozen=True, slots=True)
class SendOptions:
    """What sending needs.

    Attributes:
        connector: takes the requests.
        tokens: for the connector.
        clock: for pauses.
        observer: is told of requests and acceptances.
        retry_max_seconds: counts from a batch's first failure.
        deadline: monotonic seconds; no request leaves after it.
    """

    connector: Connector
    tokens: Tokens
    clock: Clock
    observer: Observer
    retry_max_seconds: float
    deadline: float


@dataclass(frozen=True, slots=True)
class SendResult:
    """How far sending came.

    Attributes:
        stored: the ledger as it was last written.
        progress: whether the connector accepted anything in this invocation.
        replies: the connector's last reply to a batch, by the batch's SHA-256.
        stopped: what ended it; `None`: nothing is left to send.
    """

    stored: StoredLedger
    progress: bool = False
    replies: dict[str, str] = field(default_factory=dict)
    stopped: OutcomeError | TimeUsedUpError | ExportChangedError | None = None


class Sender:
    """Sends what a ledger has open.

    Args:
        options: what it needs.
        lease: of the job: renewed between every `sending` and its body.
        store: writes the ledger.
        stored: the ledger, planned for this attempt.
        version: the export; `completedBy` when all is sent.
        accepted_before: whether another ledger of this content says that a batch was accepted.
    """

    def __init__(  # noqa: PLR0913  (each is another thing)
        self,
        options: SendOptions,
        lease: JobLease,
        store: LedgerStore,
        stored: StoredLedger,
        version: ExportVersion,
        *,
        accepted_before: bool = False,
    ) -> None:
        self._options = options
        self._lease = lease
        self._store = store
        self._stored = stored
        self._version = version
        self._accepted_before = accepted_before
        self._ledger = stored.ledger or _no_plan()
        self._index = 0
        self._unanswered = False
        self._fresh_token_tried = False
        self._progress = False
        self._replies: dict[str, str] = {}

    def send(self, bodies: Iterable[Body]) -> SendResult:
        """Send all that is open.

        Args:
            bodies: the export's, cut exactly as the ledger says.

        Raises:
            LeaseLostError: the lease or the ledger is not ours any more.
            StorageError: the ledger cannot be written.
        """
        stopped: OutcomeError | TimeUsedUpError | ExportChangedError | None = None
        try:
            self._send(bodies)
        except (OutcomeError, TimeUsedUpError, ExportChangedError) as error:
            self._rest()
            stopped = error
        return SendResult(self._stored, self._progress, self._replies, stopped)

    def _send(self, bodies: Iterable[Body]) -> None:
        first = self._ledger.next_open()
        if first is None:
            self._write(self._ended(self._ledger))
            return
        self._write(ledgers.sending(self._ledger, first))
        for body in bodies:
            if self._is_open(body):
                self._deliver(body)
        if self._ledger.next_open() is not None:
            raise mismatch()

    @property
    def _entry(self) -> Entry:
        return self._ledger.entries[self._index]

    def _is_open(self, body: Body) -> bool:
        """Whether a body still has to be sent.

        Raises:
            ActionRequiredError: `ledger-mismatch`, if the ledger does not know it.
        """
        entries = self._ledger.entries
        while (
            self._index < len(entries)
            and not entries[self._index].open
            and entries[self._index].last < body.batch.first
        ):
            self._index += 1
        if self._index == len(entries) or body.batch != self._entry.batch:
            raise mismatch()
        return self._entry.open

    def _deliver(self, body: Body) -> None:
        """Send one body, in halves where it must be."""
        waiting = [body]
        while waiting:
            body = waiting.pop()
            if self._is_too_large(body):
                waiting.extend(self._halved(body))
                continue
            decision = self._settled(body)
            if decision.action is Action.ACCEPTED:
                self._accepted(body, decision)
            elif body.batch.records > 1:
                self._shrink(body, decision)
                waiting.extend(self._halved(body))
            else:
                self._refused(decision)

    def _is_too_large(self, body: Body) -> bool:
        limit = self._ledger.max_bytes
        return limit is not None and body.batch.bytes > limit and body.batch.records > 1

    def _shrink(self, body: Body, decision: ReplyDecision) -> None:
        """After a 413 the next ones are halved, too; a quarter of leeway, since halves are never quite even."""
        if decision.shrink:
            smaller = min(self._ledger.max_bytes or body.batch.bytes, max(1, body.batch.bytes * 3 // 4))
            self._ledger = msgspec.structs.replace(self._ledger, max_bytes=smaller)

    def _halved(self, body: Body) -> list[Body]:
        """Cut a batch in two, in the ledger as well; the first half comes out last, to be popped first."""
        if len(self._ledger.entries) >= MAX_ENTRIES:
            raise too_many_batches()
        first, second = body.halves()
        parted = ledgers.split(self._ledger, self._index, [first.batch, second.batch])
        self._write(ledgers.sending(parted, self._index) if not self._is_too_large(first) else parted)
        return [second, first]

    def _accepted(self, body: Body, decision: ReplyDecision) -> None:
        refused = [body.number_of(index) for index in decision.refused]
        self._done(ledgers.accepted(self._ledger, self._index, decision, refused, self._now()))
        self._progress, self._fresh_token_tried = True, False
        confirmed = body.batch.records - len(refused) - decision.unconfirmed
        if confirmed > 0:
            self._options.observer.accepted(confirmed)

    def _refused(self, decision: ReplyDecision) -> None:
        if self._ledger.refused_singly >= MAX_REFUSED_SINGLY:
            message = f"The connector refused more than {MAX_REFUSED_SINGLY} single records."
            raise ActionRequiredError(BlockedCode.TOO_MANY_REFUSED, message)
        self._done(ledgers.refused(self._ledger, self._index, decision))

    def _done(self, ledger: Ledger) -> None:
        """Note what became of the current batch and, in the same write, the next one or the end."""
        following = ledger.next_open()
        self._unanswered = False
        self._write(self._ended(ledger) if following is None else ledgers.sending(ledger, following))
        self._index += 1

    def _ended(self, ledger: Ledger) -> Ledger:
        """Nothing is open any more. With refused records the rejected file comes before `completedBy`.

        Raises:
            ActionRequiredError: `connector-refused`: not one record was accepted.
        """
        refused = any(entry.refused for entry in ledger.entries)
        if refused and not ledger.accepted_any and not self._accepted_before:
            self._ledger = ledgers.reopened(ledger)
            message = "The connector refused every single record of the export."
            raise ActionRequiredError(BlockedCode.CONNECTOR_REFUSED, message)
        return ledger if refused else completed(ledger, self._version, self._now())

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
                self._write(ledgers.sending(self._ledger, self._index))
            clock.sleep(pause)

    def _give_up(self, error: TransientError, failing_since: float, next_at: float) -> None:
        """Raise the error, if the batch is not to be tried again within this invocation."""
        if self._entry.possible_copies >= MANY_COPIES:
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
        with options.observer.request(self._index) as answered:
            reply = options.connector.post(body.data, token, self._lease)
            answered(reply.status if isinstance(reply, Reply) else None)
        decision = classify_reply(
            reply,
            records=body.batch.records,
            accepted_before=self._accepted_before or self._ledger.accepted_any,
            now=options.clock.now(),
        )
        self._unanswered = self._unanswered or not decision.answered
        if isinstance(reply, Reply):
            self._replies[body.batch.sha256] = kept_reply(reply.body, token)
        noted = msgspec.structs.replace(
            self._entry, requests=self._entry.requests + 1, http_status=decision.http_status
        )
        self._ledger = self._ledger.with_entry(self._index, noted)
        return decision

    def _rest(self) -> None:
        """Bring the ledger to rest: a batch stays `sending` only if a request of it may have been taken unnoticed."""
        index = self._ledger.next_open()
        if index is None:
            return
        state: ledgers.State = "sending" if self._unanswered else "planned"
        if self._ledger.entries[index].state != "sending":
            state = self._ledger.entries[index].state
        entry = msgspec.structs.replace(self._ledger.entries[index], state=state)
        self._write(self._ledger.with_entry(index, entry))

    def _write(self, ledger: Ledger) -> None:
        self._stored = self._store.write(self._stored, ledger)
        self._ledger = ledger

    def _now(self) -> str:
        return utc_text(self._options.clock.now())


def completed(ledger: Ledger, version: ExportVersion, now: str) -> Ledger:
    """A ledger of which nothing is left to send, under the export that sent the last of it."""
    return msgspec.structs.replace(ledger, completed_by=version, completed_at=now)


def kept_reply(body: bytes, token: str) -> str:
    """A reply as the outcome keeps it: at most 4 kB, and nothing in it that looks like a token."""
    text = body.decode(errors="replace")
    text = _TOKEN.sub("(token)", text.replace(token, "(token)") if token else text)
    return text.encode()[:MAX_REPLY_BYTES].decode(errors="ignore")


def _no_plan() -> Ledger:
    raise AssertionError("a ledger is planned before anything is sent")
