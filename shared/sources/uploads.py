"""What is remembered of a source's exports, so that its schedule can be held against them: when, and how new."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

MAX_KEPT: Final = 64
"""Of so many uploads the times are kept; of older ones only how new their events were. A day's schedule needs five."""


class Uploads(msgspec.Struct, kw_only=True):
    """The uploads of one source, in whatever order they are added.

    Attributes:
        kept: when each was uploaded, and its newest event (never after the upload; `None`: it has no events), UTC.
        newest: the newest event of those that are no longer kept.
    """

    kept: list[tuple[datetime, datetime | None]] = msgspec.field(default_factory=list)
    newest: datetime | None = None

    def add(self, uploaded_at: datetime, newest_event: datetime | None) -> None:
        """Remember one. An event after its upload (a wrong clock) counts as of the upload, or nothing would be newer."""
        self.kept.append((uploaded_at, min(newest_event, uploaded_at) if newest_event else None))
        if len(self.kept) >= 2 * MAX_KEPT:
            self.kept.sort(key=_uploaded)
            for _, newest in self.kept[:-MAX_KEPT]:
                self.newest = _later(self.newest, newest)
            del self.kept[:-MAX_KEPT]

    def counting(self) -> Iterator[tuple[datetime, datetime | None]]:
        """Those that count, oldest first: their newest event is newer than any before, or they have no events."""
        known = self.newest
        for uploaded_at, newest in sorted(self.kept, key=_uploaded):
            if newest is None or known is None or newest > known:
                yield uploaded_at, newest
            known = _later(known, newest)


def _uploaded(one: tuple[datetime, datetime | None]) -> datetime:
    return one[0]


def _later(known: datetime | None, newest: datetime | None) -> datetime | None:
    return max((one for one in (known, newest) if one), default=None)
