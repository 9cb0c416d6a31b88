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
from shared.delivery.keeper import Keeper
from shared.delivery.ledger import Entry, Ledger
from shared.delivery.observing import SILENCE, Observer
from shared.delivery.outcome import MAX_REPLY_CHARACTERS, Version
from shared.delivery.ports import Connector, Reply, Tokens
from shared.delivery.replies import Action, Verdict, judge_reply
from shared.errors import (
    ExportChangedError,
    NeedsPersonError,
    OutcomeError,
    PassingError,
    TimeUsedUpError,
)
from shared.exports.batches import Body

MAX_REFUSED_SINGLY: Final = 20
MANY_COPIES: Final = 10
ONE_DAY_SECONDS: Final = 86_400.0
_MIN_WAIT_SECONDS: Final = 1.0
_MAX_WAIT_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Line:
    """How to reach the connector, and how patiently: `retry_max_seconds` from a batch's first failure."""

    connector: Connector
    tokens: Tokens
    clock: Clock
    retry_max_seconds: float
    deadline: float  # of the monotonic clock; no request leaves after it
    observer: Observer = SILENCE


class Sending:
    """Sends what a ledger has open.

    Attributes:
        ledger: as it was last written.
        progress: whether the connector has taken anything in this look.
        replies: the connector's last reply to a batch, by the batch's SHA-256.
    """

    def __init__(self, line: Line, keeper: Keeper, ledger: Ledger, version: Version) -> None:
        self._line = line
        self._keeper = keeper
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
            NeedsPersonError: `ledger-mismatch`, if the ledger does not know it.
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
            verdict = self._settled(body)
            if verdict.action is Action.ACCEPTED:
                refused = [body.number_of(index) for index in verdict.refused]
                self._done(ledgers.accepted(self.ledger, self._at, verdict, refused, self._now()))
                self.progress, self._fresh_token_tried = True, False
                if not verdict.unconfirmed:
                    self._line.observer.accepted(body.batch.records - len(refused))
            elif body.batch.records > 1:
                if verdict.shrink:
                    # The next ones are halved, too; a quarter of leeway, since halves are never quite even.
                    smaller = min(self.ledger.max_bytes, max(1, body.batch.bytes * 3 // 4))
                    self.ledger = msgspec.structs.replace(self.ledger, max_bytes=smaller)
                waiting.extend(self._halved(body))
            else:
                self._refused(verdict)

    def _halved(self, body: Body) -> list[Body]:
        """Cut a batch in two, in the ledger as well; the first half comes out last, to be popped first."""
        first, second = body.halves()
        parted = ledgers.split(self.ledger, self._at, [first.batch, second.batch])
        self._write(ledgers.sending(parted, self._at))
        return [second, first]

    def _refused(self, verdict: Verdict) -> None:
        if self.ledger.refused_singly >= MAX_REFUSED_SINGLY:
            message = f"The connector refused more than {MAX_REFUSED_SINGLY} single records."
            raise NeedsPersonError("too-many-refused", message)
        self._done(ledgers.refused(self.ledger, self._at, verdict))

    def _done(self, ledger: Ledger) -> None:
        """Note what became of the current batch and, in the same write, the next one or the end."""
        following = ledger.next_open()
        ledger = self._completed(ledger) if following is None else ledgers.sending(ledger, following)
        self._unanswered = False
        self._write(ledger)
        self._at += 1

    def _completed(self, ledger: Ledger) -> Ledger:
        return msgspec.structs.replace(ledger, completed_by=self._version, completed_at=self._now())

    def _settled(self, body: Body) -> Verdict:
        """Post until there is an answer to act on.

        Raises:
            OutcomeError: nothing more can be done in this look.
            TimeUsedUpError: no time is left for a request.
        """
        failing_since: float | None = None
        failures = 0
        while True:
            try:
                return self._once(body)
            except PassingError as error:
                now = self._line.clock.monotonic()
                failing_since = now if failing_since is None else failing_since
                failures += 1
                wait = error.retry_after_seconds
                if wait is None:
                    wait = self._line.clock.between(_MIN_WAIT_SECONDS, min(_MAX_WAIT_SECONDS, 2.0**failures))
                wait = max(wait, _MIN_WAIT_SECONDS)  # also where we are told to come back at once
                until = min(failing_since + self._line.retry_max_seconds, self._line.deadline)
                if self._entry.possible_copies >= MANY_COPIES:
                    raise PassingError(
                        error.code, error.message, retry_after_seconds=ONE_DAY_SECONDS
                    ) from None
                if not error.at_once or now + wait > until:
                    raise
            if self._unanswered:
                self._unanswered = False
                self._write(ledgers.sending(self.ledger, self._at))
            self._line.clock.sleep(wait)

    def _once(self, body: Body) -> Verdict:
        """One request, or two if the token has to be renewed in between.

        Raises:
            PassingError: it may go better later.
            NeedsPersonError: it will not.
        """
        verdict = self._post(body, fresh=False)
        if verdict.action is Action.NEW_TOKEN and not self._fresh_token_tried:
            self._fresh_token_tried = True
            verdict = self._post(body, fresh=True)
        match verdict.action:
            case Action.ACCEPTED | Action.HALVE:
                return verdict
            case Action.RETRY:
                raise PassingError(
                    verdict.code, verdict.message, retry_after_seconds=verdict.retry_after_seconds
                )
            case Action.NEW_TOKEN | Action.STOP:
                raise NeedsPersonError(verdict.code, verdict.message)

    def _post(self, body: Body, *, fresh: bool) -> Verdict:
        line = self._line
        token = line.tokens.token(fresh=fresh)
        self._keeper.check()
        if line.clock.monotonic() >= line.deadline:
            raise TimeUsedUpError
        with line.observer.request(self._at) as answered:
            reply = line.connector.post(body.data, token)
            answered(reply.status if isinstance(reply, Reply) else None)
        verdict = judge_reply(
            reply,
            records=body.batch.records,
            accepted_before=self.ledger.accepted_any,
            now=line.clock.now(),
        )
        self._unanswered = self._unanswered or not verdict.answered
        if isinstance(reply, Reply):
            self.replies[body.batch.sha256] = reply.body.decode(errors="replace")[:MAX_REPLY_CHARACTERS]
        noted = msgspec.structs.replace(
            self._entry, requests=self._entry.requests + 1, http_status=verdict.http_status
        )
        self.ledger = self.ledger.with_entry(self._at, noted)
        return verdict

    def _rest(self) -> None:
        """Bring the ledger to rest: a batch stays `sending` only if a request of it may have been taken unnoticed."""
        index = self.ledger.next_open()
        if index is None:
            return
        state: ledgers.State = "sending" if self._unanswered else "planned"
        entry = msgspec.structs.replace(self.ledger.entries[index], state=state)
        self._write(self.ledger.with_entry(index, entry))

    def _write(self, ledger: Ledger) -> None:
        self._keeper.write(ledger)
        self.ledger = ledger

    def _now(self) -> str:
        return utc_text(self._line.clock.now())


def _mismatch() -> NeedsPersonError:
    message = "The export does not yield the batches that its ledger wrote down."
    return NeedsPersonError("ledger-mismatch", message)
