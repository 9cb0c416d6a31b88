"""Which events an export has had: 8 bytes each as long as it is written in the order of time, or nearly so.

The same event has the same time. So what came long before is packed away together with the times between which it lies, and only
events from between them could be among it. The first that is makes everything be unpacked into sets, which stay.
"""

from array import array
from itertools import chain
from typing import Final

from shared.events.once import Once

_GENERATION: Final = 1 << 14
"""Events at least that stay unpacked, so that a little disorder does not matter."""


class _Span:
    """The first and the last of some times, such as `2026-11-22T05:00:00`; nothing lies in it at first."""

    def __init__(self) -> None:
        self.first, self.last = b"~", b""

    def widen(self, first: bytes, last: bytes) -> None:
        """Take in times between these."""
        self.first, self.last = min(self.first, first), max(self.last, last)

    def meets(self, first: bytes, last: bytes) -> bool:
        """Whether a time between these may lie in it."""
        return first <= self.last and self.first <= last


class EventsOnce:
    """Which events have been seen, by their hashes and times."""

    def __init__(self) -> None:
        self._packed = array("q")
        self._packed_span = _Span()
        self._older: set[int] = set()
        self._older_span = _Span()
        self._newer: set[int] = set()
        self._newer_span = _Span()
        self._unordered: Once | None = None

    def all_new(self, events: list[int], first: bytes, last: bytes) -> bool:
        """Note events if none of them was there before and no two are alike; whether that was so.

        Args:
            events: their hashes.
            first: the earliest of their times, to the second.
            last: the latest.
        """
        if self._unordered is None and self._packed_span.meets(first, last):
            self._unpack()
        if self._unordered is not None:
            return self._unordered.all_new(events)
        new = set(events)
        if len(new) < len(events) or not (self._newer.isdisjoint(new) and self._older.isdisjoint(new)):
            return False
        self._newer |= new
        self._newer_span.widen(first, last)
        if len(self._newer) >= _GENERATION:
            self._pack()
        return True

    def again(self, event: int, time: bytes) -> bool:
        """Note an event; whether it was there before."""
        return not self.all_new([event], time, time)

    def _pack(self) -> None:
        """Pack the older generation away; the newer becomes the older."""
        self._packed.extend(self._older)
        self._packed_span.widen(self._older_span.first, self._older_span.last)
        self._older, self._older_span = self._newer, self._newer_span
        self._newer, self._newer_span = set(), _Span()

    def _unpack(self) -> None:
        """Time went back: from now on every event may be anywhere."""
        self._unordered = Once()
        for event in chain(self._packed, self._older, self._newer):
            self._unordered.again(event)
        self._packed, self._older, self._newer = array("q"), set(), set()
