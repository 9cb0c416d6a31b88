"""`sweeps/remaps.json` in the results container: what a sweep has left for the next one, for those who may read results."""

import msgspec

from shared.blob_names import REMAPS_PATH
from shared.clock import utc_time
from shared.delivery.ports import Container


class RemapsLeft(msgspec.Struct, frozen=True, rename="camel"):
    """Exports whose rejected records are tried under a changed mapping.

    Attributes:
        swept_at: when it ended, UTC.
        queued: how many exports it queued.
        left: how many it did not.
    """

    swept_at: str
    queued: int
    left: int


def remaps_left(results: Container) -> RemapsLeft | None:
    """What the last sweep has left; `None` if nothing.

    Raises:
        StorageError: the container cannot be read.
        TransientError: storage cannot be reached.
    """
    document = results.read(REMAPS_PATH)
    try:
        left = msgspec.json.decode(document.data, type=RemapsLeft) if document else None
        if left:
            utc_time(left.swept_at)
    except (msgspec.MsgspecError, ValueError):
        return None
    return left
