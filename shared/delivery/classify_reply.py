"""What a reply of the connector means: one pure function, a table of statuses and what to do next."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from http import HTTPStatus
from typing import Final

from shared.delivery.connector_ports import NoReply, Reply
from shared.delivery.reply_body import ReplyFigures, failed_items
from shared.error_codes import BlockedCode, FailedCode
from shared.errors import ActionRequiredError, OutcomeError, TransientError

_TRANSIENT: Final = frozenset({408, 425, 429, 500, 501, 502, 503, 504})
_ACCEPTED: Final = frozenset({HTTPStatus.OK, HTTPStatus.CREATED})
_MAX_WAIT_SECONDS: Final = 6 * 24 * 3_600
"""Longest wait that is obeyed: a queue hides a message for at most 7 days."""


class Action(Enum):
    """What to do next with the batch."""

    ACCEPTED = auto()
    RETRY = auto()
    NEW_TOKEN = auto()
    HALVE = auto()
    STOP = auto()


@dataclass(frozen=True, slots=True)
class ReplyDecision:
    """What a reply means.

    Attributes:
        action: what to do next.
        stop: what the outcome says if it ends here; for `RETRY`, `NEW_TOKEN` and `STOP`.
        http_status: the reply's status, if there was a reply.
        answered: whether the connector said for certain that it did not take the batch, or took it.
        saved: `RecordsSaved`, if the reply has it.
        skipped: `RecordsSkipped`, likewise.
        refused: indices of refused records in the batch (207).
        unconfirmed: how many accepted records the reply does not confirm.
        shrink: whether the batches to come must be smaller, too (413).
    """

    action: Action
    stop: OutcomeError | None = None
    http_status: int | None = None
    answered: bool = True
    saved: int | None = None
    skipped: int | None = None
    refused: tuple[int, ...] = ()
    unconfirmed: int = 0
    shrink: bool = False

    def error(self) -> OutcomeError:
        """What ends the attempt, or is tried again."""
        if self.stop is None:
            raise AssertionError(self.action)
        return self.stop


def classify_reply(
    reply: Reply | NoReply, *, records: int, accepted_before: bool, now: datetime
) -> ReplyDecision:
    """Decide what a reply, or none, means for a batch.

    Args:
        reply: what the connector answered, or that it did not.
        records: how many records the batch has.
        accepted_before: whether a batch of this export was accepted before, so that a 400 is about the records.
        now: for a `Retry-After` that is a date.
    """
    if isinstance(reply, NoReply):
        return _no_reply(reply)
    if HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
        return _success(reply, records)
    if reply.status in _TRANSIENT:
        return _transient(reply, now)
    return _refusal(reply, accepted_before=accepted_before)


def _no_reply(reply: NoReply) -> ReplyDecision:
    if reply.code:
        return ReplyDecision(Action.STOP, ActionRequiredError(reply.code, f"{reply.why}."))
    error = TransientError(FailedCode.CONNECTOR_UNAVAILABLE, f"{reply.why}.")
    return ReplyDecision(Action.RETRY, error, answered=not reply.left)


def _transient(reply: Reply, now: datetime) -> ReplyDecision:
    throttled = reply.status == HTTPStatus.TOO_MANY_REQUESTS
    error = TransientError(
        FailedCode.CONNECTOR_THROTTLED if throttled else FailedCode.CONNECTOR_UNAVAILABLE,
        f"{_said(reply)}.",
        retry_after_seconds=seconds_asked_for(reply.headers.get("retry-after", ""), now),
    )
    # a gateway's time-out says that the connector gave no answer in time
    answered = reply.status != HTTPStatus.GATEWAY_TIMEOUT
    return ReplyDecision(Action.RETRY, error, reply.status, answered=answered)


def _success(reply: Reply, records: int) -> ReplyDecision:
    if _is_html(reply):
        message = f"{_said(reply)} with an HTML page, which the connector never does; something in between answered."
        stop = ActionRequiredError(BlockedCode.REPLY_NOT_CONNECTOR, message)
        return ReplyDecision(Action.STOP, stop, reply.status, answered=False)
    if reply.status in _ACCEPTED:
        return _accepted(reply, records)
    if reply.status != HTTPStatus.MULTI_STATUS:
        message = (
            f"{_said(reply)}, which Gatepost does not know; the batch may or may not have been accepted."
        )
        stop = ActionRequiredError(BlockedCode.REPLY_UNKNOWN, message)
        return ReplyDecision(Action.STOP, stop, reply.status, answered=False)
    figures = ReplyFigures.of(reply.body)
    refused = failed_items(reply.body, records)
    return ReplyDecision(
        Action.ACCEPTED,
        http_status=reply.status,
        saved=figures.saved,
        skipped=figures.skipped,
        refused=refused or (),
        unconfirmed=records if refused is None else 0,
    )


def _accepted(reply: Reply, records: int) -> ReplyDecision:
    figures = ReplyFigures.of(reply.body)
    return ReplyDecision(
        Action.ACCEPTED,
        http_status=reply.status,
        saved=figures.saved,
        skipped=figures.skipped,
        unconfirmed=records if figures.has_error else figures.missing(records),
    )


def _refusal(reply: Reply, *, accepted_before: bool) -> ReplyDecision:
    status, said = reply.status, _said(reply)
    code, action, message = (
        BlockedCode.CONNECTOR_REFUSED,
        Action.STOP,
        f"The connector rejected the request: {_status(status)}.",
    )
    match status:
        case HTTPStatus.UNAUTHORIZED:
            code, action, message = (
                BlockedCode.TOKEN_REFUSED,
                Action.NEW_TOKEN,
                f"{said}: it refused the token.",
            )
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return ReplyDecision(Action.HALVE, http_status=status, shrink=True)
        case HTTPStatus.BAD_REQUEST if accepted_before:
            return ReplyDecision(Action.HALVE, http_status=status)
        case HTTPStatus.FORBIDDEN if b"jobId and corresponding appId do not match" in reply.body:
            code, message = BlockedCode.JOB_MISMATCH, f"{said}: the job id and the app id do not match."
        case _ if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            code, message = BlockedCode.CONNECTOR_REDIRECTS, f"{said}: a redirect, which is never followed."
    return ReplyDecision(action, ActionRequiredError(code, message), status)


def _said(reply: Reply) -> str:
    return f"The connector answered {reply.status}"


def _status(status: int) -> str:
    """The status as people look it up: `403 Forbidden`."""
    known = {one.value: one.phrase for one in HTTPStatus}
    return f"{status} {known[status]}" if status in known else str(status)


def _is_html(reply: Reply) -> bool:
    content_type = reply.headers.get("content-type", "").lower()
    return "html" in content_type or reply.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


def seconds_asked_for(text: str, now: datetime) -> float | None:
    """Seconds to wait, from a `Retry-After` header in either form; between 0 and six days."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:12]), _MAX_WAIT_SECONDS))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - now).total_seconds()), float(_MAX_WAIT_SECONDS))
