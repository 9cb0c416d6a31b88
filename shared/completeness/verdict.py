"""The verdict on a day: complete, not complete, or not to be told; for each source and for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from shared.completeness.arrivals import at_midnight, holds
from shared.completeness.due import Expected, due_at
from shared.completeness.history import SourceHistory
from shared.completeness.usual import MIN_SAME_KIND, WEEKS, UsualRange, usual_range
from shared.delivery.outcome_listing import ListedOutcome

_EMPTY_COUNTS: Final = timedelta(days=2)


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
    stuck: Sequence[ListedOutcome]
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


@dataclass(frozen=True, slots=True)
class _Facts:
    """What decides one source's state: `early`: not due yet; `came`: an export ended well; `owed`: by a schedule."""

    early: bool
    stuck: Sequence[ListedOutcome]
    came: bool
    owed: bool
    records: int
    usual: UsualRange | None


def judge_day(
    day: date,
    known: Mapping[str, SourceHistory],
    expected: Mapping[str, Expected],
    zone: tzinfo,
    now: datetime,
) -> DayVerdict:
    """Judge one day.

    Args:
        day: in each source's own zone.
        known: each source's history of ten weeks or more.
        expected: of the sources that have a profile.
        zone: of days, for exports that belong to no source.
        now: UTC.
    """
    names = sorted(known.keys() | {name for name, one in expected.items() if one.every is not None})
    sources = [
        _source_day(name, day, known.get(name) or SourceHistory(), expected.get(name) or Expected(zone), now)
        for name in names
    ]
    return DayVerdict(
        day=day,
        state=_overall(sources, expected),
        records=sum(one.records for one in sources),
        usual=_usual(day, list(known.values())),
        sources=sources,
    )


def _overall(sources: Sequence[SourceDay], expected: Mapping[str, Expected]) -> State:
    """The worst state; a folder of which too little is known, and nothing is due, decides only if there is no other."""
    owing = {name for name, one in expected.items() if one.every is not None}
    deciding = [one for one in sources if one.state.is_incomplete or one.usual or one.source in owing]
    states = [one.state for one in deciding or sources]
    return min(states, key=list(State).index, default=State.NO_HISTORY)


def _source_day(name: str, day: date, history: SourceHistory, expected: Expected, now: datetime) -> SourceDay:
    due = due_at(day, expected, history)
    facts = _Facts(
        early=now < due,
        stuck=tuple(one for one in history.open if holds(one, day, expected.zone)),
        came=_came(day, history, expected.zone),
        owed=expected.every is not None,
        records=history.sent(day),
        usual=_usual(day, [history]),
    )
    return SourceDay(
        source=name,
        state=_state(facts),
        records=facts.records,
        usual=facts.usual,
        stuck=facts.stuck,
        silent_since=None if facts.came or facts.stuck else _silent_since(day, history),
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


def _came(day: date, history: SourceHistory, zone: tzinfo) -> bool:
    """Whether an export with events of the day ended well, or, in the two days after it, one that has no records."""
    known = history.days.get(day)
    if known and known.ended_well:
        return True
    over = at_midnight(day + timedelta(days=1), zone)
    return any(over <= moment < over + _EMPTY_COUNTS for moment in history.empty)


def _silent_since(day: date, history: SourceHistory) -> date | None:
    last = max((one for one, known in history.days.items() if known.sent and one < day), default=None)
    return last + timedelta(days=1) if last else None


def _usual(day: date, sources: Sequence[SourceHistory]) -> UsualRange | None:
    since = day - timedelta(weeks=WEEKS)
    if len({one for source in sources for one in source.days if since <= one < day}) < MIN_SAME_KIND:
        return None  # days without anything are usual only beside days with something
    first = min((one.first_day for one in sources if one.first_day), default=None)
    return usual_range(day, first, lambda when: sum(one.sent(when) for one in sources)) if first else None
