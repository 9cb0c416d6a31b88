"""Which exports a changed mapping may help: those of a source that had something rejected."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from shared.delivery.operator_requests import is_new
from shared.delivery.outcome import Outcome
from shared.delivery.outcome_listing import ListedOutcome
from shared.delivery.outcome_metadata import mapping_tried
from shared.error_codes import RejectedCode, Status
from shared.messages import Message

_HOPELESS: Final = frozenset(
    {
        RejectedCode.UNSAFE_NAME,
        RejectedCode.EMPTY_EXPORT,
        RejectedCode.TOO_LARGE,
        RejectedCode.BROKEN_GZIP,
        RejectedCode.TRUNCATED,
    }
)
"""No mapping makes such a file readable."""


def has_rejected_rows(previous: Outcome | None) -> bool:
    """Whether the rejected records of a version can be tried by themselves."""
    if previous is None or previous.status is not Status.PARTIALLY_SUCCEEDED:
        return False
    return previous.source is not None and previous.records is not None and previous.records.rejected > 0


def is_due_in_part(
    previous: Outcome | None, message: Message, mapping: str | None, is_begun: Callable[[], bool]
) -> bool:
    """Whether the rejected records of a version are to be tried by themselves now.

    Args:
        previous: its outcome.
        message: that asks.
        mapping: of its source, as it is now; `None`: there is none that can be used.
        is_begun: looks whether a pass has begun and not ended.

    Raises:
        TransientError: storage cannot be reached.
    """
    if previous is None or not (message.remap and has_rejected_rows(previous)):
        return False
    if is_new(previous, message.request) or mapping not in {None, mapping_tried(previous)}:
        return True
    return is_begun()


def is_due_whole(previous: Outcome, message: Message, mapping: str | None, *, is_current: bool) -> bool:
    """Whether a rejected export is to be attempted again, since its source has another mapping, or has become one.

    Args:
        previous: its outcome.
        message: that asks.
        mapping: of its source, as it is now; `None`: there is none that can be used.
        is_current: whether the container holds this version.
    """
    if not (message.remap and is_current and previous.status is Status.REJECTED):
        return False
    hopeless = previous.error is not None and previous.error.code in _HOPELESS
    return not hopeless and mapping is not None and mapping != mapping_tried(previous)


def may_be_helped(outcome: ListedOutcome, now: datetime, remap_days: int, *, is_current: bool) -> bool:
    """Whether an outcome, as listed, is one that another mapping may help.

    Args:
        outcome: as listed.
        now: UTC.
        remap_days: how long rejected records are tried; 0: not at all.
        is_current: whether its export is there in this very version.
    """
    if outcome.has_unsafe_name or now - outcome.moment > timedelta(days=remap_days):
        return False
    if outcome.status is Status.REJECTED:
        return is_current and "/" in outcome.name and outcome.code not in _HOPELESS
    return outcome.has_rejected_rows
