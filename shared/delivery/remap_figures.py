"""What an outcome becomes after a pass over its rejected records. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from shared.delivery import attempt_end, outcome_builder, outcome_texts
from shared.delivery.event_days import Events, events_of
from shared.delivery.outcome import (
    Ignored,
    Notice,
    Outcome,
    Reason,
    Records,
    Rejections,
    Remap,
    Reported,
)
from shared.delivery.outcome_texts import cut_warnings
from shared.delivery.rejected_file import REFUSED
from shared.delivery.selection import ignored_of
from shared.errors import OutcomeError
from shared.exports.validate import Violation

_STOPPED: Final = Notice(
    code="remap-stopped", message="Its rejected records could not be tried under the changed mapping."
)
_ADDED_UP: Final = frozenset({"possible-copies", "in-doubt-elsewhere"})
_OF_POLICY: Final = frozenset({"outcome-unknown", "person-unknown"})


@dataclass(frozen=True, slots=True)
class Passed:
    """What a pass over a rejected file came to.

    Attributes:
        figures: the outcome that the file would have as an export of its own.
        refused_before: how many of its lines the connector had refused; they are left alone.
        reasons: why its other lines were rejected.
        mapping: under which they were tried.
        at: when the pass ended.
    """

    figures: Outcome
    refused_before: int
    reasons: Counter[Violation]
    mapping: str
    at: str

    @property
    def records(self) -> Records:
        """The records that were tried."""
        records = self.figures.records or Records(read=0)
        return msgspec.structs.replace(
            records, read=records.read - self.refused_before, ignored=records.ignored - self.refused_before
        )

    @property
    def gained(self) -> int:
        """How many are rejected no more."""
        return self.records.read - self.records.rejected - self.records.unsent


def tried(outcome: Outcome, mapping: str) -> Outcome:
    """The outcome of which a mapping was tried that helped nothing."""
    return msgspec.structs.replace(outcome, mapping_tried=mapping, warnings=_without(outcome.warnings))


def stopped(outcome: Outcome, error: OutcomeError) -> Outcome:
    """The outcome with a warning that its rejected records could not be tried, and why."""
    notice = msgspec.structs.replace(_STOPPED, message=f"{_STOPPED.message} {error.message}")
    return msgspec.structs.replace(outcome, warnings=[*_without(outcome.warnings), notice])


def healed(outcome: Outcome, passed: Passed, blob: str | None, *, cut: bool) -> Outcome:
    """The outcome after a pass that helped some of its rejected records.

    Args:
        outcome: from before the pass.
        passed: what the pass came to.
        blob: the rejected file of what is still rejected or was refused; `None` if nothing is.
        cut: whether that file has no room for all of it.
    """
    before, found, figures = outcome.records or Records(read=0), passed.records, passed.figures
    records = msgspec.structs.replace(
        before,
        sent=before.sent + found.sent,
        rejected=before.rejected - passed.gained,
        refused=before.refused + found.refused,
        unconfirmed=before.unconfirmed + found.unconfirmed,
        ignored=before.ignored + found.ignored,
        repeated=before.repeated + found.repeated,
    )
    after = msgspec.structs.replace(
        tried(outcome, passed.mapping),
        records=records,
        events=_events(outcome.events, figures.events),
        ignored=_ignored(outcome.ignored, figures.ignored),
        **_unknown(outcome, figures),
        passes=[*outcome.passes, _noted(passed)],
        in_doubt_elsewhere=outcome.in_doubt_elsewhere + figures.in_doubt_elsewhere,
        reported=_reported(outcome.reported, figures.reported),
        rejections=Rejections(blob=blob, by_reason=_reasons(outcome, passed)),
    )
    warnings = _warnings(after.warnings, [*figures.warnings, *cut_warnings(cut=cut)])
    after = msgspec.structs.replace(after, warnings=warnings)
    after = attempt_end.finished(after, outcome_builder.status_of(after))
    return msgspec.structs.replace(after, summary=outcome_texts.summary(after))


def _without(warnings: Iterable[Notice]) -> list[Notice]:
    """Warnings, but not that an earlier pass was stopped."""
    return [one for one in warnings if one.code != _STOPPED.code]


def _noted(passed: Passed) -> Remap:
    return Remap(
        ledger=passed.figures.ledger,
        mapping=passed.mapping,
        at=passed.at,
        tried=passed.records.read,
        sent=passed.records.sent,
        possible_copies=sum(one.possible_copies * one.records for one in passed.figures.batches),
    )


def _events(before: Events | None, found: Events | None) -> Events | None:
    if before is None or found is None:
        return before or found
    sent, repeated = Counter[str](), Counter[str]()
    for one in (before, found):
        for day, records in one.by_day.items():
            sent[day] += records.sent
            repeated[day] += records.repeated
    firsts = [one for one in (before.first, found.first) if one]
    lasts = [one for one in (before.last, found.last) if one]
    return events_of(min(firsts, default=""), max(lasts, default=""), sent, repeated)


def _ignored(before: Iterable[Ignored], found: Iterable[Ignored]) -> list[Ignored]:
    counts = Counter[str]()
    for one in (*before, *found):
        counts[one.code] += one.records if one.code != REFUSED else 0
    return ignored_of(counts)


def _unknown(outcome: Outcome, figures: Outcome) -> dict[str, object]:
    """Words and keys that are still unknown; where unknown ones are ignored, all those that the export had."""
    if _OF_POLICY & {one.code for one in outcome.ignored}:
        return {}
    return {"unknown_words": figures.unknown_words, "unknown_keys": figures.unknown_keys}


def _reported(before: Reported | None, found: Reported | None) -> Reported | None:
    if before is None or found is None:
        return before or found
    return Reported(
        records_saved=before.records_saved + found.records_saved,
        records_skipped=before.records_skipped + found.records_skipped,
    )


def _reasons(outcome: Outcome, passed: Passed) -> list[Reason]:
    """Why records are still rejected or refused; those that a cut file lacks keep their reasons."""
    counts = Counter(_counted(outcome.rejections.by_reason))
    counts.subtract({(one.name or None, one.code, one.reason): n for one, n in passed.reasons.items()})
    counts.update(_counted(passed.figures.rejections.by_reason))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0][0] or "", item[0][1]))
    return [
        Reason(property=name, code=code, reason=reason, records=records)
        for (name, code, reason), records in ordered
        if records > 0
    ]


def _counted(reasons: Iterable[Reason]) -> dict[tuple[str | None, str, str], int]:
    return {(one.property or None, one.code, one.reason): one.records for one in reasons}


def _warnings(before: Sequence[Notice], found: Sequence[Notice]) -> list[Notice]:
    """What was said stays, and what is said anew takes its place; repeats are said for each time that they happened."""
    anew = {one.code for one in found} - _ADDED_UP
    kept = [one for one in before if one.code not in anew]
    return [*kept, *(one for one in found if one not in kept)]
