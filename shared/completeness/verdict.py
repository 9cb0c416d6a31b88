"""The verdict on a day: complete, not complete, or not to be told; for each source and for all of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from shared.completeness.arrivals import ENDED_WELL, Arrival, at_midnight, by_source, first_day, open_arrivals
from shared.completeness.due import Expected, due_at
from shared.completeness.usual import UsualRange, usual_range


class State(StrEnum):
    """How a day stands. In the order in which one source's state decides that of the whole day."""

    MISSING = "missing"
    STUCK = "stuck"
    FEWER = "fewer"
    NO_HISTORY = "no-history"
    SO_FAR = "so-far"
    COMPLETE = "complete"

    @property
    def is_incomplete(self) -> bool:
        """Whether it is known that records are missing, or likely."""
        return self in {State.MISSING, State.STUCK, State.FEWER}


@dataclass(frozen=True, slots=True)
class SourceDay:
    """One source's day.

    Attributes:
        source: its name, or the first folder of exports that have none.
        records: sent, of that day.
        usual: how many are usual; `None`: too little history.
        stuck: exports that may hold events of the day and have not ended well.
        silent_since: the first day without any record; `None` where something came.
        due: when the day's events must be there, UTC.
    """

    source: str
    state: State
    records: int
    usual: UsualRange | None
    stuck: Sequence[Arrival]
    silent_since: date | None
    due: datetime


@dataclass(frozen=True, slots=True)
class DayVerdict:
    """A day over all sources.

    Attributes:
        usual: of all sources together; `None`: too little history.
        sources: each one's, by name; empty where nothing has ever come.
    """

    day: date
    state: State
    records: int
    usual: UsualRange | None
    sources: Sequence[SourceDay]

    @property
    def not_sent(self) -> int:
        """Valid records in exports that are stuck, as far as it is known."""
        stuck = {id(one): one for source in self.sources for one in source.stuck}
        return sum(one.not_sent or 0 for one in stuck.values())


@dataclass(frozen=True, slots=True)
class _Facts:
    """What decides one source's state: `early`: not due yet; `came`: an export ended well; `owed`: by a schedule."""

    early: bool
    stuck: Sequence[Arrival]
    came: bool
    owed: bool
    records: int
    usual: UsualRange | None


def judge_day(
    day: date, arrivals: Iterable[Arrival], expected: Mapping[str, Expected], zone: tzinfo, now: datetime
) -> DayVerdict:
    """Judge one day.

    Args:
        day: in each source's own zone.
        arrivals: the exports of the last ten weeks or more, any order.
        expected: of the sources that have a profile.
        zone: of days, for exports that belong to no source.
        now: UTC.
    """
    known = by_source(arrivals)
    names = sorted(known.keys() | {name for name, one in expected.items() if one.every is not None})
    sources = [
        _source_day(name, day, known.get(name, []), expected.get(name) or Expected(zone), now)
        for name in names
    ]
    everything = [one for group in known.values() for one in group]
    return DayVerdict(
        day=day,
        state=min((one.state for one in sources), key=list(State).index, default=State.NO_HISTORY),
        records=_records(day, everything),
        usual=_usual(day, everything),
        sources=sources,
    )


def _source_day(
    name: str, day: date, arrivals: Sequence[Arrival], expected: Expected, now: datetime
) -> SourceDay:
    facts = _Facts(
        early=now < (due := due_at(day, expected, arrivals)),
        stuck=tuple(one for one in open_arrivals(arrivals) if one.holds(day, expected.zone)),
        came=_came(day, arrivals, expected.zone),
        owed=expected.every is not None,
        records=_records(day, arrivals),
        usual=_usual(day, arrivals),
    )
    return SourceDay(
        source=name,
        state=_state(facts),
        records=facts.records,
        usual=facts.usual,
        stuck=facts.stuck,
        silent_since=None if facts.came or facts.stuck else _silent_since(day, arrivals),
        due=due,
    )


def _state(facts: _Facts) -> State:
    if facts.early:
        return State.SO_FAR
    if facts.stuck:
        return State.STUCK
    if not facts.came and (facts.owed or (facts.usual is not None and facts.usual.low > 0)):
        return State.MISSING
    if facts.usual is None:
        return State.NO_HISTORY
    return State.FEWER if facts.records < facts.usual.low else State.COMPLETE


def _came(day: date, arrivals: Iterable[Arrival], zone: tzinfo) -> bool:
    """Whether an export with events of the day ended well, or, after the day, one that has no records at all."""
    over = at_midnight(day + timedelta(days=1), zone)
    after = timedelta(days=2)
    return any(
        day in one.days or (not one.days and over <= one.moment < over + after)
        for one in arrivals
        if one.status in ENDED_WELL and one.days is not None
    )


def _silent_since(day: date, arrivals: Sequence[Arrival]) -> date | None:
    came = [one for arrival in arrivals for one, sent in (arrival.days or {}).items() if sent and one < day]
    return max(came) + timedelta(days=1) if came else None


def _records(day: date, arrivals: Iterable[Arrival]) -> int:
    return sum(one.sent_on(day) for one in arrivals)


def _usual(day: date, arrivals: Sequence[Arrival]) -> UsualRange | None:
    if not arrivals:
        return None
    sent: dict[date, int] = {}
    for arrival in arrivals:
        for its_day, records in (arrival.days or {}).items():
            sent[its_day] = sent.get(its_day, 0) + records
    return usual_range(day, first_day(arrivals), lambda one: sent.get(one, 0))
