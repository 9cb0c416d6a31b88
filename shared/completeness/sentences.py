"""The verdict in words: one line that report, command-line tool and workbook show first."""

from collections.abc import Mapping
from datetime import date, tzinfo
from types import MappingProxyType
from typing import Final

from shared.completeness.day_names import WEEKDAYS, named_day, short_day
from shared.completeness.usual import UsualRange
from shared.completeness.verdict import DayVerdict, SourceDay, State
from shared.counted import counted

MAX_NAMED: Final = 3
_NOTHING: Final[Mapping[str, int]] = MappingProxyType({})


def verdict_line(verdict: DayVerdict, zone: tzinfo, not_sent: Mapping[str, int] = _NOTHING) -> str:
    """The day's verdict, its figures and, where it is not complete, the sources that explain it.

    Args:
        verdict: the day.
        zone: in which a time that is due is shown.
        not_sent: valid records that wait, by the path of their outcome; what is not known is left out.
    """
    day = named_day(verdict.day)
    if not verdict.sources:
        return f"{day}: cannot be told. No export has come yet."
    if verdict.state is State.COMPLETE:
        judged = sum(1 for one in verdict.sources if one.usual)
        return f"{day}: complete. {judged:,} of {judged:,} {_sources(judged)}, {figures(verdict)}."
    if verdict.state is State.SO_FAR:
        return f"{day}: so far {figures(verdict)}. {_named(verdict, zone, not_sent)}"
    if verdict.state is State.NO_HISTORY:
        return f"{day}: cannot be told. {figures(verdict)}. {_named(verdict, zone, not_sent)}"
    rest = f"{_named(verdict, zone, not_sent)} In all {figures(verdict)}."
    if verdict.state is State.FEWER:
        return f"{day}: fewer records than usual. {rest} Every export came; on a holiday this is normal."
    return f"{day}: not complete. {rest}"


def notice_line(verdict: DayVerdict, zone: tzinfo, not_sent: Mapping[str, int] = _NOTHING) -> str:
    """The verdict in an e-mail a day: `Tue 24 Nov complete: 27,198 records from 3 sources`; else as `verdict_line`.

    Args:
        verdict: the day.
        zone: in which a time that is due is shown.
        not_sent: valid records that wait, by the path of their outcome.
    """
    if verdict.state is not State.COMPLETE:
        return verdict_line(verdict, zone, not_sent)
    judged = sum(1 for one in verdict.sources if one.usual)
    return f"{named_day(verdict.day)} complete: {counted(verdict.records, 'record')} from {counted(judged, 'source')}"


def figures(verdict: DayVerdict | SourceDay, day: date | None = None) -> str:
    """`27,198 records (usual for a Tuesday: 25,900 to 28,400)`; `day` is needed for one source."""
    which = verdict.day if isinstance(verdict, DayVerdict) else day
    text = counted(verdict.records, "record")
    if verdict.usual is None or which is None:
        return text
    return f"{text} (usual for a {WEEKDAYS[which.weekday()]}: {_range(verdict.usual)})"


def source_sentence(
    source: SourceDay, day: date, zone: tzinfo, not_sent: Mapping[str, int] = _NOTHING
) -> str:
    """What one source's day is like, as a sentence without its name; arguments as of `verdict_line`."""
    match source.state:
        case State.MISSING:
            since = f"since {short_day(source.silent_since)}" if source.silent_since else "yet"
            return f"nothing {since}."
        case State.STUCK:
            return _stuck(source, not_sent)
        case State.NO_HISTORY:
            return f"{counted(source.records, 'record')}; too little history to say what is usual."
        case State.SO_FAR:
            return f"due by {short_day(source.due.astimezone(zone).date())}, {source.due.astimezone(zone):%H:%M}."
        case State.FEWER | State.COMPLETE:
            return f"{figures(source, day)}."


def _named(verdict: DayVerdict, zone: tzinfo, not_sent: Mapping[str, int]) -> str:
    deciding = [one for one in verdict.sources if one.state is verdict.state]
    others = [one for one in verdict.sources if one.state.is_incomplete and one.state is not verdict.state]
    named = [*deciding, *others]
    texts = [
        f"{one.source or '(no folder)'}: {source_sentence(one, verdict.day, zone, not_sent)}"
        for one in named[:MAX_NAMED]
    ]
    more = len(named) - MAX_NAMED
    return " ".join([*texts, f"And {more:,} more {_sources(more)}."] if more > 0 else texts)


def _stuck(source: SourceDay, not_sent: Mapping[str, int]) -> str:
    by_status: dict[str, int] = {}
    for one in source.stuck:
        shown = f"{one.status.value} ({one.code})" if one.code else one.status.value
        by_status[shown] = by_status.get(shown, 0) + 1
    listed = ", ".join(f"{counted(count, 'export')} {shown}" for shown, count in sorted(by_status.items()))
    waiting = sum(not_sent.get(one.path, 0) for one in source.stuck)
    return f"{listed}{f', {counted(waiting, "record")} not sent' if waiting else ''}."


def _range(usual: UsualRange) -> str:
    return f"{usual.low:,} to {usual.high:,}"


def _sources(count: int) -> str:
    return "source" if count == 1 else "sources"
