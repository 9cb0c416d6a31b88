"""Posts a group of bodies at the same time, and says what each of the replies means."""

from collections.abc import Callable, Sequence
from functools import partial

from shared.delivery.classify_reply import ReplyDecision, classify_reply
from shared.delivery.connector_ports import NoReply, Reply
from shared.delivery.job_lease import JobLease
from shared.delivery.ledger_cursor import LedgerCursor
from shared.delivery.reply_body import kept_reply
from shared.delivery.send_options import SendOptions
from shared.errors import TimeUsedUpError
from shared.exports.batches import Body


class GroupPoster:
    """Posts bodies whose entries say `sending`.

    Args:
        options: what it needs.
        lease: of the job; renewed before every group.
        cursor: notes each request.

    Attributes:
        replies: the connector's last reply to a batch, by the batch's SHA-256.
    """

    def __init__(self, options: SendOptions, lease: JobLease, cursor: LedgerCursor) -> None:
        self._options = options
        self._lease = lease
        self._cursor = cursor
        self.replies: dict[str, str] = {}

    def post(
        self, group: Sequence[Body], meanwhile: Callable[[], None], *, fresh: bool
    ) -> list[ReplyDecision]:
        """Post each of them once, with one token, and wait for all replies.

        Args:
            group: the bodies.
            meanwhile: what is done while they are on their way; it raises nothing.
            fresh: whether the token is made anew.

        Raises:
            TransientError: there is no token just now.
            ActionRequiredError: there will be none.
            TimeUsedUpError: no time is left for a request.
            LeaseLostError: the lease is not ours any more.
        """
        options = self._options
        token = options.tokens.token(fresh=fresh)
        if options.clock.monotonic() >= options.deadline:
            raise TimeUsedUpError
        self._lease.renew()
        places = [self._cursor.place(body.batch.first) for body in group]
        requests = [
            partial(self._request, body, place, token) for body, place in zip(group, places, strict=True)
        ]
        replies = options.parallel(requests, meanwhile)
        return [self._noted(body, reply, token) for body, reply in zip(group, replies, strict=True)]

    def _request(self, body: Body, place: int, token: str) -> Reply | NoReply:
        """One request, in a thread of its own."""
        with self._options.observer.request(place) as answered:
            reply = self._options.connector.post(body.data, token, self._lease)
            answered(reply.status if isinstance(reply, Reply) else None)
        return reply

    def _noted(self, body: Body, reply: Reply | NoReply, token: str) -> ReplyDecision:
        decision = classify_reply(
            reply,
            records=body.batch.records,
            accepted_before=self._cursor.accepted_any,
            now=self._options.clock.now(),
        )
        if isinstance(reply, Reply):
            self.replies[body.batch.sha256] = kept_reply(reply.body, token)
        self._cursor.note(body.batch.first, decision.http_status, answered=decision.answered)
        return decision
