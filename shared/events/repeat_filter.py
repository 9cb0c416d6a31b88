"""Which valid records of an export go, by their events: the first of its kind does, unless it was accepted before.

Pure: what was accepted before is asked for date by date.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from enum import Enum, auto

from shared.events.date_index import HashIndex
from shared.events.days import Days
from shared.events.event_log import EventLog
from shared.events.identity import SECRET_BYTES, EventHashing, Events, Key, values_of
from shared.events.seen_events import SeenEvents
from shared.exports.items import RecordRun
from shared.exports.record_values import EventValues, Period


class Left(Enum):
    """Why a valid record does not go."""

    EARLY = auto()
    REPEATED = auto()


@dataclass(frozen=True, slots=True)
class DateEvents:
    """What was accepted of one date: surely, and without the connector saying so for each record."""

    accepted: HashIndex
    doubt: HashIndex


type Lookup = Callable[[str], DateEvents]
"""What was accepted of a date (UTC)."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of events before an export is read.

    Attributes:
        key: of the job's hashes.
        of_date: what was accepted of a date.
        elsewhere: events that stand in requests of other ledgers that may have been accepted.
        ours: events that stand in such requests of our own ledger: no other record of them goes.
        start: an EventTime in UTC; events before it do not go. Empty: none.
        zone: of the days in which people count.
    """

    key: Key
    of_date: Lookup
    elsewhere: frozenset[int] = frozenset()
    ours: frozenset[int] = frozenset()
    start: str = ""
    zone: tzinfo = UTC


@dataclass(slots=True)
class Found:
    """What was found, in all.

    Attributes:
        earliest: the earliest EventTime of a valid record in UTC; empty if there is none.
        latest: the latest one.
        doubtful: numbers of records that go although another request may have had their events accepted.
        repeated: records that do not go since their events go, or went, by others: by day.
    """

    earliest: str = ""
    latest: str = ""
    doubtful: list[int] = field(default_factory=list)
    repeated: Counter[str] = field(default_factory=Counter)


class RepeatFilter:
    """Goes through the valid records of one pass, in their order.

    Attributes:
        log: the events of those that go.
        found: in all.
    """

    def __init__(self, known: Known) -> None:
        self._known = known
        self._hashing = EventHashing(known.key)
        self._days = Days(known.zone)
        self._dates: dict[str, DateEvents] = {}
        self.log = EventLog(self._days.pairs)
        self._seen = SeenEvents(self.log)
        self.found = Found()

    def note(self, run: RecordRun) -> None:
        """Take in records that go whatever their events are: they were decided before."""
        events = self._hashing.events_of(run.records, run.values)
        pair_of = self._days.numbers_of(events.times, events.one_day)
        self._spread(events.period)
        if not self._seen.all_new(events.hashes, events.span):
            for one in events.hashes:
                self._seen.again(one)
        self.log.add(run.numbers, events.hashes, pair_of)

    def leave(self, run: RecordRun) -> int:
        """Take in records that were decided before not to go; how many of them are before the start.

        The events of the others go, or went, by other records.
        """
        values = values_of(run.records, run.values)
        times = values.event_times
        self._spread(values.period)
        late = [time for time in times if time >= self._known.start]
        self.found.repeated.update(map(self._day, self._days.numbers_of(late)))
        return len(times) - len(late)

    def see(self, run: RecordRun) -> None:
        """Take in records that are out of question: only when their events were counts."""
        self._spread(values_of(run.records, run.values).period)

    def left_out(
        self, numbers: Sequence[int], records: Sequence[bytes], values: EventValues | None = None
    ) -> dict[int, Left]:
        """Look at records; those that do not go, by their numbers.

        Args:
            numbers: of the records, rising; a range where they follow each other.
            records: at least one; needed only if nobody has looked at their values.
            values: what stands in them; `None` if nobody has looked yet.
        """
        events = self._hashing.events_of(records, values)
        hashes, pair_of = events.hashes, self._days.numbers_of(events.times, events.one_day)
        self._spread(events.period)
        accepted, doubtful = self._found(hashes, pair_of)
        early = self._early(events)
        decided = accepted | early
        undecided = [one for one in hashes if one not in decided] if decided else hashes
        all_new = self._seen.all_new(undecided, events.span)
        if all_new and not (decided or doubtful):
            self.log.add(numbers, hashes, pair_of)
            return {}
        left: dict[int, Left] = {}
        goes: list[int] = []
        for index, (number, one) in enumerate(zip(numbers, hashes, strict=True)):
            if one in early:
                left[number] = Left.EARLY
            elif one in accepted or (not all_new and self._seen.again(one)):
                left[number] = Left.REPEATED
                self.found.repeated[self._day(pair_of[index])] += 1
            else:
                goes.append(index)
                if one in doubtful:
                    self.found.doubtful.append(number)
        self.log.add(
            [numbers[index] for index in goes],
            [hashes[index] for index in goes],
            [pair_of[index] for index in goes],
        )
        return left

    def _early(self, events: Events) -> set[int]:
        """Those of the events that are before the start."""
        start = self._known.start
        if events.period.earliest >= start:
            return set()
        return {one for one, time in zip(events.hashes, events.times, strict=True) if time < start}

    def _found(self, hashes: list[int], pair_of: Sequence[int]) -> tuple[set[int], set[int]]:
        """Those of the events that were accepted before, and those that may have been."""
        accepted = set(self._known.ours.intersection(hashes)) if self._known.ours else set()
        doubtful = set(self._known.elsewhere.intersection(hashes)) if self._known.elsewhere else set()
        dates = {pair: self._days.pairs[pair][0] for pair in set(pair_of)}
        before = {date: self._of_date(date) for date in sorted({*dates.values()})}
        if any(there.accepted or there.doubt for there in before.values()):
            for date, of_date in _by_date(hashes, pair_of, dates).items():
                accepted.update(before[date].accepted.known(of_date))
                doubtful.update(before[date].doubt.known(of_date))
        return accepted, doubtful

    def _of_date(self, date: str) -> DateEvents:
        if date not in self._dates:
            self._dates[date] = self._known.of_date(date)
        return self._dates[date]

    def _day(self, pair: int) -> str:
        return self._days.pairs[pair][1]

    def _spread(self, period: Period) -> None:
        self.found.earliest = min(self.found.earliest or period.earliest, period.earliest)
        self.found.latest = max(self.found.latest, period.latest)


def _by_date(hashes: list[int], pair_of: Sequence[int], dates: Mapping[int, str]) -> Mapping[str, list[int]]:
    """Events by their dates; most often they all have the same one.

    Args:
        hashes: of the events.
        pair_of: the numbers of their pairs.
        dates: of the pairs.
    """
    by_date: dict[str, list[int]] = {date: [] for date in dates.values()}
    if len(by_date) == 1:
        return dict.fromkeys(by_date, hashes)
    into = {pair: by_date[date].append for pair, date in dates.items()}
    for one, pair in zip(hashes, pair_of, strict=True):
        into[pair](one)
    return by_date


def within_export(start: str = "") -> RepeatFilter:
    """A filter that knows of no other export."""
    nothing = DateEvents(HashIndex(), HashIndex())
    return RepeatFilter(Known(Key(secrets.token_bytes(SECRET_BYTES)), lambda _date: nothing, start=start))
