"""What may be wrong with the index of events that were sent: the codes, and what an outcome says about them."""

from collections.abc import Sequence
from typing import Final

from shared.delivery.outcome import Notice

INDEX_DAMAGED: Final = "events-index-damaged"
INDEX_LOST: Final = "events-index-lost"

_INDEX: Final = {
    INDEX_DAMAGED: Notice(
        code="events-index-damaged",
        message="A file of the index of events that were sent is damaged and was not used; events in it may have been sent again.",
    ),
    INDEX_LOST: Notice(
        code="events-index-lost",
        message=(
            "The key of the index of events is not the one under which earlier events were noted; they may have been sent "
            "again."
        ),
    ),
}


def index_warnings(codes: Sequence[str]) -> list[Notice]:
    """What was damaged or lost of the index of events that were sent.

    Args:
        codes: `INDEX_DAMAGED`, `INDEX_LOST`.
    """
    return [_INDEX[code] for code in codes]
