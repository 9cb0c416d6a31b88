"""One day, for those who do not want the whole report: the same verdict from the same listing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shared.completeness.history import histories
from shared.completeness.source_notes import SourceNote, source_notes
from shared.completeness.verdict import DayVerdict, judge_day
from shared.delivery.outcome_listing import ListedOutcome, list_outcomes
from shared.delivery.ports import Container
from shared.report.collect import BEFORE, Scope, open_rows
from shared.report.documents import Documents


@dataclass(frozen=True, slots=True)
class OneDay:
    """The verdict on one day; valid records that wait, by the path of their outcome; and what to know of sources now."""

    verdict: DayVerdict
    not_sent: Mapping[str, int]
    notes: Sequence[SourceNote]


def one_day(
    results: Container,
    scope: Scope,
    day: date,
    source: str | None = None,
    listed: Iterable[ListedOutcome] | None = None,
) -> OneDay:
    """Judge one day.

    Args:
        results: the results container.
        scope: zone, schedules and the current time; its days do not matter.
        day: which one.
        source: only this one; `None`: all.
        listed: all outcomes, where they were listed already.

    Raises:
        StorageError: the container cannot be listed.
    """
    known = histories(list_outcomes(results) if listed is None else listed, day - BEFORE)
    expected = scope.expected
    if source is not None:
        known = {name: one for name, one in known.items() if name == source}
        expected = {name: one for name, one in expected.items() if name == source}
    verdict = judge_day(day, known, expected, scope.zone, scope.now)
    stuck = {one.path for its_day in verdict.sources for one in its_day.stuck}
    waiting = open_rows(known, Documents(results), stuck)
    not_sent = {row.path: row.not_sent for row in waiting if row.not_sent is not None}
    return OneDay(verdict, not_sent, source_notes(known, expected, scope.now))
