"""What became of the batches of a group: accepted, cut in two, or refused; kept until the ledger is written."""

from shared.clock import Clock, utc_text
from shared.delivery import ledger_steps
from shared.delivery.bodies_in_hand import BodiesInHand
from shared.delivery.classify_reply import ReplyDecision
from shared.delivery.ledger import Ledger
from shared.delivery.ledger_cursor import LedgerCursor
from shared.delivery.observer import Observer
from shared.delivery.waiting import MAX_REFUSED_SINGLY
from shared.delivery.write_ahead import WriteAhead
from shared.error_codes import BlockedCode
from shared.errors import ActionRequiredError
from shared.exports.batches import Body


class BatchResults:
    """Brings results into the ledger, and tells of acceptances once that is written.

    Args:
        cursor: where sending stands.
        ahead: knows the events of each batch.
        clock: says when a batch was accepted.

    Attributes:
        settled: how many batches were accepted or refused.
        any_accepted: whether one of them was accepted.
    """

    def __init__(self, cursor: LedgerCursor, ahead: WriteAhead, clock: Clock) -> None:
        self._cursor = cursor
        self._ahead = ahead
        self._clock = clock
        self._untold: list[int] = []  # records of batches whose acceptance is not written yet
        self.settled = 0
        self.any_accepted = False

    def accept(self, bodies: BodiesInHand, body: Body, decision: ReplyDecision) -> None:
        """The connector took a body."""
        refused = [body.number_of(index) for index in decision.refused]
        place = self._cursor.place(body.batch.first)
        now = utc_text(self._clock.now())
        ledger = ledger_steps.accepted(self._cursor.ledger, place, decision, refused, now)
        self._settle(bodies, body, self._ahead.without_refused(ledger, place))
        self.any_accepted = True
        confirmed = body.batch.records - len(refused) - decision.unconfirmed
        if confirmed > 0:
            self._untold.append(confirmed)

    def refuse(self, bodies: BodiesInHand, body: Body, decision: ReplyDecision) -> None:
        """The connector does not take a body as it is: it is cut, or its one record is refused.

        Raises:
            ActionRequiredError: `too-many-refused`; `batches-too-small`.
        """
        if body.batch.records > 1:
            if decision.shrink:
                self._cursor.shrink(body)
            self.halve(bodies, body)
            return
        if self._cursor.ledger.refused_singly >= MAX_REFUSED_SINGLY:
            message = f"The connector refused more than {MAX_REFUSED_SINGLY} single records."
            raise ActionRequiredError(BlockedCode.TOO_MANY_REFUSED, message)
        place = self._cursor.place(body.batch.first)
        self._settle(bodies, body, ledger_steps.refused(self._cursor.ledger, place, decision))

    def halve(self, bodies: BodiesInHand, body: Body) -> None:
        """Cut a batch in two, in the ledger as well.

        Raises:
            ActionRequiredError: `batches-too-small`.
        """
        halves = body.halves()
        parts = [half.batch for half in halves]
        days = [self._ahead.log.days(part.first, part.last) for part in parts]
        self._cursor.split(body.batch.first, parts, days)
        bodies.settle(body, *halves)

    def tell(self, observer: Observer) -> None:
        """What was accepted is in the ledger by now."""
        for records in self._untold:
            observer.accepted(records)
        self._untold.clear()

    def _settle(self, bodies: BodiesInHand, body: Body, ledger: Ledger) -> None:
        self._cursor.settle(body.batch.first, ledger)
        bodies.settle(body)
        self.settled += 1
