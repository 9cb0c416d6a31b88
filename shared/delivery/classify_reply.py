"""What a reply of the connector means: one pure function, design.md's table of section 5."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, Final

from shared.delivery.ports import NoReply, Reply
from shared.error_codes import BlockedCode, FailedCode

_PASSING: Final = frozenset({408, 425, 429, 500, 501, 502, 503, 504})
_ACCEPTED: Final = frozenset({200, 201})
_MAX_WAIT_SECONDS: Final = 6 * 24 * 3_600  # a queue hides a message for at most 7 days


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
        code: for `RETRY`, `NEW_TOKEN` and `STOP`: what the outcome says if it ends here.
        message: why, as a sentence; never out of the reply.
        http_status: the reply's status, if there was a reply.
        answered: whether the connector said for certain that it did not take the batch, or took it.
        retry_after_seconds: how long the connector asked us to wait, if it did.
        saved: `RecordsSaved`, if the reply has it.
        skipped: `RecordsSkipped`, likewise.
        refused: indices of refused records in the batch (207).
        unconfirmed: whether a 207 left open which records were taken.
        shrink: whether the batches to come must be smaller, too (413).
    """

    action: Action
    code: FailedCode | BlockedCode | None = None
    message: str = ""
    http_status: int | None = None
    answered: bool = True
    retry_after_seconds: float | None = None
    saved: int | None = None
    skipped: int | None = None
    refused: tuple[int, ...] = ()
    unconfirmed: bool = False
    shrink: bool = False


def classify_reply(
    reply: Reply | NoReply, *, records: int, accepted_before: bool, now: datetime
) -> ReplyDecision:
    """Judge what came back for a batch.

    Args:
        reply: what came back, or that nothing did.
        records: how many records the batch has.
        accepted_before: whether a batch of this export was accepted before, so that a 400 is about the records.
        now: for a `Retry-After` that is a date.
    """
    if isinstance(reply, NoReply):
        return _no_reply(reply)
    said = f"The connector answered {reply.status}"
    if 200 <= reply.status < 300:  # noqa: PLR2004  (the class of success)
        return _success(reply, said, records)
    if reply.status in _PASSING:
        throttled = reply.status == HTTPStatus.TOO_MANY_REQUESTS
        code = FailedCode.CONNECTOR_THROTTLED if throttled else FailedCode.CONNECTOR_UNAVAILABLE
        wait = seconds_asked_for(reply.headers.get("retry-after", ""), now)
        answered = reply.status != 504  # noqa: PLR2004  (a gateway says that the connector gave no answer in time)
        return ReplyDecision(
            Action.RETRY, code, f"{said}.", reply.status, answered=answered, retry_after_seconds=wait
        )
    return _refusal(reply, said, accepted_before=accepted_before)


def _no_reply(reply: NoReply) -> ReplyDecision:
    if reply.untrusted:
        return ReplyDecision(
            Action.STOP, BlockedCode.UNTRUSTED_CERTIFICATE, "The connector's certificate is not trusted."
        )
    return ReplyDecision(
        Action.RETRY, FailedCode.CONNECTOR_UNAVAILABLE, f"{reply.why}.", answered=not reply.left
    )


def _success(reply: Reply, said: str, records: int) -> ReplyDecision:
    saved, skipped = _reported(reply.body)
    if reply.status in _ACCEPTED:
        return ReplyDecision(Action.ACCEPTED, http_status=reply.status, saved=saved, skipped=skipped)
    if reply.status != 207:  # noqa: PLR2004  (Multi-Status)
        message = f"{said}, which Gatepost does not know; the batch may or may not have been accepted."
        return ReplyDecision(Action.STOP, BlockedCode.REPLY_UNKNOWN, message, reply.status, answered=False)
    refused = _failed_items(reply.body, records)
    return ReplyDecision(
        Action.ACCEPTED,
        http_status=reply.status,
        saved=saved,
        skipped=skipped,
        refused=refused or (),
        unconfirmed=refused is None,
    )


def _refusal(reply: Reply, said: str, *, accepted_before: bool) -> ReplyDecision:
    status = reply.status
    match status:
        case 401:
            return ReplyDecision(
                Action.NEW_TOKEN, BlockedCode.TOKEN_REFUSED, f"{said}: it does not take our token.", status
            )
        case 413:
            return ReplyDecision(Action.HALVE, http_status=status, message=f"{said}: too large.", shrink=True)
        case 400 if accepted_before:
            return ReplyDecision(Action.HALVE, http_status=status, message=f"{said}: it refuses a record.")
        case 403 if b"jobId and corresponding appId do not match" in reply.body:
            message = f"{said}: the job id and the app id do not match."
            return ReplyDecision(Action.STOP, BlockedCode.JOB_MISMATCH, message, status)
        case _ if 300 <= status < 400:  # noqa: PLR2004  (the class of redirection)
            message = f"{said}: a redirect, which is never followed."
            return ReplyDecision(Action.STOP, BlockedCode.CONNECTOR_REDIRECTS, message, status)
        case _:
            return ReplyDecision(
                Action.STOP, BlockedCode.CONNECTOR_REFUSED, f"{said} and takes nothing.", status
            )


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _reported(body: bytes) -> tuple[int | None, int | None]:
    """`RecordsSaved` and `RecordsSkipped`, in any case, if the reply is an object that has them as counts."""
    document = _json(body)
    if not isinstance(document, dict):
        return None, None
    counts = {key.lower(): _count(value) for key, value in document.items()}
    return counts.get("recordssaved"), counts.get("recordsskipped")


def _count(value: Any) -> int | None:
    """A value that counts something; `True` and nonsense do not."""
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53
    return value if fits else None


def _failed_items(body: bytes, records: int) -> tuple[int, ...] | None:
    """Indices of the items a 207 names as failed; `None` unless some are, and every one by a good index.

    The shape of the connector's 207 is unknown. Taken at its word is only what leaves no doubt: an array, or the one
    array inside an object, of objects that each have an integer `index` and an integer `status`.
    """
    document = _json(body)
    if isinstance(document, dict):
        arrays = [value for value in document.values() if isinstance(value, list)]
        document = arrays[0] if len(arrays) == 1 else None
    if not isinstance(document, list) or not document:
        return None
    failed: set[int] = set()
    for item in document:
        fields = {key.lower(): value for key, value in item.items()} if isinstance(item, dict) else {}
        index, status = _count(fields.get("index")), _count(fields.get("status"))
        if index is None or status is None or index >= records:
            return None
        if status >= 300:  # noqa: PLR2004  (anything but success)
            failed.add(index)
    return tuple(sorted(failed)) or None


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
