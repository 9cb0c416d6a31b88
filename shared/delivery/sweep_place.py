"""How far the newest sweep has come: `sweeps/latest.json` in the state container."""

import msgspec

from shared.clock import utc_text, utc_time
from shared.delivery.sweep_listing import Cursor
from shared.delivery.sweep_result import DueRemap, SweepResult
from shared.messages import TaskMessage
from shared.sources.uploads import Uploads


class SweepPlace(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`sweeps/latest.json`: the newest sweep, its next slice, and what it has found so far."""

    id: str
    next: int = 0
    queued: int = 0
    expiring: list[str] = []
    remaps: list[DueRemap] = []
    remaps_due: int = 0
    waiting: dict[str, int] = {}
    last_sent_at: str | None = None
    uploads: dict[str, Uploads] = {}
    updated_at: str


def is_next(place: SweepPlace | None, message: TaskMessage, cursor: Cursor) -> bool:
    """Whether this slice is the one to be taken now."""
    if place is None or place.id != message.sweep_id:
        return cursor.number == 0
    return cursor.number == place.next


def place_after(sweep_id: str, following: int, result: SweepResult, now: str) -> SweepPlace:
    """The place of a sweep after a slice.

    Args:
        sweep_id: of the sweep.
        following: number of its next slice.
        result: what it has found so far.
        now: UTC.
    """
    return SweepPlace(
        id=sweep_id,
        next=following,
        queued=result.queued,
        expiring=result.expiring,
        remaps=result.remaps,
        remaps_due=result.remaps_due,
        waiting=dict(result.waiting),
        last_sent_at=utc_text(result.last_sent_at) if result.last_sent_at else None,
        uploads={} if result.finished else result.uploads,
        updated_at=now,
    )


def found_so_far(place: SweepPlace | None) -> SweepResult:
    """What the slices before this one have found."""
    result = SweepResult()
    if place:
        result.queued = place.queued
        result.expiring = [*place.expiring]
        result.remaps = [*place.remaps]
        result.remaps_due = place.remaps_due
        result.waiting.update(place.waiting)
        result.uploads = place.uploads
        result.last_sent_at = utc_time(place.last_sent_at) if place.last_sent_at else None
    return result


def decode_place(data: bytes) -> SweepPlace | None:
    """A place as it was written; `None` if it cannot be read."""
    try:
        return msgspec.json.decode(data, type=SweepPlace)
    except msgspec.MsgspecError:
        return None
