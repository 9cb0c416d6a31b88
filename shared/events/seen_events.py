"""Which events an export has had so far; nothing but its log is needed while it is in order of time, as most exports are."""

from functools import cached_property
from typing import Final

from shared.events.event_log import EventLog
from shared.events.once import Once
from shared.exports.record_values import Period

_LAST: Final = 1 << 16
"""Behind so many of one time, looking them all up takes less memory."""


class SeenEvents:
    """The events that were noted: those of the log, and those that are about to be added to it.

    Behind records that are all as late as any before, the same event can come only among the last ones. What an export
    had earlier is looked up in a set, which is filled once it is needed.
    """

    def __init__(self, log: EventLog) -> None:
        """Begin.

        Args:
            log: everything that was noted must be added to it before more is noted.
        """
        self._log = log
        self._in_order = True
        self._latest = ""
        self._last: set[int] = set()

    def all_new(self, hashes: list[int], span: Period) -> bool:
        """Note events if none of them was there before and no two are alike; whether that was so.

        Args:
            hashes: of the events.
            span: in which their times are, without zeros at their ends.
        """
        if self._in_order and span.earliest >= self._latest and len(self._last) < _LAST:
            new = set(hashes)
            if len(new) == len(hashes) and self._last.isdisjoint(new):
                if span.latest > self._latest:
                    self._last, self._latest = new, span.latest
                else:
                    self._last |= new
                return True
        return self._all.all_new(hashes)

    def again(self, one: int) -> bool:
        """Note an event by its hash; whether it was there before."""
        return self._all.again(one)

    @cached_property
    def _all(self) -> Once:
        self._in_order, self._last = False, set()
        return Once(self._log.hashes)
